"""Every field that the API is known to have, by the name and type that it has there."""

import json
from typing import Any

import pytest

from tavus_async import Persona, Secret
from tests.support.decoding import decode_persona
from tests.support.fields import names_of

TOOL = {"type": "function", "function": {"name": "wave", "parameters": {}}}
TOOLS = [TOOL, {"name": "bare"}]

FIELDS: dict[str, dict[str, Any]] = {
    "llm": {
        "model": "tavus-gemma-4",
        "base_url": "https://llm.test/v1",
        "api_key": "sk-…",
        "speculative_inference": True,
        "tools": TOOLS,
        "headers": {"X-Tenant": "a"},
        "extra_body": {"temperature": 0.5},
        "default_query": {},
        "disable_vision": False,
        "enable_llm_proxy": True,
        "model_name": "m",
        "is_custom": False,
        "endpoint": "e",
    },
    "tts": {
        "tts_engine": "cartesia",
        "api_key": "",
        "external_voice_id": "v1",
        "voice_id": "v2",
        "playht_user_id": "u",
        "tts_model_name": "sonic-3",
        "tts_emotion_control": True,
        "pronunciation_dictionary_id": "pd_1",
    },
    "stt": {
        "stt_engine": "tavus-auto",
        "hotwords": "Zoë, Tavus",
        "participant_pause_sensitivity": "low",
        "participant_interrupt_sensitivity": "high",
        "smart_turn_detection": True,
    },
    "perception": {
        "perception_model": "raven-1",
        "visual_awareness_queries": ["Is it dark?"],
        "visual_tool_prompt": "p",
        "visual_tools": TOOLS,
        "audio_awareness_queries": [],
        "audio_tool_prompt": "",
        "audio_tools": [],
        "screen_awareness_queries": ["a", "b"],
        "screen_tools": TOOLS,
        "perception_analysis_queries": ["c"],
        "emotion_recognition": "auto",
        "ambient_awareness_queries": ["d"],
        "perception_tool_prompt": "p",
        "perception_tools": TOOLS,
        "tool_prompt": "",
    },
    "conversational_flow": {
        "turn_detection_model": "sparrow-2",
        "turn_taking_patience": "medium",
        "turn_commitment": "low",
        "replica_interruptibility": "high",
        "active_listening": "off",
        "voice_isolation": "near",
        "noise_cancellation": "on",
        "wake_phrase": "hello",
        "sleep_phrase": "bye",
        "idle_engagement": "eager",
        "idle_end_behavior": "wait",
    },
    "transport": {
        "transport_type": "livekit",
        "input_settings": {"microphone": {"enabled": False}},
        "room_settings": {"a": [1]},
    },
    "vqa": {"enable_vision": False, "enabled": True},
    "conferencing": {"username": "Zoë", "allowlist": ["a@b.test"], "whitelabel": {"logo": None}},
    "capabilities": {
        "mcp_enabled": True,
        "search_enabled": False,
        "activity_log_enabled": True,
        "search_results_prompt_injection_prevention_enabled": True,
    },
    "knowledge_base": {
        "rag_score_threshold": 0.25,
        "rag_n_chunks": 7,
        "rag_surrounding_chunk_radius": 2,
        "enable_rag_observability_app_messages": False,
        "use_procedure_goalchain": True,
    },
}
VOICE = {
    "speed": 0.94,
    "emotion": ["positivity:high", "calm"],
    "stability": 0.5,
    "similarity_boost": 1,
    "style": 0,
    "use_speaker_boost": False,
}


def persona(layers: dict[str, Any]) -> Persona:
    return decode_persona(json.dumps({"persona_id": "p1", "layers": layers}).encode())


def plain(value: Any) -> Any:
    match value:
        case Secret():
            return value.reveal()
        case tuple():
            return list(value)
        case dict():
            return {name: plain(inner) for name, inner in value.items()}
        case _:
            return value


@pytest.mark.parametrize("layer", FIELDS)
def test_every_field_of_a_layer_has_its_attribute(layer: str) -> None:
    fields = FIELDS[layer]
    record = getattr(persona({layer: fields}).layers, layer)

    assert {name: plain(getattr(record, name)) for name in fields} == fields
    assert record.extra == {}


def test_no_layer_and_no_field_is_left_out_here() -> None:
    layers = persona({}).layers
    known = {name: set(names_of(getattr(layers, name))) for name in FIELDS}

    assert set(names_of(layers)) - set(FIELDS) == {"sts"}
    assert {name: known[name] - set(FIELDS[name]) for name in FIELDS if known[name] - set(FIELDS[name])} == {
        "tts": {"voice_settings"}
    }


def test_voice_settings_are_a_record_of_their_own() -> None:
    voice = persona({"tts": {"voice_settings": VOICE}}).layers.tts.voice_settings

    assert {name: plain(getattr(voice, name)) for name in VOICE} == VOICE
    assert set(names_of(voice)) == set(VOICE)
    assert voice.extra == {}


@pytest.mark.parametrize("speed", [1, 1.05, "normal", "slowest", ""])
def test_a_speed_is_a_number_or_a_word(speed: float | str) -> None:
    voice = persona({"tts": {"voice_settings": {"speed": speed}}}).layers.tts.voice_settings

    assert voice.speed == speed
    assert type(voice.speed) is type(speed)


def test_speech_to_speech_is_free_form() -> None:
    assert persona({"sts": {"anything": [1, {"a": None}]}}).layers.sts == {"anything": [1, {"a": None}]}


@pytest.mark.parametrize("name", ["replica_interruptibility", "pal_interruptibility", "face_interruptibility"])
def test_interruptibility_has_three_names(name: str) -> None:
    record = persona({"conversational_flow": {name: "low"}})

    assert record.layers.conversational_flow.replica_interruptibility == "low"
    assert record.to_dict()["layers"]["conversational_flow"] == {name: "low"}


def test_a_layer_that_was_not_sent_can_be_read_all_the_same() -> None:
    layers = persona({}).layers

    assert layers.llm.model is None
    assert layers.tts.voice_settings.speed is None
    assert not layers.perception


def test_what_was_read_holds_tuples() -> None:
    layers = persona({"llm": {"tools": TOOLS}, "perception": {"visual_awareness_queries": ["a", "b"]}}).layers

    assert layers.llm.tools == tuple(TOOLS)
    assert layers.perception.visual_awareness_queries == ("a", "b")
