from datetime import UTC, datetime
from typing import Any

import pytest

from tavus_async import webhooks
from tavus_async.webhooks import DocumentStatusChanged, ReplicaStatusChanged, VideoStatusChanged

VIDEO = {
    "created_at": "2024-08-28 15:27:40.824457",
    "data": {"script": "Hello."},
    "download_url": None,
    "error_details": None,
    "generation_progress": "0/100",
    "hosted_url": "https://videos.tavus.io/video/1e30440cf9",
    "replica_id": "r79e1c033f",
    "status": "error",
    "status_details": "An error occurred.",
    "updated_at": "Tue, 24 Jun 2025 07:01:57 GMT",
    "video_id": "1e30440cf9",
    "video_name": "A video",
    "later": [1],
}


def test_the_callback_of_a_video_has_the_video() -> None:
    event = webhooks.parse(VIDEO)

    assert isinstance(event, VideoStatusChanged)
    assert (event.video_id, event.status) == ("1e30440cf9", "error")
    assert event.video.video_name == "A video"
    assert event.video.data.script == "Hello."
    assert event.video.created_at == datetime(2024, 8, 28, 15, 27, 40, 824457, tzinfo=UTC)
    assert event.video.updated_at == datetime(2025, 6, 24, 7, 1, 57, tzinfo=UTC)
    assert event.video.extra == {"later": [1]}
    assert event.to_dict() == VIDEO


def test_a_video_names_its_face_a_replica() -> None:
    event = webhooks.parse({"video_id": "v1", "face_id": "r1"})

    assert isinstance(event, VideoStatusChanged)
    assert event.video.replica_id == "r1"
    assert event.video.to_dict() == {"video_id": "v1", "face_id": "r1"}


@pytest.mark.parametrize("name", ["replica_id", "face_id"])
def test_the_callback_of_a_training_names_the_replica(name: str) -> None:
    event = webhooks.parse({name: "r1", "status": "error", "error_message": "too short"})

    assert isinstance(event, ReplicaStatusChanged)
    assert (event.replica_id, event.status, event.error_message) == ("r1", "error", "too short")
    assert (event.replica.replica_id, event.replica.error_message) == ("r1", "too short")
    assert event.replica.to_dict() == event.to_dict()


def test_the_callback_of_a_document_tells_how_far_it_is() -> None:
    event = webhooks.parse({"document_id": "d1", "document_name": "Handbook", "status": "processing", "progress": 40})

    assert isinstance(event, DocumentStatusChanged)
    assert (event.document_id, event.document_name, event.progress) == ("d1", "Handbook", 40)
    assert (event.document.document_name, event.document.progress) == ("Handbook", 40)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"video_id": "v1", "replica_id": "r1", "status": "ready"}, webhooks.VideoStatusChanged),
        ({"document_id": "d1"}, webhooks.DocumentStatusChanged),
        ({"voice_id": "v1", "status": "completed"}, webhooks.VoiceStatusChanged),
        ({"name": "plans", "arguments": "{}", "tool_call_id": "call_1"}, webhooks.ToolCall),
        ({"replica_id": "r1"}, webhooks.UnknownEvent),
        *(({name: 5, "status": "ready"}, webhooks.UnknownEvent) for name in ("document_id", "face_id", "voice_id")),
        ({"lipsync_id": "l1", "status": "completed"}, webhooks.UnknownEvent),
        ({}, webhooks.UnknownEvent),
        ({"event_type": "system.hm", "video_id": "v1"}, webhooks.UnknownEvent),
        ({"event_type": None, "video_id": "v1"}, webhooks.VideoStatusChanged),
        ({"event_type": "system.shutdown", "video_id": "v1"}, webhooks.Shutdown),
    ],
)
def test_bodies_without_a_type_are_known_by_their_ids(body: Any, kind: type[webhooks.Event]) -> None:
    assert type(webhooks.parse(body)) is kind


def test_a_tool_call_that_came_by_http_tells_what_one_in_the_room_does() -> None:
    event = webhooks.parse(
        {"name": "plans", "arguments": '{"zip": "1"}', "tool_call_id": "call_1", "conversation_id": "c1"}
    )

    assert isinstance(event, webhooks.ToolCall)
    assert (event.name, event.parsed_arguments, event.tool_call_id) == ("plans", {"zip": "1"}, "call_1")


@pytest.mark.parametrize("value", [None, 5, [], {}, True])
@pytest.mark.parametrize("name", ["video_id", "document_id", "replica_id"])
def test_ids_that_are_none_are_kept(name: str, value: Any) -> None:
    event = webhooks.parse({name: value, "status": "ready"})

    assert event.to_dict() == {name: value, "status": "ready"}
    assert event.identity != webhooks.parse({name: value, "status": "error"}).identity
