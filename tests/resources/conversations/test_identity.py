"""What is one event and what is another: derived from what Tavus sends twice, and from what it sends once each."""

import json
import pickle
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_async import calls, webhooks
from tavus_async.resources.conversations.identity import digest, old_name, old_role, old_type

ENVELOPE: dict[str, Any] = {"conversation_id": "c1", "timestamp": "2026-07-14T17:00:00.000000Z"}
IN_CALL: dict[str, Any] = {"message_type": "conversation", "conversation_id": "c1"}


def identity(body: dict[str, Any]) -> str:
    return webhooks.parse(body).identity


def system(event_type: str, *, at: str = "2026-07-14T17:00:00.000000Z", of: str = "c1", **properties: Any) -> Any:
    """A callback about a conversation."""
    return {"event_type": event_type, "conversation_id": of, "timestamp": at, "properties": properties}


def message(event_type: str, *, seq: int = 1, turn: Any = None, inference: Any = None, **properties: Any) -> Any:
    """A message in a call, a second after the one before it."""
    told = {"turn_idx": turn, "inference_id": inference, "seq": seq, "timestamp": 1786505572.5 + seq}
    return {"event_type": event_type, **IN_CALL, "properties": properties} | {
        name: value for name, value in told.items() if value is not None
    }


SAME: dict[str, tuple[Any, Any]] = {
    "a joining replica in both words": (
        system("system.pal_joined", face_id="r1", at="2026-07-14T17:00:00.000100Z"),
        system("system.replica_joined", replica_id="r1"),
    ),
    "a heartbeat in both words": (
        system("system.pal_present", face_id="r1", at="2026-07-14T17:00:00.000700Z"),
        system("system.replica_present", replica_id="r1"),
    ),
    "an end, spelled in two ways": (
        system("system.shutdown", shutdown_reason="participant_left_timeout reached"),
        system("system.shutdown", reason="participant_left_timeout", at="2026-07-14T17:00:01.000000Z"),
    ),
    "a turn of the PAL in both words": (
        message("conversation.utterance", inference="i1", turn=3, role="pal", speech="Hi."),
        message("conversation.utterance", inference="i1", turn=3, seq=2, role="replica", speech="Hi."),
    ),
    "a part of a turn in both words": (
        message(
            "conversation.utterance.streaming", inference="i1", role="pal", speech="H", content_index=0, final=False
        ),
        message(
            "conversation.utterance.streaming",
            inference="i1",
            seq=2,
            role="replica",
            speech="H",
            content_index=0,
            final=False,
        ),
    ),
    "an analysis, in the call and by webhook": (
        message("conversation.perception-analysis", turn=20, analysis="Calm."),
        system("application.perception_analysis", analysis="Calm."),
    ),
    "an analysis under both names": (
        message("conversation.perception-analysis", turn=20, analysis="Calm."),
        message("conversation.perception_analysis", turn=20, seq=2, analysis="Calm."),
    ),
    "a replica that begins to speak, under both names": (
        message("conversation.started_speaking", inference="i1", turn=4, role="pal"),
        message("conversation.replica.started_speaking", inference="i1", turn=4, seq=2),
    ),
    "a user who falls silent, under both names": (
        message("conversation.stopped_speaking", turn=4, role="user", duration=1.5, interrupted=False),
        message("conversation.user.stopped_speaking", turn=4, seq=2),
    ),
    "an objective, in the call and by webhook": (
        message("conversation.objective.completed", turn=6, objective_name="email", output_variables={"email": "a@b"}),
        {"event_type": "conversation.objective.completed", "conversation_id": "c1"}
        | {"properties": {"objective_name": "email", "output_variables": {"email": "a@b"}}},
    ),
    "an objective whose fields were hoisted": (
        {"event_type": "conversation.objective.completed", "conversation_id": "c1", "objective_name": "email"},
        {"event_type": "conversation.objective.completed", "conversation_id": "c1"}
        | {"properties": {"objective_name": "email"}},
    ),
    "a recording whose place is spelled in two ways": (
        system("application.recording_ready", bucket_name="b", s3_key="tavus/c1/17", duration=306),
        system("application.recording_ready", storage_provider="s3", storage_uri="s3://b/tavus/c1/17"),
    ),
    "an action whose request came as a text and as an object": (
        system("application.post_call_action_executed", tool_id="t1", status="success", request={"body": '{"a": 1}'}),
        system("application.post_call_action_executed", tool_id="t1", status="success", request={"body": {"a": 1}}),
    ),
    "a transcript with timestamps of either kind": (
        system("application.transcription_ready", transcript=[{"role": "user", "timestamp": 1.5}]),
        system("application.transcription_ready", transcript=[], at="2026-07-14T17:09:00.000000Z"),
    ),
    "a tool call, sent again": (
        message("conversation.tool_call", name="plans", arguments="{}", tool_call_id="call_1"),
        message("conversation.tool_call", seq=2, name="plans", arguments="{}", tool_call_id="call_1"),
    ),
    "an interaction, recorded again": (
        system("canvas.interaction", interaction_id="ci_1", type="submit", metadata={"client": "a"}),
        system("canvas.interaction", interaction_id="ci_1", type="submit", metadata={"client": "b"}),
    ),
    "a face and a replica": ({"replica_id": "r1", "status": "ready"}, {"face_id": "r1", "status": "ready"}),
    "a video whose links were made anew": (
        {"video_id": "v1", "status": "ready", "download_url": "https://a/1"},
        {"video_id": "v1", "status": "ready", "download_url": "https://a/2"},
    ),
    "an event of tomorrow in both words": (
        system("system.pal_waved", face_id="r1", pal_id="p1"),
        system("system.replica_waved", replica_id="r1", persona_id="p1"),
    ),
    "a message of tomorrow in both words": (
        message("conversation.pal.laughed", inference="i1", role="pal"),
        message("conversation.replica.laughed", inference="i1", seq=2, role="replica"),
    ),
    "one that tells nulls": (system("system.hm", a=1, b=None), system("system.hm", a=1)),
    "one with both words in it": (
        system("system.hm", face_id="r1", replica_id="r1"),
        system("system.hm", replica_id="r1"),
    ),
}

