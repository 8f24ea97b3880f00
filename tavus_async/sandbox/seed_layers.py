"""Layers of generated personas, as four eras of the API would have stored them."""

import random
from enum import IntEnum

from tavus_async.sandbox import seed_texts as texts
from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["Era", "custom_llm", "echo_layers", "full_layers", "inline_tools", "luck", "pick", "speech_layers"]


class Era(IntEnum):
    """What was new at a time; what came later is unknown to it."""

    VQA = 1
    """Vision is `vqa`, voices may be PlayHT's, switches are spelled as strings."""
    RAVEN = 2
    """Perception by raven-0; turns are detected in the stt layer."""
    FLOW = 3
    """Turns move to a layer of their own."""
    PAL = 4
    """Personas are PALs: greetings, guardrails and tools by id, capabilities, conferencing."""


_MODELS = (
    ("tavus-llama", "tavus-gpt-4o", "tavus-gpt-4o-mini"),
    ("tavus-llama-4", "tavus-gpt-4o"),
    ("tavus-gpt-oss", "tavus-gpt-4.1", "tavus-gpt-5.2", "tavus-gemini-2.5-flash", "tavus-claude-haiku-4.5"),
    ("tavus-gemma-4", "tavus-gemini-3-flash", "tavus-gemma-4", "tavus-glm-4.7"),
)
_ENGINES = ("tavus-auto", "tavus-parakeet", "tavus-soniox", "tavus-whisper", "tavus-deepgram-medical")
_LEVELS = ("low", "medium", "high")


def pick(dice: random.Random, *options: Json) -> Json:
    """Return one of *options*, which share nothing afterwards since they are only ever written."""
    return dice.choice(options)


def luck(dice: random.Random, probability: float) -> bool:
    """Return True as often as *probability* says."""
    return dice.random() < probability


def full_layers(dice: random.Random, era: Era) -> JsonObject:
    """Return the layers of a persona that listens, thinks and speaks."""
    layers: JsonObject = {"llm": _llm(dice, era), "tts": _tts(dice, era), "stt": _stt(dice, era)}
    if era is Era.VQA:
        layers["vqa"] = pick(dice, {"enable_vision": "false"}, {"enabled": False}, {"enable_vision": "true"})
        return layers
    layers["perception"] = _perception(dice, era)
    if era >= Era.FLOW:
        layers["conversational_flow"] = _flow(dice, era)
    if era >= Era.PAL:
        layers |= _latest(dice)
    return layers


def echo_layers(dice: random.Random, era: Era) -> JsonObject:
    """Return the layers of a persona that only speaks what it is sent."""
    if era < Era.FLOW:
        return {"transport": {"room_settings": {"enable_recording": False}}}
    settings: JsonObject = {"microphone": "disabled", "enable_transcription": False}
    pipecat: JsonObject = {"transport_type": "daily", "input_settings": settings}
    return {"transport": pick(dice, {"transport_type": "livekit"}, pipecat, {})}


def speech_layers(dice: random.Random) -> JsonObject:
    """Return the layers of a speech-to-speech persona."""
    sts: JsonObject = {"model": "tavus-sts", "voice": dice.choice(texts.NAMES).lower()}
    return {"sts": sts, "perception": _perception(dice, Era.PAL)}


def custom_llm(dice: random.Random) -> JsonObject:
    """Return the llm layer of somebody's own model, with made-up secrets in it."""
    return {
        "model": pick(dice, "gpt-4.1-mini", "mistral-small", "qwen3-32b", "our-own-model"),
        "base_url": "https://llm.example.com/v1",
        "api_key": f"made-up-{dice.getrandbits(96):024x}",
        "speculative_inference": False,
        "headers": {"X-Team": "avatars", "Authorization": f"Bearer made-up-{dice.getrandbits(64):016x}"},
        "extra_body": {"temperature": 0.4, "top_p": 0.9, "max_tokens": 400, "stop": None},
        "default_query": {"api-version": "2025-06-01"},
    }


def inline_tools(dice: random.Random) -> list[Json]:
    """Return tool definitions, with the odd shapes that stored ones have."""
    tools: list[Json] = []
    for name, description, parameter in dice.sample(texts.TOOLS, dice.randint(1, 3)):
        function: JsonObject = {"name": name, "description": description}
        if parameter is not None:
            schema: JsonObject = {"type": "object"}
            schema["properties"] = {parameter: {"type": "string", "description": f"The {parameter}."}}
            # Some name what is required inside the schema, where it belongs, some beside it.
            place = dice.choice((function, schema))
            place["required"] = [parameter]
            function["parameters"] = schema
        elif luck(dice, 0.5):
            function["parameters"] = {}
        tools.append({"type": "function", "function": function})
    return tools


def _llm(dice: random.Random, era: Era) -> JsonObject:
    layer: JsonObject = {"model": dice.choice(_MODELS[era - 1])}
    if era < Era.FLOW:
        layer |= {"base_url": "", "api_key": "", "tools": []}
    else:
        layer["speculative_inference"] = luck(dice, 0.8)
    if era >= Era.RAVEN and luck(dice, 0.4):
        layer |= {"headers": {}, "extra_body": pick(dice, {}, {"temperature": 0.7, "top_p": 1})}
    return layer


