"""Ids in chunks: which, how many, and what is no list of ids."""

import itertools
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_async import Chunk, InvalidRequestError, chunks
from tavus_async._bulk import chunks as cutting
from tavus_async._bulk.chunks import MOST_CHUNKS
from tests.support.desk import ids


async def coming() -> AsyncIterator[str]:
    yield "p1"


def test_chunks_are_numbered_and_the_last_may_be_smaller() -> None:
    assert list(chunks(["a", "b", "c", "d", "e"], 2)) == [
        Chunk(0, ("a", "b")),
        Chunk(1, ("c", "d")),
        Chunk(2, ("e",)),
    ]


@given(st.lists(st.text(max_size=3), max_size=60), st.integers(1, 70))
def test_they_hold_every_id_once_and_in_its_place(keys: list[str], size: int) -> None:
    cut = list(chunks(keys, size))

    assert [key for chunk in cut for key in chunk.ids] == keys
    assert [chunk.number for chunk in cut] == list(range(len(cut)))
    assert all(len(chunk.ids) == size for chunk in cut[:-1])
    assert cut == list(chunks(iter(keys), size))


@given(st.lists(st.integers(0, MOST_CHUNKS - 1), min_size=2))
def test_sorted_by_name_they_are_in_their_order(numbers: list[int]) -> None:
    names = [Chunk(number, ("a",)).name for number in numbers]

    assert sorted(names) == [Chunk(number, ("a",)).name for number in sorted(numbers)]
    assert Chunk(12, ("a",)).name == "chunk-000012.jsonl"


def test_of_no_ids_there_are_no_chunks() -> None:
    assert list(chunks([], 5)) == []


def test_an_id_that_occurs_twice_stays_twice() -> None:
    assert [chunk.ids for chunk in chunks(["a", "a", "b", "a"], 3)] == [("a", "a", "b"), ("a",)]


def test_ids_are_read_as_chunks_are_taken() -> None:
    taken: list[int] = []

    def endless() -> Iterator[str]:
        for number in itertools.count():
            taken.append(number)
            yield f"p{number}"

    first, second = itertools.islice(chunks(endless(), 10), 2)
    assert (len(first.ids), second.ids[-1]) == (10, "p19")
    assert len(taken) == 20


@pytest.mark.parametrize("size", [0, -1, True, 2.0, "5", None])
def test_a_size_that_is_none_is_refused_at_once(size: Any) -> None:
    with pytest.raises(InvalidRequestError, match="the size of a chunk must be a whole number from 1 up, not"):
        chunks(["a"], size)


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ("p5317866", "not one string: put it in a list"),
        (b"p5317866", "not one string: put it in a list"),
        ({"a", "b"}, "another order in each process: sort them"),
        (frozenset("ab"), "another order in each process: sort them"),
        (None, "the ids must be an Iterable, not None"),
        (5, "the ids must be an Iterable, not an int"),
        (coming(), "the ids must be an Iterable, not an async_generator"),
    ],
    ids=["str", "bytes", "set", "frozenset", "None", "int", "async"],
)
def test_what_is_no_list_of_ids_is_refused_at_once(ids: Any, told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        chunks(ids, 5)


def test_the_keys_of_a_dict_are_ids() -> None:
    assert [chunk.ids for chunk in chunks({"a": 1, "b": 2}.keys(), 5)] == [("a", "b")]


@pytest.mark.parametrize("key", [5, None, b"p1", ["p1"]])
def test_an_id_that_is_no_string_is_refused_where_it_stands(key: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"the ids must be strings: number 1 of chunk 1 is"):
        list(chunks(["a", "b", "c", key], 2))


@pytest.mark.parametrize("number", [-1, MOST_CHUNKS, True, 1.0, "1"])
def test_a_number_that_no_chunk_has_is_refused(number: Any) -> None:
    with pytest.raises(InvalidRequestError, match="the number of a chunk is from 0 to 999,999, not"):
        Chunk(number, ("a",))


@pytest.mark.parametrize(("ids", "told"), [((), "at least one id"), ("ab", "put it in a list"), (5, "not an int")])
def test_ids_that_no_chunk_has_are_refused(ids: Any, told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        Chunk(0, ids)


def test_more_chunks_than_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "MOST_CHUNKS", 3)
    numbers: list[int] = []

    with pytest.raises(InvalidRequestError, match="more than 3 chunks: a larger size makes fewer"):
        numbers.extend(chunk.number for chunk in chunks(ids(8), 2))
    assert numbers == [0, 1, 2]


def test_a_chunk_is_a_value_that_can_be_sent_to_a_worker() -> None:
    chunk = Chunk(3, ["a", "b"])

    assert pickle.loads(pickle.dumps(chunk)) == chunk == Chunk(3, ("a", "b"))  # noqa: S301
    assert len({chunk, Chunk(3, ("a", "b"))}) == 1
