import ast
import copy
import inspect
import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from tavus_async import webhooks
from tavus_async.resources.conversations import callbacks, events, in_call, messages
from tavus_async.resources.conversations.envelope import Detail
from tavus_async.resources.conversations.events import (
    CanvasInteractionRecorded,
    Event,
    GuardrailTriggered,
    ObjectiveCompleted,
    ParticipantJoined,
    PerceptionAnalysis,
    PerceptionToolCall,
    PostCallActionExecuted,
    RecordingReady,
    ReplicaJoined,
    Shutdown,
    StartedSpeaking,
    StoppedSpeaking,
    ToolCall,
    UnknownEvent,
    Utterance,
    UtteranceStreaming,
    VoiceStatusChanged,
)
from tests.support.given_back import differences

MODULES = [callbacks, in_call, messages]


def event(event_type: str, **properties: Any) -> Event:
    return webhooks.parse({"event_type": event_type, "properties": properties})


def details(kind: type[Event]) -> list[str]:
    """The names of what an event of this class tells."""
    return [name for name in dir(kind) if isinstance(inspect.getattr_static(kind, name), Detail)]


@pytest.mark.parametrize("kind", [getattr(events, name) for name in events.__all__], ids=lambda kind: kind.__name__)
def test_every_name_of_an_event_leads_to_its_class(kind: type[Event]) -> None:
    for name in kind.event_types:
        assert type(webhooks.parse({"event_type": name})) is kind
        assert type(Event.from_dict({"event_type": name})) is kind


def test_there_is_a_class_for_every_event_of_the_documentation() -> None:
    named = {name for kind in Event._classes.values() for name in kind.event_types}

    assert named >= {
        "application.memory_consolidation",
        "application.perception_analysis",
        "application.perception_unavailable",
        "application.post_call_action_executed",
        "application.raven_memory_evidence",
        "application.recording_copy_failed",
        "application.recording_ready",
        "application.transcription_ready",
        "application.voice_status_changed",
        "canvas.interaction",
        "conversation.joined",
        "conversation.left",
        "conversation.objective.activated",
        "conversation.objective.completed",
        "conversation.objective.pending",
        "conversation.perception_tool_call",
        "conversation.started_speaking",
        "conversation.stopped_speaking",
        "conversation.tool_call",
        "conversation.utterance",
        "conversation.utterance.streaming",
        "system.pal_joined",
        "system.pal_present",
        "system.replica_joined",
        "system.shutdown",
    }


@pytest.mark.parametrize("name", ["guardrail", "conversation.guardrail_triggered", "conversation.guardrails.hit"])
def test_whatever_has_guardrail_in_its_name_is_one(name: str) -> None:
    found = event(name, guardrail="prices", reason="asked")

    assert isinstance(found, GuardrailTriggered)
    assert (found.guardrail_name, found.reason) == ("prices", "asked")


@pytest.mark.parametrize("name", ["conversation.started", "", "x" * 1_000, "guard", "system", 5, None, [], {}, True])
def test_an_event_that_is_not_known_is_unknown_and_whole(name: Any) -> None:
    body = {"event_type": name, "conversation_id": "c1", "properties": {"a": [1, None]}, "later": {"b": None}}
    found = webhooks.parse(body)

    assert type(found) is UnknownEvent
    assert found.properties == {"a": [1, None]}
    assert differences(body, found.to_dict()) == []


@pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
def test_events_with_unknown_fields_are_read_by_from_dict_too() -> None:
    assert type(Event.from_dict({"event_type": "system.shutdown", "hm": 1})) is Shutdown


def test_a_class_of_events_reads_whatever_it_is_given_as_such() -> None:
    assert type(Shutdown.from_dict({"event_type": "system.replica_joined"})) is Shutdown


def test_a_class_of_ones_own_is_picked_up() -> None:
    class CallMoved(Event):
        """The call has moved."""

        event_types = ("system.call_moved",)

    try:
        assert type(event("system.call_moved")) is CallMoved
        assert type(event("system.call-moved")) is CallMoved
    finally:
        del Event._classes["system.call_moved"]


