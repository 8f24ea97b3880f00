"""The keys of a bulk call: pulled one by one, and each fetched once however often it occurs."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tavus_async import InvalidRequestError, Outcome
from tavus_async._bulk.keys import REMEMBERED, Keys, Repeats, Source, count_repeats, is_collection
from tests.support.virtual_time import settle


class Fetches:
    """What fetches, and notes what it fetched; held until *go* is set."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, key: str) -> Outcome[str]:
        self.keys.append(key)
        await self.go.wait()
        return Outcome(key=str(key), value=f"{key}, fetch {len(self.keys)}")


async def letters() -> AsyncIterator[str]:
    for letter in "abc":
        await asyncio.sleep(0)
        yield letter


async def drain(source: Source) -> list[tuple[int, str]]:
    entries: list[tuple[int, str]] = []
    while (entry := await source.pull()) is not None:
        entries.append(entry)
    return entries


@pytest.mark.parametrize(
    "keys",
    [["a", "b", "c"], ("a", "b", "c"), {"a": 1, "b": 2, "c": 3}, deque("abc"), OrderedDict.fromkeys("abc").keys()],
    ids=lambda keys: type(keys).__name__,
)
async def test_keys_may_come_from_any_collection(keys: Keys[str]) -> None:
    assert await drain(Source(keys)) == [(0, "a"), (1, "b"), (2, "c")]
    assert is_collection(keys)


async def test_keys_may_come_from_a_set() -> None:
    assert sorted(key for _, key in await drain(Source({"a", "b", "c"}))) == ["a", "b", "c"]


@pytest.mark.parametrize("make", [lambda: iter("abc"), lambda: (key for key in "abc"), letters])
async def test_keys_may_come_from_an_iterator_of_either_kind(make: Any) -> None:
    assert await drain(Source(make())) == [(0, "a"), (1, "b"), (2, "c")]
    assert not is_collection(make())


@pytest.mark.parametrize(
    ("keys", "words"), [("p1", "not one string"), (b"p1", "not one string"), (7, "not an int"), (None, "not None")]
)
def test_what_is_no_iterable_of_strings_is_refused(keys: Any, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"the ids must be .*, {words}"):
        Source(keys)


async def test_the_end_stays_the_end() -> None:
    class Revived:
        """Goes on after its end, as an iterator must not, but files do."""

        def __init__(self) -> None:
            self.answers = deque(["a", None, "b"])

        def __iter__(self) -> Iterator[str]:
            return self

        def __next__(self) -> str:
            if (answer := self.answers.popleft()) is None:
                raise StopIteration
            return answer

    source = Source(Revived())

    assert await drain(source) == [(0, "a")]
    assert await drain(source) == []


@pytest.mark.parametrize("is_async", [False, True])
async def test_an_error_of_the_iterable_is_kept_and_ends_it(is_async: bool) -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise OSError("disk")

    async def broken_later() -> AsyncIterator[str]:
        for key in broken():
            yield key

    source = Source(broken_later() if is_async else broken())

    assert await drain(source) == [(0, "a")]
    assert isinstance(source.error, OSError)
    assert await drain(source) == []


async def test_several_workers_never_pull_an_async_iterator_at_once() -> None:
    source = Source(letters())
    pulled = await asyncio.gather(*(source.pull() for _ in range(5)))

    assert pulled == [(0, "a"), (1, "b"), (2, "c"), None, None]


async def test_keys_that_occur_once_are_not_remembered() -> None:
    repeats: Repeats[str] = Repeats(["a", "b", "b"])
    fetch = Fetches()
    for key in ["a", "b", "b"]:
        await repeats.fetch(key, fetch)

    assert fetch.keys == ["a", "b"]
    assert not repeats._outcomes


async def test_every_occurrence_gets_the_same_outcome_however_far_apart() -> None:
    keys = ["a", *(f"k{number}" for number in range(3 * REMEMBERED)), "a"]
    repeats: Repeats[str] = Repeats(keys)
    fetch = Fetches()
    outcomes = [await repeats.fetch(key, fetch) for key in keys]

    assert outcomes[0] is outcomes[-1]
    assert Counter(fetch.keys)["a"] == 1


@pytest.mark.parametrize("is_counted", [True, False])
async def test_occurrences_at_the_same_time_share_one_fetch(is_counted: bool) -> None:
    keys = ["a"] * 4
    repeats: Repeats[str] = Repeats(keys if is_counted else iter(keys))
    fetch = Fetches()
    fetch.go.clear()
    fetching = [asyncio.create_task(repeats.fetch(key, fetch)) for key in keys]
    await settle()
    fetch.go.set()
    outcomes = await asyncio.gather(*fetching)

    assert fetch.keys == ["a"]
    assert len({id(outcome) for outcome in outcomes}) == 1


async def test_one_occurrence_that_is_cancelled_leaves_the_others_waiting() -> None:
    repeats: Repeats[str] = Repeats(["a"] * 3)
    fetch = Fetches()
    fetch.go.clear()
    fetching = [asyncio.create_task(repeats.fetch("a", fetch)) for _ in range(3)]
    await settle()
    fetching[1].cancel()
    await settle()
    fetch.go.set()

    assert (await fetching[0]) is (await fetching[2])
    assert fetching[1].cancelled()


@pytest.mark.parametrize(("distance", "fetches"), [(REMEMBERED - 1, 1), (REMEMBERED + 1, 2)])
async def test_of_an_iterator_only_the_last_outcomes_are_remembered(distance: int, fetches: int) -> None:
    repeats: Repeats[str] = Repeats(iter(()))
    fetch = Fetches()
    for key in ["a", *(f"k{number}" for number in range(distance)), "a"]:
        await repeats.fetch(key, fetch)

    assert Counter(fetch.keys)["a"] == fetches
    assert len(repeats._outcomes) <= REMEMBERED


async def test_what_is_no_string_is_fetched_each_time() -> None:
    repeats: Repeats[str] = Repeats(iter(()))
    fetch = Fetches()
    for key in (["p1"], ["p1"], 7):
        await repeats.fetch(key, fetch)

    assert fetch.keys == [["p1"], ["p1"], 7]


def test_only_strings_that_occur_again_are_counted() -> None:
    keys: Any = ["a", "b", "a", "c", "a", 7, 7, ["p1"], ["p1"], None, "b"]

    assert count_repeats(keys) == {"a": 3, "b": 2}
