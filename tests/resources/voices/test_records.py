"""What is read of a voice, in the two shapes that lists have had, and that nothing of it is lost."""

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tavus_async.models import Voice, VoiceDraft
from tests.support.fields import names_of
from tests.support.given_back import differences

BODY: dict[str, Any] = {
    "voice_id": "v0a1b2c3d4e5f",
    "voice_name": "Ana",
    "description": "Warm, unhurried",
    "voice_type": "user",
    "status": "error",
    "error_message": "The audio could not be processed.",
    "tags": ["warm"],
    "created_at": "2026-08-17T12:00:00.000000",
    "updated_at": "2026-08-17T12:00:00.000000",
}
OLDER: dict[str, Any] = {
    "voice_name": "anna",
    "replica_id": "r90bbd427f71",
    "audio_url": "https://cdn.example/anna.mp3?X-Amz-Signature=abcdef0123456789",
    "tags": [{"tag_name": "warm"}, {"tag_name": "calm"}],
}


class TestVoice:
    def test_every_field_that_tavus_names_has_an_attribute(self) -> None:
        voice = Voice.from_dict(BODY)
        plain = set(BODY) - {"tags", "created_at", "updated_at"}

        assert {name: getattr(voice, name) for name in plain} == {name: BODY[name] for name in plain}
        assert set(names_of(voice)) == set(BODY) | set(OLDER)
        assert voice.created_at == datetime(2026, 8, 17, 12, tzinfo=UTC)
        assert (voice.tag_names, voice.extra, differences(BODY, voice.to_dict())) == (("warm",), {}, [])

    def test_the_older_shape_has_no_id_and_objects_for_tags(self) -> None:
        voice = Voice.from_dict(OLDER)

        assert (voice.voice_id, voice.voice_name, voice.replica_id) == ("", "anna", "r90bbd427f71")
        assert voice.tag_names == ("warm", "calm")
        assert (voice.extra, voice.to_dict()) == ({}, OLDER)
        assert "abcdef0123456789" not in f"{voice!r}{dict(voice)}{pickle.dumps(voice)!r}"

    def test_it_may_be_of_a_face(self) -> None:
        voice = Voice.from_dict({"voice_name": "anna", "face_id": "r1", "audio_url": None})

        assert (voice.replica_id, voice.to_dict()) == ("r1", {"voice_name": "anna", "face_id": "r1"})

    @pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
    def test_nothing_is_needed(self) -> None:
        assert Voice.from_dict({}) == Voice() == Voice.from_dict({"voice_id": None})
        assert [Voice.from_dict({"voice_id": value}).voice_id for value in (5, "", "v1")] == ["", "", "v1"]
        assert Voice().to_dict() == {}


class TestDraft:
    def test_every_field_that_a_create_takes_has_an_attribute(self) -> None:
        body = {
            "voice_name": "Ana",
            "audio_url": "https://bucket.example/ana.mp3?token=fedcba9876543210",
            "description": "Warm",
            "callback_url": "https://app.example/hooks/7d41c0ffee9b7d41c0ffee9b",
        }
        draft = VoiceDraft.from_dict(body)
        shown = f"{draft!r}{dict(draft)}{pickle.dumps(draft)!r}"

        assert set(names_of(VoiceDraft)) == set(body)
        assert (draft.extra, draft.to_dict()) == ({}, body)
        assert [secret for secret in ("fedcba9876543210", "7d41c0ffee9b7d41c0ffee9b") if secret in shown] == []


def test_each_real_body_is_read_and_given_back(shared_reference: Path) -> None:
    answers = 0
    for path in sorted((shared_reference / "bodies" / "voices").glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))["body"]
        if "error" in body:
            continue
        voice = Voice.from_dict(body)
        answers += "voice_id" in body

        assert (path.name, voice.extra, differences(body, voice.to_dict())) == (path.name, {}, [])
        assert [repr(voice), hash(voice), pickle.dumps(voice)]

    assert answers >= 2
