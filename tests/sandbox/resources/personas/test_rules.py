from typing import Any

import pytest

from tavus_async.sandbox.resources.personas.rules import INVALID_REPLICA, problems

GOOD: dict[str, Any] = {"system_prompt": "Be kind.", "pipeline_mode": "full"}


def with_layer(name: str, **fields: Any) -> dict[str, Any]:
    return {**GOOD, "layers": {name: fields}}


@pytest.mark.parametrize(
    "document",
    [
        GOOD,
        {"system_prompt": "x"},
        {"pipeline_mode": "echo"},
        {"pipeline_mode": "speech-to-speech"},
        {**GOOD, "unknown": {"kept": [1]}},
        {**GOOD, "layers": None},
        {**GOOD, "default_replica_id": None},
        {**GOOD, "default_replica_id": ""},
        {**GOOD, "tool_ids": ["t"] * 50},
        with_layer("perception", perception_model=""),
        with_layer("perception", perception_model=None),
        with_layer("perception", perception_model="basic", unknown=1),
        with_layer("conversational_flow", turn_detection_model="time-based"),
        with_layer("tts", tts_engine="playht"),
        with_layer("vqa", enable_vision="false"),
        {**GOOD, "layers": {"perception": 5}},
    ],
)
def test_what_is_not_known_to_be_wrong_is_accepted(document: dict[str, Any]) -> None:
    assert problems(document) == []


@pytest.mark.parametrize("document", [{}, {"system_prompt": ""}, {"pipeline_mode": "full", "system_prompt": None}])
def test_a_full_persona_needs_a_system_prompt(document: dict[str, Any]) -> None:
    assert problems(document) == ["system_prompt is required"]


@pytest.mark.parametrize(
    ("document", "values"),
    [
        ({**GOOD, "pipeline_mode": "half"}, "full, echo, speech-to-speech"),
        ({**GOOD, "pipeline_mode": ["full"]}, "full, echo"),
        (with_layer("perception", perception_model="raven-9"), "raven-0, raven-1, raven-2"),
        (with_layer("stt", stt_engine=4), "tavus-auto, tavus-parakeet"),
        (with_layer("conversational_flow", replica_interruptibility="very"), "low, medium, high"),
        (with_layer("conversational_flow", voice_isolation=True), "off, near, far"),
    ],
)
def test_an_unknown_choice_is_told_the_known_ones(document: dict[str, Any], values: str) -> None:
    assert values in " ".join(problems(document))


@pytest.mark.parametrize("replica", [7, [], "two words", " r1"])
def test_what_can_be_no_replica_is_refused(replica: Any) -> None:
    assert problems({**GOOD, "default_replica_id": replica}) == [INVALID_REPLICA]


def test_layers_are_an_object() -> None:
    assert problems({**GOOD, "layers": ["llm"]}) == ["layers must be an object"]


@pytest.mark.parametrize("field", ["tool_ids", "guardrail_ids"])
def test_a_persona_holds_fifty_ids_at_most(field: str) -> None:
    ids: Any = ["x"] * 51

    assert problems({**GOOD, field: ids}) == [f"{field} must contain at most 50 items"]
