"""A record as a JSON document."""

import json
from typing import Any

import pytest

from tavus_async import InvalidRequestError, Persona
from tavus_async.cli.documents import body, read_draft
from tavus_async.cli.resources import find_noun

PERSONA = find_noun("personas")


def drafted(document: Any) -> Any:
    return read_draft(PERSONA, json.dumps(document))


def test_the_id_and_the_name_stand_first() -> None:
    persona = Persona(persona_id="p1", persona_name="Ann", greeting="Hi", extra={"new": 1})

    assert list(body(PERSONA, persona)) == ["persona_id", "persona_name", "new", "greeting"]


def test_a_draft_is_what_the_document_says() -> None:
    document = {"persona_name": "Ann", "system_prompt": "x", "layers": {"llm": {"model": "m", "new": 1}}, "newer": [2]}
    draft = drafted(document)

    assert draft.draft.to_dict() == document
    assert (draft.vocabulary, draft.left_out) == ("persona", ())


@pytest.mark.parametrize("document", [{"pal_name": "Ann"}, {"pal_id": "p1"}, {"default_face_id": "r1"}])
def test_the_names_of_pals_are_understood(document: dict[str, str]) -> None:
    draft = drafted(document | {"system_prompt": "x"})

    assert draft.vocabulary == "pal"
    assert draft.draft.persona_name == document.get("pal_name")


def test_what_the_server_sets_is_left_out() -> None:
    shown = {"persona_id": "p1", "created_at": "", "updated_at": "x", "owner_id": 5, "conferencing_email": "a@b"}
    draft = drafted(shown | {"system_prompt": "x"})

    assert draft.draft.to_dict() == {"system_prompt": "x"}
    assert sorted(draft.left_out) == sorted(shown)


def test_secrets_are_sent_unless_they_are_masked() -> None:
    llm = {"api_key": "********1234", "headers": {"X-Auth": "***", "X-Other": "seen"}}
    layers = {"llm": llm, "auth": {"accessToken": "***"}, "tts": {"api_key": "mine", "playht_user_id": "me"}}
    draft = drafted({"system_prompt": "*** not a secret ***", "layers": layers})

    assert draft.left_out == ("layers.llm.api_key", "layers.llm.headers.X-Auth", "layers.auth.accessToken")
    assert draft.draft.layers.tts.to_dict() == {"api_key": "mine", "playht_user_id": "me"}
    assert draft.draft.layers.llm.to_dict() == {"headers": {"X-Other": "seen"}}
    assert draft.draft.system_prompt == "*** not a secret ***"


def test_unknown_fields_are_sent_and_told_with_the_nearest_known_name() -> None:
    document = {"system_promt": "x", "layers": {"llm": {"modle": "m"}}, "zzz": 1}
    draft = drafted(document | {"system_prompt": "x"})

    assert draft.draft.to_dict() == document | {"system_prompt": "x"}
    told = {field.path: field.nearest for field in draft.unknown}
    assert told == {"system_promt": "system_prompt", "layers.llm.modle": "model", "zzz": None}


def test_every_value_of_a_wrong_type_is_named() -> None:
    layers = {"llm": {"model": 5}, "tts": {"voice_settings": {"style": "loud"}}, "stt": []}
    with pytest.raises(InvalidRequestError) as caught:
        drafted({"pal_name": 7, "document_ids": "d1", "layers": layers})

    names = str(caught.value).partition(": ")[2].split(", ")
    expected = ["document_ids", "layers.llm.model", "layers.stt", "layers.tts.voice_settings.style", "pal_name"]
    assert sorted(names) == expected
