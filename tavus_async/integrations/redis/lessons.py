"""What a fleet learns of the server's rate limit from a 429. Pure.

The server is taken to have a token bucket of unknown rate r and burst b, which was empty when it refused an attempt. In
the t seconds before, it has admitted at most what it held at their begin, and what came in since. So each stretch of
time that ends there gives a lower bound of r:

    r ≥ (admitted - held) / t

*held* is 0 where the stretch begins with the exhaustion before, and b at most anywhere else. The highest bound is the
closest; it is exact where the fleet wanted more than it got all the time.

*Noise.* Where the fleet was admitted nearly all that it is allowed, one refusal among all that says nothing, and costs
its own retry alone.

*The burst.* Refusals soon after a full bucket tell how much it held, and nothing of the rate: that is told by the next
ones, since the bucket is known to be empty now. A single one is noise.

*Recovery.* T seconds after a cut to the rate c, c · (1 + (T / D)²) is allowed, up to the configured rate. D is
LONGEST_DOUBLING where the stretch was long, and shorter as it was: a count that is wrong by one or two is wrong by much
in a short one.
"""

import attrs

# Seconds. Shorter stretches measure jitter.
SHORTEST_STRETCH = 0.05
# Of the allowed rate: what was admitted at more than this is as good as all. The second is for a long stretch at a
# rate that 429s have taught: where it has grown too far, the next one tells precisely by how much.
NEARLY_ALL, NEARLY_ALL_LEARNED = 0.85, 0.97
# Of the attempts since a full bucket, how many must be refused to tell its burst.
FEWEST_REFUSED, LEAST_REFUSED = 2, 0.1
# The bucket held a part of another attempt when it refused: of all that is possible, the middle.
FRACTION = 0.5
# Counts and times may be off: of what was measured, what is used.
SAFE_PART = 0.98
# Of the rate before, what is left at the least.
LOWEST_PART = 0.05
LOWEST_RATE_LEARNED = 0.05
# Seconds in which the rate doubles after a stretch of that many seconds or more, and after the shortest.
LONGEST_DOUBLING = 120.0
SHORTEST_DOUBLING = 60.0
TRUSTED_STRETCH = 8.0


@attrs.frozen
class Stretch:
    """What was admitted in so many seconds before a 429."""

    admitted: float
    seconds: float
    held: float
    """What the server's bucket held at the begin, at most."""


@attrs.frozen(kw_only=True)
class Evidence:
    """What is known at an exhaustion."""

    stretches: tuple[Stretch, ...]
    since_full: Stretch | None
    """The one of them that began when the bucket was full, if there was such a moment since the exhaustion before."""
    refused: int
    rate: float
    """The attempts per second that were allowed."""
    is_learned: bool
    """Whether an earlier 429 had lowered it."""


@attrs.frozen(kw_only=True)
class Lesson:
    """What is to be allowed; None where it stays as it is."""

    rate: float | None = None
    doubled_after: float = LONGEST_DOUBLING
    """Seconds in which the rate doubles."""
    burst: float | None = None


def learn(evidence: Evidence) -> Lesson:
    """Draw the conclusion from an exhaustion."""
    full = evidence.since_full
    if full is not None and full.seconds < SHORTEST_STRETCH:
        attempts = max(0.0, full.admitted) + evidence.refused
        if evidence.refused >= max(FEWEST_REFUSED, attempts * LEAST_REFUSED):
            return Lesson(burst=max(1.0, min(full.held, full.admitted)))
    bounds = [
        ((stretch.admitted + FRACTION - stretch.held) / stretch.seconds, stretch.seconds)
        for stretch in evidence.stretches
        if stretch.seconds >= SHORTEST_STRETCH
    ]
    if not bounds:
        return Lesson()
    measured, seconds = max(bounds)
    is_precise = evidence.is_learned and seconds >= TRUSTED_STRETCH / 2
    if measured >= (NEARLY_ALL_LEARNED if is_precise else NEARLY_ALL) * evidence.rate:
        return Lesson()
    rate = max(LOWEST_RATE_LEARNED, evidence.rate * LOWEST_PART, measured * SAFE_PART)
    trust = min(1.0, seconds / TRUSTED_STRETCH)
    doubled_after = SHORTEST_DOUBLING + (LONGEST_DOUBLING - SHORTEST_DOUBLING) * trust
    return Lesson(rate=min(rate, evidence.rate), doubled_after=doubled_after)