def test_names_of_events_that_are_no_tuple_are_refused() -> None:
    with pytest.raises(TypeError, match="must be a tuple of names"):
        type("Wrong", (Event,), {"event_types": "system.call_moved"})


class TestDetails:
    def test_they_are_found_among_the_properties_and_beside_them(self) -> None:
        body = {"event_type": "conversation.objective.completed", "objective_name": "email"}
        hoisted, proper = webhooks.parse(body), event("conversation.objective.completed", objective_name="email")

        assert isinstance(hoisted, ObjectiveCompleted)
        assert isinstance(proper, ObjectiveCompleted)
        assert hoisted.objective_name == proper.objective_name == "email"

    def test_among_the_properties_wins(self) -> None:
        found = webhooks.parse(
            {"event_type": "system.shutdown", "shutdown_reason": "b", "properties": {"shutdown_reason": "a"}}
        )

        assert isinstance(found, Shutdown)
        assert found.shutdown_reason == "a"

    @pytest.mark.parametrize("kind", [getattr(events, name) for name in events.__all__], ids=lambda kind: kind.__name__)
    @pytest.mark.parametrize("value", [None, 5, "a", True, [], {}, [{"a": 1}], 1.5, {"body": 5}])
    def test_whatever_their_type_nothing_raises_and_nothing_is_lost(self, kind: type[Event], value: Any) -> None:
        names = [each for name in details(kind) for each in inspect.getattr_static(kind, name).names]
        body = {"event_type": next(iter(kind.event_types), "hm"), "properties": dict.fromkeys(names, value)}
        found = webhooks.parse(body)

        for name in dir(type(found)):
            if not name.startswith("_"):
                getattr(found, name)
        assert found.identity
        assert repr(found)
        assert found.to_dict() == body

    def test_of_a_wrong_type_they_are_none(self) -> None:
        found = event("system.shutdown", shutdown_reason=5, reason="a")

        assert isinstance(found, Shutdown)
        assert found.shutdown_reason == "a"
        assert event("system.shutdown", shutdown_reason=5).properties["shutdown_reason"] == 5

    def test_properties_that_are_no_object_are_kept(self) -> None:
        body = {"event_type": "system.shutdown", "properties": ["a"]}
        found = webhooks.parse(body)

        assert isinstance(found, Shutdown)
        assert found.properties == {}
        assert found.shutdown_reason is None
        assert found.to_dict() == body


def test_a_class_tells_how_its_details_are_found() -> None:
    detail = Shutdown.shutdown_reason

    assert isinstance(detail, Detail)
    assert detail.names == ("shutdown_reason", "reason")


class TestShutdown:
    @pytest.mark.parametrize("reason", ["participant_left_timeout", "participant_left_timeout reached"])
    def test_reasons_are_compared_by_how_they_begin(self, reason: str) -> None:
        found = event("system.shutdown", shutdown_reason=reason)

        assert isinstance(found, Shutdown)
        assert found.has_reason("participant_left_timeout")
        assert found.has_reason("participant_left_timeout reached")
        assert not found.has_reason("participant_absent_timeout")

    def test_without_a_reason_it_has_none(self) -> None:
        assert not Shutdown().has_reason("max_call_duration")


