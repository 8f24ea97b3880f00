import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from tavus_async import Persona
from tests.support.decoding import decode_persona
from tests.support.fields import names_of

WHEN = datetime(2026, 10, 6, 18, 24, 55, tzinfo=UTC)

FIELDS: dict[str, Any] = {
    "persona_id": "p5317866",
    "persona_name": "Zoë",
    "system_prompt": "Be kind.",
    "pipeline_mode": "full",
    "context": "",
    "greeting": "Hello!",
    "default_replica_id": "r1",
    "document_ids": ["d1", "d2"],
    "document_tags": [],
    "objectives_id": "o1",
    "guardrails_id": "g1",
    "guardrail_ids": ["g2"],
    "guardrail_tags": ["t"],
    "tool_ids": ["t1"],
    "skills": {"a": [1]},
    "memories": ["m"],
    "languages": ["en", "de"],
    "disclosure_type": "auto",
    "verbal_disclosure": "v",
    "visual_disclosure": "w",
    "conferencing_email": "a@b.test",
    "is_template": False,
    "is_draft": True,
    "uuid": "u",
    "owner_id": 17,
    "session_id": "s",
    "source_template_id": "st",
    "registration_id": 18,
    "pal_settings_id": 19,
}
RENAMED = {"persona_id": "pal_id", "persona_name": "pal_name", "default_replica_id": "default_face_id"}


def persona(body: dict[str, Any]) -> Persona:
    return decode_persona(json.dumps(body).encode())


def plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_every_field_has_its_attribute() -> None:
    record = persona(FIELDS)

    assert {name: plain(getattr(record, name)) for name in FIELDS} == FIELDS
    assert record.extra == {}
    assert set(names_of(record)) == set(FIELDS) | {"layers", "created_at", "updated_at"}


def test_every_new_name_fills_the_field_of_the_old_one() -> None:
    body = {RENAMED.get(name, name): value for name, value in FIELDS.items()}
    record = persona(body)

    assert record == persona(FIELDS)
    assert record.to_dict() == body


def test_timestamps_are_moments() -> None:
    record = persona(
        {"persona_id": "p1", "created_at": "2026-10-06T18:24:55Z", "updated_at": "2026-10-06 20:24:55+02:00"}
    )

    assert record.created_at == record.updated_at == WHEN


@pytest.mark.parametrize("skills", [[1], {}, {"a": {}}, "x", 5])
def test_skills_may_be_anything(skills: Any) -> None:
    assert persona({"persona_id": "p1", "skills": skills}).skills == skills


def test_a_field_that_was_not_sent_is_none() -> None:
    record = persona({"persona_id": "p1"})
    unset = {name for name in names_of(record) if getattr(record, name) is None}

    assert unset == set(names_of(record)) - {"persona_id", "layers"}


def test_an_id_is_all_that_a_persona_needs() -> None:
    assert Persona(persona_id="p1").to_dict() == {"persona_id": "p1"}
    with pytest.raises(TypeError):
        Persona()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        attrs.evolve(Persona(persona_id="p1"), no_such_field=1)  # type: ignore[call-arg]
