import json
from typing import Any

import pytest

from tavus_async import InvalidRequestError
from tavus_async.models import Objective, ObjectiveSetDraft
from tavus_async.resources.objectives.calls import (
    create_objective_set,
    list_objective_sets_page,
    patch_objective_set,
    validate_objective_set,
)


def step(name: Any, **fields: Any) -> dict[str, Any]:
    return {"objective_name": name, "objective_prompt": "Do it.", **fields}


A, B = step("a", next_required_objective="b"), step("b")


def test_a_set_is_sent_as_it_is_written() -> None:
    body = {"name": "intake", "data": [A, B], "allow_loops": False}
    call = create_objective_set(body)

    assert (call.method, call.path, call.repeatable, call.creates) == ("POST", "/v2/objectives", False, "intake")
    assert "find_objective_sets('intake')" in call.recovery
    assert json.loads(call.body or b"") == body


def test_one_without_a_name_is_found_by_its_first_objective() -> None:
    assert create_objective_set({"data": [A, B]}).creates == "a"


def test_validating_sends_the_same_and_creates_nothing() -> None:
    call = validate_objective_set({"data": [B]})

    assert (call.path, call.creates, call.repeatable) == ("/v2/objectives/validate", None, True)
    assert json.loads(call.body or b"") == {"data": [B]}
    assert (call.decode(b""), call.decode(b'{"valid": true}')) == (None, {"valid": True})


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({}, "from 1 to 50 objectives, and this has 0"),
        ({"data": []}, "this has 0"),
        ({"data": [step(f"n{index}") for index in range(51)]}, "this has 51"),
        ({"name": "n" * 101, "data": [B]}, "at most 100"),
        ({"data": [{"objective_prompt": "p"}]}, r"data\[0\]: an objective needs an objective_name"),
        ({"data": [{"objective_name": "a", "objective_prompt": " "}]}, "objective_prompt"),
        ({"data": [step("a b")]}, "letters, digits and _, unlike 'a b'"),
        ({"data": [step("a" * 101)]}, "at most 100"),
        ({"data": [step("a", objective_prompt="p" * 10_001)]}, "10,000"),
        ({"data": [step("a", callback_url="u" * 2_049)]}, "2,048"),
        ({"data": [step("a", output_variables=["v"] * 51)]}, "at most 50 output_variables"),
        ({"data": [A, B, step("c", next_required_objective="b", next_conditional_objectives={"b": "if"})]}, "exclude"),
        ({"data": [B, B]}, "unique"),
        ({"data": [A]}, "'a' names a next objective that the set has not"),
        ({"data": [step("a", next_conditional_objectives={"z": "if"})]}, "the set has not"),
        ({"data": [step("a", next_required_objective="a")]}, "names itself"),
        ({"data": [B, step("c")]}, "exactly one objective that no other names .* has 2"),
        ({"data": [A, step("b", next_required_objective="a")]}, "exactly one .* has 0"),
        ({"data": [step(5)]}, r"wrong type: data\[0\].objective_name"),
        ({"data": "abc"}, "wrong type: data"),
        ({"data": [step("a", next_conditional_objectives=["b"])]}, r"wrong type: data\[0\].next_conditional"),
    ],
)
def test_what_the_server_refuses_for_certain_is_not_sent(draft: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        create_objective_set(draft)
    with pytest.raises(InvalidRequestError, match=words):
        validate_objective_set(draft)


def test_what_it_may_take_is_sent() -> None:
    loop = {"data": [A, step("b", next_required_objective="a")], "allow_loops": True}
    branches = {"data": [step("a", next_conditional_objectives={"b": "if", "c": "else"}), B, step("c")]}
    blank = {"data": [step("a", next_required_objective="", next_conditional_objectives={}, callback_url="")]}

    for draft in (loop, branches, blank):
        assert json.loads(create_objective_set(draft).body or b"") == draft


def test_records_and_mappings_may_be_mixed() -> None:
    draft = ObjectiveSetDraft(data=[Objective(**A), B])  # type: ignore[list-item]

    assert json.loads(create_objective_set(draft).body or b"") == {"data": [A, B]}


def test_a_link_that_was_shown_without_its_secret_is_not_sent() -> None:
    with pytest.raises(InvalidRequestError, match=r"data\[0\].callback_url"):
        create_objective_set({"data": [step("a", callback_url="https://app.example/***")]})


def test_the_list_is_asked_for_by_its_filters() -> None:
    call = list_objective_sets_page(page=2, limit=5, objective_type="all", name_or_uuid="in", sort="descending")

    assert list_objective_sets_page().query == (("limit", "10"), ("page", "1"))
    assert call.query == (
        ("limit", "5"),
        ("page", "2"),
        ("type", "all"),
        ("name_or_uuid", "in"),
        ("sort", "descending"),
    )


@pytest.mark.parametrize("arguments", [{"page": 0}, {"limit": 0}, {"objective_type": "mine"}, {"sort": "up"}])
def test_a_list_that_makes_no_sense_is_not_asked_for(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match=next(iter(arguments))):
        list_objective_sets_page(**arguments)


def test_a_patch_is_sent_as_it_is_written() -> None:
    steps: list[dict[str, Any]] = [
        {"op": "replace", "path": "/objective_name", "value": "updated"},
        {"op": "add", "path": "/data/0/output_variables", "value": ["new_variable"]},
        {"op": "remove", "path": "/data/0/callback_url"},
    ]
    call = patch_objective_set("o1", steps)

    assert (call.method, call.path, call.repeatable, call.unchanged) == ("PATCH", "/v2/objectives/o1", False, False)
    assert json.loads(call.body or b"") == steps
    assert call.decode(b'{"message": "Objective updated successfully"}') is True
