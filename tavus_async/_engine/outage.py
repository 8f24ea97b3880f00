"""Outages: bulk calls wait while the server cannot be reached, and one at a time tries whether it can (a probe)."""

import asyncio
import logging
import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import attrs

from tavus_async._engine.call_state import FROM_A_GATEWAY, LOST, CallState
from tavus_async._engine.line import wake
from tavus_async._wire.call import Call
from tavus_async.errors import AmbiguousOutcomeError, ApiError, ConnectError, DecodeError, TavusError, TransportError

log = logging.getLogger("tavus_async")

# Seconds before the first probe and the most between two: each waits twice as long as the one before.
FIRST_PROBE = 0.5
LONGEST_PROBE_DELAY = 10.0
# Seconds for which one call that fails as in an outage is given the benefit of the doubt.
LONGEST_IN_DOUBT = 4 * FIRST_PROBE
# So many writes in a row of which nobody knows what became are an outage: no more of them are sent.
MOST_RISKED = 5
# A call that fails so often after others were answered again fails for reasons of its own.
MOST_RESENDS = 5
# What is answered in the place of a server that is down.
UNREACHABLE = FROM_A_GATEWAY | {HTTPStatus.SERVICE_UNAVAILABLE}


def is_unreachable(state: CallState[Any], error: TavusError, *, in_outage: bool) -> bool:
    """Return whether a call failed as it would where the server cannot be reached.

    So it does without a connection, and where a gateway answers in the server's place. An answer that is lost, or a
    server's own error, says so only where the retry budget is spent, since then most calls of the session have failed,
    and in an outage, which it does not end.
    """
    if isinstance(error, ConnectError):
        return not error.is_lasting
    if isinstance(error, AmbiguousOutcomeError) or (isinstance(error, ApiError) and error.status in UNREACHABLE):
        return True
    is_doubtful = in_outage or state.is_budget_spent
    return is_doubtful and (isinstance(error, LOST) or state.options.retry.allows(error, repeatable=True))


