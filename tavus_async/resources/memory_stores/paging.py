"""Pages of a list of which nobody outside Tavus knows from what number they are counted."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tavus_async._values import Page

T = TypeVar("T")


def count_as_server(
    read_page: Callable[[int | None], Awaitable[Page[T]]], *, id_of: Callable[[T], str]
) -> Callable[[int], Awaitable[Page[T]]]:
    """Return what reads pages that are counted from 0, whichever way the server counts them.

    The first is asked for without a number. If what the server calls page 1 is that page again, it counts from 1.
    """
    first: list[str] = []
    offset = 0

    async def read_counted(number: int) -> Page[T]:
        nonlocal first, offset
        page = await read_page(number + offset if number else None)
        ids = [id_of(item) for item in page]
        if number == 0:
            first = ids
        elif number == 1 and offset == 0 and ids == first:
            offset = 1
            return await read_page(number + offset)
        return page

    return read_counted
