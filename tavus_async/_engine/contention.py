"""Whether others use the same limit, where 429s name a pause of some length, and what that changes. Pure.

There each 429 costs a named pause, so a lesson is kept for long (`pace.py`). One session alone before an honest bucket
needs one or two of them. Of several at one limit, whoever meets a bucket that others have emptied would take the limit
for a tiny one, and keep to that long after they have ended; and who was there first would keep nearly all of it.

*Signs of others* are what a bucket that refills for this session alone does not show:

- it was not full where it should have been: of what was sent first, or after a pause in which it would have filled at
  the rate so far, less than a burst was admitted;
- the first limit that is measured is nearly the configured one (NEARLY): what was configured is right, then, and others
  use some of it;
- a limit that was measured is met by a rate below it, after a steady time (STEADY);
- twice within DISMISSED_WITHIN seconds, a pause was for nothing, since most of what was under way was admitted.

*A sign of being alone* is a limit that is measured twice in a row at the same rate (AGREEING).

*What changes*, for KNOWN_FOR seconds: an exhaustion halves the rate, but for what was admitted since the one before.
Two that have done so share the limit, so the rate stays for SHARED_CALM seconds, and then recovers as soon as where
429s cost nothing. And nothing is saved up in a pause, since others come back from theirs at the same moment
(`token_bucket.py`).

- Who is refused again before it has grown came back while another had not given way yet. So the rate climbs, within
  CLIMBED_IN seconds, to what it was.
- Who is refused after a steady time did not cause it: another did, or chance. So the rate is lowered by little, and
  recovers at once.

*Coming to rest.* A server whose burst is small gives the same signs. But before it the limit is met at the same rate
again and again; so does a session that has found its part. Each time that the limit is met at about the rate of the
time before (SAME_LIMIT), below NEARLY the configured one, the cut is half as deep, and recovery takes four times as
long.
"""

import math

import attrs

# Attempts: of a large burst so many tell whether the bucket was full.
TELLING = 20
# Of the configured rate: a limit of that or more is the configured one.
NEARLY = 0.9
# Seconds.
DISMISSED_WITHIN = 10.0
KNOWN_FOR = 60.0
# Of a measured limit: by how much the next may differ and agree. What takes less than so many seconds is no measure.
AGREEING = 0.1
MEASURED_IN = 0.2
# Of the rate at which the limit was met before: by how much it may differ and still be the same.
SAME_LIMIT = 0.35
# Of the rate: the first cut.
CUT = 0.5
# Times in a row; by then both are as they stay.
MOST_CONFIRMED = 10
# Seconds of calm after a cut; then those in which the rate recovers, at first and at the most.
SHARED_CALM = 5.5
RECOVERED_IN, LONGEST_RECOVERY = 3.0, 88.0
CLIMBED_IN = 2.0
# Seconds since a pause.
STEADY = 1.5


@attrs.define
class Contention:
    """What is known of others at the same limit."""

    _known_at: float = attrs.field(init=False, default=-math.inf)
    _dismissed_at: float = attrs.field(init=False, default=-math.inf)
    _measured: float | None = attrs.field(init=False, default=None)
    """The limit that was measured last."""
    _met_at: float = attrs.field(init=False, default=0.0)
    """The rate at which the limit was met last."""
    _confirmed: int = attrs.field(init=False, default=0)
    """How often in a row it was met there."""
    _is_own_doing: bool = attrs.field(init=False, default=True)
    """Whether that was because of what this session sent."""
    _summit: float = attrs.field(init=False, default=0.0)
    """The rate to climb to after a cut, if it is higher than the cut left."""

    def is_known(self, now: float) -> bool:
        """Return whether there were signs of others lately."""
        return now - self._known_at < KNOWN_FOR

    def dismissed(self, now: float) -> None:
        """Record that a pause was for nothing."""
        if now - self._dismissed_at < DISMISSED_WITHIN:
            self._known_at = now
        self._dismissed_at = now

    def is_missing(self, admitted: int, *, burst: float) -> bool:
        """Return whether less was admitted than a full bucket has."""
        return admitted < min(burst, TELLING)

    def exhausted(self, admitted: int, *, burst: float, now: float) -> None:
        """Record what was admitted of a bucket that should have been full."""
        if self.is_missing(admitted, burst=burst):
            self._known_at = now

    @property
    def has_measured(self) -> bool:
        """Whether any limit was measured yet."""
        return self._measured is not None

    def is_first_and_nearly(self, limit: float, seconds: float, *, configured: float) -> bool:
        """Return whether a limit, as an exhaustion of so many seconds tells it, is the first, about the configured."""
        return self._measured is None and seconds >= MEASURED_IN and limit >= NEARLY * configured

    def measured(self, limit: float, seconds: float, *, configured: float, now: float) -> None:
        """Record a limit as an exhaustion of so many seconds tells it by itself."""
        if seconds < MEASURED_IN:
            return
        if self.is_first_and_nearly(limit, seconds, configured=configured):
            self._known_at = now
        elif self._measured is not None and abs(limit - self._measured) < AGREEING * self._measured:
            self._known_at = self._dismissed_at = -math.inf
        self._measured = limit

    def undercut(self, now: float) -> None:
        """Record that a limit that was measured was met by a rate below it, after a steady time."""
        self._known_at = now

    def cut(self, rate: float, *, configured: float, has_grown: bool, is_steady: bool, now: float) -> float:
        """Return the rate after a cut, for a limit that was met at *rate*, and remember the others.

        *has_grown* says whether that is more than the cut before had left, *is_steady* whether it was kept to for a
        steady time.
        """
        self._known_at = now
        self._is_own_doing = has_grown or not is_steady
        if not self._is_own_doing:
            self._summit = 0.0
            return rate
        is_same = abs(rate - self._met_at) < SAME_LIMIT * self._met_at and rate < NEARLY * configured
        self._confirmed = min(self._confirmed + 1, MOST_CONFIRMED) if is_same else 0
        self._met_at = rate
        self._summit = 0.0 if has_grown else rate
        return rate * (1 - CUT / 2.0**self._confirmed)

    def climb(self, base: float, seconds: float) -> float:
        """Return the rate so many seconds after a cut to *base*, without what has recovered."""
        return base + max(0.0, self._summit - base) * min(1.0, seconds / CLIMBED_IN)

    def recovery(self) -> tuple[float, float]:
        """Return the seconds of calm after a cut, and those in which the rate then recovers."""
        return SHARED_CALM if self._is_own_doing else 0.0, min(LONGEST_RECOVERY, RECOVERED_IN * 4.0**self._confirmed)