OTHER: dict[str, tuple[Any, Any]] = {
    "two conversations": (system("system.shutdown"), system("system.shutdown", of="c2")),
    "two kinds": (system("system.shutdown"), system("application.transcription_ready")),
    "both sides in one turn": (
        message("conversation.utterance", turn=3, role="user", speech="Hi."),
        message("conversation.utterance", turn=3, seq=2, role="pal", speech="Hi."),
    ),
    "one side in two turns": (
        message("conversation.utterance", turn=3, role="user", speech="Yes."),
        message("conversation.utterance", turn=4, seq=2, role="user", speech="Yes."),
    ),
    "one side at two moments": (
        message("conversation.utterance", role="user", speech="Yes."),
        message("conversation.utterance", seq=2, role="user", speech="Yes."),
    ),
    "two parts of a turn": (
        message("conversation.utterance.streaming", inference="i1", role="pal", speech="H", content_index=0),
        message("conversation.utterance.streaming", inference="i1", role="pal", speech="Hi", content_index=1),
    ),
    "the last part and the one before": (
        message("conversation.utterance.streaming", inference="i1", role="pal", speech="H", final=False),
        message("conversation.utterance.streaming", inference="i1", role="pal", speech="H", final=True),
    ),
    "beginning and end": (
        message("conversation.started_speaking", inference="i1", role="pal"),
        message("conversation.stopped_speaking", inference="i1", role="pal"),
    ),
    "who speaks": (
        message("conversation.started_speaking", turn=1, role="pal"),
        message("conversation.user.started_speaking", turn=1),
    ),
    "two actions": (
        system("application.post_call_action_executed", tool_id="t1", status="success"),
        system("application.post_call_action_executed", tool_id="t2", status="success"),
    ),
    "an action that fails and then succeeds": (
        system("application.post_call_action_executed", tool_id="t1", status="error"),
        system("application.post_call_action_executed", tool_id="t1", status="success"),
    ),
    "two recordings": (
        system("application.recording_ready", s3_key="tavus/c1/17"),
        system("application.recording_ready", s3_key="tavus/c1/18"),
    ),
    "two recordings of one file name": (
        system("application.recording_ready", s3_key="tavus/c1/17/video.mp4"),
        system("application.recording_ready", s3_key="tavus/c1/18/video.mp4"),
    ),
    "two replicas": (system("system.pal_joined", face_id="r1"), system("system.pal_joined", face_id="r2")),
    "two heartbeats": (
        system("system.pal_present", face_id="r1"),
        system("system.pal_present", face_id="r1", at="2026-07-14T17:00:05.000000Z"),
    ),
    "two interactions": (
        system("canvas.interaction", interaction_id="ci_1"),
        system("canvas.interaction", interaction_id="ci_2"),
    ),
    "two tool calls": (
        message("conversation.tool_call", inference="i1", name="plans", arguments="{}", tool_call_id="call_1"),
        message("conversation.tool_call", inference="i1", name="plans", arguments="{}", tool_call_id="call_2"),
    ),
    "two tool calls without an id": (
        message("conversation.tool_call", name="plans", arguments='{"zip": 1}'),
        message("conversation.tool_call", name="plans", arguments='{"zip": 2}'),
    ),
    "one objective with two results": (
        system("conversation.objective.completed", objective_name="email", output_variables={"email": "a@b"}),
        system("conversation.objective.completed", objective_name="email", output_variables={"email": "c@d"}),
    ),
    "an objective that is activated twice": (
        message("conversation.objective.activated", turn=1, objective_name="email"),
        message("conversation.objective.activated", turn=5, seq=2, objective_name="email"),
    ),
    "a guardrail that is hit twice": (
        system("conversation.guardrail.triggered", guardrail="prices"),
        system("conversation.guardrail.triggered", guardrail="prices", at="2026-07-14T17:00:09.000000Z"),
    ),
    "somebody who joins again": (
        message("conversation.joined", role="user", user_id="u1"),
        message("conversation.joined", seq=2, role="user", user_id="u1"),
    ),
    "two states of a video": ({"video_id": "v1", "status": "error"}, {"video_id": "v1", "status": "ready"}),
    "two videos": ({"video_id": "v1", "status": "ready"}, {"video_id": "v2", "status": "ready"}),
    "a document that is crawled again": (
        {"document_id": "d1", "status": "ready", "updated_at": "2026-07-14T17:00:00Z"},
        {"document_id": "d1", "status": "ready", "updated_at": "2026-07-15T17:00:00Z"},
    ),
    "two states of a voice": (
        {"event_type": "application.voice_status_changed", "properties": {"voice_id": "v1", "status": "started"}},
        {"event_type": "application.voice_status_changed", "properties": {"voice_id": "v1", "status": "completed"}},
    ),
    "two moments of tomorrow": (
        system("system.waved"),
        system("system.waved", at="2026-07-14T17:00:09.000000Z"),
    ),
    "two messages of tomorrow": (
        {"event_type": "conversation.waved", "conversation_id": "c1", "seq": 1},
        {"event_type": "conversation.waved", "conversation_id": "c1", "seq": 2},
    ),
    "ends of which no conversation is told": (
        {"event_type": "system.shutdown", "timestamp": "2026-07-14T17:00:00Z"},
        {"event_type": "system.shutdown", "timestamp": "2026-07-14T17:00:01Z"},
    ),
    "nothing, of two types": ({"event_type": "a"}, {"event_type": "b"}),
    "a number and its text": (system("system.hm", a=1), system("system.hm", a="1")),
    "two credentials": (system("system.hm", api_key="sk-1"), system("system.hm", api_key="sk-2")),
    "true and its text": (system("system.hm", a=True), system("system.hm", a="True")),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_event_has_one_identity(name: str) -> None:
    one, other = SAME[name]

    assert identity(one) == identity(other)


@pytest.mark.parametrize("name", OTHER)
def test_different_events_have_different_identities(name: str) -> None:
    one, other = OTHER[name]

    assert identity(one) != identity(other)


@pytest.mark.parametrize("name", [*SAME, *OTHER])
def test_where_it_was_sent_makes_no_difference(name: str) -> None:
    one, _ = (SAME | OTHER)[name]

    assert identity(one) == identity(one | {"webhook_url": "https://me.example/other"})


def test_no_two_of_these_events_are_one() -> None:
    bodies = [pair[0] for pair in SAME.values()]
    found = {identity(body): body for body in bodies}

    # Both analyses are of one text.
    assert len(found) == len(bodies) - 1


def test_an_identity_is_a_short_text_for_keys_and_logs() -> None:
    found = identity({"event_type": "x" * 10_000, "properties": {"a": "b c\n" * 10_000}})

    assert len(found) == 32
    assert found.isalnum()


def test_an_identity_is_the_same_in_another_process() -> None:
    body = SAME["a turn of the PAL in both words"][0]
    program = f"from tavus_async import webhooks; print(webhooks.parse({body!r}).identity)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == identity(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, JSON)
def test_a_digest_tells_values_apart_and_nothing_else(one: Any, other: Any) -> None:
    if one == other and repr(one) == repr(other):
        assert digest(one) == digest(other)
    if digest(one) == digest(other):
        assert without_nulls(one) == without_nulls(other)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {old_name(name): without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_names_makes_no_difference(value: dict[str, Any]) -> None:
    assert digest(dict(reversed(value.items()))) == digest(value)


def test_values_of_any_depth_and_size_have_a_digest() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    assert len(digest(deep)) == 32
    assert len(digest(10**100_000)) == 32
    assert digest("\ud800") != digest("\ud801")


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("system.pal_joined", "system.replica_joined"),
        ("conversation.perception-analysis", "conversation.perception_analysis"),
        ("conversation.pal.started_speaking", "conversation.replica.started_speaking"),
        ("system.palette_changed", "system.palette_changed"),
        ("", ""),
    ],
)
def test_names_of_events_are_known_by_their_old_words(name: str, old: str) -> None:
    assert old_type(name) == old


