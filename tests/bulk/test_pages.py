"""Walking through the pages of a list that may change, or say wrong things, while it is read."""

from collections.abc import Callable, Sequence
from itertools import chain, count
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_async import AsyncSession, Page, Persona
from tavus_async._bulk.pages import REREADS, walk
from tavus_async.sandbox import Answer, Faults, Sandbox
from tests.support.quick import KEY, quick_session
from tests.support.virtual_time import run

# Far more than any list here has: what is not through by then would never be.
ENDLESS = 200


persona_id = attrgetter("persona_id")


class Shelf:
    """A list of personas, and who changes it: *between* is called before each page but the first."""

    def __init__(self, number: int, *, clamp: int = 1_000, between: Callable[["Shelf"], object] = bool) -> None:
        self.ids = [f"p{index}" for index in range(number)]
        self.clamp = clamp
        self.between = between
        self.total_count: Callable[[], int | None] = lambda: len(self.ids)
        self.reads: list[int] = []

    async def walk(self, *, page_size: int = 10) -> list[str]:
        """Reads all pages, and returns the ids as they come."""

        async def read_page(number: int) -> Page[Persona]:
            assert len(self.reads) < ENDLESS
            if self.reads:
                self.between(self)
            self.reads.append(number)
            return self.page(number, min(page_size, self.clamp))

        return [persona.persona_id async for persona in walk(read_page, id_of=persona_id, page_size=page_size)]

    def page(self, number: int, limit: int) -> Page[Persona]:
        """One page as the server gives it."""
        ids = self.ids[(number - 1) * limit : number * limit]
        return page_of(ids, self.total_count())


def page_of(ids: Sequence[str], total_count: int | None) -> Page[Persona]:
    return Page(items=tuple(Persona(persona_id=persona_id) for persona_id in ids), total_count=total_count)


def once(change: Callable[[Shelf], object], *, before_page: int = 2) -> Callable[[Shelf], object]:
    """What changes the shelf a single time."""
    pages = count(2)
    return lambda shelf: next(pages) == before_page and change(shelf)


@pytest.mark.parametrize(("number", "reads"), [(0, [1]), (3, [1]), (10, [1, 2]), (25, [1, 2, 3]), (30, [1, 2, 3, 4])])
async def test_every_item_comes_once_in_the_lists_order(number: int, reads: list[int]) -> None:
    shelf = Shelf(number)

    assert await shelf.walk() == shelf.ids
    assert shelf.reads == reads


async def test_a_page_is_read_only_when_it_is_needed() -> None:
    shelf = Shelf(30)
    pages = walk(lambda number: read(shelf, number), id_of=persona_id, page_size=10)
    first = [await anext(pages) for _ in range(10)]

    assert [persona.persona_id for persona in first] == shelf.ids[:10]
    assert shelf.reads == [1]


async def read(shelf: Shelf, number: int) -> Page[Persona]:
    shelf.reads.append(number)
    return shelf.page(number, 10)


@pytest.mark.parametrize("number", [1, 50, 99, 100, 101, 150, 230])
async def test_a_server_that_gives_shorter_pages_than_asked_for_hides_nothing(number: int) -> None:
    shelf = Shelf(number, clamp=50)

    assert await shelf.walk(page_size=100) == shelf.ids


@pytest.mark.parametrize("total", [None, 0, 1, 24, 26, 1_000, -5])
@pytest.mark.parametrize("number", [0, 5, 20, 25])
async def test_a_wrong_count_neither_cuts_a_list_short_nor_keeps_it_going(number: int, total: int | None) -> None:
    shelf = Shelf(number)
    shelf.total_count = lambda: total

    assert await shelf.walk() == shelf.ids
    assert len(shelf.reads) <= number // 10 + 2


@pytest.mark.parametrize("counts", [(60, 59), (60, None), (0, 1_000), (1_000, 0), (5, 60, 4), (3, 2, 1)])
async def test_a_count_that_changes_with_every_page_does_not_keep_it_going(counts: tuple[int | None, ...]) -> None:
    shelf = Shelf(60)
    calls = count()
    shelf.total_count = lambda: counts[next(calls) % len(counts)]

    assert await shelf.walk() == shelf.ids
    assert len(shelf.reads) <= 7 + 7 * REREADS


@pytest.mark.parametrize("total", [None, 10, 60, 1_000_000])
@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_pages_that_go_round_in_circles_end(turns: int, total: int | None) -> None:
    pages = [[f"p{turn}{index}" for index in range(10)] for turn in range(turns)]
    reads: list[int] = []

    async def read_page(number: int) -> Page[Persona]:
        reads.append(number)
        return page_of(pages[(number - 1) % turns], total)

    assert [persona.persona_id async for persona in walk(read_page, id_of=persona_id, page_size=10)] == [*chain(*pages)]
    assert len(reads) <= turns + 2


@pytest.mark.parametrize("grows_by", [1, 7, 1_000])
async def test_a_count_that_grows_for_ever_over_the_same_page_ends(grows_by: int) -> None:
    shelf = Shelf(10)
    totals = count(10, grows_by)
    shelf.total_count = lambda: next(totals)
    ids = list(shelf.ids)
    shelf.between = lambda shelf: shelf.ids.extend(ids)

    assert await shelf.walk() == ids
    assert len(shelf.reads) <= 3 + REREADS


async def test_an_id_that_one_page_has_twice_comes_once() -> None:
    async def read_page(number: int) -> Page[Persona]:
        return page_of(["p1", "p1", "p2"] if number == 1 else [], 3)

    assert [persona.persona_id async for persona in walk(read_page, id_of=persona_id, page_size=10)] == ["p1", "p2"]


