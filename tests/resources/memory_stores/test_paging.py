"""Pages of a list that a server counts from 0 or from 1."""

import pytest

from tavus_async import Page
from tavus_async.resources.memory_stores.paging import count_as_server


@pytest.mark.parametrize("first", [0, 1])
async def test_pages_are_asked_for_as_the_server_counts_them(first: int) -> None:
    pages, asked = ["ab", "cd", "e"], list[int | None]()

    async def read_page(number: int | None) -> Page[str]:
        asked.append(number)
        return Page(items=tuple(pages[0 if number is None else number - first]))

    read = count_as_server(read_page, id_of=str)
    found = [(await read(number)).items for number in (0, 1, 2, 0, 1)]

    assert found == [("a", "b"), ("c", "d"), ("e",), ("a", "b"), ("c", "d")]
    assert asked == ([None, 1, 2, None, 1] if first == 0 else [None, 1, 2, 3, None, 2])
