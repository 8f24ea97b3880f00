"""The token bucket as the server meets it: attempts counted as they leave over an open connection.

An attempt takes its token when it is let go, and leaves once it has a connection. Where that takes d seconds, those let
go in d seconds may leave at once. So they are counted once more, as they leave, against the settings alone, whatever
429s have taught. Over a kept connection both moments are one, and nothing waits here that has its token already.

The level L is a leaky bucket's, as in `bucket.py`, whose proof holds here for what leaves: n ≤ burst + r · t.
"""

import math

# Seconds for which the bucket does not refill after the first attempt that leaves after a quiet time: by so much it may
# take longer to the server than the next.
HEAD_START = 0.05
# Of an attempt: what the sums of floats may be wrong by.
ROUNDING = 1e-9


class Departures:
    """Counts the attempts that leave. Pure: *now* is any clock in seconds that never goes back."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._level = 0.0
        self._checked_at = -math.inf
        self._held_until = -math.inf
        self.last = -math.inf
        """When one left last."""

    def wait(self, now: float) -> float:
        """Return the seconds until one more may leave; 0 when it may at once."""
        missing = self._level + 1 - self._burst
        if missing > 0 and (since := max(self._checked_at, self._held_until)) < now:
            missing -= (now - since) * self._per_second
        if missing <= ROUNDING:
            return 0.0
        return max(0.0, self._held_until - now) + missing / self._per_second

    def count(self, now: float, *, hold: bool) -> None:
        """Count one that leaves; *hold* is whether the refill gives it its head start."""
        since = max(self._checked_at, self._held_until)
        if since < now:
            self._level = max(0.0, self._level - (now - since) * self._per_second)
        if hold:
            self._held_until = now + HEAD_START
        self._level += 1
        self._checked_at = self.last = now

    def take_back(self) -> None:
        """Count one less: it has not left after all, or not yet."""
        self._level = max(0.0, self._level - 1)
