"""What is nested too deeply, or holds itself, is refused wherever it is given, and no traceback shows it."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from tavus_async import (
    Call,
    InvalidRequestError,
    Layers,
    LlmLayer,
    Persona,
    PersonaDraft,
    TavusError,
    calls,
    interactions,
    patch,
    webhooks,
)
from tavus_async._records.json import MAX_DEPTH
from tavus_async.models import Conversation, Transcript
from tavus_async.resources.personas.calls import PERSONAS
from tests.support.decoding import decode_persona
from tests.support.tracebacks import traceback_of

SECRET = "sk-live-hunter2-hunter2"
TURN = {"role": "user", "content": "Hi."}
CANVAS = {"interaction_id": "i", "tool_call_id": "t", "component": "c", "component_version": "v1", "type": "submit"}

# Each takes JSON values, and puts them, within so many objects and lists of its own, into what is read or sent.
TAKERS: dict[str, tuple[int, Callable[[Any], object]]] = {
    "Call.json": (0, lambda value: Call.json("POST", "/v2/x", value)),
    "create_persona": (1, lambda value: calls.create_persona({"system_prompt": "x", "new": value})),
    "create_persona, in a layer": (
        3,
        lambda value: calls.create_persona({"system_prompt": "x", "layers": {"llm": {"extra_body": value}}}),
    ),
    "create_persona, of records": (
        3,
        lambda value: calls.create_persona(
            PersonaDraft(system_prompt="x", layers=Layers(llm=LlmLayer(extra_body=value)))
        ),
    ),
    "create_conversation": (1, lambda value: calls.create_conversation({"persona_id": "p1", "new": value})),
    "a draft's constructor": (1, lambda value: PersonaDraft(skills=value)),
    "attrs.evolve": (1, lambda value: attrs.evolve(Persona(persona_id="p1"), extra={"x": value})),
    "from_dict": (1, lambda value: Conversation.from_dict({"conversation_id": "c1", "new": value})),
    "patch.add": (0, lambda value: patch.add("/x", value)),
    "patch.replace": (0, lambda value: patch.replace("/x", value)),
    "patch.test": (0, lambda value: patch.test("/x", value)),
    "Operation": (0, lambda value: patch.Operation("add", "/x", value)),
    "patch.read": (0, lambda value: patch.read([{"op": "add", "path": "/x", "value": value}])),
    "patch_persona": (
        0,
        lambda value: calls.patch_persona("p1", [{"op": "add", "path": "/layers/llm/api_key", "value": value}]),
    ),
    "patch.diff": (2, lambda value: patch.diff({"a": value}, {"a": [value]})),
    "send_app_message": (1, lambda value: calls.send_app_message("c1", {"event_type": "x", "properties": value})),
    "ToolResult": (2, lambda value: interactions.ToolResult("t", value)),
    "ConfirmObjective": (2, lambda value: interactions.ConfirmObjective("o", output_variables=value)),
    "record_canvas_interaction": (1, lambda value: calls.record_canvas_interaction("c1", {**CANVAS, "value": value})),
    "webhooks.parse": (1, lambda value: webhooks.parse({"event_type": "x", "properties": value})),
    "interactions.parse": (1, lambda value: interactions.parse({"event_type": "x", "properties": value})),
    "Transcript.from_list": (2, lambda value: Transcript.from_list([{**TURN, "new": value}])),
}


def deep(levels: int) -> Any:
    value: Any = {"api_key": SECRET, "note": SECRET}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def circle() -> Any:
    value: dict[str, Any] = {"api_key": SECRET, "note": SECRET}
    value["self"] = [value, value]
    return value


pytestmark = pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")


@pytest.mark.parametrize("name", TAKERS)
def test_as_many_levels_are_taken_as_an_answer_may_have_and_no_more(name: str) -> None:
    around, take = TAKERS[name]

    take(deep(MAX_DEPTH - around))
    with pytest.raises(TavusError, match="more than 200 levels"):
        take(deep(MAX_DEPTH + 1))


# attrs.evolve is attrs' own, and keeps what it was given in its local variables.
@pytest.mark.parametrize("name", sorted(TAKERS.keys() - {"attrs.evolve"}))
@pytest.mark.parametrize(
    "make", [lambda: deep(1_000), lambda: deep(100_000), circle], ids=["1,000", "100,000", "circle"]
)
def test_what_is_far_too_deep_or_holds_itself_is_refused_and_not_shown(name: str, make: Callable[[], Any]) -> None:
    # No frame of the test's holds the value: rich would show it.
    shown = traceback_of(lambda: TAKERS[name][1](make()))

    assert "more than 200 levels" in shown
    assert SECRET not in shown


def doubling(levels: int) -> Any:
    value: Any = {"api_key": SECRET, "note": SECRET}
    for _ in range(levels):
        value = {"a": value, "b": value}
    return value


def repeated_text() -> Any:
    return {"api_key": SECRET, "texts": ["x" * 2**20] * 2**10}


def chain() -> Any:
    many = [0] * 2**14
    value: Any = many
    for _ in range(100):
        value = [value, many]
    return {"api_key": SECRET, "chain": value}


@pytest.mark.parametrize("name", sorted(TAKERS.keys() - {"attrs.evolve"}))
@pytest.mark.parametrize("make", [lambda: doubling(30), lambda: doubling(150), repeated_text])
def test_what_would_be_far_larger_when_written_is_refused_at_once(name: str, make: Callable[[], Any]) -> None:
    with pytest.raises(TavusError, match="the same values so often that they are more than 1,048,576"):
        TAKERS[name][1](make())


@pytest.mark.parametrize("name", TAKERS)
def test_what_is_held_a_few_times_is_taken(name: str) -> None:
    assert TAKERS[name][1](doubling(8)) is not None


def test_a_long_list_that_is_held_at_every_level_is_refused_too() -> None:
    with pytest.raises(InvalidRequestError, match="the same values so often"):
        Call.json("POST", "/v2/x", chain())


def test_a_query_is_bounded_too() -> None:
    with pytest.raises(InvalidRequestError, match="the same values so often"):
        Call.json("GET", "/v2/x", query={"name": ["x" * 2**20] * 2**10})


@pytest.mark.parametrize("part", ["op", "path", "from"])
def test_an_operation_whose_words_are_no_texts_is_refused_and_not_shown(part: str) -> None:
    given = {"op": "move", "path": "/a", "from": "/b", part: circle()}
    shown = traceback_of(lambda: patch.read([given]))

    assert "a dict" in shown
    assert SECRET not in shown


def test_a_record_as_deep_as_can_be_read_does_all_that_any_does() -> None:
    value = deep(MAX_DEPTH - 1)
    body = {"persona_id": "p1", "skills": value, "new": value, "layers": {"llm": {"extra_body": deep(MAX_DEPTH - 3)}}}
    record, twin = (decode_persona(json.dumps(body).encode()) for _ in range(2))

    assert record == twin
    assert hash(record) == hash(twin)
    assert repr(record) == repr(twin)
    assert record.to_dict() == copy.deepcopy(record).to_dict() == copy.deepcopy(record.to_dict()) == body
    assert copy.deepcopy(record.extra) == record.extra
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert repr(pickle.loads(pickle.dumps(record, protocol))) == repr(record)  # noqa: S301
        assert type(pickle.loads(pickle.dumps(record.extra, protocol))) is type(record.extra)  # noqa: S301
    assert calls.create_persona(attrs.evolve(PersonaDraft.of(record), system_prompt="x")).body
    assert attrs.evolve(record, greeting="x").extra == record.extra
    assert PERSONAS.diff(record, attrs.evolve(record, skills=[]), without=frozenset()) == [patch.replace("/skills", [])]


def test_what_is_held_many_times_over_is_looked_at_once() -> None:
    value: Any = {"api_key": "x"}
    for _ in range(MAX_DEPTH + 1):
        value = [value, value]

    with pytest.raises(InvalidRequestError, match="more than 200 levels"):
        Call.json("POST", "/v2/x", value)
