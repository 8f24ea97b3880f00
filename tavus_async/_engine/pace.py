"""The rate and the burst that a server seems to allow, learned from what it admits. Pure: it has no clock of its own.

The server is taken to have a token bucket of unknown rate r and burst b. From full, it admits b + r · t attempts in t
seconds; those that come then get a 429. So each time it is found empty gives one equation:

    admitted = b + r · seconds

What such equations tell, `exhaustion.py` works out. One of them cuts the rate at least to SHALLOWEST_CUT and at most to
a half (HALF), or, where each 429 costs a named pause of some length, to DEEPEST_CUT; there, signs that others use the
same limit change what follows (`contention.py`).

*What was admitted is a floor.* Not every server is a token bucket: some count in windows, some refuse everything for a
moment and are then as they were. But what a server has admitted it can admit, and no cut goes below MARGIN of that:

- between two exhaustions, each of which found the bucket empty, whatever was admitted has come in meanwhile (`_cycle`);
- of a longer stretch, all but two bursts has (`marks.py`);
- of what was under way when the bucket was found empty, the admitted share of the rate.

Where the floor is most of the rate (SUSTAINED), that was no limit of the rate, and it stays. Nor does it say anything
of the rate where nothing at all was admitted since the exhaustion before: then the pauses double.

*A trial* tells a limit from chance where some are refused and some are not (`refusals.py` begins and ends it). A limit
r refuses the share 1 - r / s of the rate s, and nothing at s · (1 - 2 · share); chance refuses its share at any rate.
So the rate is lowered so far for a moment. If it was a limit, the rate becomes what was delivered before it,
s · (1 - share).

*Recovery:* T seconds after a cut to the rate c, c + √(c · configured) · (T / D)³ is allowed, up to the configured rate.
The growth is cubic, as in CUBIC TCP (RFC 9438): flat where the limit was met, steep where it is long past. And it is
the faster, beside c, the smaller c is, so that of several sessions at one limit the lesser catches up. With D = 88 and
c a fifth of what is configured, it grows by 3 % in 21 s, which is MARGIN, and doubles in 67 s.
Where a 429 costs no named pause, looking is cheap, and D begins at 4 s, or, below 15 a second, at what 60 attempts do:
after a limit that moves, as where several sessions share it, the rate is soon back. Each time that the limit is found
where it was (SAME) by a rate that had grown past it, D doubles, up to 88.
What was measured in a short time is a guess, which may be far too low: it has 1 s of calm, and D is as at first; where
pauses are named, CALM seconds and D = 15.
"""

import math
from collections import deque
from collections.abc import Sequence

import attrs

from tavus_async._engine.contention import STEADY, Contention
from tavus_async._engine.exhaustion import (
    BURST_MARGIN,
    MARGIN,
    SHALLOWEST_CUT,
    SHORTEST_STRETCH,
    Exhaustion,
    burst_of,
    fit,
    fit_refill,
)
from tavus_async._engine.marks import LONG_STRETCH, Marks

EXHAUSTIONS = 4
# Where a 429 costs a named pause, a guess takes about four fifths of the rate: 0.198³ < 1 / 100, so three 429s reach a
# limit 100 times lower. Elsewhere it takes a half.
DEEPEST_CUT = 0.198
HALF = 0.5
# Seconds: D of a cut that was measured; after a guess, seconds of calm, and then its D.
GROWN_AFTER = 88.0
CALM = 10.0
GROWN_AFTER_GUESS = 15.0
# The same where 429s name no pause, or a short one: that of a guess, and the first of a measured cut.
SHORT_CALM = 1.0
GROWN_SOON = 4.0
# Attempts: D is no shorter than these take.
GROWN_IN_ATTEMPTS = 60.0
# Of a limit: by how much it may differ and still be the same.
SAME = 0.2
# Of the rate after the cut before: a rate that has not grown so far, and is refused, has not found that limit again.
GROWN = 1.01
# Of the rate: what is sustained to this share is not limited.
SUSTAINED = 0.85
# Seconds since an exhaustion that count for a floor.
SHORTEST_CYCLE = 0.25
# Seconds of pause after an exhaustion; doubled as long as nothing is admitted, up to the longest.
LEAST_PAUSE = 0.1
MOST_PAUSE = 1.0
# Of the rate: how far it is lowered for a trial.
SHALLOWEST_TRIAL = 0.08
DEEPEST_TRIAL = 0.5
# Seconds without a 429 after which the configured burst is tried again.
BURST_FORGOTTEN = 600.0
LOWEST_LEARNED_RATE = 0.05
# Attempts: what may go at once while nothing is learned of the rate, so that they can be spread (`token_bucket.py`).
ROOM = 4.0


