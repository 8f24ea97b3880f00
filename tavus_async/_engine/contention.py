"""Whether others use the same limit, where 429s name a pause of some length, and what that changes. Pure.

There each 429 costs a named pause, so a lesson is kept for long (`pace.py`). One session alone before an honest bucket
needs one or two of them. Of several at one limit, whoever meets a bucket that others have emptied would take the limit
for a tiny one, and keep to that long after they have ended.

*Signs of others* are what a bucket that refills for this session alone does not show:

- it was not nearly full where it should have been: of what was sent first, or after a pause in which it would have
  filled at the rate so far, less than FULL of a burst was admitted;
- twice within DISMISSED_WITHIN seconds, a pause was for nothing, since most of what was under way was admitted.

*What changes*, for KNOWN_FOR seconds: an exhaustion halves the rate, but for what was admitted since the one before.
Recovery is soon, as where 429s cost nothing. And nothing is saved up in a pause, since others come back from theirs at
the same moment (`token_bucket.py`).

*Coming to rest.* A server whose burst is small gives the same signs. But before it the limit is met at the same rate
again and again; so does a session that has found its part. Each time that the limit is met at about the rate of the
time before (SAME_LIMIT), below the configured one (BELOW), the cut is half as deep, and recovery takes twice as long.
"""

import math

import attrs

# Of a burst: so much is admitted by a bucket that was nearly full. Of a large one, TELLING attempts tell.
FULL = 0.75
TELLING = 20
# Seconds.
DISMISSED_WITHIN = 10.0
KNOWN_FOR = 60.0
# Of the rate at which the limit was met before: by how much it may differ and still be the same.
SAME_LIMIT = 0.35
# Of the configured rate: what is met at that or more was not grown into.
BELOW = 0.9
# Of the rate: the first cut.
CUT = 0.5
# Times in a row; by then both are as they stay.
MOST_CONFIRMED = 10
# Seconds of calm after a cut; then those in which the rate recovers, at first and at the most.
SHARED_CALM = 0.5
RECOVERED_IN, LONGEST_RECOVERY = 4.0, 88.0


@attrs.define
class Contention:
    """What is known of others at the same limit."""

    _known_at: float = attrs.field(init=False, default=-math.inf)
    _dismissed_at: float = attrs.field(init=False, default=-math.inf)
    _met_at: float = attrs.field(init=False, default=0.0)
    """The rate at which the limit was met last."""
    _confirmed: int = attrs.field(init=False, default=0)
    """How often in a row it was met there."""

    def is_known(self, now: float) -> bool:
        """Return whether there were signs of others lately."""
        return now - self._known_at < KNOWN_FOR

    def dismissed(self, now: float) -> None:
        """Record that a pause was for nothing."""
        if now - self._dismissed_at < DISMISSED_WITHIN:
            self._known_at = now
        self._dismissed_at = now

    def exhausted(self, admitted: int, *, burst: float, now: float) -> None:
        """Record what was admitted of a bucket that should have been full."""
        if admitted < FULL * min(burst, TELLING):
            self._known_at = now

    def cut(self, rate: float, *, configured: float, now: float) -> float:
        """Return the rate after a cut, for a limit that was met at *rate*, and remember the others."""
        self._known_at = now
        is_same = abs(rate - self._met_at) < SAME_LIMIT * self._met_at and rate < BELOW * configured
        self._confirmed = min(self._confirmed + 1, MOST_CONFIRMED) if is_same else 0
        self._met_at = rate
        return rate * (1 - CUT / 2.0**self._confirmed)

    def recovery(self) -> tuple[float, float]:
        """Return the seconds of calm after a cut, and those in which the rate then recovers."""
        return SHARED_CALM, min(LONGEST_RECOVERY, RECOVERED_IN * 2.0**self._confirmed)
