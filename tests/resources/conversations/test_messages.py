import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tavus_async import InvalidRequestError, calls, interactions
from tavus_async.interactions import (
    AppendLlmContext,
    ConfirmObjective,
    Echo,
    Interrupt,
    Message,
    OverwriteLlmContext,
    Respond,
    Sensitivity,
    SetEmotion,
    ToolResult,
)

MADE: list[tuple[Message, str, dict[str, Any] | None]] = [
    (Echo("Hi."), "conversation.echo", {"modality": "text", "text": "Hi."}),
    (
        Echo(audio=b"\0\1", sample_rate=24_000, done=True, inference_id="i1"),
        "conversation.echo",
        {"modality": "audio", "audio": "AAE=", "sample_rate": 24_000, "done": True, "inference_id": "i1"},
    ),
    (Echo(audio="AAE="), "conversation.echo", {"modality": "audio", "audio": "AAE="}),
    (Respond("Hello?"), "conversation.respond", {"text": "Hello?"}),
    (Interrupt(), "conversation.interrupt", None),
    (OverwriteLlmContext("[]"), "conversation.overwrite_llm_context", {"context": "[]"}),
    (
        AppendLlmContext("The order is A-17.", job_status="completed"),
        "conversation.append_llm_context",
        {"context": "The order is A-17.", "job_status": "completed"},
    ),
    (
        Sensitivity(participant_interrupt_sensitivity="medium"),
        "conversation.sensitivity",
        {"participant_interrupt_sensitivity": "medium"},
    ),
    (SetEmotion("happiness"), "conversation.set_emotion", {"emotion": "happiness"}),
    (
        ToolResult("call_1", {"plans": [3]}),
        "conversation.tool_result",
        {"tool_call_id": "call_1", "status": "success", "output": {"plans": [3]}},
    ),
    (
        ToolResult("call_1", "no such plan", status="error", name="plans"),
        "conversation.tool_result",
        {"tool_call_id": "call_1", "status": "error", "output": "no such plan", "name": "plans"},
    ),
    (
        ConfirmObjective("email", output_variables={"email": "a@b"}),
        "conversation.objective.confirm",
        {"objective_name": "email", "output_variables": {"email": "a@b"}},
    ),
]


@pytest.mark.parametrize(("message", "event_type", "properties"), MADE, ids=lambda value: type(value).__name__)
def test_a_message_is_its_body(message: Message, event_type: str, properties: dict[str, Any] | None) -> None:
    body = {"message_type": "conversation", "event_type": event_type}

    assert message.to_dict() == body | ({} if properties is None else {"properties": properties})


@pytest.mark.parametrize(("message", "event_type", "properties"), MADE, ids=lambda value: type(value).__name__)
def test_a_message_is_read_as_what_it_is(message: Message, event_type: str, properties: Any) -> None:
    read = interactions.parse(json.dumps(message.to_dict()))

    assert read == message
    assert type(read) is type(message)
    assert isinstance(read, Message)


@pytest.mark.parametrize(("message", "event_type", "properties"), MADE, ids=lambda value: type(value).__name__)
def test_a_message_can_be_sent(message: Message, event_type: str, properties: Any) -> None:
    body = calls.send_app_message("c1", message).body

    assert body is not None
    assert json.loads(body) == message.to_dict()


def test_the_conversation_may_be_named() -> None:
    made = [
        Respond("Hi.", conversation_id="c1"),
        Interrupt(conversation_id="c1"),
        SetEmotion("fear", conversation_id="c1"),
    ]

    assert [message.conversation_id for message in made] == ["c1"] * 3
    assert made[1].to_dict()["conversation_id"] == "c1"


def test_its_fields_are_attributes() -> None:
    result = ToolResult("call_1", {"plans": 3})

    assert (result.tool_call_id, result.output, result.status, result.name) == ("call_1", {"plans": 3}, "success", None)
    assert base64.b64decode(Echo(audio=b"\0\1").audio or "") == b"\0\1"


WRONG: list[tuple[Callable[[], Any], str]] = [
    (Echo, "either text or audio"),
    (lambda: Echo("Hi.", audio=b"1"), "either text or audio"),
    (lambda: Echo(""), "Echo needs text"),
    (lambda: Echo(audio=b""), "Echo needs audio"),
    (lambda: Echo("Hi.", sample_rate=8_000), "sample_rate with audio only"),
    (lambda: Respond(""), "Respond needs text"),
    (lambda: Respond(None), "Respond needs text"),  # type: ignore[arg-type]
    (lambda: OverwriteLlmContext({"a": 1}), "needs context"),  # type: ignore[arg-type]
    (lambda: AppendLlmContext(""), "needs context"),
    (Sensitivity, "participant_pause_sensitivity or participant_interrupt_sensitivity"),
    (lambda: Sensitivity(participant_pause_sensitivity=""), "needs participant_pause_sensitivity"),
    (lambda: SetEmotion(""), "needs emotion"),
    (lambda: ToolResult("", "x"), "needs tool_call_id"),
    (lambda: ToolResult("call_1", None), "needs output"),  # type: ignore[arg-type]
    (lambda: ToolResult("call_1", ["x"]), "needs output"),  # type: ignore[arg-type]
    (lambda: ToolResult("call_1", "x", status=""), "needs status"),
    (lambda: ConfirmObjective(""), "needs objective_name"),
    (lambda: ConfirmObjective("email", output_variables=["x"]), "output_variables as an object"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "words"), WRONG, ids=[words for _, words in WRONG])
def test_what_cannot_work_is_refused_where_it_is_made(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        make()


def test_a_word_of_tomorrow_is_sent() -> None:
    assert SetEmotion("serenity").emotion == "serenity"


def test_nobody_changes_what_was_made() -> None:
    output = {"plans": [1]}
    result = ToolResult("call_1", output)
    output["plans"].append(2)

    assert result.output == {"plans": [1]}


def test_credentials_in_a_result_are_sent_and_not_shown() -> None:
    result = ToolResult("call_1", {"access_token": "hunter2-hunter2"})

    assert "hunter2" not in repr(result) + repr(result.output) + str(dict(result))
    assert b"hunter2-hunter2" in (calls.send_app_message("c1", result).body or b"")
    assert "hunter2" not in repr(calls.send_app_message("c1", result))
