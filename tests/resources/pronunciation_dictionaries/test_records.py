"""What is read of pronunciation dictionaries, and that nothing of it is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from tavus_async import InvalidRequestError
from tavus_async.models import Persona, PronunciationDictionary, PronunciationDictionaryDraft, PronunciationRule
from tavus_async.resources.pronunciation_dictionaries import calls
from tests.support.fields import names_of
from tests.support.given_back import differences

RULE: dict[str, Any] = {
    "text": "kubernetes",
    "pronunciation": "ˌkuːbərˈnɛtɪz",  # noqa: RUF001 (the International Phonetic Alphabet)
    "type": "ipa",
    "case_sensitive": False,
    "word_boundaries": True,
    "alphabet": "ipa",
}
BODY: dict[str, Any] = {
    "pronunciation_dictionary_id": "pd_1",
    "name": "Brand Terms",
    "rules": [RULE],
    "rules_count": 1,
    "uuid": "u1",
    "owner_id": 17,
    "created_at": "2025-01-15T10:30:00Z",
    "updated_at": "2025-01-15T10:30:00.000001Z",
}


def test_every_field_that_tavus_names_has_an_attribute() -> None:
    found = PronunciationDictionary.from_dict(BODY)

    assert found.extra == {}
    assert found.rules == (PronunciationRule(**RULE),)
    assert set(names_of(found)) == set(BODY)
    assert set(names_of(PronunciationRule)) == set(RULE)
    assert differences(BODY, found.to_dict()) == []


def test_a_listed_one_has_no_rules() -> None:
    found = PronunciationDictionary.from_dict({name: value for name, value in BODY.items() if name != "rules"})

    assert (found.rules, found.rules_count) == (None, 1)


def test_a_draft_has_what_a_create_takes() -> None:
    draft = PronunciationDictionaryDraft.of(PronunciationDictionary.from_dict(BODY))

    assert draft.to_dict() == {"name": "Brand Terms", "rules": [RULE]}
    assert PronunciationDictionaryDraft.of(draft) == draft


def test_of_anything_else_there_is_none() -> None:
    other: Any = Persona(persona_id="p1")

    with pytest.raises(InvalidRequestError, match="dictionary must be a PronunciationDictionary"):
        PronunciationDictionaryDraft.of(other)


def test_real_bodies_are_read_and_given_back(shared_reference: Path) -> None:
    answers, drafts = 0, 0
    for path in sorted((shared_reference / "bodies" / "pronunciation-dictionaries").glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))["body"]
        if isinstance(body, list):
            continue
        if "total_count" in body:
            answers += 1
            page = calls.list_pronunciation_dictionaries_page().decode(json.dumps(body).encode())
            assert [differences(sent, each.to_dict()) for sent, each in zip(body["data"], page, strict=True)] == [[]]
        elif "pronunciation_dictionary_id" in body:
            answers += 1
            call = calls.get_pronunciation_dictionary(body["pronunciation_dictionary_id"])
            found = call.decode(json.dumps(body).encode())
            assert (differences(body, found.to_dict()), found.extra) == ([], {})
        else:
            drafts += 1
            assert json.loads(calls.create_pronunciation_dictionary(body).body or b"") == body

    assert (answers >= 3, drafts >= 2) == (True, True)
