"""The token bucket as the server meets it: attempts counted as they leave over an open connection.

An attempt takes its token when it is let go, and leaves once it has a connection. Where that takes d seconds, those let
go in d seconds may leave at once. So they are counted once more, as they leave, against the settings alone, whatever
429s have taught. Over a kept connection both moments are one, and nothing waits here that has its token already.

The level L is a leaky bucket's, as in `bucket.py`, whose proof holds here for what leaves: n ≤ burst + r · t.
"""

import math

# Seconds for which a bucket that was full for as long does not refill: for so much one attempt may take longer than the
# next from here to the server.
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

    def wait(self, now: float) -> float:
        """Return the seconds until one more may leave; 0 when it may at once."""
        if self._level + 1 <= self._burst:
            return 0.0
        self._drain(now)
        missing = self._level + 1 - self._burst
        return 0.0 if missing <= ROUNDING else max(0.0, self._held_until - now) + missing / self._per_second

    def count(self, now: float, *, after_quiet: bool | None = None) -> None:
        """Count one that leaves; *after_quiet* is whether the refill waits for it, by default after a quiet time."""
        idle = self._drain(now)
        if idle >= HEAD_START if after_quiet is None else after_quiet:
            self._held_until = now + HEAD_START
        self._level += 1

    def take_back(self) -> None:
        """Count one less: it has not left after all, or not yet."""
        self._level = max(0.0, self._level - 1)

    def _drain(self, now: float) -> float:
        """Apply what has leaked since the last look; return the seconds for which the bucket has been full."""
        since = max(self._checked_at, self._held_until)
        self._checked_at = now
        if now <= since:
            return 0.0
        empty_at = since + self._level / self._per_second
        self._level = max(0.0, self._level - (now - since) * self._per_second)
        return max(0.0, now - empty_at)
