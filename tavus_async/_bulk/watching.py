"""Waiting for many things at once, until the server has made them.

They are read together, in rounds: on the pages of their list where that takes fewer requests, and else one by one. So
a thousand that were created one after the other take some ten requests a round.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from copy import copy
from typing import Any, Final, Generic, Protocol, TypeVar

import attrs

from tavus_async._bulk import polling
from tavus_async._bulk.run import DOOMING, Outcomes
from tavus_async._records.record import Record
from tavus_async._values import Outcome, Page
from tavus_async._wire.call import Call
from tavus_async.errors import DeadlineExceededError, DecodeError, TavusError

RecordT = TypeVar("RecordT", bound=Record)

PER_PAGE: Final = 100
"""Items that a list is asked for at once: as many as the server gives."""
FEWEST_ON_PAGES: Final = 3
"""Of fewer things that are waited for, each is read by itself."""
WORTH: Final = 2
"""Things that are waited for which a page must have, for it to be worth its request."""
PATIENCE: Final = 2
"""Pages in a row that are not worth it, after which no further one is read."""
MOST_UNREADABLE: Final = 5
"""Answers in a row that cannot be read, after which the next would not either."""
ROUNDS_WITHOUT: Final = 8
"""Rounds in which the list is not looked at, after one in which its pages had no more of them than there were pages."""
REST: Final = 4
"""A round is followed by a rest of at least so many times its length, so that the rate limit has room for others."""
LONGEST_REST: Final = 60.0
"""Seconds of that rest at most: a round that lasted as long as an outage is no reason to rest for hours."""


THE_LIST: Final = ""
"""Stands for the list where things are told by their ids."""


class BulkSend(Protocol):
    """Sends a call for each of many keys, as a session does."""

    def __call__(self, make_call: Callable[[Any], Call[Any]], keys: Collection[Any], /) -> Outcomes[Any]:
        """Return the outcomes."""
        ...


@attrs.frozen(kw_only=True)
class Reading(Generic[RecordT]):
    """How things are read, and when one need not be waited for any more."""

    send_each: BulkSend
    get: Callable[[str], Call[RecordT]]
    """Returns the call that reads one by its id."""
    list_page: Callable[[int], Call[Page[RecordT]]]
    """Returns the call that reads a page of PER_PAGE."""
    first_page: int
    id_of: Callable[[RecordT], str]
    look: Callable[[RecordT], RecordT | None]
    """Returns a record that is ready, None for one that is not yet; raises for one that never will be."""

    def last_page(self, total: int) -> int:
        """Return the number of the last page."""
        return self.first_page + max(0, total - 1) // PER_PAGE


async def send_one(send_each: BulkSend, make_call: Callable[[Any], Call[Any]], key: object) -> Outcome[Any]:
    """Send the call for one key as a bulk run sends those for many: it waits while the server cannot be reached."""
    async with send_each(make_call, [key]) as outcomes:
        return await anext(outcomes)


class JointWait(Generic[RecordT]):
    """What many wait for at once. It reads by one task, which ends when nobody waits any more."""

    def __init__(self, reading: Reading[RecordT]) -> None:
        self._reading = reading
        self._pages = ListPages(reading)
        self._waiting: dict[str, set[asyncio.Future[RecordT]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._problem: TavusError | None = None
        self._delay = polling.POLL_DELAY
        self._has_news = False
        self._unreadable: Counter[str] = Counter()
        self._whole: dict[str, bool] = {}
        """By status: whether a list tells as much of such a record as reading it does."""

    @property
    def count(self) -> int:
        """How many things are waited for."""
        return len(self._waiting)

    async def wait(self, item_id: str, *, timeout: float | None, what: str) -> RecordT:
        """Return the record of what has this id, as soon as it is ready.

        Raises what looking at it raises, what reading it raises unless that will pass, and DeadlineExceededError after
        *timeout* seconds, which calls it *what*.
        """
        result: asyncio.Future[RecordT] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(item_id, set()).add(result)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._read())
            self._task.add_done_callback(self._ended)
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                return await result
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            await self._leave(item_id, result)
        why = f"; the last reading failed: {self._problem}" if self._problem is not None else ""
        raise DeadlineExceededError(f"{what} did not become ready within {timeout} s{why}")

    async def _leave(self, item_id: str, result: "asyncio.Future[RecordT]") -> None:
        waiters = self._waiting.get(item_id, set())
        waiters.discard(result)
        if not waiters:
            self._waiting.pop(item_id, None)
            self._unreadable.pop(item_id, None)
        if not self._waiting and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait({task})

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Let nobody wait for a reading that has broken off."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._task = None
            self._fail_all(error)

    async def _read(self) -> None:
        """Read in rounds, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            began, self._has_news = loop.time(), False
            await self._read_round()
            grown = polling.POLL_DELAY if self._has_news else self._delay * polling.POLL_GROWTH
            self._delay = min(polling.LONGEST_POLL_DELAY, grown)
            await asyncio.sleep(max(self._delay, min(LONGEST_REST, REST * (loop.time() - began))))

    async def _read_round(self) -> None:
        """Read each of what is waited for once."""
        unread = dict.fromkeys(self._waiting)
        self._problem = None
        if len(unread) >= FEWEST_ON_PAGES:
            async for record in self._pages.read(unread):
                if await self._take_listed(record):
                    unread.pop(self._reading.id_of(record), None)
            self._note(self._pages.problem)
        if unread and self._problem is None:
            await self._get_each(list(unread))

    async def _take_listed(self, record: RecordT) -> bool:
        """Take in what a page tells; return False where reading the thing itself tells more."""
        status: object = getattr(record, "status", None)
        if not isinstance(status, str):
            return False
        try:
            is_settled = self._reading.look(record) is not None
        except TavusError:
            is_settled = True
        if is_settled and status not in self._whole:
            got = await self._get_each([self._reading.id_of(record)])
            if got:
                self._whole[status] = told(record) >= told(got[0])
            return True
        if not is_settled or self._whole[status]:
            self._take(record)
            return True
        return False

    async def _get_each(self, ids: list[str]) -> list[RecordT]:
        """Read these, take in what is told of them, and return their records."""
        records: list[RecordT] = []
        async with self._reading.send_each(self._reading.get, ids) as outcomes:
            try:
                async for outcome in outcomes:
                    if outcome.value is not None:
                        records.append(outcome.value)
                        self._take(outcome.value)
                    else:
                        self._fail(outcome)
            except DOOMING as error:
                self._fail_all(error)
        return records

    def _take(self, record: RecordT) -> None:
        """Tell those who wait for it what a record says."""
        item_id = self._reading.id_of(record)
        self._unreadable.pop(item_id, None)
        try:
            found = self._reading.look(record)
        except TavusError as error:
            self._settle(item_id, error)
        else:
            if found is not None:
                self._settle(item_id, found)

    def _passes(self, key: str, error: TavusError) -> bool:
        """Return whether an error says nothing of what is waited for, so that the next reading may succeed."""
        if not isinstance(error, DecodeError):
            return isinstance(error, polling.PASSING)
        self._unreadable[key] += 1
        return self._unreadable[key] < MOST_UNREADABLE

    def _note(self, error: TavusError | None) -> None:
        """Remember what keeps pages from being read; an error that all would meet ends every wait."""
        if error is None:
            self._unreadable.pop(THE_LIST, None)
        elif isinstance(error, DOOMING):
            self._fail_all(error)
        elif self._passes(THE_LIST, error):
            self._problem = error

    def _fail(self, outcome: Outcome[RecordT]) -> None:
        error = outcome.error
        if error is None:
            return
        if self._passes(outcome.key, error):
            self._problem = error
        else:
            self._settle(outcome.key, error)

    def _fail_all(self, error: BaseException) -> None:
        for item_id in self._waiting:
            self._settle(item_id, error)

    def _settle(self, item_id: str, outcome: RecordT | BaseException) -> None:
        """End every wait for one thing with its record, or with an error."""
        self._has_news = True
        for result in self._waiting.get(item_id, ()):
            if result.done():
                continue
            if isinstance(outcome, BaseException):
                result.set_exception(copy(outcome) if isinstance(outcome, TavusError) else outcome)
            else:
                result.set_result(outcome)