class TestOthers:
    def test_a_replica_has_one_name(self) -> None:
        found = [event("system.pal_joined", face_id="r1"), event("system.replica_joined", replica_id="r1")]

        assert [each.replica_id for each in found if isinstance(each, ReplicaJoined)] == ["r1", "r1"]

    @pytest.mark.parametrize("body", ['{"band": 7}', {"band": 7}])
    def test_what_an_action_sent_is_an_object_whichever_way_it_came(self, body: Any) -> None:
        found = event("application.post_call_action_executed", request={"body": body}, status="error")

        assert isinstance(found, PostCallActionExecuted)
        assert found.arguments == {"band": 7}
        assert found.status == "error"

    def test_an_action_that_sent_nothing_has_no_arguments(self) -> None:
        assert PostCallActionExecuted().arguments is None

    def test_the_analysis_is_the_same_class_in_the_call_and_by_webhook(self) -> None:
        names = (
            "application.perception_analysis",
            "conversation.perception-analysis",
            "conversation.perception_analysis",
        )

        assert {type(event(name)) for name in names} == {PerceptionAnalysis}

    @pytest.mark.parametrize(
        ("name", "role", "by_user", "by_replica"),
        [
            ("conversation.started_speaking", "user", True, False),
            ("conversation.started_speaking", "pal", False, True),
            ("conversation.started_speaking", "replica", False, True),
            ("conversation.started_speaking", None, False, False),
            ("conversation.started_speaking", "interpreter", False, False),
            ("conversation.user.started_speaking", None, True, False),
            ("conversation.replica.started_speaking", None, False, True),
            ("conversation.pal.started_speaking", None, False, True),
        ],
    )
    def test_who_speaks_is_told_whatever_the_words(
        self, name: str, role: str | None, by_user: bool, by_replica: bool
    ) -> None:
        found = event(name, role=role)

        assert isinstance(found, StartedSpeaking)
        assert (found.by_user, found.by_replica) == (by_user, by_replica)

    def test_in_call_events_tell_what_they_have(self) -> None:
        utterance = event("conversation.utterance", role="user", speech="Hi.", interrupted="true")
        streaming = event("conversation.utterance.streaming", content_index=3, final=False, is_interrupted=True)
        stopped = event("conversation.stopped_speaking", role="pal", duration=2, interrupted=False)
        call = event("conversation.perception_tool_call", modality="vision", name="wave", arguments={"a": 1})
        joined = event("conversation.joined", role="user")

        assert isinstance(utterance, Utterance)
        assert (utterance.speech, utterance.interrupted) == ("Hi.", True)
        assert isinstance(streaming, UtteranceStreaming)
        assert (streaming.content_index, streaming.final, streaming.interrupted) == (3, False, True)
        assert isinstance(stopped, StoppedSpeaking)
        assert (stopped.duration, stopped.interrupted) == (2, False)
        assert isinstance(call, PerceptionToolCall)
        assert (call.modality, call.name, call.parsed_arguments, call.frames) == ("vision", "wave", {"a": 1}, None)
        assert isinstance(joined, ParticipantJoined)
        assert joined.by_user

    def test_a_tool_call_has_its_arguments_as_an_object(self) -> None:
        body = {"event_type": "conversation.tool_call", "canvas_config": {"component": "canvas.question"}}
        found = webhooks.parse(body | {"properties": {"name": "plans", "arguments": '{"zip": "1"}'}})

        assert isinstance(found, ToolCall)
        assert found.parsed_arguments == {"zip": "1"}
        assert found.canvas_config == {"component": "canvas.question"}

    def test_frames_are_objects(self) -> None:
        found = event("conversation.perception_tool_call", frames=[{"uri": "https://a/1"}])

        assert isinstance(found, PerceptionToolCall)
        assert found.frames == ({"uri": "https://a/1"},)


class TestAsRecords:
    def test_the_moment_is_read_from_texts_and_numbers(self) -> None:
        noon = datetime(2026, 7, 14, 12, tzinfo=UTC)
        found = [webhooks.parse({"timestamp": each}) for each in ("2026-07-14T12:00:00Z", noon.timestamp())]

        assert [each.timestamp for each in found] == [noon, noon]
        assert [each.to_dict()["timestamp"] for each in found] == ["2026-07-14T12:00:00Z", noon.timestamp()]

    @pytest.mark.parametrize("moment", [True, "soon", [], 10**40, 1e300, -1e300])
    def test_a_moment_that_is_none_is_kept(self, moment: Any) -> None:
        found = webhooks.parse({"timestamp": moment})

        assert found.timestamp is None
        assert found.to_dict() == {"timestamp": moment}

    def test_they_are_values(self) -> None:
        body = {"event_type": "conversation.tool_call", "timestamp": 1.5, "properties": {"arguments": {"a": [1]}}}
        found = webhooks.parse(body)

        assert found == webhooks.parse(body)
        assert hash(found) == hash(webhooks.parse(body))
        assert found != webhooks.parse({**body, "timestamp": 2.5})
        assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
        assert copy.deepcopy(found) == found
        assert attrs.evolve(found, conversation_id="c2").conversation_id == "c2"

    def test_nobody_can_change_them(self) -> None:
        found = event("system.shutdown", shutdown_reason="a")

        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            found.event_type = "b"  # type: ignore[misc]
        with pytest.raises(TypeError, match="frozen"):
            found.properties["shutdown_reason"] = "b"  # type: ignore[index]

    def test_they_can_be_made(self) -> None:
        made = Shutdown(conversation_id="c1", properties={"shutdown_reason": "a"})

        assert made.shutdown_reason == "a"
        assert made.to_dict() == {"conversation_id": "c1", "properties": {"shutdown_reason": "a"}}


