"""For how long everyone pauses after a 429. Pure."""

import math

# Seconds of pause after a 429 that names none; doubled while nothing is admitted, up to the backoff.
FIRST_PAUSE = 0.05
LONGEST_UNNAMED = 1.0


class Pauses:
    """The pause that is on, and how many were of no use."""

    def __init__(self) -> None:
        self._until = -math.inf
        self._fruitless = 0

    def left(self, now: float) -> float:
        """Return the seconds that are left of it."""
        return max(0.0, self._until - now)

    def extend(self, seconds: float, now: float) -> None:
        """Pause for so many seconds; an earlier pause is never made shorter."""
        self._until = max(self._until, now + seconds)

    def admitted(self) -> None:
        """Record that the server admits something."""
        self._fruitless = 0

    def refused(self, now: float) -> None:
        """Record an exhaustion that nobody knew of."""
        if self._until <= now:
            self._fruitless += 1

    def unnamed(self, backoff: float, *, since: float) -> float:
        """Return for how long to pause where the server does not say it, after an attempt that took *since* seconds.

        So long what is under way takes to come back; and longer while all is refused, up to the *backoff*.
        """
        pause = min(max(backoff, FIRST_PAUSE), FIRST_PAUSE * 2.0 ** min(self._fruitless, 10))
        return max(pause, min(since, LONGEST_UNNAMED))
