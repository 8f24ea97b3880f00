"""The line before the gate: single calls before bulk calls, each in the order in which the calls were begun.

Each lane is a heap of (place, arrival), the place being the call's number: a retry goes before calls that came later.
Whoever gives up stays in it, counted as gone, until it comes up or half of the lane is gone. So a sweep of n is paid
for by n / 2 that gave up, and giving up costs O(1) on average.
"""

import asyncio
import heapq
import math
from collections.abc import Callable
from itertools import count

import attrs

from tavus_async.errors import TavusError

# While both wait, one of so many that are let go is a bulk call, so that it never stands still.
BULK_EVERY = 10


@attrs.define(eq=False, kw_only=True)
class Ticket:
    """An attempt's ticket: its place in line, and how long it can wait."""

    place: int
    is_bulk: bool
    deadline: float | None
    """When its call must have ended, by the event loop's clock."""
    patience: float
    """Seconds of a pause that it waits for where it has no deadline."""
    serial: "asyncio.Future[int]" = attrs.field(init=False)
    """The attempt's serial number, once it may go."""


def wake(waiting: "asyncio.Future[None]") -> None:
    """End a wait that has not ended yet."""
    if not waiting.done():
        waiting.set_result(None)


Entry = tuple[int, int, Ticket]


class Lane:
    """Those who wait for one kind of calls."""

    def __init__(self) -> None:
        self.heap: list[Entry] = []
        """Those who wait, and those who have given up and not yet come up."""
        self._gone = 0

    def __len__(self) -> int:
        return len(self.heap) - self._gone

    def push(self, entry: Entry) -> None:
        """Add one who waits."""
        heapq.heappush(self.heap, entry)

    def first(self) -> Ticket | None:
        """Return the first in line, and forget those before it who have given up."""
        while self.heap:
            ticket = self.heap[0][2]
            if not ticket.serial.done():
                return ticket
            heapq.heappop(self.heap)
            self._gone -= 1
        return None

    def pop(self) -> Ticket:
        """Remove the first in line, which `first()` has just returned, and return it."""
        return heapq.heappop(self.heap)[2]

    def left(self) -> None:
        """Count one who has given up."""
        self._gone += 1
        if self._gone > len(self.heap) // 2:
            # Not to 0: of those that are swept out, some are yet to come here.
            before = len(self.heap)
            self.keep(lambda ticket: not ticket.serial.done())
            self._gone -= before - len(self.heap)

    def keep(self, is_kept: Callable[[Ticket], bool]) -> None:
        """Remove all others."""
        self.heap = [entry for entry in self.heap if is_kept(entry[2])]
        heapq.heapify(self.heap)

    def before(self, place: int) -> int:
        """Return how many stand before this place. It walks down the heap no further than to the first beyond."""
        found, pending = 0, [0]
        while pending:
            index = pending.pop()
            if index < len(self.heap) and self.heap[index][0] < place:
                found += not self.heap[index][2].serial.done()
                pending += (2 * index + 1, 2 * index + 2)
        return found

    def refuse(self, find_error: Callable[[int, Ticket], TavusError | None]) -> None:
        """Send away all for whom *find_error* gives an error; it is asked in their order, which it gets as a number."""
        kept: list[Entry] = []
        for entry in sorted(self.heap, key=lambda entry: entry[:2]):
            ticket = entry[2]
            if ticket.serial.done():
                # Cancelled: either it has been counted by left() already, or it is about to be.
                self._gone -= 1
            elif (error := find_error(len(kept), ticket)) is not None:
                ticket.serial.set_exception(error)
            else:
                kept.append(entry)
        self.heap = kept  # sorted, and so a heap

    def promote_to(self, other: "Lane", place: int) -> None:
        """Move those of one call to another lane."""
        for entry in [entry for entry in self.heap if entry[0] == place and not entry[2].serial.done()]:
            entry[2].is_bulk = False
            other.push(entry)
        self.keep(lambda ticket: ticket.is_bulk)


class Line:
    """Both lanes as one line."""

    def __init__(self) -> None:
        self.single, self.bulk = Lane(), Lane()
        self._arrivals = count()
        self._last_place = -math.inf
        self._since_bulk = 0
        self._least_patience = math.inf
        self._first_deadline = math.inf
        self._next: Lane = self.single

    def __len__(self) -> int:
        return len(self.single) + len(self.bulk)

    def push(self, ticket: Ticket) -> None:
        """Add one who waits."""
        if not self:
            self._least_patience = self._first_deadline = math.inf
        if ticket.deadline is None:
            self._least_patience = min(self._least_patience, ticket.patience)
        else:
            self._first_deadline = min(self._first_deadline, ticket.deadline)
        self._last_place = max(self._last_place, ticket.place)
        self._lane(ticket).push((ticket.place, next(self._arrivals), ticket))

    def first(self) -> Ticket | None:
        """Return whose turn it is."""
        single, bulk = self.single.first(), self.bulk.first()
        self._next = self.bulk if single is None or (bulk and self._since_bulk >= BULK_EVERY - 1) else self.single
        return bulk if self._next is self.bulk else single

    def pop(self) -> Ticket:
        """Remove whom `first()` has just returned, and return it."""
        self._since_bulk = self._since_bulk + 1 if self._next is self.single and self.bulk else 0
        return self._next.pop()

    def left(self, ticket: Ticket) -> None:
        """Count one who has given up."""
        self._lane(ticket).left()

    def ahead_of(self, ticket: Ticket) -> int:
        """Return how many go before one that is to come, if nobody else comes."""
        own, other = (self.bulk, self.single) if ticket.is_bulk else (self.single, self.bulk)
        ahead = len(own) if ticket.place >= self._last_place else own.before(ticket.place)
        share = ahead // (BULK_EVERY - 1) if not ticket.is_bulk else (ahead + 1) * (BULK_EVERY - 1)
        return ahead + min(len(other), share)

    def all_outlast(self, pause: float, now: float) -> bool:
        """Return whether it is certain that all who wait can wait for the end of a pause of so many seconds."""
        return pause <= self._least_patience and now + pause <= self._first_deadline

    def refuse(self, find_error: Callable[[int, Ticket], TavusError | None]) -> None:
        """Send away all for whom *find_error* gives an error, asked in their order, single calls first."""
        self.single.refuse(find_error)
        before = len(self.single)
        self.bulk.refuse(lambda number, ticket: find_error(before + number, ticket))

    def promote(self, place: int) -> None:
        """Let a bulk call go with the single ones, since one of these waits for it."""
        self.bulk.promote_to(self.single, place)

    def _lane(self, ticket: Ticket) -> Lane:
        return self.bulk if ticket.is_bulk else self.single
