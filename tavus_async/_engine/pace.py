"""What a session learns about the server's rate from the 429s that it gets. Pure: no clock of its own."""

import math
from collections import deque

import attrs

# What is kept of the past: a mark every 50 ms, for 5 s. Shorter stretches measure jitter, not rate.
SHORTEST = 0.05
MARKS = 100
EVENTS = 4
# A 429 that says nothing of the rate costs four fifths of it: three of them reach a limit 100 times lower.
DEEPEST_CUT = 0.198
SHALLOWEST_CUT = 0.95
# Of a burst that the server took at once, what it may take again.
BURST_MARGIN = 0.6
MARGIN = 0.97
# Seconds by which arrivals may be off: a rate that fits within is not disproved.
JITTER = 0.01
# Seconds after which the rate has doubled from where the last 429 left it. Growth is quadratic:
# close to the limit for half a minute, far above it after some, should the server have become more generous.
DOUBLED_AFTER = 120.0
# After a cut that was a guess: seconds of calm, in which a job of usual size gets done, and then those to double.
CALM = 10.0
DOUBLED_AFTER_GUESS = 15.0
# Seconds without a 429 after which a burst is tried in full again.
BURST_FORGOTTEN = 600.0
LOWEST_LEARNED_RATE = 0.05
LONGEST_LATENCY = 1.0
# A clock may stand still between two looks at it.
MILLISECOND = 0.001


@attrs.frozen
class Event:
    """One exhaustion of the server's bucket: it admitted *admitted* attempts in *seconds*, and then no more."""

    admitted: int
    seconds: float
    paused: float
    """Seconds of the pause before, in which the bucket could fill."""


@attrs.define
class Pace:
    """The rate and burst that the server seems to allow, at most the configured ones.

    A server's token bucket admits `burst + rate · t` attempts in a time `t` before it is empty.
    One exhaustion gives one equation; with the configured burst as the first guess that is a rate,
    and a second exhaustion, after another time, settles both.
    """

    per_second: float
    burst: int
    learned_burst: float = attrs.field(init=False)
    _base: float = attrs.field(init=False)
    _since: float | None = attrs.field(init=False, default=None)
    _is_guess: bool = attrs.field(init=False, default=False)
    _open: bool = attrs.field(init=False, default=False)
    _was_refused_all: bool = attrs.field(init=False, default=False)
    """Whether the last exhaustion began before anything was admitted."""
    _settled: int = attrs.field(init=False, default=-1)
    _last_refused: int = attrs.field(init=False, default=-1)
    _refusals: int = attrs.field(init=False, default=0)
    _refused_at: float = attrs.field(init=False, default=0.0)
    _paused: float = attrs.field(init=False, default=math.inf)
    _marks: deque[tuple[float, int]] = attrs.field(init=False, factory=lambda: deque(maxlen=MARKS))
    _events: deque[Event] = attrs.field(init=False, factory=lambda: deque(maxlen=EVENTS))

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
        calm = CALM if self._is_guess else 0.0
        growth = max(0.0, now - self._since - calm) / (DOUBLED_AFTER_GUESS if self._is_guess else DOUBLED_AFTER)
        rate = self._base * (1 + growth**2)
        if rate >= self.per_second:
            self._since = None
            self._events.clear()
            return self.per_second
        return rate

    def allowed_burst(self, now: float) -> float:
        """Return how many attempts may go at once: what is learned of that outlasts what is learned of the rate."""
        if self.learned_burst < self.burst and now - self._refused_at > BURST_FORGOTTEN:
            self.learned_burst = float(self.burst)
        return self.learned_burst

    def sent(self, serial: int, now: float, *, after_quiet: bool) -> None:
        """Note that the attempt *serial* was let go, and whether the bucket was full then."""
        if after_quiet or not self._marks or now - self._marks[-1][0] >= SHORTEST:
            self._marks.append((now, serial))

    def answered(self, now: float) -> None:
        """Note the first answer after a quiet time: the server began to count before it, not much earlier."""
        if self._marks:
            self._marks[-1] = (now, self._marks[-1][1])

    def refused(self, serial: int, newest: int, now: float) -> bool:
        """Note a 429 for the attempt *serial*; True for the first of an exhaustion.

        *newest* is the last attempt let go: those up to it belong to the same exhaustion.
        """
        if serial <= self._settled:
            return False
        self._refusals += 1
        if serial <= self._last_refused:
            return False
        self._last_refused = newest
        self._refused_at = now
        self._open = True
        return True

    def latency(self, serial: int, now: float) -> float:
        """Return about how many seconds ago the attempt *serial* was let go, as far as is known, at most one."""
        left_at = max((at for at, mark in self._marks if mark <= serial), default=now)
        return min(LONGEST_LATENCY, now - left_at)

    def learn(self, newest: int, newest_at: float, now: float) -> bool:
        """Draw the conclusion from an exhaustion, once its pause is over and every answer has come."""
        if not self._open:
            return False
        before = self.rate(now)
        event = self._exhaustion(newest, newest_at)
        nothing_admitted = event is None or event.admitted <= 0
        if nothing_admitted and self._was_refused_all:
            self._base = before  # a server that still refuses everything says nothing of its rate
        else:
            self._is_guess = event is None or event.seconds < SHORTEST
            proven = before * DEEPEST_CUT if event is None else self._fit(event, before)
            self._base = max(LOWEST_LEARNED_RATE, before * DEEPEST_CUT, min(proven, before * SHALLOWEST_CUT))
        self._was_refused_all = nothing_admitted
        self._since = now
        self._open = False
        self._refusals = 0
        self._settled = self._last_refused
        self._paused = now - self._refused_at
        self._marks.clear()
        return True

    def _exhaustion(self, newest: int, newest_at: float) -> Event | None:
        """Find the stretch of time before the 429s that proves the highest rate."""
        stretches = [
            Event(newest - mark + 1 - self._refusals, max(0.0, newest_at - at), self._paused)
            for at, mark in self._marks
        ]
        long = [stretch for stretch in stretches if stretch.seconds >= SHORTEST]
        if not long:
            return stretches[0] if stretches else None
        return max(long, key=lambda stretch: (stretch.admitted - self.learned_burst) / stretch.seconds)

    def _fit(self, event: Event, before: float) -> float:
        """Find the rate, and the burst, that explain this exhaustion and the ones before."""
        if event.admitted < self.learned_burst * BURST_MARGIN and self.is_learned:
            self.learned_burst = max(1.0, event.admitted)
            return event.admitted / max(MILLISECOND, event.paused + event.seconds) * MARGIN
        self._events.append(event)
        short = min(self._events, key=lambda event: event.seconds)
        long = max(self._events, key=lambda event: event.seconds)
        if long.seconds - short.seconds >= SHORTEST:
            rate = max(0.0, (long.admitted - short.admitted) / (long.seconds - short.seconds))
            self.learned_burst = min(self.burst, max(1.0, short.admitted - rate * short.seconds))
            return rate * MARGIN
        if long.seconds < SHORTEST or long.admitted < self.learned_burst * BURST_MARGIN:
            self.learned_burst = min(self.learned_burst, max(1.0, event.admitted * BURST_MARGIN))
            return before * (SHALLOWEST_CUT if self.is_learned else DEEPEST_CUT)
        beyond_burst = long.admitted - self.learned_burst
        if before <= (beyond_burst + 1) / (long.seconds - JITTER):
            return before * SHALLOWEST_CUT
        return (beyond_burst - 2) / long.seconds * MARGIN
