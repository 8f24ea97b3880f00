"""What it tells of a token bucket when it is found empty: its rate and its burst. Pure.

From full, a bucket of the rate r and the burst b admits b + r · t attempts in t seconds. So each time that it is found
empty gives one equation, admitted = b + r · seconds.

*One exhaustion* is one equation with two unknowns, so one of them is assumed. Of a stretch that is long enough, b is
taken to be the burst known so far, at first the configured one: r = (admitted - b) / seconds. Of a shorter one r · t
is about 0: it tells b, nothing of r, and the new rate is a guess.

*Two exhaustions* of which one is half as long again as the other settle both, as two points settle a line:

    r = (admitted₂ - admitted₁) / (seconds₂ - seconds₁)        b = admitted₁ - r · seconds₁

*Soon after a 429* the bucket is not full but nearly empty, which shows in far fewer admitted than b. What it admits
then has come in since: r = admitted / (paused + seconds), and the burst is taken to be no larger than that.

Counts may be off by an attempt or two, times by JITTER. So what is learned of the rate is MARGIN of what is measured.
"""

from collections.abc import Collection

import attrs

# Seconds. Shorter stretches measure jitter, not rate.
SHORTEST_STRETCH = 0.05
# Of two stretches that are nearly equally long, a count that is off by one or two would make any rate.
LONGER_BY = 1.5
# Of a burst that the server took at once, what it may be sent again. Fewer admitted mean that its bucket was not full.
BURST_MARGIN = 0.6
MARGIN = 0.97
# Of the rate: the least cut.
SHALLOWEST_CUT = 0.95
# Seconds by which arrivals may be off.
JITTER = 0.01
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

    @property
    def is_short(self) -> bool:
        """Whether it tells nothing of the rate."""
        return self.seconds < SHORTEST_STRETCH


@attrs.frozen
class Fit:
    """A bucket that explains what was seen."""

    rate: float
    burst: float


def burst_of(found: Exhaustion, known: float) -> float:
    """Return the burst that is left of the *known* one, where so many were admitted nearly at once."""
    return min(known, max(1.0, found.admitted * BURST_MARGIN))


def fit_refill(found: Exhaustion) -> Fit:
    """Return what explains an exhaustion soon after another: all that was admitted has come in since."""
    rate = found.admitted / max(SHORTEST_REFILL, found.paused + found.seconds) * MARGIN
    return Fit(rate, max(1.0, found.admitted))


def fit(exhaustions: Collection[Exhaustion], *, found: Exhaustion, rate: float, burst: float, guess: float) -> Fit:
    """Return what explains all of these exhaustions, of which *found* is the latest, met at this *rate*.

    *burst* is the one known so far, *guess* the rate to take where nothing tells it.
    """
    short = min(exhaustions, key=lambda each: each.seconds)
    long = max(exhaustions, key=lambda each: each.seconds)
    if long.seconds >= max(short.seconds + SHORTEST_STRETCH, LONGER_BY * short.seconds):
        # Two equations.
        slope = max(0.0, (long.admitted - short.admitted) / (long.seconds - short.seconds))
        return Fit(slope * MARGIN, max(1.0, short.admitted - slope * short.seconds))
    if long.is_short or long.admitted < burst * BURST_MARGIN:
        # One equation, and it tells the burst.
        return Fit(guess, burst_of(found, burst))
    # One equation, with the burst known so far. A rate that it does not disprove is cut as little as possible.
    beyond_burst = long.admitted - burst
    if rate <= (beyond_burst + 1) / (long.seconds - JITTER):
        return Fit(rate * SHALLOWEST_CUT, burst)
    return Fit((beyond_burst - 2) / long.seconds * MARGIN, burst)
