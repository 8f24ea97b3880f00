"""Outages: bulk calls wait while the server cannot be reached, and one at a time tries whether it can (a probe)."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from tavus_async._engine.call_state import FROM_A_GATEWAY, LOST, CallState
from tavus_async._engine.line import wake
from tavus_async.errors import ApiError, ConnectError, TavusError

log = logging.getLogger("tavus_async")

# Seconds before the first probe and the most between two: each waits twice as long as the one before.
FIRST_PROBE = 0.5
LONGEST_PROBE_DELAY = 10.0
# What is answered in the place of a server that is down.
UNREACHABLE = FROM_A_GATEWAY | {HTTPStatus.SERVICE_UNAVAILABLE}


def is_unreachable(state: CallState[Any], error: TavusError) -> bool:
    """Return whether a call, which may be sent again, failed since the server cannot be reached.

    So it is without a connection, and where a gateway answers in its place. An answer that is lost, or a server's own
    error, says so only where the retry budget is spent: then most calls of the session have failed.
    """
    if isinstance(error, ConnectError):
        return not error.is_lasting
    if not state.may_repeat(error):
        return False
    if isinstance(error, ApiError) and error.status in UNREACHABLE:
        return True
    return state.is_budget_spent and (isinstance(error, LOST) or state.options.retry.allows(error, repeatable=True))


class Outage:
    """Whether the server can be reached, as the bulk calls of a session find it."""

    def __init__(self, *, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._began: float | None = None
        self._probes = 0
        self.reached_at = -math.inf
        """When a bulk call was answered last."""
        self._prober: asyncio.Task[Any] | None = None
        self._held: list[asyncio.Future[None]] = []

    @property
    def seconds(self) -> float:
        """Seconds since the server was found out of reach; 0 while it is not."""
        return 0.0 if self._began is None else self._clock() - self._began

    def is_probing(self) -> bool:
        """Return whether this task is the one that tries."""
        return self._prober is not None and self._prober is asyncio.current_task()

    async def wait(self, longest: float) -> bool:
        """Wait after a call has failed; return whether to send it again: False *longest* seconds after the begin."""
        if self._began is None:
            self._began, self._probes = self._clock(), 0
            log.warning("the server cannot be reached: bulk calls wait for it, up to %g s", longest)
        self.release()
        while self._began is not None:
            left = self._began + longest - self._clock()
            if left <= 0:
                self._wake()
                return False
            if self._prober is None:
                await self._wait_to_probe(left)
                return True
            await self._wait_for_news(left)
        return True

    def end(self) -> None:
        """Let all go on, since the server has answered."""
        self.reached_at = self._clock()
        if self._began is not None:
            log.warning("the server can be reached again, after %.1f s", self.seconds)
            self._began = None
            self._wake()

    def release(self) -> None:
        """Let another task try, if it was this one's turn."""
        if self.is_probing():
            self._prober = None
            self._wake()

    async def _wait_to_probe(self, left: float) -> None:
        self._prober = asyncio.current_task()
        delay = min(LONGEST_PROBE_DELAY, FIRST_PROBE * 2.0 ** min(self._probes, 60))
        self._probes += 1
        try:
            await self._sleep(min(left, delay))
        except BaseException:
            self.release()
            raise

    async def _wait_for_news(self, left: float) -> None:
        loop = asyncio.get_running_loop()
        news: asyncio.Future[None] = loop.create_future()
        self._held.append(news)
        timer = loop.call_later(left, wake, news)
        try:
            await news
        finally:
            timer.cancel()

    def _wake(self) -> None:
        held, self._held = self._held, []
        for news in held:
            wake(news)
