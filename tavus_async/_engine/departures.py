"""The token bucket as the server meets it: attempts counted as they leave over an open connection.

An attempt takes its token when it is let go, and leaves once it has a connection. Where that takes d seconds, those let
go in d seconds may leave at once. So they are counted once more, as they leave, against the settings alone, whatever
429s have taught. Over a kept connection both moments are one, and nothing waits here that has its token already.

The level L is a leaky bucket's, as in `bucket.py`, whose proof holds here for what leaves: n ≤ burst + r · t.

Some of what connecting takes may not be seen from here: a proxy, or a server that is slow to accept, takes the request
long before the server reads it, and then those over kept connections arrive before it. So what is sent first on a new
connection, and is not answered within HEAD_START seconds, has perhaps not arrived: until it is answered, or for
LONGEST_HIDDEN seconds, L is at least the number of those. Then no more than burst - L + r · t others arrive meanwhile.

Who has waited is woken, and leaves in the event loop's next round, which comes late where the loop is busy. Until then
it has a place: what would leak for it meanwhile would let more leave together in that round.
"""

import math

# Seconds for which the bucket does not refill after the first attempt that leaves after a quiet time: by so much it may
# take longer to the server than the next.
HEAD_START = 0.05
# The most seconds that a request may be on its way unseen.
LONGEST_HIDDEN = 1.25
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
        self.first: dict[int, float] = {}
        """Those that were sent first on a new connection and are not answered, with when they left."""
        self._woken = 0
        self.last = -math.inf
        """When one left last."""

    def wait(self, now: float, *, spread: float = 0.0) -> float:
        """Return the seconds until one more may leave, and *spread* besides if so many ever may; 0 for at once."""
        if self._level + self._woken + 1 + spread <= self._burst and not self.first:
            return 0.0  # whatever has leaked since
        self._leak(now)
        missing = self._level + self._woken + 1 - self._burst
        missing = max(missing, min(self._level, missing + spread))
        if missing <= ROUNDING:
            return 0.0
        refill = max(0.0, self._held_until - now) + missing / self._per_second
        # Until then one may be answered; whoever waits asks again.
        return max(refill, self._hidden_until(now) - now) if self.first else refill

    def count(self, now: float, *, hold: bool) -> None:
        """Count one that leaves; *hold* is whether the refill gives it its head start."""
        if self._level or self.first:
            self._leak(now)
        else:
            self._checked_at = now
        if hold:
            self._held_until = now + HEAD_START
        self._level += 1
        self.last = now

    def wake(self) -> None:
        """Keep a place for one that is woken, to leave as soon as its task runs."""
        self._woken += 1

    def woke(self) -> None:
        """Record that the task of one that was woken runs: it is counted next, or does not leave."""
        self._woken -= 1

    def forget_woken(self, now: float) -> None:
        """Count those that were woken: their event loop is closed."""
        while self._woken:
            self.woke()
            self.count(now, hold=False)

    def take_back(self) -> None:
        """Count one less: it has not left after all, or not yet."""
        self._level = max(0.0, self._level - 1)

    def open(self, number: int, now: float) -> None:
        """Record that what has just been counted is the first on its connection, under a number for `answered`."""
        self.first[number] = now

    def answered(self, number: int, now: float) -> None:
        """Record that an attempt has ended: if it was the first on a connection, it is hidden no more."""
        if number in self.first:
            self._leak(now)
            self.first.pop(number, None)  # unless it has been given up just now

    def _leak(self, now: float) -> None:
        """Apply what has leaked since the last look."""
        since = max(self._checked_at, self._held_until)
        if since < now:
            self._level = max(0.0, self._level - (now - since) * self._per_second)
        self._checked_at = now
        if self.first:
            self._level = max(self._level, self._hidden(now))

    def _hidden(self, now: float) -> int:
        """Return how many have perhaps not arrived, and forget those that have by now."""
        hidden = 0
        for number, left_at in list(self.first.items()):
            if now - left_at >= LONGEST_HIDDEN:
                del self.first[number]
            elif now - left_at >= HEAD_START:
                hidden += 1
            else:
                break
        return hidden

    def _hidden_until(self, now: float) -> float:
        """Return when so few are hidden that one more may leave, if none is answered; now where it may already."""
        times = [left_at + LONGEST_HIDDEN for left_at in self.first.values() if now - left_at >= HEAD_START]
        surplus = len(times) + 1 - self._burst
        return times[surplus - 1] if surplus > 0 else now