class ListPages(Generic[RecordT]):
    """The pages of a list on which things are looked for: from the end at which the newest are."""

    def __init__(self, reading: Reading[RecordT]) -> None:
        self._reading = reading
        self._total: int | None = None
        self._is_oldest_first = False
        self._rounds_without = 0
        self._read = 0
        self.problem: TavusError | None = None
        """Why the last reading of a page failed; None where it did not."""

    async def read(self, wanted: Collection[str]) -> AsyncIterator[RecordT]:
        """Yield those records of a list that are wanted, as long as there are pages that have some."""
        self.problem = None
        if self._rounds_without:
            self._rounds_without -= 1
            return
        found, before = 0, self._read
        for is_oldest_first in (self._is_oldest_first, not self._is_oldest_first):
            async for record in self._read_from_one_end(wanted, is_oldest_first=is_oldest_first):
                found += 1
                yield record
            if found or self.problem is not None:
                self._is_oldest_first = is_oldest_first
                break
        if self.problem is None and found <= self._read - before:
            self._rounds_without = ROUNDS_WITHOUT

    async def _read_from_one_end(self, wanted: Collection[str], *, is_oldest_first: bool) -> AsyncIterator[RecordT]:
        fruitless = 0
        for number in self._numbers(is_oldest_first=is_oldest_first):
            page = await self._read_page(number)
            if page is None or not (page.items or is_oldest_first):
                return
            found = [record for record in page if self._reading.id_of(record) in wanted]
            for record in found:
                yield record
            fruitless = 0 if len(found) >= WORTH else fruitless + 1
            if not wanted or fruitless == PATIENCE:
                return

    def _numbers(self, *, is_oldest_first: bool) -> Iterator[int]:
        first = self._reading.first_page
        if not is_oldest_first:
            number = first
            while self._total is None or number <= self._reading.last_page(self._total):
                yield number
                number += 1
        elif self._total is not None:
            # Where it has grown by a page since, that one is read in the next round.
            yield from range(self._reading.last_page(self._total), first - 1, -1)

    async def _read_page(self, number: int) -> Page[RecordT] | None:
        self._read += 1
        outcome = await send_one(self._reading.send_each, self._reading.list_page, number)
        page: Page[RecordT] | None = outcome.value
        self.problem = outcome.error
        if page is not None:
            self._total = page.total_count
        return page


def told(record: Record) -> set[str]:
    """Return the names of what a record tells."""
    return {name for name, value in record.to_dict().items() if value not in (None, "")}
