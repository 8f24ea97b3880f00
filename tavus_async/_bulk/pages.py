"""Pagination: all pages of a list, which may change while it is read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import attrs

from tavus_async._values import Page

T = TypeVar("T")


# Pages in a row without anything new, after which a list has ended whatever it says.
FRUITLESS_PAGES = 2
# The most times that earlier pages of a list that became shorter are read again without finding anything.
REREADS = 10


async def walk(
    read_page: Callable[[int], Awaitable[Page[T]]],
    *,
    id_of: Callable[[T], Hashable],
    page_size: int,
    first_page: int = 1,
) -> AsyncIterator[T]:
    """Yield each item of all pages once, of a list that may change meanwhile.

    It ends at an empty page, at one that repeats its predecessor, or at a short page when as many items as
    `total_count` have come; so a wrong `total_count` neither cuts it short nor keeps it going. When `total_count`
    drops, what was deleted has moved later items forward by so many places: the pages they moved to are read again.
    """
    position = Position(id_of=id_of, page_size=page_size, first=first_page, number=first_page)
    while True:
        for item in position.take(await read_page(position.number)):
            yield item
        if not position.advance():
            return


@attrs.define(kw_only=True)
class Position(Generic[T]):
    """How far the reading has come, and which page is next."""

    id_of: Callable[[T], Hashable]
    page_size: int
    first: int = 1
    number: int = 1
    _seen: set[Hashable] = attrs.field(init=False, factory=set)
    _ids: tuple[Hashable, ...] = attrs.field(init=False, default=())
    _before: tuple[Hashable, ...] = attrs.field(init=False, default=())
    _total: int | None = attrs.field(init=False, default=None)
    _change: int = attrs.field(init=False, default=0)
    """By how much `total_count` differs from that of the page before."""
    _created: int = attrs.field(init=False, default=0)
    _deleted: int = attrs.field(init=False, default=0)
    _longest: int = attrs.field(init=False, default=1)
    """Items on the longest page: the server may send fewer than *page_size*."""
    _furthest: int = attrs.field(init=False, default=-1)
    _fruitless: int = attrs.field(init=False, default=0)
    _rereads: int = attrs.field(init=False, default=REREADS)

    def take(self, page: Page[T]) -> list[T]:
        """Record what a page says, and return what is new on it."""
        self._before, self._ids = self._ids, tuple(self.id_of(item) for item in page)
        fresh = {item_id: item for item_id, item in zip(self._ids, page, strict=True) if item_id not in self._seen}
        self._seen.update(self._ids)
        self._longest = max(self._longest, len(page))
        before, self._total = self._total, page.total_count
        self._change = self._total - before if self._total is not None and before is not None else 0
        self._created += max(0, self._change)
        self._deleted += max(0, -self._change)
        if self.number > self._furthest:
            self._furthest = self.number
            self._fruitless = 0 if fresh else self._fruitless + 1
        elif fresh:
            self._rereads += 1
        return list(fresh.values())

    def advance(self) -> bool:
        """Move to the next page, or back where the list became shorter; return whether there is one."""
        if self._change < 0 and self._rereads and self.number > self.first:
            self._rereads -= 1
            self.number = max(self.first, self.number + self._change // self._longest)
            self._ids = ()
            return True
        self.number += 1
        return not self._is_over()

    def _is_over(self) -> bool:
        has_all = self._total is not None and len(self._seen) - self._deleted >= self._total
        is_repeated = self._ids == self._before and self._change <= 0
        patience = FRUITLESS_PAGES + min(REREADS, self._created // self._longest)
        return (
            not self._ids or is_repeated or (has_all and len(self._ids) < self.page_size) or self._fruitless >= patience
        )
