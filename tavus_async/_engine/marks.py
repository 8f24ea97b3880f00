"""When which attempt was let go, as far back as it tells of a limit. Pure: it has no clock of its own."""

import math
from collections import deque
from collections.abc import Collection

import attrs

from tavus_async._engine.exhaustion import SHORTEST_STRETCH, Exhaustion

# Of the past, a mark is kept every SHORTEST_STRETCH, for as many seconds as MARKS · SHORTEST_STRETCH = 5.
MARKS = 100
# Seconds: what is measured in less is a guess, and what a stretch takes that counts for a floor.
LONG_STRETCH = 0.5
SHORTEST_PROOF = 1.0
LONGEST_LATENCY = 1.0


@attrs.define
class Marks:
    """Attempts and when they were let go, one for every SHORTEST_STRETCH seconds: where a stretch may begin."""

    _marks: deque[tuple[float, int]] = attrs.field(init=False, factory=lambda: deque(maxlen=MARKS))

    def sent(self, serial: int, now: float, *, after_quiet: bool) -> None:
        """Record that the attempt *serial* was let go, and whether the bucket had been full for a while."""
        if after_quiet or not self._marks or now - self._marks[-1][0] >= SHORTEST_STRETCH:
            self._marks.append((now, serial))

    def answered(self, now: float) -> None:
        """Record the first answer after a quiet time: the server's bucket refills since just before it."""
        if self._marks:
            self._marks[-1] = (now, self._marks[-1][1])

    def clear(self) -> None:
        """Forget all of them: no stretch begins before now."""
        self._marks.clear()

    def seconds(self, now: float) -> float:
        """Return how long ago the oldest attempt is that is remembered; 0 without one."""
        return now - self._marks[0][0] if self._marks else 0.0

    def latency(self, serial: int, now: float) -> float:
        """Return for how many seconds the attempt *serial* has been away, up to SHORTEST_STRETCH too many; at most one.

        It is for how long answers to later attempts, sent to the same empty bucket, may yet come.
        """
        left_at = max((at for at, mark in self._marks if mark <= serial), default=now)
        return min(LONGEST_LATENCY, now - left_at)

    def rate(self, newest: int, now: float) -> float:
        """Return the rate of what was sent in the latest stretch that is long enough to tell; infinity without one."""
        rates = ((newest - mark) / (now - at) for at, mark in reversed(self._marks) if now - at >= LONG_STRETCH)
        return next(rates, math.inf)

    def proven(self, newest: int, now: float, *, burst: float, refused: int | Collection[int]) -> float:
        """Return the highest rate of a stretch that ends now, without two bursts, which may have been in the bucket.

        *newest* is the last attempt let go; *refused* are the attempts that were, or their number in any stretch.
        """
        rates = [
            (newest - mark + 1 - lost - 2 * burst) / (now - at)
            for at, mark in self._marks
            if now - at >= SHORTEST_PROOF
            for lost in [refused if isinstance(refused, int) else sum(serial >= mark for serial in refused)]
        ]
        return max(rates, default=0.0)

    def exhaustion(
        self, newest: int, newest_at: float, *, burst: float, refused: int, paused: float
    ) -> Exhaustion | None:
        """Return the stretch that proves the highest rate, of those at whose end so many were *refused*.

        At the begin of any stretch the server's bucket held at most b tokens, so admitted ≤ b + r · seconds: each
        stretch is a lower bound of r, and the highest of them is the closest.
        """
        stretches = [
            Exhaustion(newest - mark + 1 - refused, max(0.0, newest_at - at), paused) for at, mark in self._marks
        ]
        long = [stretch for stretch in stretches if not stretch.is_short]
        if not long:
            return stretches[0] if stretches else None
        return max(long, key=lambda stretch: (stretch.admitted - burst) / stretch.seconds)
