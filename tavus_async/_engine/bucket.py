"""The token bucket: aiolimiter's arithmetic, with a pause, a rate that can change, and an explicit clock."""

# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 (aiolimiter has no public way to read a level, to set one, or to change a rate)

import asyncio
import math
from typing import cast

from aiolimiter import AsyncLimiter

from tavus_async._engine.pace import Pace
from tavus_async._settings.limits import RateLimit

# Attempts reach the server later than they leave, the first ones, which connect, latest of all. If the refill of a
# full bucket began as the first attempt leaves, the server would see a crowd. So it begins this many seconds after
# the first answer, which proves that the server has begun to count, or after LONGEST_HOLD without one.
HEAD_START = 0.05
LONGEST_HOLD = 0.25
# A new session does not know whether the server takes its whole burst. It sends so many attempts at once, then two
# for each that has ended, until LONGEST_START seconds have passed: a burst that is too large costs few 429s.
FIRST_FLIGHT = 20
LONGEST_START = 0.5


class Bucket:
    """The token bucket: what a session may send now, and what the server's 429s have taught it.

    *now* is any clock in seconds that never goes back, such as `loop.time()`.

    Tokens are counted from below, as aiolimiter does: the level rises by one with each attempt and leaks away at the
    rate; there are `burst - level` tokens. So, with n attempts before now, of which the first found the bucket empty of
    use, n - level ≤ rate · t and level ≤ burst, and thus n ≤ burst + rate · t in any time t.
    """

    def __init__(self, limit: RateLimit, *, now: float) -> None:
        self._clock = Clock(now)
        self._limiter = self._make_limiter(limit.per_second, limit.burst)
        self._limiter._last_check = now
        self.adaptive = limit.adaptive
        self.max_wait = limit.max_wait
        self.sent = 0
        self._sent_at = now
        self._pace = Pace(limit.per_second, limit.burst)
        self._paused_until = now
        self._full_since = -math.inf
        self._held_until = now
        self._start_ends = now
        self._ended = 0

    def wait(self, now: float) -> float:
        """Return the seconds until a token may be there; 0 when one is."""
        self._advance(now)
        pause = self._paused_until - now
        if pause > 0:
            return pause
        limiter = self._limiter
        missing = limiter._level + 1 - limiter.max_rate
        if missing <= 0:
            return self._start_ends - now if self._is_starting(now) else 0.0
        return max(0.0, self._held_until - now) + missing / limiter._rate_per_sec

    def _is_starting(self, now: float) -> bool:
        """Tell whether a new session's burst must wait for answers before more of it goes."""
        return now < self._start_ends and self.adaptive and self.sent >= FIRST_FLIGHT + 2 * self._ended

    def take(self, now: float) -> int:
        """Take one token, which `wait()` has said is there, and return the attempt's serial number."""
        # A bucket of one is full before each attempt; that alone is no quiet time.
        after_quiet = not self._limiter._level and now - self._full_since >= HEAD_START
        if after_quiet:
            self._held_until = now + LONGEST_HOLD
        if not self.sent:
            self._start_ends = now + LONGEST_START
        self._full_since = math.inf
        self._limiter._level += 1
        self.sent += 1
        self._sent_at = now
        self._pace.sent(self.sent, now, after_quiet=after_quiet)
        return self.sent

    def answered(self, now: float) -> bool:
        """Take note that an attempt has ended; True where that lets the refill begin."""
        self._ended += 1
        if now + HEAD_START >= self._held_until:
            return False
        self._advance(now)
        self._held_until = now + HEAD_START
        self._pace.answered(now)
        return True

    def give_back(self) -> None:
        """Take back a token whose attempt never started."""
        self._limiter._level = max(0.0, self._limiter._level - 1)

    def queue_wait(self, ahead: int, now: float) -> float:
        """Estimate the seconds that an attempt behind *ahead* others will wait for its token."""
        self._advance(now)
        missing = max(0.0, self._limiter._level + ahead + 1 - self._limiter.max_rate)
        return max(0.0, self._paused_until - now, self._held_until - now) + missing / self._limiter._rate_per_sec

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
            self._limiter._level = max(self._limiter._level, self._limiter.max_rate)
            # What is under way meets the same empty bucket: nothing follows before those answers are here.
            self.pause(self._pace.latency(serial, now), now)

    def tokens(self, now: float) -> float:
        """Return how many attempts could start at once."""
        self._advance(now)
        return 0.0 if self._paused_until > now else max(0.0, self._limiter.max_rate - self._limiter._level)

    def rate(self, now: float) -> float:
        """Return the attempts per second that are allowed now."""
        return self._pace.rate(now)

    def _advance(self, now: float) -> None:
        """Let what has leaked away since the last look be gone, and take up what was learned meanwhile."""
        limiter = self._limiter
        self._clock.now = now
        limiter._last_check = max(limiter._last_check, min(now, self._held_until))
        filled_at = limiter._last_check + limiter._level / limiter._rate_per_sec
        limiter._leak()
        self._full_since = math.inf if limiter._level else min(self._full_since, filled_at)
        if self._paused_until <= now:
            self._pace.learn(self.sent, self._sent_at, self._paused_until)
        rate, burst = self._pace.rate(now), self._pace.allowed_burst(now)
        if rate != limiter._rate_per_sec or burst != limiter.max_rate:
            self._change(rate, burst)

    def _change(self, per_second: float, burst: float) -> None:
        """Go on at another rate with another limiter."""
        old = self._limiter
        self._limiter = self._make_limiter(per_second, burst)
        self._limiter._last_check = old._last_check
        # An empty bucket stays empty and no more: what a smaller one lacks is not owed.
        lost = min(0.0, burst - old.max_rate)
        self._limiter._level = max(0.0, old._level + lost) if lost else old._level

    def _make_limiter(self, per_second: float, burst: float) -> AsyncLimiter:
        limiter = AsyncLimiter(burst, burst / per_second)
        limiter._rate_per_sec = per_second  # as it was given, without the rounding of a quotient
        limiter._event_loop = cast("asyncio.AbstractEventLoop", self._clock)
        return limiter


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
