"""When a moment of Redis's clock comes by the event loop's. Pure.

A reply tells what Redis's clock showed at some moment between sending and receiving. So the difference of both clocks
lies in an interval as long as the exchange took; where several exchanges are known, in all of their intervals. Nothing
here reads a wall clock of this machine, which may be wrong by any amount.
"""

import math

# Both clocks may drift apart by so many seconds in each: what is known of the difference widens by as much.
DRIFT = 500e-6
# Seconds by which Redis's clock is cut off.
RESOLUTION = 1e-6


class ClockEstimate:
    """What is known of the difference: the event loop's time minus Redis's, in seconds."""

    def __init__(self) -> None:
        self._least = -math.inf
        self._most = math.inf
        self._known_at = 0.0

    @property
    def is_known(self) -> bool:
        """Whether anything has been heard yet."""
        return self._most < math.inf

    def hear(self, *, sent: float, received: float, shown: float) -> float:
        """Learn from one exchange, and what Redis's clock has *shown* in it; return by how much it has jumped ahead.

        What contradicts all that was known, since the clock was set or another server answers, replaces it.
        """
        drift = DRIFT * max(0.0, received - self._known_at)
        least, most = sent - shown - RESOLUTION, received - shown
        jump = 0.0
        if self.is_known:
            known_least, known_most = self._least - drift, self._most + drift
            if least <= known_most and known_least <= most:
                least, most = max(least, known_least), min(most, known_most)
            else:
                jump = (known_least + known_most - least - most) / 2
        self._least, self._most, self._known_at = least, most, received
        return jump

    def local(self, moment: float) -> float:
        """Return the event loop's time at a moment of Redis's clock, or a little later: never a time before it."""
        return moment + self._most

    def remote(self, now: float) -> float:
        """Return what Redis's clock shows about now."""
        return now - (self._least + self._most) / 2
