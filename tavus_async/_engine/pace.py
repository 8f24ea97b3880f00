"""What a session learns of the server's rate limit from the 429s that it gets. Pure: it has no clock of its own.

The server is taken to have a token bucket of unknown rate r and burst b. From full, it admits b + r · t attempts in t
seconds; those that come then get a 429. So each such exhaustion gives one equation:

    admitted = b + r · seconds

*One exhaustion* is one equation with two unknowns, so one of them is assumed. Of a stretch that is long enough, b is
taken to be the burst known so far, at first the configured one: r = (admitted - b) / seconds. Of a shorter one r · t
is about 0: it tells b, nothing of r, and the new rate is a guess.

*Two exhaustions* of which one is half as long again as the other settle both, as two points settle a line:

    r = (admitted₂ - admitted₁) / (seconds₂ - seconds₁)        b = admitted₁ - r · seconds₁

*Soon after a 429* the server's bucket is not full but nearly empty, which shows in far fewer admitted than b. What it
admits then has come in since: r = admitted / (paused + seconds), and the burst is taken to be no larger than that.

Counts may be off by an attempt or two, times by JITTER. So the learned rate is MARGIN of the measured one, and a single
exhaustion cuts the rate at least to SHALLOWEST_CUT and at most to DEEPEST_CUT of what it was.

*Recovery:* T seconds after a cut to the rate c, c · (1 + (T / D)²) is allowed, up to the configured rate. The growth is
quadratic since a measured limit is likely to hold for the next minute and less and less likely later. With D = 120, c
grows by 6 % in the first 30 s, doubles in 120 s, and is fivefold after 240 s. The measured limit, 3 % above c, is met
again after 120 · √0.03 ≈ 21 s at the earliest; if the growth were linear, after 4 s, at the cost of 429s each time.
A guess may be far too low and so has less time: after CALM seconds at c, D = 15. That undoes a cut to DEEPEST_CUT
in 10 + 15 · √(1 / 0.198 - 1) ≈ 40 s.
"""

import math
from collections import deque

import attrs

# Seconds. Shorter stretches measure jitter, not rate. Of the past, a mark is kept so often, for as many seconds as
# MARKS · SHORTEST_STRETCH = 5.
SHORTEST_STRETCH = 0.05
MARKS = 100
# Of two stretches that are nearly equally long, a count that is off by one or two would make any rate.
LONGER = 1.5
EXHAUSTIONS = 4
# A guess takes about four fifths of the rate: 0.198³ < 1 / 100, so three 429s reach a limit 100 times lower.
DEEPEST_CUT = 0.198
SHALLOWEST_CUT = 0.95
# Of a burst that the server took at once, what it may be sent again. Fewer admitted mean that its bucket was not full.
BURST_MARGIN = 0.6
MARGIN = 0.97
# Seconds by which arrivals may be off.
JITTER = 0.01
# Seconds in which the rate doubles after a cut that was measured; after a guess, seconds of calm, then those to double.
DOUBLED_AFTER = 120.0
CALM = 10.0
DOUBLED_AFTER_GUESS = 15.0
# Seconds without a 429 after which the configured burst is tried again.
BURST_FORGOTTEN = 600.0
LOWEST_LEARNED_RATE = 0.05
LONGEST_LATENCY = 1.0
# Seconds. A clock may stand still between two looks at it.
SHORTEST_REFILL = 0.001


@attrs.frozen
class Exhaustion:
    """A stretch of time at whose end the server's bucket was empty."""

    admitted: int
    """Attempts that were sent in it and not refused."""
    seconds: float
    paused: float
    """Seconds from the 429 before to the end of its pause, in which the bucket refilled."""


