"""What is refused in a new conversation."""

from typing import Any

import pytest

from tavus_async.sandbox.resources.conversations.rules import problems

FINE: list[dict[str, Any]] = [
    {},
    {"persona_id": "p", "replica_id": "r"},
    {"pal_id": "p", "face_id": "r"},
    {"chat": True, "modality": "text"},
    {"audio_only": True},
    {"audio_only": "false", "chat": True},
    {"chat": False, "audio_only": True},
    {"max_participants": 2},
    {"participant_tags": ["user_1"]},
    {"policy": "eu", "document_retrieval_strategy": "quality"},
    {"properties": {}},
    {"properties": {"max_call_duration": 0, "participant_left_timeout": 15, "participant_absent_timeout": 60}},
    {"properties": {"recording_storage": {"provider": "azure_blob"}, "language": "multilingual"}},
    {"unheard_of": {"by": "this version"}},
]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"persona_id": "p", "pal_id": "p"}, "persona_id"),
    ({"persona_id": 7}, "persona_id"),
    ({"conversation_name": ["x"]}, "conversation_name"),
    ({"callback_url": True}, "callback_url"),
    ({"test_mode": "maybe"}, "test_mode"),
    ({"chat": 1}, "chat"),
    ({"chat": True, "audio_only": True}, "audio_only"),
    ({"chat": "true", "audio_only": "True"}, "audio_only"),
    ({"modality": "text"}, "modality"),
    ({"modality": "video", "chat": True}, "modality"),
    ({"max_participants": 1}, "max_participants"),
    ({"max_participants": True}, "max_participants"),
    ({"max_participants": "3"}, "max_participants"),
    ({"participant_tags": []}, "participant_tags"),
    ({"participant_tags": ["a", "b"]}, "participant_tags"),
    ({"memory_stores": "tag"}, "memory_stores"),
    ({"document_ids": [1]}, "document_ids"),
    ({"document_retrieval_strategy": "fast"}, "document_retrieval_strategy"),
    ({"policy": "us"}, "policy"),
    ({"properties": []}, "properties"),
    ({"properties": {"max_call_duration": "60"}}, "max_call_duration"),
    ({"properties": {"participant_left_timeout": -1}}, "participant_left_timeout"),
    ({"properties": {"participant_absent_timeout": True}}, "participant_absent_timeout"),
    ({"properties": {"recording_storage": {"provider": "ftp"}}}, "recording_storage"),
    ({"properties": {"recording_storage": "s3"}}, "recording_storage"),
]


@pytest.mark.parametrize("body", FINE)
def test_what_is_fine_is_accepted(body: dict[str, Any]) -> None:
    assert problems(body) == []


@pytest.mark.parametrize(("body", "named"), WRONG)
def test_what_is_wrong_is_named(body: dict[str, Any], named: str) -> None:
    found = problems(body)

    assert len(found) == 1
    assert named in found[0]


def test_each_rule_that_is_broken_is_told() -> None:
    assert len(problems({"chat": True, "audio_only": True, "max_participants": 0, "properties": 1})) == 3
