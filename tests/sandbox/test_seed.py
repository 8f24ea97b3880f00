import json
import random
import re
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.collection import Collection
from tavus_async.sandbox.resources.personas import PERSONA_RESOURCE
from tavus_async.sandbox.resources.personas.rules import problems
from tavus_async.sandbox.seed import expand, fill
from tavus_async.sandbox.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def collection() -> Collection:
    collection = Collection(definition=PERSONA_RESOURCE.definition, dice=random.Random(0))
    fill(collection, 400, seed=0)
    return collection


@pytest.fixture(scope="module")
def documents(collection: Collection) -> list[dict[str, Any]]:
    return [persona.document() for persona in collection]


def everything(value: Any, path: str = "") -> set[tuple[str, Any]]:
    """Every leaf of *value* with its path; arrays have no indices."""
    if isinstance(value, dict):
        leaves = [everything(inner, f"{path}.{key}") for key, inner in value.items()]
        return set().union({(path, "{}")} if not value else set(), *leaves)
    if isinstance(value, list):
        return set().union({(path, "[]")} if not value else set(), *(everything(inner, path) for inner in value))
    return {(path, value)}


def test_the_same_seed_gives_the_same_personas() -> None:
    first, again, other = (Sandbox(personas=60, seed=seed) for seed in (3, 3, 4))

    assert [first.stored(key) for key in first.persona_ids] == [again.stored(key) for key in again.persona_ids]
    assert first.persona_ids != other.persona_ids


@pytest.mark.parametrize("count", [0, 1, 2, 17])
def test_there_are_as_many_as_asked_for(count: int) -> None:
    sandbox = Sandbox(personas=count)

    assert len(set(sandbox.persona_ids)) == count
    assert sandbox.persona_ids[:1] == ("p5317866",)[:count]


def test_the_first_one_is_full_and_shows_its_model() -> None:
    persona = Sandbox(personas=1).stored("p5317866")

    assert persona["persona_name"] == "Field Researcher"
    assert persona["layers"]["llm"]["model"] == "tavus-gpt-oss"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("persona_id", ["p5317866", "pipecat0", "pipecat-stream", "pb87e71797da", "pdced222244b"])
def test_stock_personas_are_system_personas(collection: Collection, persona_id: str) -> None:
    persona = collection.get(persona_id)

    assert persona is not None
    assert persona.is_system


def test_the_stock_personas_of_echo_clients_are_echo_personas(collection: Collection) -> None:
    modes = [persona.document()["pipeline_mode"] for persona in collection if persona.id.startswith("pipecat")]

    assert modes == ["echo", "echo"]


def test_some_belong_to_the_account_and_some_to_the_system(collection: Collection) -> None:
    assert 20 < sum(persona.is_system for persona in collection) < 100


def test_none_breaks_a_rule(documents: list[dict[str, Any]]) -> None:
    assert [problem for document in documents for problem in problems(document)] == []


def test_they_are_listed_in_order_of_creation(documents: list[dict[str, Any]]) -> None:
    created = [document["created_at"] for document in documents]

    assert created == sorted(created)
    assert {len(text) for text in created} == {len("2026-10-06T18:24:55Z"), len("2025-03-21T20:57:47.868278Z")}


def test_every_layer_and_every_era_is_there(documents: list[dict[str, Any]]) -> None:
    layers = {name for document in documents for name in document.get("layers", {})}
    found = set().union(*(everything(document) for document in documents))

    assert layers >= {"llm", "tts", "stt", "perception", "conversational_flow", "vqa", "transport", "sts"}
    assert layers >= {"conferencing", "capabilities", "knowledge_base"}
    assert found >= {
        (".pipeline_mode", "echo"),
        (".pipeline_mode", "speech-to-speech"),
        (".layers.perception.perception_model", "raven-0"),
        (".layers.perception.perception_model", "raven-1"),
        (".layers.perception.perception_model", "basic"),
        (".layers.conversational_flow.turn_detection_model", "sparrow-0"),
        (".layers.conversational_flow.turn_detection_model", "sparrow-2"),
        (".layers.conversational_flow.turn_detection_model", "time-based"),
        (".layers.tts.tts_engine", "cartesia"),
        (".layers.tts.tts_engine", "elevenlabs"),
        (".layers.tts.tts_engine", "playht"),
        (".layers.tts.tts_emotion_control", "false"),
        (".layers.tts.tts_emotion_control", True),
        (".layers.tts.voice_settings.speed", "normal"),
        (".layers.tts.voice_settings.speed", 0.94),
        (".layers.tts.external_voice_id", ""),
        (".layers.tts.voice_settings", "{}"),
        (".layers.llm.base_url", "https://llm.example.com/v1"),
        (".layers.llm.model", "tavus-gemma-4"),
        (".layers.vqa.enable_vision", "false"),
        (".layers", "{}"),
        (".layers.conversational.patience", "high"),
        (".layers.tts.tts_engine", ""),
        (".tool_ids", "end_call"),
        (".default_replica_id", ""),
    }


def test_sizes_are_those_of_real_ones(collection: Collection) -> None:
    sizes = sorted(len(persona.body(Vocabulary.PERSONA)) for persona in collection)

    assert 200 < sizes[0] < 400
    assert 3500 < sizes[-1] < 7000


def test_other_scripts_are_written_as_utf_8(collection: Collection) -> None:
    bodies = b"".join(persona.body(Vocabulary.PERSONA) for persona in collection)

    assert "駅長".encode() in bodies
    assert "\N{RIGHT SINGLE QUOTATION MARK}".encode() in bodies
    assert json.dumps("駅長").encode()[1:-1] not in bodies


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ({"a": [1, None, "x {name}"]}, [{"a": [1, None, "x Ada"]}]),
        ({"a": "{name}, {role}: {name}"}, [{"a": "Ada, Smith: Ada"}]),
        ({"a": {"$one": [1, {"$one": [2]}]}}, [{"a": 1}, {"a": 2}]),
        ({"a": {"$some": "list", "count": [2, 2]}}, [{"a": ["Ada", 2]}, {"a": [2, "Ada"]}]),
        ({"a": {"$some": "one", "count": [3, 3]}}, [{"a": [1, 1, 1]}]),
        ({"a": {"$text": ["x", {"$some": "list", "count": [0, 0]}, {"$use": "text"}]}}, [{"a": "x y"}]),
        ({"$use": "base", "b": {"c": 3}, "e": 5}, [{"a": 1, "b": {"c": 3, "d": 2}, "e": 5}]),
        ({"$use": {"$one": ["base", {"b": {}}]}, "b": 0}, [{"a": 1, "b": 0}, {"b": 0}]),
    ],
)
def test_a_piece_stands_for_what_it_says(piece: Any, expected: list[Any]) -> None:
    base = {"a": 1, "b": {"c": 1, "d": 2}}
    pieces: Any = {"piece": piece, "base": base, "list": ["{name}", 2], "one": [1], "text": "y"}
    words: Any = {"name": ["Ada"], "character": [{"role": "Smith"}]}
    made = [expand("piece", pieces, words=words, dice=random.Random(seed)) for seed in range(30)]

    assert [value for value in expected if value not in made] == []
    assert [value for value in made if value not in expected] == []


def test_digits_are_hexadecimal_and_as_many_as_asked_for() -> None:
    made = expand("piece", {"piece": {"id": "p{hex:11}"}}, words={}, dice=random.Random(1))

    assert re.fullmatch("p[0-9a-f]{11}", str(made["id"]))
