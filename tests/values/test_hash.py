"""What a session gives and takes can be an item of a set, whatever is in it."""

from typing import Any

import pytest

from tavus_async import Outcome, Page, Persona, Pool, RateLimit, Response, RetryPolicy, Secret, Timeouts, calls, patch
from tavus_async._values import Headers

VALUES: dict[str, Any] = {
    "an outcome of dicts": Outcome(key={"a": 1}, value={"b": [2]}),
    "a page": Page(items=(Persona(persona_id="p", extra={"a": [1]}),)),
    "a response": Response(status=200, headers=Headers([("X-A", "b")]), body=b"{}"),
    "a response made by hand": Response(status=200, headers={"x-a": "b"}, body=b"{}"),
    "headers": Headers([("X-A", "b")]),
    "an operation": patch.add("/layers", {"llm": {"headers": {"a": "b"}}}),
    "a call": calls.create_persona({"persona_name": "x", "system_prompt": "y"}),
    "a secret": Secret("sk-1"),
    "settings": (RateLimit(5), RetryPolicy(), Timeouts(), Pool()),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_values_can_be_in_sets(value: Any) -> None:
    assert len({value, value}) == 1


def test_equal_responses_are_one_in_a_set() -> None:
    by_server, by_hand = VALUES["a response"], VALUES["a response made by hand"]

    assert by_server == by_hand
    assert len({by_server, by_hand}) == 1
    assert by_server != Response(status=200, headers={"x-a": "c"}, body=b"{}")


def test_headers_are_equal_in_any_case_of_their_names() -> None:
    upper, lower = Headers([("X-A", "b")]), Headers([("x-a", "b")])

    assert upper == lower == {"X-a": "b"}
    assert hash(upper) == hash(lower)
    assert upper != Headers([("X-A", "B")])
    assert upper != "X-A"
