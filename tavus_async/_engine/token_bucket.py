"""The token bucket: aiolimiter's arithmetic, with a pause, a rate that can change, and an explicit clock.

aiolimiter counts a token bucket from below, as a leaky bucket. The level L rises by one with each attempt, and leaks
away at the rate r, down to 0. An attempt may go where L + 1 ≤ burst; so there are burst - L tokens.

*The bound.* Take any window of t seconds in which n attempts go, L the level at its begin and L' at its end:

    L' = L + n - leaked,  so  n = L' - L + leaked ≤ burst + r · t

since L' ≤ burst, L ≥ 0, and no more leaks than r · t. It stays true where less leaks (at level 0, while the refill is
held, at a rate that was learned), where the level rises without an attempt (after a 429), and where a token is put back
at once (n and L' fall alike). A burst that was learned lowers capacity and level by as much, so that the tokens stay
what they are, or become fewer; when it is forgotten, the level rises by as much as the capacity, but for what would
have leaked while the smaller bucket was full.

*The late refill.* So much for attempts as they are let go; the server counts them as they arrive. Those that have to
connect first are counted again as they leave (`departures.py`). From there, if the first of n takes d seconds to arrive
and the last takes d', they leave within t and arrive within t - d + d': up to r · (d - d') too many, where the first is
the slower. So when a bucket that was full for a while is used again, nothing leaks until HEAD_START seconds after the
first answer. The server's bucket has refilled at least since it sent that answer; so from then on, with the same rate
and burst, it is ahead of ours by r · HEAD_START tokens or more, room for d - d' up to HEAD_START. Where no answer
comes, the leak begins after LONGEST_HOLD. So a quiet time costs r · LONGEST_HOLD attempts at the most.
"""

# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 (aiolimiter has no public way to read a level, to set one, or to change a rate)

import asyncio
import math
import random
from collections.abc import Callable
from typing import cast

from aiolimiter import AsyncLimiter

from tavus_async._engine.bucket import Bucket
from tavus_async._engine.departures import HEAD_START, Departures
from tavus_async._engine.pace import Pace
from tavus_async._engine.refusals import Meaning, RefusalHistory
from tavus_async._settings.limits import RateLimit

# The most seconds that the refill waits for the first answer.
LONGEST_HOLD = 0.25
# Slow start, as TCP has it: a new session does not know whether the server takes its whole burst. It sends so many
# attempts at once, then two for each that has ended, which doubles them each round trip, until LONGEST_START seconds
# have passed. So a burst that is too large costs few 429s.
FIRST_FLIGHT = 20
LONGEST_START = 0.5
# Seconds: a 429 that names a longer pause is an exhaustion until its end. A shorter one is judged by its neighbours.
COSTLY = 0.5
# Of what was under way: so much admitted tells at the end of such a pause that the bucket was not empty.
MOSTLY = 0.6


# Tokens, and seconds: by how much chance may put off an attempt, where nobody was refused lately.
SPREAD_IN_CALM = 0.75
LONGEST_SPREAD = 0.05
# The same in tokens for so many seconds after a 429.
SPREAD_AFTER_429 = 3.0
REFUSED_LATELY = 60.0
# Seconds after which a bucket that was not full meanwhile has a backlog.
BACKLOG_AFTER = 0.1