@attrs.define
class Pace:
    """The rate and the burst that the server seems to allow, at most the configured ones.

    It is told of every attempt (`sent`), of the first answer after a quiet time (`answered`) and of every 429
    (`refused`), by the attempts' serial numbers. It concludes (`learn`) when the pause is over: by then all 429s of the
    exhaustion have come, and can be told from what was admitted.
    """

    per_second: float
    burst: int
    learned_burst: float = attrs.field(init=False)
    _base: float = attrs.field(init=False)
    """The rate just after the last cut."""
    _since: float | None = attrs.field(init=False, default=None)
    """When that was; None while the rate is the configured one."""
    _is_guess: bool = attrs.field(init=False, default=False)
    _is_exhausted: bool = attrs.field(init=False, default=False)
    """Whether there is an exhaustion to learn from."""
    _was_refused_all: bool = attrs.field(init=False, default=False)
    """Whether nothing was admitted before the last one."""
    _settled: int = attrs.field(init=False, default=-1)
    """The last attempt of what has been learned from: a 429 for it comes too late to count."""
    _last_refused: int = attrs.field(init=False, default=-1)
    """The last attempt that was let go before the first 429: those up to it met the same empty bucket."""
    _refusals: int = attrs.field(init=False, default=0)
    _refused_at: float = attrs.field(init=False, default=0.0)
    _paused: float = attrs.field(init=False, default=math.inf)
    _marks: deque[tuple[float, int]] = attrs.field(init=False, factory=lambda: deque(maxlen=MARKS))
    """When which attempt was let go, for one in every SHORTEST_STRETCH seconds: where a stretch may begin."""
    _exhaustions: deque[Exhaustion] = attrs.field(init=False, factory=lambda: deque(maxlen=EXHAUSTIONS))

    def __attrs_post_init__(self) -> None:
        self._base = self.per_second
        self.learned_burst = float(self.burst)

    @property
    def is_learned(self) -> bool:
        """Whether a 429 has lowered the rate, and it has not recovered since."""
        return self._since is not None

    def rate(self, now: float) -> float:
        """Return the attempts per second to allow now."""
        if self._since is None:
            return self.per_second
        calm, doubled_after = (CALM, DOUBLED_AFTER_GUESS) if self._is_guess else (0.0, DOUBLED_AFTER)
        growth = max(0.0, now - self._since - calm) / doubled_after
        rate = self._base * (1 + growth**2)
        if rate >= self.per_second:
            self._since = None
            self._exhaustions.clear()
            return self.per_second
        return rate

    def allowed_burst(self, now: float) -> float:
        """Return how many attempts may go at once: what is learned of that outlasts what is learned of the rate."""
        if self.learned_burst < self.burst and now - self._refused_at > BURST_FORGOTTEN:
            self.learned_burst = float(self.burst)
        return self.learned_burst

    def sent(self, serial: int, now: float, *, after_quiet: bool) -> None:
        """Record that the attempt *serial* was let go, and whether the bucket had been full for a while."""
        if after_quiet or not self._marks or now - self._marks[-1][0] >= SHORTEST_STRETCH:
            self._marks.append((now, serial))

    def answered(self, now: float) -> None:
        """Record the first answer after a quiet time: the server's bucket refills since just before it."""
        if self._marks:
            self._marks[-1] = (now, self._marks[-1][1])

    def refused(self, serial: int, newest: int, now: float) -> bool:
        """Record a 429 for the attempt *serial*; return whether it is the first of an exhaustion.

        *newest* is the last attempt let go: a 429 for one up to it belongs to the same exhaustion.
        """
        if serial <= self._settled:
            return False
        self._refusals += 1
        if serial <= self._last_refused:
            return False
        self._last_refused = newest
        self._refused_at = now
        self._is_exhausted = True
        return True

    def latency(self, serial: int, now: float) -> float:
        """Return for how many seconds the attempt *serial* has been away, up to SHORTEST_STRETCH too many; at most one.

        It is for how long answers to later attempts, sent to the same empty bucket, may yet come.
        """
        left_at = max((at for at, mark in self._marks if mark <= serial), default=now)
        return min(LONGEST_LATENCY, now - left_at)

    def learn(self, newest: int, newest_at: float, now: float) -> bool:
        """Draw the conclusion from an exhaustion, if there was one; *newest* is the last attempt let go."""
        if not self._is_exhausted:
            return False
        before = self.rate(now)
        found = self._measure(newest, newest_at)
        nothing_admitted = found is None or found.admitted <= 0
        if nothing_admitted and self._was_refused_all:
            self._base = before  # a server that still refuses everything says nothing of its rate
        else:
            self._is_guess = found is None or found.seconds < SHORTEST_STRETCH
            proven = before * DEEPEST_CUT if found is None else self._fit(found, before)
            self._base = max(LOWEST_LEARNED_RATE, before * DEEPEST_CUT, min(proven, before * SHALLOWEST_CUT))
        self._was_refused_all = nothing_admitted
        self._since = now
        self._is_exhausted = False
        self._refusals = 0
        self._settled = self._last_refused
        self._paused = now - self._refused_at
        self._marks.clear()
        return True

    def _measure(self, newest: int, newest_at: float) -> Exhaustion | None:
        """Return the stretch that proves the highest rate.

        At the begin of any stretch the server's bucket held at most b tokens, so admitted ≤ b + r · seconds: each
        stretch is a lower bound of r, and the highest of them is the closest.
        """
        stretches = [
            Exhaustion(newest - mark + 1 - self._refusals, max(0.0, newest_at - at), self._paused)
            for at, mark in self._marks
        ]
        long = [stretch for stretch in stretches if stretch.seconds >= SHORTEST_STRETCH]
        if not long:
            return stretches[0] if stretches else None
        return max(long, key=lambda stretch: (stretch.admitted - self.learned_burst) / stretch.seconds)

    def _fit(self, found: Exhaustion, before: float) -> float:
        """Return the rate that explains this exhaustion and those before it, and learn the burst likewise."""
        if found.admitted < self.learned_burst * BURST_MARGIN and self.is_learned:
            # The bucket was not full: all that it gave has come in since the last 429.
            self.learned_burst = max(1.0, found.admitted)
            return found.admitted / max(SHORTEST_REFILL, found.paused + found.seconds) * MARGIN
        self._exhaustions.append(found)
        short = min(self._exhaustions, key=lambda each: each.seconds)
        long = max(self._exhaustions, key=lambda each: each.seconds)
        if long.seconds >= max(short.seconds + SHORTEST_STRETCH, LONGER * short.seconds):
            # Two equations.
            rate = max(0.0, (long.admitted - short.admitted) / (long.seconds - short.seconds))
            self.learned_burst = min(self.burst, max(1.0, short.admitted - rate * short.seconds))
            return rate * MARGIN
        if long.seconds < SHORTEST_STRETCH or long.admitted < self.learned_burst * BURST_MARGIN:
            # One equation, and it tells the burst: the rate is a guess, bold the first time.
            self.learned_burst = min(self.learned_burst, max(1.0, found.admitted * BURST_MARGIN))
            return before * (SHALLOWEST_CUT if self.is_learned else DEEPEST_CUT)
        # One equation, with the burst known so far. A rate that it does not disprove is cut as little as possible.
        beyond_burst = long.admitted - self.learned_burst
        if before <= (beyond_burst + 1) / (long.seconds - JITTER):
            return before * SHALLOWEST_CUT
        return (beyond_burst - 2) / long.seconds * MARGIN
