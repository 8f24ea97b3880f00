"""What is read of guardrails and of sets of them, and that nothing of it is lost or shown that should not be."""

import json
from pathlib import Path
from typing import Any

import pytest

from tavus_async import InvalidRequestError
from tavus_async.models import Guardrail, GuardrailDraft, GuardrailSet, GuardrailSetDraft, LegacyGuardrail, Persona
from tavus_async.resources.guardrails import calls
from tests.support.fields import names_of
from tests.support.given_back import differences

RULE: dict[str, Any] = {
    "guardrail_name": "no_prices",
    "guardrail_prompt": "Never name a price.",
    "modality": "verbal",
    "callback_url": "https://app.example/hooks/7d41c0ffee9b",
    "tool_call": {"name": "flag", "arguments": {"deep": [1, None]}},
    "app_message": True,
    "tags": ["sales"],
}
SERVERS: dict[str, Any] = {
    "uuid": "u1",
    "owner_id": 17,
    "status": "active",
    "guardrail_type": "user",
    "persona_refs": [{"persona_id": "p1"}],
    "created_at": "2026-01-01T12:00:00Z",
    "updated_at": "2026-01-01T12:05:00.000001Z",
}
OLD: dict[str, Any] = {"guardrail_name": "no_prices", "guardrail_prompt": "Never name a price."}
TIMES = {name: SERVERS[name] for name in ("created_at", "updated_at")}


def test_every_field_of_a_guardrail_has_an_attribute() -> None:
    body = {"guardrail_id": "g1", "guardrails_id": "g1", **RULE, **SERVERS}
    found = Guardrail.from_dict(body)

    assert found.extra == {}
    assert set(names_of(found)) == set(body)
    assert differences(body, found.to_dict()) == []


def test_every_field_of_a_set_has_an_attribute() -> None:
    item = OLD | {"guardrails_name": "a", "guardrails_prompt": "b", "guardrails_id": "g1"} | TIMES
    body = {"guardrails_id": "g1", "guardrail_id": "g1", "name": "sales", "guardrails_name": "sales", "data": [item]}
    found = GuardrailSet.from_dict(body | RULE | SERVERS)

    assert (found.extra, found.guardrails[0].extra) == ({}, {})
    assert set(names_of(found)) == set(body | RULE | SERVERS)
    assert set(names_of(LegacyGuardrail)) == set(item | RULE)
    assert differences(body | RULE | SERVERS, found.to_dict()) == []


def test_guardrails_are_had_from_either_shape() -> None:
    whole = GuardrailSet.from_dict({"guardrails_id": "g1", "data": [OLD, RULE]})
    flat = GuardrailSet.from_dict({"guardrails_id": "g1", **OLD, **TIMES})
    listed = GuardrailSet.from_dict({"guardrails_id": "g1", **TIMES})

    assert [each.to_dict() for each in whole.guardrails] == [OLD, RULE]
    assert ([each.to_dict() for each in flat.guardrails], listed.guardrails) == ([OLD], ())


def test_no_link_shows_what_makes_it_unguessable() -> None:
    found = Guardrail.from_dict({"guardrail_id": "g1", **RULE})

    assert "7d41c0ffee9b" not in f"{found!r} {dict(found)}"
    assert found.to_dict()["callback_url"] == RULE["callback_url"]


def test_a_draft_has_what_a_create_takes() -> None:
    found = Guardrail.from_dict({"guardrail_id": "g1", **RULE, **SERVERS})
    old = GuardrailSet.from_dict({"guardrails_id": "g1", "name": "sales", "data": [OLD | TIMES], **SERVERS})

    assert GuardrailDraft.of(found).to_dict() == RULE
    assert GuardrailDraft.of(old.guardrails[0]).to_dict() == OLD
    assert GuardrailSetDraft.of(old).to_dict() == {"name": "sales", "data": [OLD]}
    assert GuardrailSetDraft.of(GuardrailSetDraft.of(old)) == GuardrailSetDraft.of(old)


@pytest.mark.parametrize("kind", [GuardrailDraft, GuardrailSetDraft])
def test_of_anything_else_there_is_none(kind: Any) -> None:
    with pytest.raises(InvalidRequestError, match="must be a Guardrail"):
        kind.of(Persona(persona_id="p1"))


def test_real_bodies_are_read_and_given_back(shared_reference: Path) -> None:
    seen = 0
    for path in sorted((shared_reference / "bodies" / "guardrails").glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))["body"]
        if isinstance(body, list) or set(body) == {"message"}:
            continue
        seen += 1
        if "total_count" in body:
            page = calls.list_guardrail_sets_page().decode(json.dumps(body).encode())
            assert [differences(sent, each.to_dict()) for sent, each in zip(body["data"], page, strict=True)] == [[]]
            assert [each.guardrails_id for each in page] == [sent["guardrails_id"] for sent in body["data"]]
        elif "guardrail_id" in body:
            assert calls.get_guardrail(body["guardrail_id"]).decode(json.dumps(body).encode()).to_dict() == body
        elif "guardrails_id" in body:
            found = calls.get_guardrail_set(body["guardrails_id"]).decode(json.dumps(body).encode())
            assert (differences(body, found.to_dict()), found.extra) == ([], {})
        else:
            make: Any = calls.create_guardrail_set if "data" in body else calls.create_guardrail
            assert json.loads(make(body).body) == body

    assert seen >= 6
