"""Progress of a bulk call: its items, and their rate over the last seconds."""

from collections import deque

import attrs

from tavus_async._values import Progress

# Seconds over which the rate is taken, and between two marks of it.
RATE_WINDOW = 5.0
MARK_EVERY = 0.25
# Seconds that it is taken over at least: what a burst brings in less says nothing of a second.
SHORTEST_WINDOW = 1.0


@attrs.frozen(kw_only=True)
class Hold:
    """What holds the calls of a session back at one moment; each as in `Progress`."""

    waiting: bool = False
    paused: float = 0.0
    outage: float = 0.0


@attrs.define(kw_only=True)
class Meter:
    """Counts the items of a bulk call. Pure: *now* is any clock in seconds."""

    total: int | None
    done: int = attrs.field(init=False, default=0)
    failed: int = attrs.field(init=False, default=0)
    _marks: deque[tuple[float, int]] = attrs.field(init=False, factory=deque)

    def start(self, now: float) -> None:
        """Begin to measure the rate."""
        self._marks.append((now, 0))

    def count(self, now: float, *, failed: bool) -> None:
        """Count one item."""
        self.done += 1
        self.failed += failed
        if now - self._marks[-1][0] >= MARK_EVERY:
            self._marks.append((now, self.done))
            # The newest of those that are past the window stays: after a long pause, it is what to reckon from.
            while now - self._marks[1][0] >= RATE_WINDOW:
                self._marks.popleft()

    def read(self, now: float, hold: Hold) -> Progress:
        """Return the progress at this moment."""
        since, done_then = self._marks[0]
        rate = (self.done - done_then) / max(now - since, SHORTEST_WINDOW) if self.done > done_then else 0.0
        return Progress(
            done=self.done,
            failed=self.failed,
            total=self.total,
            rate=rate,
            waiting=hold.waiting,
            paused=hold.paused,
            outage=hold.outage,
        )
