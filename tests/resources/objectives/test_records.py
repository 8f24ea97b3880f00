"""What is read of objectives, and that nothing of it is lost or shown that should not be."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from tavus_async import InvalidRequestError, UnknownFieldWarning
from tavus_async.models import Objective, ObjectiveSet, ObjectiveSetDraft
from tavus_async.resources.objectives import calls
from tests.support.fields import names_of
from tests.support.given_back import differences

ITEM: dict[str, Any] = {
    "objective_name": "ask_budget",
    "objective_prompt": "Ask what they can spend.",
    "confirmation_mode": "manual",
    "output_variables": ["budget"],
    "modality": "verbal",
    "next_required_objective": "thank",
    "callback_url": "https://app.example/hooks/7d41c0ffee9b",
    "tool_call": {"name": "note", "arguments": {"deep": [1, None]}},
    "allow_loops": False,
}
NEXT: dict[str, Any] = {"objective_name": "thank", "objective_prompt": "Thank them."}
TIMES = {"created_at": "2026-01-01T12:00:00Z", "updated_at": "2026-01-01T12:05:00.000001Z"}
SET: dict[str, Any] = {"objectives_id": "o1", "name": "intake", "data": [ITEM | TIMES, NEXT], **TIMES}


def test_every_field_that_tavus_names_has_an_attribute() -> None:
    body = SET | ITEM | {"objectives_name": "intake", "status": "active", "uuid": "u", "owner_id": 5}
    found = ObjectiveSet.from_dict(body)

    assert (found.extra, found.objectives[0].extra) == ({}, {})
    assert set(names_of(found)) == set(body) | {"next_conditional_objectives"}
    assert set(names_of(Objective)) == set(ITEM | TIMES) | {"next_conditional_objectives", "objectives_id", "uuid"}
    assert differences(body, found.to_dict()) == []


def test_objectives_are_had_from_either_shape() -> None:
    whole, flat = ObjectiveSet.from_dict(SET), ObjectiveSet.from_dict({"objectives_id": "o1", **ITEM, **TIMES})
    created = ObjectiveSet.from_dict({"objectives_id": "o1", "objective_name": "intake", "status": "active"})

    assert [each.objective_name for each in whole.objectives] == ["ask_budget", "thank"]
    assert [each.to_dict() for each in flat.objectives] == [ITEM]
    assert created.objectives == ()


def test_no_link_shows_what_makes_it_unguessable() -> None:
    found = ObjectiveSet.from_dict(SET)

    assert "7d41c0ffee9b" not in f"{found!r} {found.objectives!r} {dict(found)}"
    assert found.to_dict()["data"][0]["callback_url"] == ITEM["callback_url"]


def test_a_name_like_that_of_a_credential_is_one_to_go_to_all_the_same() -> None:
    conditions = {"reset_password": "if they forgot it", "sign_in": "else"}
    found = ObjectiveSet.from_dict({"objectives_id": "o1", "data": [{"next_conditional_objectives": conditions}]})

    assert found.to_dict()["data"][0]["next_conditional_objectives"] == conditions


def test_a_draft_of_a_set_has_what_a_create_takes() -> None:
    draft = ObjectiveSetDraft.of(ObjectiveSet.from_dict(SET | {"allow_loops": True}))

    assert draft.to_dict() == {"name": "intake", "data": [ITEM, NEXT], "allow_loops": True}
    assert ObjectiveSetDraft.of(draft) == draft
    assert ObjectiveSetDraft.of(ObjectiveSet.from_dict({"objectives_id": "o1", **NEXT})).to_dict() == {"data": [NEXT]}


def test_of_anything_else_there_is_none() -> None:
    other: Any = Objective(objective_name="a")

    with pytest.raises(InvalidRequestError, match="objective_set must be an ObjectiveSet"):
        ObjectiveSetDraft.of(other)


def test_a_field_of_an_objective_that_nobody_knows_is_told_and_sent() -> None:
    with pytest.warns(UnknownFieldWarning, match="mood"):
        draft = ObjectiveSetDraft.from_dict({"data": [NEXT | {"mood": "calm"}]})

    assert draft.to_dict() == {"data": [NEXT | {"mood": "calm"}]}


@pytest.mark.parametrize("data", [5, "x", {"a": 1}, [5], [None], [[]], None, []])
def test_data_may_be_anything_in_what_is_read(data: Any) -> None:
    body = {"objectives_id": "o1", "data": data}
    with_warnings = calls.get_objective_set("o1").decode(json.dumps(body).encode())

    assert with_warnings.objectives == ()
    assert with_warnings.objectives_id == "o1"


def test_real_bodies_are_read_and_given_back(shared_reference: Path) -> None:
    answers, drafts = 0, 0
    for path in sorted((shared_reference / "bodies" / "objectives").glob("*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        body = kept["body"]
        if isinstance(body, list) or set(body) == {"message"}:
            continue
        if kept["kind"] == "create_request":
            drafts += 1
            made = ObjectiveSetDraft.from_dict(body)
            assert json.loads(calls.create_objective_set(made).body or b"") == body
        elif "total_count" in body:
            answers += 1
            page = calls.list_objective_sets_page().decode(json.dumps(body).encode())
            assert [differences(sent, each.to_dict()) for sent, each in zip(body["data"], page, strict=True)] == [[]]
            assert [each.extra for each in page] == [{}]
        else:
            answers += 1
            asked = body.get("objectives_id", "o12345")
            found = calls.get_objective_set(asked).decode(json.dumps(body).encode())
            sent = {"objectives_id": asked} | (body["data"] if isinstance(body.get("data"), dict) else body)
            assert differences(sent, found.to_dict()) == []
            assert [each.extra for each in (found, *found.objectives)] == [{}] * (1 + len(found.objectives))

    assert answers >= 5
    assert drafts >= 2


def test_sets_are_values() -> None:
    found = ObjectiveSet.from_dict(SET)

    assert attrs.evolve(found, name="other") != found
    assert len({found, ObjectiveSet.from_dict(SET)}) == 1
