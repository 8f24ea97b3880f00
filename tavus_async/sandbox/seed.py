"""Personas that look like those of real accounts: every layer, every era of the API, old spellings included.

The same count and seed give the same personas on every machine.
"""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from tavus_async.sandbox import seed_texts as texts
from tavus_async.sandbox.collection import Store
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.seed_layers import Era, custom_llm, echo_layers, full_layers, inline_tools, pick, speech_layers

__all__ = ["FIRST_ID", "fill"]

FIRST_ID = "p5317866"
"""The id that every generated sandbox has: a system persona."""

# Ids that other clients ask for unless told otherwise, spread over the list; all are system personas.
_STOCK = MappingProxyType({0: FIRST_ID, 3: "pipecat0", 5: "pb87e71797da", 8: "pipecat-stream", 11: "pdced222244b"})
_STOCK_ECHO = (3, 8)
_SYSTEM_EVERY = 9
_FIRST_DAY = datetime(2024, 11, 4, 9, 0, tzinfo=UTC)
_LAST_DAY = datetime(2026, 10, 30, 18, 0, tzinfo=UTC)


def fill(store: Store, count: int, *, seed: int) -> None:
    """Add *count* personas to an empty *store*, the oldest first."""
    dice = random.Random(f"personas {seed}")  # noqa: S311
    step = (_LAST_DAY - _FIRST_DAY) / max(count, 1)
    taken = set(_STOCK.values())
    for number in range(count):
        persona_id = _STOCK.get(number) or _new_id(dice, taken)
        era = Era(1 + len(Era) * number // count)
        make = _echo if number in _STOCK_ECHO else _researcher if number == 0 else _KINDS[number % len(_KINDS)]
        is_system = number in _STOCK or number % _SYSTEM_EVERY == _SYSTEM_EVERY - 1
        created = _FIRST_DAY + step * (number + dice.random() / 2)
        document: JsonObject = {"persona_id": persona_id, **make(dice, era), **_times(dice, era, created)}
        store.add(document, is_system=is_system)


def _new_id(dice: random.Random, taken: set[str]) -> str:
    while (persona_id := f"p{dice.getrandbits(44):011x}") in taken:
        pass
    taken.add(persona_id)
    return persona_id


def _times(dice: random.Random, era: Era, created: datetime) -> JsonObject:
    written = "%Y-%m-%dT%H:%M:%SZ" if era is Era.PAL else "%Y-%m-%dT%H:%M:%S.%fZ"
    updated = created + timedelta(minutes=dice.choice((0, 0, 7, 3000)))
    return {"created_at": created.strftime(written), "updated_at": updated.strftime(written)}


def _researcher(dice: random.Random, _era: Era) -> JsonObject:
    flow: JsonObject = {
        "turn_detection_model": "sparrow-1",
        "turn_taking_patience": "medium",
        "replica_interruptibility": "medium",
    }
    return {
        "persona_name": "Field Researcher",
        "system_prompt": "You interview people about how they work. " + " ".join(texts.HABITS[:6]),
        "pipeline_mode": "full",
        "context": "The person was invited by e-mail and has about ten minutes.",
        "default_replica_id": "rfe12d8b9597",
        "layers": {
            "llm": {"model": "tavus-gpt-oss", "speculative_inference": True, "tools": inline_tools(dice)},
            "tts": {
                "tts_engine": "cartesia",
                "tts_model_name": "sonic-3",
                "voice_settings": {},
                "tts_emotion_control": True,
            },
            "stt": {"stt_engine": "tavus-auto", "hotwords": ""},
            "perception": {
                "perception_model": "raven-1",
                "visual_awareness_queries": [*texts.QUERIES[:2]],
            },
            "conversational_flow": flow,
        },
    }


def _full(dice: random.Random, era: Era) -> JsonObject:
    name, role, prompt = _character(dice, sentences=dice.randint(2, 12))
    document: JsonObject = {
        "persona_name": f"{name}, {role}",
        "system_prompt": prompt,
        "pipeline_mode": "full",
        "default_replica_id": dice.choice(("", f"r{dice.getrandbits(44):011x}")),
        "layers": full_layers(dice, era),
    }
    if era < Era.PAL:
        return {**document, "context": _filled(dice.choice(texts.CONTEXTS), dice, name)}
    return {
        **document,
        "greeting": _filled(dice.choice(texts.GREETINGS), dice, name),
        "languages": pick(dice, ["en"], ["en", "sv"], []),
        "disclosure_type": pick(dice, "always", "auto", "off"),
        "guardrail_ids": [],
        "tool_ids": [],
    }


def _echo(dice: random.Random, era: Era) -> JsonObject:
    document: JsonObject = {"persona_name": f"{dice.choice(texts.NAMES)} echo", "pipeline_mode": "echo"}
    if era < Era.FLOW:
        document["system_prompt"] = ""
    return {
        **document,
        "default_replica_id": f"r{dice.getrandbits(44):011x}",
        "layers": echo_layers(dice, era),
    }


def _custom(dice: random.Random, era: Era) -> JsonObject:
    document = _full(dice, era)
    return {**document, "layers": {**_layers(document), "llm": custom_llm(dice)}}


def _with_tools(dice: random.Random, era: Era) -> JsonObject:
    document = _full(dice, era)
    if era is Era.PAL:
        tools: list[Json] = ["end_call", f"t{dice.getrandbits(44):011x}"]
        skills: JsonObject = {"internet_search": {"config": {}}}
        return {**document, "tool_ids": tools, "skills": skills}
    layers = _layers(document)
    llm = layers["llm"]
    if isinstance(llm, dict):
        llm["tools"] = inline_tools(dice)
    return {**document, "layers": layers}


def _foreign(dice: random.Random, era: Era) -> JsonObject:
    name, prompt = dice.choice(texts.FOREIGN)
    return {**_full(dice, era), "persona_name": name, "system_prompt": prompt}


def _sparse(dice: random.Random, era: Era) -> JsonObject:
    name, role, prompt = _character(dice, sentences=1)
    document: JsonObject = {
        "persona_name": f"{name} ({role})",
        "system_prompt": prompt,
        "pipeline_mode": "full",
    }
    odd: Sequence[JsonObject] = (
        {},
        {"layers": {}},
        {"layers": {"perception": {}, "tts": {"tts_engine": "", "voice_settings": {}}}},
        {
            "layers": {"conversational": {"patience": "high"}, "perception": {"enabled": True}},
            "default_replica_id": "",
        },
    )
    return document | odd[(era + dice.getrandbits(1)) % len(odd)]


def _long(dice: random.Random, era: Era) -> JsonObject:
    name, role, prompt = _character(dice, sentences=dice.randint(25, 45))
    return {**_full(dice, era), "persona_name": f"{name}, {role}", "system_prompt": prompt}


def _informed(dice: random.Random, era: Era) -> JsonObject:
    document: JsonObject = {
        **_full(dice, era),
        "document_ids": [f"d{dice.randint(1, 9)}-{dice.getrandbits(44):011x}" for _ in range(dice.randint(1, 4))],
        "document_tags": [*dice.sample(("prices", "opening-hours", "faq", "manuals"), 2)],
        "objectives_id": f"o{dice.getrandbits(44):011x}",
    }
    if era < Era.PAL:
        return {**document, "guardrails_id": f"g{dice.getrandbits(44):011x}"}
    return {
        **document,
        "guardrail_ids": [f"g{dice.getrandbits(44):011x}"],
        "guardrail_tags": ["house-rules"],
        "memories": ["Prefers to be called by the first name."],
        "verbal_disclosure": "I am an AI.",
        "visual_disclosure": "AI",
        "is_template": False,
        "conferencing_email": f"{dice.choice(texts.NAMES).lower()}@pals.example.com",
    }


def _speech(dice: random.Random, era: Era) -> JsonObject:
    if era < Era.PAL:
        return _full(dice, era)
    name = dice.choice(texts.NAMES)
    return {
        "persona_name": f"{name}, by ear",
        "pipeline_mode": "speech-to-speech",
        "greeting": f"It is {name}.",
        "default_replica_id": f"r{dice.getrandbits(44):011x}",
        "layers": speech_layers(dice),
    }


def _character(dice: random.Random, *, sentences: int) -> tuple[str, str, str]:
    name = dice.choice(texts.NAMES)
    role, employer = dice.choice(texts.ROLES)
    pool = texts.HABITS + texts.LIMITS + texts.AFTERTHOUGHTS
    prompt = [dice.choice(texts.OPENINGS).format(name=name, role=role, employer=employer)]
    while len(prompt) <= sentences:
        prompt += dice.sample(pool, min(len(pool), sentences + 1 - len(prompt)))
    return name, role, _filled(" ".join(prompt), dice, name)


def _filled(text: str, dice: random.Random, name: str) -> str:
    return text.replace("{name}", name).replace("{place}", dice.choice(texts.PLACES))


def _layers(document: JsonObject) -> JsonObject:
    layers = document["layers"]
    return layers if isinstance(layers, dict) else {}


_KINDS: Sequence[Callable[[random.Random, Era], JsonObject]] = (
    _full, _echo, _custom, _with_tools, _foreign, _sparse, _long, _informed, _full, _speech, _with_tools,
)  # fmt: skip
