"""The conversations that a sandbox has from the start."""

import time
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tavus_async import ConfigurationError
from tavus_async.sandbox import Sandbox

ONE = {"persona_id": "p1", "persona_name": "One", "system_prompt": "x", "default_replica_id": "r1"}
BARE = {"persona_id": "p2", "persona_name": "Two", "system_prompt": "x"}


def documents(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [sandbox.stored(conversation_id, resource="conversations") for conversation_id in sandbox.conversation_ids]


def test_generated_ones_are_the_same_each_time() -> None:
    first, second, other = (Sandbox(conversations=30, seed=seed) for seed in (5, 5, 6))

    assert documents(first) == documents(second) != documents(other)
    assert [first.events(each) for each in first.conversation_ids] == [
        second.events(each) for each in second.conversation_ids
    ]


def test_generated_ones_are_over_in_all_the_ways_that_there_are() -> None:
    sandbox = Sandbox(conversations=100)
    stored = documents(sandbox)

    assert len(stored) == 100
    assert {document["status"] for document in stored} == {"ended"}
    assert set(Counter(document["shutdown_reason"] for document in stored)) == {
        "participant_left_timeout reached",
        "participant_absent_timeout reached",
        "max_call_duration reached",
        "end_conversation_endpoint_hit",
    }
    assert sandbox.active_conversation_ids == ()


def test_generated_ones_belong_to_personas_and_lie_in_the_past() -> None:
    sandbox = Sandbox(personas=20, conversations=50)
    now = time.time()

    for document in documents(sandbox):
        assert (document.get("persona_id") or document.get("pal_id")) in sandbox.persona_ids
        assert document.get("replica_id") or document.get("face_id")
        times = [document["created_at"], *(e["timestamp"] for e in sandbox.events(document["conversation_id"]))]
        moments = [datetime.fromisoformat(text).timestamp() for text in times]
        assert moments == sorted(moments)
        assert moments[-1] < now
    assert {"pal_id" in document for document in documents(sandbox)} == {True, False}


def test_generated_ones_do_without_personas() -> None:
    assert all("persona_id" not in document for document in documents(Sandbox(personas=0, conversations=5)))


def test_bodies_are_stored_as_they_are() -> None:
    event = {"event_type": "system.shutdown", "timestamp": "2026-01-01T00:00:00Z", "properties": {}}
    over: dict[str, Any] = {"conversation_id": "c1", "persona_id": "p1", "status": "ended", "created_at": "once"}
    over |= {"conversation_url": "https://tavus.daily.co/c1", "shutdown_reason": "why not", "events": [event]}
    sandbox = Sandbox(personas=[ONE], conversations=[over, {"pal_id": "p1", "face_id": "r2"}])
    first, second = documents(sandbox)

    assert first | {"replica_id": "r1", "events": [event]} == first | over
    assert sandbox.events("c1") == (event,)
    assert (second["status"], second["face_id"]) == ("active", "r2")
    assert sandbox.active_conversation_ids == (second["conversation_id"],)


async def test_active_ones_are_found_where_the_sandbox_is() -> None:
    sandbox = Sandbox(personas=[ONE], conversations=[{"persona_id": "p1", "require_auth": True}])
    for _ in range(2):
        async with sandbox:
            (document,) = documents(sandbox)
            expected = f"{sandbox.url}/c/{document['conversation_id']}?t={document['meeting_token']}"

            assert document["conversation_url"] == expected


@pytest.mark.parametrize(
    ("conversations", "text"),
    [
        (-1, "a number from 0 up"),
        (True, "a number from 0 up"),
        (1.5, "a number from 0 up"),
        ([{"persona_id": "p404"}], "no persona 'p404'"),
        ([{"persona_id": "p2"}], "replica_id"),
        ([{"persona_id": "p1", "status": "paused"}], "status"),
        ([{"persona_id": "p1", "chat": True, "audio_only": True}], "audio_only"),
        ([{"persona_id": "p1", "conversation_id": "c1"}] * 2, "two conversations 'c1'"),
        ([{"persona_id": "p1", "conversation_id": 7}], "conversation_id"),
        ([{"persona_id": "p1", "extra": object()}], "not a conversation"),
        ([7], "not a conversation"),
    ],
)
def test_what_cannot_be_is_told(conversations: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        Sandbox(personas=[ONE, BARE], conversations=conversations)
