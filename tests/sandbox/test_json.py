import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_async.sandbox.json import TooManyValuesError, dump, encode, load, parse, same

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(VALUES)
def test_what_is_written_reads_the_same(value: Any) -> None:
    assert load(dump(value)) == value
    assert parse(encode(value)) == value
    assert same(load(dump(value)), value)


def test_bodies_are_utf_8_where_that_is_possible() -> None:
    assert encode({"name": "Ørjan"}) == '{"name": "Ørjan"}'.encode()
    assert encode({"name": "\ud800"}) == b'{"name": "\\ud800"}'


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nope", b"\xff", b"[NaN]", b"[-Infinity]", b"[1e999]", b"[" * 100_000, b"[" * 600 + b"]" * 600],
)
def test_what_is_no_sane_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(body)


@pytest.mark.parametrize("value", [float("nan"), {"a": {1, 2}}, object()])
def test_what_json_cannot_say_is_not_written(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        dump(value)


def test_a_value_nested_without_end_is_a_value_error() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ValueError, match=r".*"):
        dump(endless)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        ([0], [False], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        (None, "", False),
        ({}, [], False),
    ],
)
def test_values_are_compared_as_json_values(left: Any, right: Any, expected: bool) -> None:
    assert same(left, right) is expected
    assert same(right, left) is expected


def test_deep_values_can_be_compared() -> None:
    text = "[" * 900 + "]" * 900

    assert same(json.loads(text), json.loads(text))


def test_what_is_nested_too_deeply_is_not_written() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(ValueError, match="nested too deeply"):
        dump(deep)


def test_a_body_has_at_most_50000_values() -> None:
    assert parse(json.dumps([0] * 50_000).encode()) == [0] * 50_000
    too_many: list[Any] = [[0] * 50_001, [[0] * 25_000, {"a": [0] * 25_000}], [[]] * 50_001]
    for value in too_many:
        with pytest.raises(TooManyValuesError):
            parse(json.dumps(value).encode())
