"""The token bucket: its settings, its arithmetic, and the protocol of a custom one."""

import asyncio
from typing import Protocol, cast, runtime_checkable

import attrs
from aiolimiter import AsyncLimiter

from tavus_async import _checks
from tavus_async._pace import Pace

# Attempts reach the server later than they leave, the first ones (which connect) latest of all.
# Once per emptied bucket the refill starts this many seconds late, so that the server sees no crowd.
HEAD_START = 0.05


@attrs.frozen
class RateLimit:
    """How many attempts a session may send: at most `burst + per_second · t` in any *t* seconds.

    Every attempt counts, retries too, over all tasks of the session.
    Tavus publishes no rate, so the default is polite: 10 per second.
    Raises ConfigurationError for numbers that are not above 0.
    """

    per_second: float = attrs.field(validator=_checks.positive)
    """Attempts per second in the long run."""
    burst: int = attrs.field(default=10, validator=_checks.count)
    """Attempts that may start at once after a quiet time."""
    adaptive: bool = attrs.field(default=True, kw_only=True, validator=_checks.flag)
    """Whether a 429 lowers the rate, which then recovers slowly. Its Retry-After is waited for in any case."""
    max_wait: float | None = attrs.field(default=None, kw_only=True, validator=_checks.not_negative_or_none)
    """Seconds that an attempt may wait for its token. One that would wait longer raises QueueTimeoutError at once."""


@runtime_checkable
class RateLimiter(Protocol):
    """What a custom limiter implements, for instance one that several processes share.

    The session calls `acquire()` before each attempt, after it got a connection for it.
    """

    async def acquire(self) -> None:
        """Return when one more attempt may start. When cancelled, it must take nothing."""
        ...

    def throttled(self, retry_after: float | None) -> None:
        """Take note of a 429 and of the seconds that its Retry-After asks for, if it has one."""
        ...


class Bucket(AsyncLimiter):
    """aiolimiter's bucket with what it lacks: a pause, a rate that can change, and an explicit clock.

    *now* is any clock in seconds that never goes back, such as `loop.time()`.
    """

    __slots__ = ("_armed", "_clock", "_pace", "_paused_until", "_sent_at", "adaptive", "max_wait", "sent")

    def __init__(self, limit: RateLimit, *, now: float) -> None:
        super().__init__(limit.burst, limit.burst / limit.per_second)
        self.adaptive = limit.adaptive
        self.max_wait = limit.max_wait
        self.sent = 0
        self._sent_at = now
        self._clock = Clock(now)
        self._event_loop = cast("asyncio.AbstractEventLoop", self._clock)
        self._last_check = now
        self._pace = Pace(limit.per_second, limit.burst)
        self._paused_until = now
        self._armed = True

    def wait(self, now: float) -> float:
        """Return the seconds until a token may be there; 0 when one is."""
        self._advance(now)
        pause = self._paused_until - now
        if pause > 0:
            return pause
        if self.has_capacity():
            return 0.0
        if self._armed:
            self._armed = False
            self._level += HEAD_START * self._rate_per_sec
        return (self._level + 1 - self.max_rate) / self._rate_per_sec

    def take(self, now: float) -> int:
        """Take one token, which `wait()` has said is there, and return the attempt's serial number."""
        self._armed = self._armed or not self._level
        self._level += 1
        self.sent += 1
        self._sent_at = now
        self._pace.sent(self.sent, now)
        return self.sent

    def give_back(self) -> None:
        """Take back a token whose attempt never started."""
        self._level = max(0.0, self._level - 1)

    def queue_wait(self, ahead: int, now: float) -> float:
        """Estimate the seconds that an attempt behind *ahead* others will wait for its token."""
        self._advance(now)
        missing = max(0.0, self._level + ahead + 1 - self.max_rate)
        return max(0.0, self._paused_until - now) + missing / self._rate_per_sec

    def pause(self, seconds: float, now: float) -> None:
        """Give out no token for this long; it never shortens an earlier pause."""
        self._paused_until = max(self._paused_until, now + seconds)

    def paused_for(self, now: float) -> float:
        """Return the seconds that the pause still lasts."""
        return max(0.0, self._paused_until - now)

    def throttled(self, serial: int, now: float) -> None:
        """Take note that the attempt *serial* was answered with a 429."""
        self._advance(now)
        if self.adaptive and self._pace.refused(serial, self.sent, now):
            # The server has just said that its bucket is empty, so ours is.
            self._level = max(self._level, self.max_rate)

    def tokens(self, now: float) -> float:
        """Return how many attempts could start at once."""
        self._advance(now)
        return 0.0 if self._paused_until > now else max(0.0, self.max_rate - self._level)

    def rate(self, now: float) -> float:
        """Return the attempts per second that are allowed now."""
        return self._pace.rate(now)

    def _advance(self, now: float) -> None:
        self._clock.now = now
        self._leak()
        if self._paused_until <= now:
            self._pace.learn(self.sent, self._sent_at, now)
        if self._pace.is_learned:
            self._set(self._pace.rate(now), self._pace.learned_burst)
        elif self._rate_per_sec != self._pace.per_second:
            self._set(self._pace.per_second, self._pace.burst)

    def _set(self, rate: float, burst: float) -> None:
        self._rate_per_sec = rate
        self.max_rate = burst
        self.time_period = burst / rate


class Clock:
    """The one thing that aiolimiter's arithmetic wants of an event loop: its time."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        """Return the time that was set."""
        return self.now

    def is_closed(self) -> bool:
        """Return False: time does not end."""
        return False