class Outage:
    """Whether the server can be reached, as the bulk calls of a session find it."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began: float | None = None
        self._is_certain = False
        self._probes = 0
        self._prober: asyncio.Task[Any] | None = None
        self._held: dict[asyncio.Task[Any] | None, asyncio.Future[None]] = {}
        self._reached_at = -math.inf
        self._risked = 0
        self.known_good: Call[Any] | None = None
        """A read of a bulk run that was answered: it tells an outage from calls that fail for reasons of their own."""

    @property
    def is_on(self) -> bool:
        """Whether the server is found out of reach."""
        return self._began is not None

    @property
    def seconds(self) -> float:
        """Seconds since the server was found out of reach; 0 while it is not."""
        return 0.0 if self._began is None else self._clock() - self._began

    def is_probing(self) -> bool:
        """Return whether this task is the one that tries."""
        return self._prober is not None and self._prober is asyncio.current_task()

    def was_reached_since(self, failed_at: float) -> bool:
        """Return whether a bulk call that was sent after this moment has been answered."""
        return self._reached_at > failed_at

    async def wait(self, longest: float, *, is_certain: bool, since: float = -math.inf) -> bool:
        """Wait after a call has failed; return whether to send it again: False *longest* seconds after the begin.

        A run that began later, *since* when, waits as long from then. *is_certain* is whether the call had no
        connection. What a gateway answers may be meant for one call alone, and is waited for no longer than
        LONGEST_IN_DOUBT seconds, unless others fail as well.
        """
        if self._began is None:
            self._begin()
            log.warning("the server cannot be reached: bulk calls wait for it, up to %g s", longest)
        was_probing = self.is_probing()
        self._is_certain |= is_certain or bool(self._held) or (self._prober is not None and not was_probing)
        if was_probing:
            self._pass_on()
        while self._began is not None:
            waited = self._clock() - max(self._began, since)
            left = (longest if self._is_certain else min(longest, LONGEST_IN_DOUBT)) - waited
            if left <= 0:
                self.release()
                return False
            if self._prober is None or self.is_probing():
                return await self._wait_to_probe(left)
            await self._wait_for_news(left)
        self.release()
        return True

    def answered(self, sent_at: float) -> None:
        """Let all go on where the server has answered what was sent at this moment, after the outage began."""
        self._reached_at = max(self._reached_at, sent_at)
        self._risked = 0
        if self._began is not None and sent_at >= self._began:
            log.warning("the server can be reached again, after %.1f s", self.seconds)
            self._began = None
            self._wake()

    def risked(self) -> None:
        """Count a write of which nobody knows what became; so many in a row are an outage."""
        self._risked += 1
        if self._risked >= MOST_RISKED and self._began is None:
            self._begin()
            log.warning("the server cannot be reached: writes of bulk calls wait for it")

    def _begin(self) -> None:
        self._began, self._probes, self._is_certain = self._clock(), 0, False

    def release(self) -> None:
        """Let another task try, if it was this one's turn."""
        if self.is_probing():
            self._prober = None
            self._wake()

    def _pass_on(self) -> None:
        """Let whoever has waited longest try next: what fails for this call alone must not hold up all others."""
        self._prober = next(iter(self._held), None)
        if self._prober is not None:
            wake(self._held[self._prober])

    async def _wait_to_probe(self, left: float) -> bool:
        self._prober = asyncio.current_task()
        delay = min(LONGEST_PROBE_DELAY, FIRST_PROBE * 2.0 ** min(self._probes, 60))
        self._probes += 1
        due = self._clock() + min(left, delay)
        try:
            while self.is_on and self._clock() < due:
                await self._wait_for_news(due - self._clock())
        except BaseException:
            self.release()
            raise
        if not self.is_on:
            self.release()
        return True

    async def _wait_for_news(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        news: asyncio.Future[None] = loop.create_future()
        self._held[asyncio.current_task()] = news
        timer = loop.call_later(seconds, wake, news)
        try:
            await news
        finally:
            timer.cancel()
            self._held.pop(asyncio.current_task(), None)

    def _wake(self) -> None:
        for news in self._held.values():
            wake(news)


@attrs.define
class Tries:
    """How an item of a bulk run has fared, over all the times that it was sent again."""

    outage: Outage
    max_outage: float
    since: float
    """When the run began."""
    attempts: int = 0
    _resends: int = 0
    _failed_at: float = math.inf

    async def is_sent_again(self, state: CallState[Any], failure: TavusError | None) -> bool:
        """Return whether to send it again, after waiting for the server where this cannot be reached."""
        outage = self.outage
        if failure is None or not is_unreachable(state, failure, in_outage=outage.is_on):
            if failure is None and state.call.method == "GET":
                outage.known_good = state.call
            if failure is None or isinstance(failure, (ApiError, DecodeError)):
                outage.answered(state.last_sent)
            return False
        # Nothing that an item holds keeps it from being connected.
        is_certain = isinstance(failure, ConnectError)
        if not is_certain and not state.may_repeat(failure):
            outage.risked()
            return False
        self._failed_at = min(self._failed_at, state.first_failed)
        if self._resends > MOST_RESENDS or (not is_certain and outage.was_reached_since(self._failed_at)):
            return False
        if not await outage.wait(self.max_outage, is_certain=is_certain, since=self.since):
            if isinstance(failure, (ApiError, TransportError)) and outage.seconds >= self.max_outage:
                failure.bound = self._over
            return False
        if not outage.is_probing():
            self._resends += 1
            self._failed_at = math.inf if is_certain else self._failed_at
        return True

    async def may_be_sent(self, call: Call[Any]) -> bool:
        """Return whether to send a call for the first time: what could be lost waits for the end of an outage."""
        if call.repeatable or not self.outage.is_on:
            return True
        return await self.outage.wait(self.max_outage, is_certain=True, since=self.since)

    def not_sent(self) -> ConnectError:
        """Return the error of a call that was never sent, since the outage has lasted too long."""
        error = ConnectError("it was not sent, since the server cannot be reached")
        error.bound = self._over
        return error

    @property
    def _over(self) -> str:
        return f"max_outage ({self.max_outage:g} s) is over"