def _tts(dice: random.Random, era: Era) -> JsonObject:
    if era is Era.VQA:
        return _early_voice(dice)
    if luck(dice, 0.4):
        return _elevenlabs(dice)
    if era >= Era.PAL and luck(dice, 0.5):
        voice_id = f"v{dice.getrandbits(44):011x}"
        return {"tts_engine": "tavus-auto", "voice_id": voice_id, "tts_emotion_control": True}
    layer: JsonObject = {
        "tts_engine": "cartesia",
        "tts_model_name": pick(dice, "sonic", "sonic-3"),
        "tts_emotion_control": True,
        "voice_settings": pick(dice, {}, {"speed": 0.5, "emotion": ["curiosity"]}, {"speed": "slowest"}),
    }
    if era >= Era.FLOW:
        layer["pronunciation_dictionary_id"] = f"pd_{dice.getrandbits(48):012x}"
    return layer


def _early_voice(dice: random.Random) -> JsonObject:
    speed = pick(dice, "normal", "fast", "slow")
    return {
        "api_key": "",
        "tts_engine": pick(dice, "playht", "cartesia", "elevenlabs"),
        "playht_user_id": "",
        "external_voice_id": "",
        "voice_settings": {"speed": speed, "emotion": ["positivity:high", "curiosity"]},
        "tts_emotion_control": pick(dice, "false", "true"),
        "tts_model_name": pick(dice, "", "sonic"),
    }


def _elevenlabs(dice: random.Random) -> JsonObject:
    return {
        "tts_engine": "elevenlabs",
        "api_key": f"made-up-{dice.getrandbits(96):024x}",
        "external_voice_id": f"{dice.getrandbits(80):020x}",
        "voice_settings": {
            "speed": pick(dice, 0.94, 1.05, 1),
            "stability": 0.5,
            "similarity_boost": 0.75,
            "style": 0,
            "use_speaker_boost": True,
        },
        "tts_emotion_control": pick(dice, "true", luck(dice, 0.5)),
        "tts_model_name": pick(dice, "eleven_turbo_v2_5", "eleven_flash_v2_5", "eleven_v4_turbo"),
    }


def _stt(dice: random.Random, era: Era) -> JsonObject:
    if era >= Era.FLOW:
        return {"stt_engine": dice.choice(_ENGINES), "hotwords": pick(dice, "", "Ystad, Skåne, Österlen")}
    return {
        "stt_engine": pick(dice, "tavus-turbo", "tavus-advanced"),
        "participant_pause_sensitivity": dice.choice(_LEVELS),
        "participant_interrupt_sensitivity": dice.choice(_LEVELS),
        "smart_turn_detection": luck(dice, 0.5),
        "hotwords": "",
    }


def _perception(dice: random.Random, era: Era) -> JsonObject:
    queries: list[Json] = [*dice.sample(texts.QUERIES, dice.randint(0, 3))]
    if era is Era.RAVEN:
        return {
            "perception_model": pick(dice, "raven-0", "raven-0", "basic", "off"),
            "ambient_awareness_queries": queries,
            "perception_tool_prompt": "",
            "perception_tools": inline_tools(dice) if luck(dice, 0.3) else [],
            "tool_prompt": "",
        }
    layer: JsonObject = {
        "perception_model": pick(dice, "raven-1", "raven-1", "raven-1", "off"),
        "visual_awareness_queries": queries,
        "visual_tool_prompt": "Call note_mood when the face changes for more than a moment." if queries else "",
        "visual_tools": inline_tools(dice) if queries else [],
        "audio_awareness_queries": [texts.QUERIES[-1]],
        "audio_tool_prompt": "",
        "audio_tools": [],
    }
    if era >= Era.PAL:
        layer["perception_analysis_queries"] = ["Did the user seem content at the end?"]
        layer["emotion_recognition"] = pick(dice, "auto", "full", "limited")
        layer["screen_awareness_queries"] = []
    return layer


def _flow(dice: random.Random, era: Era) -> JsonObject:
    models = ("sparrow-0", "sparrow-1", "time-based") if era is Era.FLOW else ("sparrow-1", "sparrow-2")
    layer: JsonObject = {
        "turn_detection_model": dice.choice(models),
        "turn_taking_patience": dice.choice(_LEVELS),
        "turn_commitment": dice.choice(_LEVELS),
        "replica_interruptibility": dice.choice(_LEVELS),
        "active_listening": pick(dice, "off", "low"),
        "voice_isolation": pick(dice, "near", "off"),
        "idle_engagement": pick(dice, "off", "patient", "eager"),
    }
    if luck(dice, 0.3):
        layer["wake_phrase"] = f"Hey {dice.choice(texts.NAMES)}"
    if era >= Era.PAL:
        layer["idle_end_behavior"] = pick(dice, "wait", "end_conversation")
    return layer


def _latest(dice: random.Random) -> JsonObject:
    username = f"{dice.choice(texts.NAMES).lower()}-{dice.getrandbits(16):04x}"
    capabilities: JsonObject = {
        "mcp_enabled": False,
        "search_enabled": luck(dice, 0.5),
        "activity_log_enabled": True,
    }
    return {
        "conferencing": {"username": username, "allowlist": ["example.com"], "whitelabel": False},
        "capabilities": capabilities,
        "knowledge_base": {"rag_score_threshold": 0.35, "rag_n_chunks": dice.randint(3, 9)},
    }