class TestSecrets:
    URL = "https://me.example/hooks/9f3b?token=0123456789abcdef"

    def test_the_url_that_it_was_sent_to_is_not_shown(self) -> None:
        found = webhooks.parse({"event_type": "system.shutdown", "webhook_url": self.URL})

        assert found.webhook_url == self.URL
        assert found.to_dict()["webhook_url"] == self.URL
        for shown in (repr(found), str(found.to_dict(secrets=False)), str(vars(found)), str(dict(found))):
            assert "0123456789abcdef" not in shown
            assert "9f3b" not in shown

    @pytest.mark.parametrize(
        "properties",
        [
            {"value": {"password": "hunter2-hunter2"}},
            {"metadata": {"x-api-key": "hunter2-hunter2"}},
            {"request": {"headers": {"X-Custom": "hunter2-hunter2"}}},
            {"access_token": "hunter2-hunter2"},
        ],
    )
    def test_credentials_in_it_are_not_shown(self, properties: Any) -> None:
        found = event("canvas.interaction", **properties)

        assert isinstance(found, CanvasInteractionRecorded)
        assert found.to_dict()["properties"] == properties
        for shown in (repr(found.properties), str(found.to_dict(secrets=False)), repr(found.value), repr(found)):
            assert "hunter2" not in shown

    def test_its_repr_does_not_show_what_it_tells(self) -> None:
        assert "hello" not in repr(event("conversation.utterance", speech="hello"))


def bodies(folder: Path) -> list[Any]:
    return [json.loads(path.read_text(encoding="utf-8"))["body"] for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("name", ["webhooks", "interactions", "tool-calls", "canvas"])
def test_every_real_body_is_read_and_given_back(shared_reference: Path, name: str) -> None:
    found = bodies(shared_reference / "bodies" / name)

    assert found
    for body in found:
        read = webhooks.parse(json.dumps(body))
        back = read.to_dict()
        assert differences(body, back | {"timestamp": body["timestamp"]} if "timestamp" in body else back) == []
        assert read.identity
        for each in dir(type(read)):
            if not each.startswith("_"):
                getattr(read, each)


def test_real_bodies_of_known_events_are_known(shared_reference: Path) -> None:
    found = [webhooks.parse(body) for body in bodies(shared_reference / "bodies" / "webhooks")]

    assert {type(each).__name__ for each in found} >= {"RecordingReady", "Shutdown", "VideoStatusChanged"}
    assert not [each for each in found if isinstance(each, UnknownEvent)]
    assert {each.storage_provider for each in found if isinstance(each, RecordingReady)} == {"s3"}
    assert {each.status for each in found if isinstance(each, VoiceStatusChanged)} == {"error"}


def undocumented(module: ModuleType) -> list[str]:
    """What public fields of a module's classes have no sentence beneath them."""
    found: list[str] = []
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            targets += [statement.target] if isinstance(statement, ast.AnnAssign) else []
            names = [each.id for each in targets if isinstance(each, ast.Name)]
            is_told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            found += [f"{node.name}.{name}" for name in names if not is_told and name[0] != "_"]
    return [name for name in found if not name.endswith(".event_types")]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_everything_that_an_event_tells_is_explained(module: ModuleType) -> None:
    assert undocumented(module) == []
