"""The slots that a member holds: moments at which one attempt each may leave. Pure.

A lease gives them in order: those that are free at once, and then one at a time as the bucket refills. A slot is good
for LONGEST_LATE seconds after its time, since an attempt that leaves later would meet those of others. What was not
used is told to Redis with the next lease, which gives it to whoever comes.
"""

import math
from collections import deque

import attrs

LONGEST_LATE = 0.02
# Of an attempt: what the sums of floats may be wrong by.
LEEWAY = 1e-9


@attrs.frozen(kw_only=True)
class Lease:
    """Slots as Redis gives them, in seconds of its clock."""

    epoch: int
    """The number of exhaustions before it: with the next one, all its slots are void."""
    first: int
    """The first slot's number among all of the fleet."""
    count: int
    start: float
    """When the first may be used, if it lacks nothing."""
    origin: float
    """When the refill goes on."""
    lacks: float
    """How many tokens the first lacks at *origin*; each other lacks one more than the one before it."""
    rate: float

    def moment(self, position: int) -> float:
        """Return the time of the slot at this position, counted from 0."""
        lacking = self.lacks + position
        return self.start if lacking <= LEEWAY else max(self.start, self.origin + lacking / self.rate)


@attrs.frozen
class Slot:
    """One slot, with its time on both clocks."""

    at: float
    """When it may be used first, by the event loop's clock."""
    moment: float
    """The same by Redis's."""
    number: int
    epoch: int

    def is_late(self, now: float) -> bool:
        """Return whether its time has passed."""
        return now - self.at > LONGEST_LATE


@attrs.frozen
class Unused:
    """How many slots were not used, since when, and in which epoch."""

    count: int = 0
    since: float = 0.0
    epoch: int = 0


class Slots:
    """The slots that are held, and the account of those that were not used."""

    def __init__(self) -> None:
        self._leases: deque[tuple[Lease, float]] = deque()
        """Each with what its times differ by from the event loop's."""
        self._position = 0
        """Of the next slot in the first lease."""
        self._returned: list[Slot] = []
        """Those that were taken and put back, the latest first."""
        self._head: Slot | None = None
        self._unused = Unused()
        self.left = 0
        self.last_at = -math.inf
        """When the last slot comes, or came, that was ever given."""
        self.last_count = 0
        """How many the last lease gave."""

    def add(self, lease: Lease, *, difference: float) -> None:
        """Add those of a lease; *difference* is the event loop's time minus Redis's."""
        self._leases.append((lease, difference))
        self.left += lease.count
        self.last_count = lease.count
        self.last_at = max(self.last_at, lease.moment(lease.count - 1) + difference)
        if self._head is None:
            self._head = self._next()

    def wait(self, now: float) -> float:
        """Return the seconds until the next slot; 0 if it is there, infinity if there is none."""
        head = self._head
        while head is not None and now - head.at > LONGEST_LATE:
            self._count_unused(head)
            self._pop()
            head = self._head
        if head is None:
            return math.inf
        return head.at - now if head.at > now else 0.0

    def take(self) -> Slot:
        """Take the next slot, which `wait()` has said is there."""
        head = self._head
        if head is None:
            raise LookupError("there is no slot")
        self._pop()
        return head

    def put_back(self, slot: Slot, now: float) -> None:
        """Put back one whose attempt does not leave: for the next, or, where it is late, for others."""
        if slot.is_late(now):
            self._count_unused(slot)
            return
        self.left += 1
        if self._head is not None:
            self._returned.append(self._head)
        self._head = slot
        self._returned.sort(key=lambda each: -each.at)

    def nth_at(self, number: int) -> float:
        """Return the time of the slot that so many others stand before; *number* is less than `left`."""
        first = [slot for slot in (self._head, *reversed(self._returned)) if slot is not None]
        if number < len(first):
            return first[number].at
        number -= len(first)
        position = self._position
        for lease, difference in self._leases:
            if position + number < lease.count:
                return lease.moment(position + number) + difference
            number -= lease.count - position
            position = 0
        return self.last_at

    def void(self) -> None:
        """Forget all: another epoch has begun."""
        self._leases.clear()
        self._returned.clear()
        self._position, self._head, self.left = 0, None, 0
        self._unused = Unused()

    def take_unused(self) -> Unused:
        """Return the account of what was not used, and begin anew."""
        unused, self._unused = self._unused, Unused()
        return unused

    def release(self) -> Unused:
        """Give up all that is held; return the account with it."""
        while self._head is not None:
            self._count_unused(self._head)
            self._pop()
        return self.take_unused()

    def _pop(self) -> None:
        self.left -= 1
        self._head = self._returned.pop() if self._returned else self._next()

    def _next(self) -> Slot | None:
        while self._leases:
            lease, difference = self._leases[0]
            position = self._position
            if position < lease.count:
                self._position += 1
                moment = lease.moment(position)
                return Slot(moment + difference, moment, lease.first + position, lease.epoch)
            self._leases.popleft()
            self._position = 0
        return None

    def _count_unused(self, slot: Slot) -> None:
        self._add_unused(Unused(1, slot.moment, slot.epoch))

    def _add_unused(self, more: Unused) -> None:
        known = self._unused
        if not more.count or (known.count and more.epoch < known.epoch):
            return
        if not known.count or known.epoch < more.epoch:
            self._unused = more
            return
        self._unused = Unused(known.count + more.count, min(known.since, more.since), more.epoch)