@attrs.frozen
class Learned:
    """What is left of a cut: the rate just after it, and when that was."""

    base: float
    since: float | None
    is_guess: bool


@attrs.define
class Pace:
    """The rate and the burst that the server seems to allow, at most the configured ones.

    It is told of every attempt and of the first answer after a quiet time (`marks`), and of every 429 (`refused`), by
    the attempts' serial numbers. It concludes (`learn`) when the pause is over: by then all 429s of the exhaustion have
    come, and can be told from what was admitted.
    """

    per_second: float
    burst: int
    learned_burst: float = attrs.field(init=False)
    _base: float = attrs.field(init=False)
    """The rate just after the last cut."""
    _since: float | None = attrs.field(init=False, default=None)
    """When that was; None while the rate is the configured one."""
    _is_guess: bool = attrs.field(init=False, default=False)
    marks: Marks = attrs.field(init=False, factory=Marks)
    contention: Contention = attrs.field(init=False, factory=Contention)
    is_exhausted: bool = attrs.field(init=False, default=False)
    """Whether there is an exhaustion to learn from."""
    _empty_at: float | None = attrs.field(init=False, default=None)
    """When the server's bucket was last found empty, after it had admitted anything."""
    admitted: int = attrs.field(init=False, default=0)
    """Attempts that were admitted since then; its bucket counts them."""
    is_costly: bool = attrs.field(init=False, default=False)
    """Whether 429s name a pause of some length: then each of them costs everyone so many seconds."""
    _admitted_before: int = attrs.field(init=False, default=0)
    """Those of them that were admitted before the exhaustion that is under way."""
    _fruitless: int = attrs.field(init=False, default=0)
    """Exhaustions in a row in which nothing at all was admitted."""
    _before_trial: Learned | None = attrs.field(init=False, default=None)
    _trial_at: float = attrs.field(init=False, default=0.0)
    """When the trial began."""
    _confirmed: int = attrs.field(init=False, default=0)
    """How often in a row the limit was found where it had been."""
    _last_base: float = attrs.field(init=False, default=0.0)
    _delivered: float = attrs.field(init=False, default=0.0)
    """The rate of what was admitted before the trial, as far as it can be told."""
    _settled: int = attrs.field(init=False, default=-1)
    """The last attempt of what has been learned from: a 429 for it comes too late to count."""
    _last_refused: int = attrs.field(init=False, default=-1)
    """The last attempt that was let go before the first 429: those up to it met the same empty bucket."""
    _refusals: int = attrs.field(init=False, default=0)
    _refused_at: float = attrs.field(init=False, default=0.0)
    _paused: float = attrs.field(init=False, default=math.inf)
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
        if self.is_exhausted:
            now = min(now, self._refused_at)  # nothing recovers in a pause
        calm, grown_after = self._recovery()
        seconds = max(0.0, now - self._since)
        base = self.contention.climb(self._base, seconds) if self._is_shared else self._base
        rate = base + math.sqrt(base * self.per_second) * (max(0.0, seconds - calm) / grown_after) ** 3
        if rate >= self.per_second:
            self._since = None
            self._exhaustions.clear()
            return self.per_second
        return rate

    def is_careful(self, now: float) -> bool:
        """Return whether 429s cost so much that a lesson is kept for long, and no others are known of."""
        return self.is_costly and not self.contention.is_known(now)

    @property
    def _is_shared(self) -> bool:
        """Whether others seemed to use the limit, when it was met last."""
        return self.is_costly and self.contention.is_known(self._refused_at)

    def _recovery(self) -> tuple[float, float]:
        """Return the seconds of calm after the cut, and D."""
        if self._is_shared:
            return self.contention.recovery()
        if self.is_costly:
            return (CALM, GROWN_AFTER_GUESS) if self._is_guess else (0.0, GROWN_AFTER)
        soon = max(GROWN_SOON, GROWN_IN_ATTEMPTS / self._base)
        return (SHORT_CALM, soon) if self._is_guess else (0.0, min(GROWN_AFTER, soon * 2.0**self._confirmed))

    def allowed_burst(self, now: float) -> float:
        """Return how many attempts may go at once: what is learned of that outlasts what is learned of the rate."""
        if self.learned_burst < self.burst and now - self._refused_at > BURST_FORGOTTEN:
            self.learned_burst = float(self.burst)
        return self.learned_burst if self.is_learned else min(self.burst, max(self.learned_burst, ROOM))

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
        self.is_exhausted = True
        self._admitted_before = self.admitted
        return True

    def is_accounted_for(self, serial: int) -> bool:
        """Return whether a 429 for this attempt belongs to an exhaustion that is known."""
        return self.is_exhausted or serial <= self._settled

    def pause(self) -> float:
        """Return for how many seconds nothing is sent after an exhaustion at least."""
        return min(MOST_PAUSE, LEAST_PAUSE * 2.0**self._fruitless)

    def begin_trial(self, share: float, newest: int, now: float, *, refused: Sequence[int] = ()) -> None:
        """Lower the rate for a moment, so far that nothing would be refused if the share that is were a limit's.

        Where short pauses keep what is sent below the rate, it is that which is lowered. *newest* is the last attempt
        let go, *refused* are those that were refused lately.
        """
        before = self.rate(now)
        if not self.is_costly:
            before = min(before, max(LOWEST_LEARNED_RATE, self.marks.rate(newest, now)))
        proven = self.marks.proven(newest, now, burst=self.learned_burst, refused=refused)
        self._delivered = max(before * (1 - share), proven)
        self._before_trial = Learned(self._base, self._since, self._is_guess)
        self._trial_at = now
        depth = min(DEEPEST_TRIAL, max(SHALLOWEST_TRIAL, 2 * share))
        self._base, self._since, self._is_guess = before * (1 - depth), now, False

    def end_trial(self, now: float) -> None:
        """Return to the rate before the trial, which has not grown meanwhile."""
        if self._before_trial is not None:
            kept, self._before_trial = self._before_trial, None
            since = None if kept.since is None else kept.since + now - self._trial_at
            self._base, self._since, self._is_guess = kept.base, since, kept.is_guess

    def keep_to(self, share: float, share_left: float, now: float) -> None:
        """Conclude from a trial that there is a limit: the share was refused before it, and *share_left* in it."""
        slow = self.rate(now) * (1 - share_left)
        self.end_trial(now)
        fast = min(self.rate(now) * SHALLOWEST_CUT, self._delivered * MARGIN)
        floor = min(self.rate(now) * SHALLOWEST_CUT, self._cycle(self.admitted, now) * MARGIN)
        before = self.rate(now)
        self._base = max(LOWEST_LEARNED_RATE, floor, slow * MARGIN if share_left > share else fast)
        self._since, self._is_guess = now, False
        self._compare(before)

    @property
    def _deepest_cut(self) -> float:
        return DEEPEST_CUT if self.is_costly else HALF

    def _compare(self, before: float) -> None:
        """Count how often in a row a limit was found where it had been, by a rate that was higher *before*."""
        is_same = abs(self._base - self._last_base) < SAME * self._last_base
        self._confirmed = self._confirmed + (before >= GROWN * self._last_base) if is_same else 0
        self._last_base = self._base

    def dismiss(self, now: float) -> None:
        """Forget an exhaustion that was none."""
        self.is_exhausted = False
        self._refusals = 0
        self._settled = self._last_refused
        self._paused = now - self._refused_at

    def learn(self, newest: int, newest_at: float, now: float, *, share_admitted: float | None = None) -> bool:
        """Draw the conclusion from an exhaustion, if there was one; *newest* is the last attempt let go.

        *share_admitted* is that of the attempts that were under way when the bucket was found empty, if it is known.
        """
        if not self.is_exhausted:
            return False
        self.end_trial(now)
        before = self.rate(now)
        is_fruitless = self._empty_at is not None and not self._admitted_before
        cycle = self._cycle(self._admitted_before, self._refused_at)
        floor = max(cycle, self.marks.proven(newest, newest_at, burst=self.burst, refused=self._refusals))
        self._fruitless = self._fruitless + 1 if is_fruitless else 0
        if not is_fruitless and (self.is_costly or floor < SUSTAINED * before):
            found = self._measure(newest, newest_at)
            has_grown = not self.is_learned or before > GROWN * self._base
            if self._is_contended(found, before, now, has_grown=has_grown):
                base = self._share(found, cycle, before, now, has_grown=has_grown)
            else:
                proven = before * self._deepest_cut if found is None else self._fit(found, before)
                share = 0.0 if self.is_costly else share_admitted or 0.0
                base = max(before * self._deepest_cut, floor * MARGIN, before * share * MARGIN, proven)
            self._base = min(max(LOWEST_LEARNED_RATE, base), before * SHALLOWEST_CUT)
            self._is_guess = found is None or found.seconds < (SHORTEST_STRETCH if self.is_costly else LONG_STRETCH)
            self._since = now
            self._compare(before)
        if not is_fruitless:
            self._empty_at = self._refused_at
            self.admitted -= self._admitted_before
        self.dismiss(now)
        self.marks.clear()
        return True

    def seems_shared(self, newest: int, newest_at: float) -> bool:
        """Return whether the exhaustion that is under way, the first, shows by itself that others use the limit."""
        found = self._measure(newest, newest_at) if self.is_exhausted and not self.is_learned else None
        if found is None:
            return False
        if found.is_short:
            return self.contention.is_missing(found.admitted, burst=self.learned_burst)
        return self.contention.is_first_and_nearly(self._limit_of(found), found.seconds, configured=self.per_second)

    def _limit_of(self, found: Exhaustion) -> float:
        """Return the rate that explains an exhaustion with the burst known so far."""
        return (found.admitted - self.learned_burst) / found.seconds

    @property
    def _is_steady(self) -> bool:
        """Whether there was a steady time before the last 429."""
        return self.marks.seconds(self._refused_at) >= STEADY

    def _is_contended(self, found: Exhaustion | None, before: float, now: float, *, has_grown: bool) -> bool:
        """Return whether others seem to use the same limit, and a 429 costs so much that this changes anything."""
        if found is not None and (not self.is_learned or found.paused * before >= self.learned_burst):
            self.contention.exhausted(found.admitted, burst=self.learned_burst, now=now)
        was_measured = self.contention.has_measured
        if found is not None and not found.is_short:
            self.contention.measured(self._limit_of(found), found.seconds, configured=self.per_second, now=now)
        if was_measured and self._is_steady and not has_grown:
            self.contention.undercut(now)
        return self.is_costly and self.contention.is_known(now)

    def _share(self, found: Exhaustion | None, cycle: float, before: float, now: float, *, has_grown: bool) -> float:
        """Return the rate after a cut where others use the same limit, and learn the burst."""
        if found is not None and (found.is_short or found.admitted < self.learned_burst * BURST_MARGIN):
            self.learned_burst = burst_of(found, self.learned_burst)
        halved = self.contention.cut(
            before, configured=self.per_second, has_grown=has_grown, is_steady=self._is_steady, now=now
        )
        return max(halved, cycle * MARGIN)

    def _cycle(self, admitted: int, now: float) -> float:
        """Return the rate of what was admitted since the bucket was last empty; 0 where that was just now."""
        if self._empty_at is None or now - self._empty_at < SHORTEST_CYCLE:
            return 0.0
        return admitted / (now - self._empty_at)

    def _measure(self, newest: int, newest_at: float) -> Exhaustion | None:
        return self.marks.exhaustion(
            newest, newest_at, burst=self.learned_burst, refused=self._refusals, paused=self._paused
        )

    def _fit(self, found: Exhaustion, before: float) -> float:
        """Return the rate that explains this exhaustion and those before it, and learn the burst likewise."""
        if found.admitted < self.learned_burst * BURST_MARGIN and self.is_learned:
            fitted = fit_refill(found)  # the bucket was not full
        else:
            self._exhaustions.append(found)
            # Bold the first time.
            guess = before * (SHALLOWEST_CUT if self.is_learned else self._deepest_cut)
            fitted = fit(self._exhaustions, found=found, rate=before, burst=self.learned_burst, guess=guess)
        self.learned_burst = min(self.burst, fitted.burst)
        return fitted.rate
