"""A bucket made of a limiter that the user brings, which gives a token by `await limiter.acquire()`.

As many tasks ask it as attempts wait for nothing else. They belong to nobody in particular: the token that comes first
goes to the first in line. Who gives up, or has to wait for a pause, is one task fewer, cancelled while it has nothing.
"""

import asyncio
import math
from collections import deque

from tavus_async._engine.bucket import Bucket
from tavus_async._settings import checks
from tavus_async._settings.limits import RateLimiter

# Seconds for which a token is good: one that is spent later would come on top of those of its time.
LONGEST_KEPT = 0.05
# Seconds of pause after a 429 that names none; doubled as long as nothing is admitted, up to the backoff.
SHORTEST_PAUSE = 0.05
# Seconds over which the rate of a limiter that does not tell it is measured.
MEASURED_FOR = 5.0


class LimiterBucket(Bucket):
    """Gives out the tokens of a user's limiter."""

    is_predictable = False

    def __init__(self, limiter: RateLimiter, loop: asyncio.AbstractEventLoop) -> None:
        self._limiter, self._loop = limiter, loop
        self._asking: set[asyncio.Task[None]] = set()
        self._given: deque[float] = deque()
        """When the tokens came that nobody has taken yet."""
        self._failures: deque[BaseException] = deque()
        self._times: deque[float] = deque(maxlen=1_000)
        """When the latest tokens were taken."""
        self._serial = 0
        self._paused_until = -math.inf
        self._fruitless = 0
        self.max_wait = number_of(limiter, "max_wait")

    def wait(self, now: float) -> float:
        """Return 0 where a token has come, or an error in its place; else what is left of a pause, or infinity."""
        if self._paused_until > now:
            return self._paused_until - now
        self._forget_old(now)
        return 0.0 if self._given or self._failures else math.inf

    def take(self, now: float, *, is_woken: bool = False) -> int:  # noqa: ARG002
        """Take a token that has come; raises what the limiter has raised instead."""
        if self._failures:
            raise self._failures.popleft()
        self._given.popleft()
        self._times.append(now)
        self._serial += 1
        return self._serial

    def give_back(self, _serial: int, now: float, /) -> None:
        """Keep the token for the next, if one comes at once."""
        self._given.append(now)

    def need(self, waiting: int, now: float) -> None:
        """Ask the limiter for so many tokens, and for no more; for none in a pause."""
        known = len(self._given) + len(self._failures)
        wanted = 0 if self._paused_until > now else max(0, waiting - known)
        asking = [task for task in self._asking if not task.cancelling()]
        for task in asking[wanted:]:
            task.cancel()
        for _ in range(wanted - len(asking)):
            task = self._loop.create_task(self._ask())
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    def ended(self, _serial: int, _now: float, /, *, is_admitted: bool) -> None:
        """Record whether anything is admitted."""
        if is_admitted:
            self._fruitless = 0

    def throttled(self, _serial: int, now: float, /, *, seconds: float, is_named: bool) -> float:
        """Tell the limiter of a 429, and pause everyone: its neighbours met the same limit."""
        if not is_named:
            seconds = min(seconds, SHORTEST_PAUSE * 2.0 ** min(self._fruitless, 10))
        if self._paused_until <= now:
            self._fruitless += 1
        self._paused_until = max(self._paused_until, now + seconds)
        self._given.clear()
        self.need(0, now)
        self._limiter.throttled(seconds if is_named else None)
        return seconds

    def paused_for(self, now: float) -> float:
        """Return the seconds that are left of a pause."""
        return max(0.0, self._paused_until - now)

    def tokens(self, now: float) -> float:
        """Return what the limiter tells; else 0 while it is asked or in a pause, and else infinity."""
        if self._paused_until > now:
            return 0.0
        told = number_of(self._limiter, "tokens")
        return told if told is not None else float(len(self._given)) if self._asking else math.inf

    def rate(self, now: float) -> float:
        """Return what the limiter tells; else what it has given lately while it was asked, else infinity."""
        told = number_of(self._limiter, "rate")
        if told is not None:
            return told
        while self._times and self._times[0] < now - MEASURED_FOR:
            self._times.popleft()
        if not self._asking or len(self._times) < 2:  # noqa: PLR2004
            return math.inf
        return (len(self._times) - 1) / max(1e-9, self._times[-1] - self._times[0])

    def queue_wait(self, ahead: int, now: float) -> float:
        """Return the rest of a pause, or what the line takes at the rate that is known."""
        rate = self.rate(now)
        refill = max(0.0, ahead + 1 - len(self._given)) / rate if rate else math.inf
        return max(self.paused_for(now), 0.0 if math.isinf(self.tokens(now)) else refill)

    def moved(self, loop: asyncio.AbstractEventLoop) -> "LimiterBucket":
        """Return another over the same limiter."""
        return LimiterBucket(self._limiter, loop)

    async def aclose(self) -> None:
        """Ask no more."""
        asking = list(self._asking)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self) -> None:
        task = asyncio.current_task()
        try:
            await self._limiter.acquire()
        except asyncio.CancelledError as error:
            if task is None or task.cancelling():
                raise
            self._failures.append(error)  # a timeout of the limiter's own that has got out of hand
        except Exception as error:  # noqa: BLE001 (a call raises it)
            self._failures.append(error)
        else:
            if self._paused_until > self._loop.time():
                return  # it came too late: everyone asks again after the pause
            self._given.append(self._loop.time())
        if task is not None:
            self._asking.discard(task)
        self.on_more()

    def _forget_old(self, now: float) -> None:
        while self._given and now - self._given[0] > LONGEST_KEPT:
            self._given.popleft()


def number_of(limiter: RateLimiter, name: str) -> float | None:
    """Return a number that a limiter may have as an attribute; None where it has none, or no number."""
    value: object = getattr(limiter, name, None)
    return float(value) if checks.is_number(value) else None