def test_fields_and_roles_are_known_by_their_old_words() -> None:
    assert [old_name(name) for name in ("face_id", "pal_name", "default_face_id", "surface")] == [
        "replica_id",
        "persona_name",
        "default_replica_id",
        "surface",
    ]
    assert [old_role(role) for role in ("pal", "replica", "user", None)] == ["replica", "replica", "user", None]


def test_an_event_listed_with_its_conversation_is_the_one_that_the_webhook_told() -> None:
    told = {
        "event_type": "system.shutdown",
        "timestamp": "2026-08-11T23:05:00.000000Z",
        "properties": {"shutdown_reason": "participant_left_timeout reached"},
    }
    envelope = {"conversation_id": "c1", "webhook_url": "https://me.example/hook", "message_type": "system"}
    listed = calls.get_conversation("c1", verbose=True).decode(
        json.dumps({"conversation_id": "c1", "events": [told]}).encode()
    )
    other = calls.get_conversation("c2", verbose=True).decode(
        json.dumps({"conversation_id": "c2", "events": [told]}).encode()
    )

    assert listed.events is not None
    assert other.events is not None
    assert listed.events[0].identity == webhooks.parse(envelope | told).identity
    assert listed.events[0].identity != other.events[0].identity
    assert pickle.loads(pickle.dumps(listed)).events[0].identity == listed.events[0].identity  # noqa: S301
    assert listed.to_dict()["events"][0].keys() == told.keys()
