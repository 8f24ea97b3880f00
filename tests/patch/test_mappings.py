"""Operations spelled as RFC 6902 spells them, wherever operations are taken."""

import json
from collections import UserDict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from tavus_async import InvalidRequestError, Secret, calls, patch
from tests.support.tracebacks import traceback_of

ALL: list[tuple[dict[str, Any], patch.Operation]] = [
    ({"op": "add", "path": "/a", "value": [1]}, patch.add("/a", [1])),
    ({"op": "remove", "path": "/a"}, patch.remove("/a")),
    ({"op": "replace", "path": "/a", "value": None}, patch.replace("/a", None)),
    ({"op": "move", "from": "/b", "path": "/a"}, patch.move("/b", "/a")),
    ({"op": "copy", "from": "", "path": "/a"}, patch.copy("", "/a")),
    ({"op": "test", "path": "", "value": {"a": 1}}, patch.test("", {"a": 1})),
]


@pytest.mark.parametrize(("body", "operation"), ALL, ids=[body["op"] for body, _ in ALL])
@pytest.mark.parametrize("wrap", [dict, MappingProxyType, UserDict, lambda body: dict(reversed(body.items()))])
def test_each_is_read_and_given_back(
    body: dict[str, Any], operation: patch.Operation, wrap: Callable[[Any], Any]
) -> None:
    assert patch.Operation.from_dict(wrap(body)) == operation
    assert operation.to_dict() == body


def test_a_patch_may_mix_both() -> None:
    steps: list[Any] = [each[number % 2] for number, each in enumerate(ALL)]

    assert patch.read(steps) == [operation for _, operation in ALL]
    assert patch.read(iter(steps)) == patch.read(tuple(steps)) == patch.read(steps)


def test_a_call_sends_them_as_they_are() -> None:
    bodies = [body for body, _ in ALL]

    assert json.loads(calls.patch_persona("p1", bodies).body or b"") == bodies


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "op must be one of add, remove, replace, move, copy, test, not None"),
        ({"path": "/a"}, "op must be one of"),
        ({"op": "ADD", "path": "/a", "value": 1}, "not 'ADD'"),
        ({"op": ["add"], "path": "/a", "value": 1}, "not a list"),
        ({"op": "remove"}, "JSON Pointer such as /layers/llm/model, not None"),
        ({"op": "remove", "path": "a"}, "JSON Pointer such as /layers/llm/model, not 'a'"),
        ({"op": "remove", "path": "/~2"}, "JSON Pointer"),
        ({"op": "add", "path": "/a"}, "the operation add needs a value"),
        ({"op": "replace", "path": "/a"}, "the operation replace needs a value"),
        ({"op": "test", "path": "/a"}, "the operation test needs a value"),
        ({"op": "remove", "path": "/a", "value": 1}, "the operation remove has no value"),
        ({"op": "move", "from": "/b", "path": "/a", "value": None}, "the operation move has no value"),
        ({"op": "move", "path": "/a"}, "the operation move needs a from"),
        ({"op": "copy", "path": "/a", "from": None}, "the operation copy needs a from"),
        ({"op": "copy", "path": "/a", "from": "b"}, "JSON Pointer such as /layers/llm/model, not 'b'"),
        ({"op": "copy", "path": "/a", "from": 0}, "JSON Pointer"),
        ({"op": "copy", "path": "/a", "from": False}, "JSON Pointer"),
        ({"op": "remove", "path": "/a", "from": "/b"}, "the operation remove has no from"),
        ({"op": "remove", "path": "/a", "source": "/b"}, "an operation has no 'source'"),
        ({"op": "remove", "path": "/a", 5: 1}, "an operation has no 5"),
    ],
)
def test_what_is_wrong_with_one_is_said(body: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidRequestError, match=problem):
        patch.Operation.from_dict(body)
    with pytest.raises(InvalidRequestError, match=problem):
        patch.read([patch.remove("/x"), body])


@pytest.mark.parametrize("body", [None, "remove", ["remove", "/a"], 5])
def test_what_is_no_mapping_is_no_operation(body: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"an operation must be a Mapping, not (None|an? \w+)$"):
        patch.read([body])


def test_no_refusal_shows_the_value() -> None:
    body = {"op": "add", "path": "/a", "vale": "SECRET", "value": "SECRET"}
    text = traceback_of(lambda: calls.patch_persona("p1", [body]))

    assert "an operation has no 'vale'" in text
    assert "SECRET" not in text


def test_a_secret_is_a_value_like_any_other() -> None:
    body = {"op": "add", "path": "/a", "value": {"x": Secret("sk-1")}}

    assert patch.Operation.from_dict(body).to_dict()["value"] == {"x": "sk-1"}
    assert "sk-1" not in repr(patch.read([body]))