class TokenBucket(Bucket):
    """The token bucket of a session: what it may send now, by its settings and by what 429s have taught."""

    def __init__(self, limit: RateLimit, *, now: float, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._clock = _Clock(now)
        self._limiter = self._make_limiter(limit.per_second, limit.burst)
        self._limiter._last_check = now
        self.adaptive = limit.adaptive
        self.max_wait = limit.max_wait
        self.sent = 0
        self._sent_at = now
        self._pace = Pace(limit.per_second, limit.burst)
        self._refusals = RefusalHistory()
        self._first_refused = 0
        self._is_doubtful = False
        self._departures = Departures(limit.per_second, limit.burst)
        self._paused_until = now
        self._full_since = -math.inf
        self._full_at = now
        self._refused_at = -math.inf
        self._spread = 0.0
        self._held_until = now
        self._start_ends = now
        self._ended = 0

    def wait(self, now: float) -> float:
        """Return the seconds until there may be a token; 0 when there is one."""
        self._advance(now)
        pause = self._paused_until - now
        if pause > 0:
            return pause
        limiter = self._limiter
        missing = min(limiter._level, limiter._level + 1 + self._spread - limiter.max_rate)
        if missing > 0:
            wait = max(0.0, self._held_until - now) + missing / limiter._rate_per_sec
        else:
            wait = self._start_ends - now if self._is_starting(now) else 0.0
        return max(wait, self._departures.wait(now, spread=self._spread))

    def _is_starting(self, now: float) -> bool:
        """Return whether a new session's burst waits for answers before more of it goes."""
        return now < self._start_ends and self.adaptive and self.sent >= FIRST_FLIGHT + 2 * self._ended

    def take(self, now: float, *, is_woken: bool = False) -> int:
        """Take one token, which `wait()` has said is there, and return the attempt's serial number.

        Where its task *is_woken*, and runs later, `leave_line()` follows.
        """
        # A bucket of one is full before each attempt: to hold the refill every time would cost most of its rate.
        full_for = 0.0 if self._limiter._level else now - self._full_since
        after_quiet = min(full_for, now - self._departures.last) >= HEAD_START
        if after_quiet:
            self._held_until = now + LONGEST_HOLD
        if not self.sent:
            self._start_ends = now + LONGEST_START
        self._full_since = math.inf
        self._limiter._level += 1
        self._spread = self._draw_spread(now)
        if is_woken:
            self._departures.wake()
        else:
            self._departures.count(now, hold=after_quiet)
        self.sent += 1
        self._sent_at = now
        self._pace.marks.sent(self.sent, now, after_quiet=after_quiet)
        return self.sent

    def _draw_spread(self, now: float) -> float:
        """Return how many tokens more than one are to be there before the next attempt goes."""
        if now - self._full_at < BACKLOG_AFTER or self._pace.is_careful(now) or not self.adaptive:
            return 0.0
        rate = self._limiter._rate_per_sec
        most = SPREAD_AFTER_429 if now - self._refused_at < REFUSED_LATELY else SPREAD_IN_CALM
        return self._chance() * min(LONGEST_SPREAD * rate, most * (rate / self._pace.per_second) ** 2)

    def ended(self, serial: int, now: float, /, *, is_admitted: bool) -> None:
        """Record that an attempt has ended: the first after a quiet time lets the refill begin."""
        has_more = bool(self._departures.first) or (now < self._start_ends and self._is_starting(now))
        self._ended += 1
        if self._departures.first:
            self._departures.answered(serial, now)
        if is_admitted:
            self._pace.admitted += 1
            meaning = self._refusals.admitted(serial, now)
            if meaning is not None:
                self._act(meaning, now)
                has_more = True
        if now + HEAD_START < self._held_until:
            self._advance(now)
            self._held_until = now + HEAD_START
            self._pace.marks.answered(now)
            has_more = True
        if has_more:
            self.on_more()

    def give_back(self, _serial: int, _now: float, /) -> None:
        """Put back the token of one that was woken, and whose attempt never starts."""
        self._departures.woke()
        self._ended += 1
        self._limiter._level = max(0.0, self._limiter._level - 1)

    def leave_line(self, _serial: int, now: float, /) -> None:
        """Record that an attempt leaves whose task was woken with a token."""
        self._departures.woke()
        self._departures.count(now, hold=now < self._held_until and now - self._departures.last >= HEAD_START)

    def connecting(self, _serial: int, _now: float, /) -> None:
        """Record that an attempt, which has just taken its token, leaves only once it has a connection."""
        self._departures.take_back()

    def departure_wait(self, _serial: int, now: float, /) -> float:
        """Return the seconds until an attempt that has connected may leave; 0 when it may at once."""
        return self._departures.wait(now)

    def wake_to_depart(self, _serial: int, _now: float, /) -> None:
        """Keep a place for one that has connected, and is woken to leave."""
        self._departures.wake()

    def woke(self, _serial: int, /) -> None:
        """Record that the task of one that was woken to leave runs: `depart()` follows, or it does not leave."""
        self._departures.woke()

    def depart(self, serial: int, now: float, /, *, is_kept: bool) -> None:
        """Record that an attempt that has connected leaves; where the connection *is_kept*, others may overtake it."""
        self._departures.count(now, hold=now - self._departures.last >= LONGEST_HOLD)
        if is_kept:
            self._departures.open(serial, now)

    def moved(self, loop: asyncio.AbstractEventLoop) -> "TokenBucket":
        """Return itself: event loops share one clock, and what was spent and learned goes on."""
        self._departures.forget_woken(loop.time())
        return self

    def queue_wait(self, ahead: int, now: float) -> float:
        """Return the seconds that an attempt behind *ahead* others waits for its token at least, as known now."""
        self._advance(now)
        missing = self._limiter._level + ahead + 1 - self._limiter.max_rate
        refill = max(0.0, self._held_until - now) + missing / self._limiter._rate_per_sec if missing > 0 else 0.0
        return max(0.0, self._paused_until - now, refill)

    def reach(self, wait: float, now: float) -> int:
        """Return how many attempts can have their tokens within so many seconds: the inverse of `queue_wait`."""
        if self.paused_for(now) > wait:
            return 0
        refill = max(0.0, wait - max(0.0, self._held_until - now)) * self._limiter._rate_per_sec
        return max(0, math.floor(self._limiter.max_rate - self._limiter._level + refill))

    def pause(self, seconds: float, now: float) -> None:
        """Give out no token for so many seconds; an earlier pause is never made shorter."""
        self._paused_until = max(self._paused_until, now + seconds)

    def paused_for(self, now: float) -> float:
        """Return the seconds that are left of the pause."""
        return max(0.0, self._paused_until - now)

    def throttled(self, serial: int, now: float, /, *, seconds: float, is_named: bool) -> float:
        """Learn from the 429 that an attempt got; return the seconds for which it pauses everyone."""
        is_costly = self._pace.is_costly = is_named and seconds >= COSTLY
        self._refused_at = now
        if self._pace.is_accounted_for(serial):
            self._pace.refused(serial, self.sent, now)
            self._refusals.accounted_for(serial)
        elif is_costly:
            self._refusals.accounted_for(serial)
            self._empty([serial], now)
            self._is_doubtful = True
        else:
            meaning = self._refusals.refused(serial, now)
            if meaning is not None:
                self._act(meaning, now)
        if is_named:
            self.pause(seconds, now)
        return seconds if is_named else self.paused_for(now)

    def _empty(self, refused: list[int], now: float) -> None:
        """Take these attempts to have met an empty bucket."""
        self._advance(now)
        self._first_refused = refused[0] if refused else self.sent
        for serial in refused if self.adaptive else ():
            self._pace.refused(serial, self.sent, now)
        # The server has just said that its bucket is empty, so ours is.
        self._limiter._level = max(self._limiter._level, self._limiter.max_rate)
        # What is under way meets the same empty bucket: nothing follows before those answers have come.
        self.pause(max(self._pace.pause(), self._pace.marks.latency(self._first_refused, now)), now)

    def _learn(self) -> bool:
        """Conclude, at the end of a pause, what it was for; return whether others may have caused it."""
        now, share = self._paused_until, self._refusals.admitted_after(self._first_refused)
        is_doubtful, self._is_doubtful = self._is_doubtful, False
        if is_doubtful and not self._refusals.is_stray(self._first_refused):
            is_doubtful = not self._pace.seems_shared(self.sent, self._sent_at)
        if is_doubtful and share is not None and share >= MOSTLY and self._pace.is_careful(now):
            is_first = not self._pace.is_learned
            self._pace.dismiss(now)
            self._pace.contention.dismissed(now)
            if self._refusals.is_unexpected(1 - share, self._first_refused, now):
                self._pace.begin_trial(self._refusals.share, self.sent, now, refused=self._refusals.refused_from(0))
                self._refusals.begin_trial(self.sent)
            return is_first
        if self._pace.learn(self.sent, self._sent_at, now, share_admitted=share):
            self._refusals.exhausted(self.sent)
        return False

    def _act(self, meaning: Meaning, now: float) -> None:
        """Do what the latest 429s ask for."""
        self._advance(now)
        refusals, pace = self._refusals, self._pace
        if meaning is Meaning.EXHAUSTED:
            self._is_doubtful = False
            self._empty(refusals.refused_from(refusals.suspect or self.sent), now)
        elif not self.adaptive:
            return
        elif meaning is Meaning.TRIAL:
            pace.begin_trial(refusals.share, self.sent, now, refused=refusals.refused_from(0))
            refusals.begin_trial(self.sent)
            return
        elif meaning is Meaning.CHANCE:
            pace.end_trial(now)
        else:
            pace.keep_to(refusals.share, refusals.share_left, now)
        refusals.exhausted(self.sent)

    def tokens(self, now: float) -> float:
        """Return how many attempts could start at once."""
        self._advance(now)
        return 0.0 if self._paused_until > now else max(0.0, self._limiter.max_rate - self._limiter._level)

    def rate(self, now: float) -> float:
        """Return the attempts per second that are allowed now."""
        return self._pace.rate(now)

    def _advance(self, now: float) -> None:
        """Apply what has leaked since the last look, and what was learned meanwhile."""
        limiter = self._limiter
        self._clock.now = now
        limiter._last_check = max(limiter._last_check, min(now, self._held_until))
        filled_at = limiter._last_check + limiter._level / limiter._rate_per_sec
        limiter._leak()
        self._full_since = math.inf if limiter._level else min(self._full_since, filled_at)
        if not limiter._level:
            self._full_at = now
        is_over = self._pace.is_exhausted and self._paused_until <= now
        if is_over and (self._learn() or not self._pace.is_careful(now)):
            # A server that others use has nothing saved up for what would come at once.
            leaked = (now - self._paused_until) * limiter._rate_per_sec
            limiter._level = max(limiter._level, limiter.max_rate - leaked)
        rate, burst = self._pace.rate(now), self._pace.allowed_burst(now)
        if rate != limiter._rate_per_sec or burst != limiter.max_rate:
            self._change(rate, burst)

    def _change(self, per_second: float, burst: float) -> None:
        """Replace the limiter, whose rate and burst are fixed, and keep its level."""
        old = self._limiter
        self._limiter = self._make_limiter(per_second, burst)
        self._limiter._last_check = old._last_check
        # A smaller bucket has as many tokens as before, not fewer by what its capacity lost: that is not owed.
        # A larger one too, and what has come in since the smaller one was full.
        grown, idle = burst - old.max_rate, max(0.0, self._clock.now - self._full_since)
        gained = max(0.0, grown - per_second * idle) if grown > 0 else grown
        self._limiter._level = max(0.0, old._level + gained)

    def _make_limiter(self, per_second: float, burst: float) -> AsyncLimiter:
        limiter = AsyncLimiter(burst, burst / per_second)
        limiter._rate_per_sec = per_second  # as it was given, without the rounding of a quotient
        limiter._event_loop = cast("asyncio.AbstractEventLoop", self._clock)
        return limiter


class _Clock:
    """All that aiolimiter's arithmetic needs of an event loop."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def is_closed(self) -> bool:
        return False
