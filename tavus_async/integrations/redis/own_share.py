"""What a process may send while Redis cannot be reached: its own share of the rate, one attempt at a time. Pure.

So all together keep to the rate, if each takes the part that falls to it. They begin at random moments of the first
interval, since all may have been cut off at the same one.
"""

import math

from tavus_async.integrations.redis.slots import LONGEST_LATE

# Seconds for which members count.
MEMBER_FOR = 60.0


class OwnShare:
    """Gives out attempts at a steady rate, from a moment on."""

    def __init__(self) -> None:
        self._next_at = math.inf
        self._interval = math.inf
        self.spent = 0
        """Attempts made since it has begun."""

    @property
    def is_on(self) -> bool:
        """Whether it is in force, or will be."""
        return self._interval < math.inf

    @property
    def rate(self) -> float:
        """Attempts per second."""
        return 1.0 / self._interval

    def begin(self, at: float, *, rate: float, phase: float) -> None:
        """Let the first attempt go at a moment of the first interval after *at*; *phase* is which part of it passes."""
        self._interval = 1.0 / rate
        self._next_at = at + phase * self._interval
        self.spent = 0

    def end(self) -> int:
        """Let nobody go any more; return how many have gone."""
        spent, self.spent = self.spent, 0
        self._next_at = self._interval = math.inf
        return spent

    def wait(self, now: float) -> float:
        """Return the seconds until the next may go; infinity while it is not in force."""
        return max(0.0, self._next_at - now)

    def take(self, now: float) -> None:
        """Let one go, as `wait()` has said is right."""
        self._next_at = max(self._next_at, now - LONGEST_LATE) + self._interval
        self.spent += 1


class Fleet:
    """How many members were seen lately: the most, since one that is gone may come back."""

    def __init__(self) -> None:
        self._counts: list[tuple[float, int]] = []
        """Each with when it was told last; each less than the one before it."""

    def hear(self, members: int, now: float) -> None:
        """Record how many members Redis knows of."""
        kept = [(at, count) for at, count in self._counts if count > members and now - at <= MEMBER_FOR]
        self._counts = [*kept, (now, members)]

    @property
    def most(self) -> int:
        """The most in the MEMBER_FOR seconds before Redis was heard of last; 0 if it never was."""
        return self._counts[0][1] if self._counts else 0
