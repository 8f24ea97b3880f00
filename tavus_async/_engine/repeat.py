"""Retries: tenacity's loop, full jitter, and the session's retry budget."""

import importlib
import math
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import attrs

from tavus_async.errors import TavusError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

# Seconds between two warnings that the retry budget is spent.
TOLD_EVERY = 60.0


@attrs.define
class RetryBudget:
    """The retries that a session may still make: it starts full, calls earn some, each retry costs one.

    So retries are bounded by `capacity + earned per call · calls`, however long a server is down: no retry storm.
    """

    capacity: float
    left: float = attrs.field(init=False)
    _told_at: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.left = self.capacity
        self._told_at = -math.inf

    def earn(self, amount: float) -> None:
        """Add what a call earns, up to the capacity."""
        if self.left < self.capacity:
            self.left = min(self.capacity, self.left + amount)

    def spend(self) -> bool:
        """Pay for one retry; return whether there was enough."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def is_news(self, now: float) -> bool:
        """Return whether it has not been told in the last TOLD_EVERY seconds that it is spent."""
        is_news = now - self._told_at >= TOLD_EVERY
        if is_news:
            self._told_at = now
        return is_news


def load() -> None:
    """Import what `retry` needs, which takes some milliseconds, before it is needed."""
    importlib.import_module("tenacity")


async def retry(
    attempt: Callable[[], Awaitable[T]],
    *,
    first: TavusError,
    next_delay: Callable[[TavusError, int], float | None],
    sleep: Callable[[float], Awaitable[None]],
) -> T:
    """Repeat an attempt that has failed once, as long as *next_delay* gives the seconds of backoff before the next.

    *first* is how it failed; *next_delay* gets an error and the number of attempts made so far, and gives None to end
    with that error. tenacity counts, waits and repeats. It takes over only here, since it costs more than a good
    attempt does, and each call gets a controller of its own, since a shared one mixes the tasks' outcomes.
    """
    import tenacity  # noqa: PLC0415 (most processes never need it, and it takes long to import)

    pending: list[TavusError] = [first]
    delays: list[float] = []

    def again(state: "RetryCallState") -> bool:
        error = state.outcome.exception() if state.outcome else None
        delay = next_delay(error, state.attempt_number) if isinstance(error, TavusError) else None
        if delay is not None:
            delays.append(delay)
        return delay is not None

    async def replay_first() -> T:
        if pending:
            raise pending.pop()
        return await attempt()

    controller = tenacity.AsyncRetrying(sleep=sleep, wait=lambda _state: delays[-1], retry=again, reraise=True)
    return await controller(replay_first)


def jitter() -> float:
    """Return the factor of full jitter: evenly from 0 to 1."""
    return random.random()  # noqa: S311 (no secret hangs on it)