@pytest.mark.parametrize("before_page", [2, 3, 6])
@pytest.mark.parametrize("created", [1, 9, 10, 35])
@pytest.mark.parametrize("place", [0, 60])
async def test_what_is_created_meanwhile_doubles_and_hides_nothing(place: int, created: int, before_page: int) -> None:
    new = [f"new{index}" for index in range(created)]
    shelf = Shelf(60)
    old = list(shelf.ids)

    def put_in(shelf: Shelf) -> None:
        shelf.ids[place:place] = new

    shelf.between = once(put_in, before_page=before_page)
    seen = await shelf.walk()

    # What was put in before the next page is not seen, and need not be.
    assert seen == old + new if place else [key for key in seen if key in old] == old
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("clamp", [10, 4])
@pytest.mark.parametrize("where", [slice(1), slice(5, 9), slice(12), slice(0, 60, 7), slice(55, 60), slice(33, 34)])
@pytest.mark.parametrize("before_page", [2, 3, 6])
async def test_what_is_deleted_meanwhile_hides_nothing_else(before_page: int, where: slice, clamp: int) -> None:
    shelf = Shelf(60, clamp=clamp, between=once(lambda shelf: shelf.ids.__delitem__(where), before_page=before_page))

    seen = await shelf.walk()

    assert len(seen) == len(set(seen))
    assert set(shelf.ids) <= set(seen)


@given(
    number=st.integers(0, 70),
    page_size=st.integers(1, 12),
    clamp=st.integers(1, 12),
    deleted=st.lists(st.lists(st.integers(0, 69), max_size=15), max_size=8),
)
def test_whatever_is_deleted_whenever_everything_else_comes_once(
    number: int, page_size: int, clamp: int, deleted: list[list[int]]
) -> None:
    shelf = Shelf(number, clamp=clamp)
    left = list(deleted)

    def between(shelf: Shelf) -> None:
        for index in left.pop(0) if left else ():
            if f"p{index}" in shelf.ids:
                shelf.ids.remove(f"p{index}")

    shelf.between = between
    seen = run(shelf.walk(page_size=page_size))

    assert len(seen) == len(set(seen))
    assert set(shelf.ids) <= set(seen)


async def test_a_caller_may_delete_what_it_is_given() -> None:
    number = 10 * (REREADS + 15)
    shelf = Shelf(number, clamp=10)
    seen: list[str] = []

    async def read_page(page: int) -> Page[Persona]:
        return shelf.page(page, 10)

    async for persona in walk(read_page, id_of=persona_id, page_size=100):
        seen.append(persona.persona_id)
        shelf.ids.remove(persona.persona_id)

    assert len(seen) == len(set(seen)) == number
    assert shelf.ids == []


async def test_a_session_lists_what_the_server_holds() -> None:
    async with Sandbox(personas=230, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        assert [persona.persona_id async for persona in session.list_personas()] == list(sandbox.persona_ids)
        assert sandbox.stats().requests == {"list_personas": 3}


async def test_a_session_lists_one_type_in_pages_of_a_chosen_size() -> None:
    async with Sandbox(personas=20, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        user = [persona.persona_id async for persona in session.list_personas(persona_type="user", page_size=4)]
        system = [persona.persona_id async for persona in session.list_personas(persona_type="system")]

        assert sorted(user + system) == sorted(sandbox.persona_ids)
        assert user
        assert system


async def test_personas_may_be_created_and_deleted_through_the_session_that_lists_them() -> None:
    bodies = [{"persona_id": f"p{index}", "system_prompt": "Be brief."} for index in range(35)]
    async with Sandbox(personas=bodies, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        seen: list[str] = []
        async for persona in session.list_personas(page_size=10):
            seen.append(persona.persona_id)
            await session.delete_persona(persona.persona_id)
            if len(seen) == 20:
                sandbox.add({"persona_id": "late"})

        assert sorted(seen) == sorted([body["persona_id"] for body in bodies] + ["late"])
        assert sandbox.persona_ids == ()


async def test_a_page_that_fails_is_repeated_and_the_walk_goes_on() -> None:
    faults = Faults(error=0.3, reset=0.1)
    async with (
        Sandbox(personas=100, api_key=KEY, faults=faults) as sandbox,
        quick_session(sandbox) as session,
    ):
        assert [persona.persona_id async for persona in session.list_personas(page_size=10)] == [*sandbox.persona_ids]
        assert session.stats().retries


async def test_a_server_that_repeats_a_page_does_not_keep_a_session() -> None:
    async with Sandbox(personas=10, api_key=KEY) as sandbox, AsyncSession(KEY, base_url=sandbox.url) as session:
        page = await session.list_personas_page()
        body: Any = {"data": [persona.to_dict() for persona in page], "total_count": 10_000}
        sandbox.script([Answer(body=body)] * 5)
        seen = [persona.persona_id async for persona in session.list_personas(page_size=10)]

        assert seen == list(sandbox.persona_ids)
        assert sandbox.stats().requests == {"list_personas": 3}


async def test_items_without_an_id_are_told_apart_by_what_is_in_them() -> None:
    names = [["a", "b"], ["b", "c"], []]

    async def read_page(number: int) -> Page[str]:
        return Page(items=tuple(names[number - 1]))

    assert [item async for item in walk(read_page, id_of=str, page_size=2)] == ["a", "b", "c"]
