"""The bodies that are served and decoded. Written for the benchmarks; of the kinds that accounts hold."""

import json
from typing import Any

PARAGRAPH = (
    "You help new colleagues through their first week. Ask what they have tried before you explain anything. "
    "Answer in two or three short sentences, and offer an example when a word is unusual. "
)
OFFICE_TOOL = {
    "type": "function",
    "function": {
        "name": "look_up_office_hours",
        "description": "Looks up when an office is open.",
        "parameters": {
            "type": "object",
            "properties": {
                "office": {"type": "string", "description": "The city of the office, as in Lisbon"},
                "day": {"type": "string", "enum": ["today", "tomorrow", "any"]},
            },
            "required": ["office"],
        },
    },
}


def small(persona_id: str) -> dict[str, Any]:
    """A persona with little in it."""
    return {
        "persona_id": persona_id,
        "persona_name": "Guide",
        "system_prompt": PARAGRAPH,
        "default_replica_id": "r5f0577fc829",
        "created_at": "2026-03-02T09:15:41.120934Z",
        "updated_at": "2026-04-11T17:02:08.554120Z",
    }


def full(persona_id: str) -> dict[str, Any]:
    """A persona with every layer that people use: about 3 kB."""
    return small(persona_id) | {
        "system_prompt": PARAGRAPH * 3,
        "pipeline_mode": "full",
        "context": "The first day is a Monday. " + PARAGRAPH,
        "greeting": "Hello, and welcome!",
        "document_ids": ["d8c1f2b7e6a5", "d0f9e8d7c6b5"],
        "document_tags": ["handbook", "first-week"],
        "objectives_id": "o1f2e3d4c5b6",
        "guardrail_ids": ["g9a8b7c6d5e4"],
        "layers": {
            "llm": {
                "model": "tavus-gpt-oss",
                "speculative_inference": True,
                "tools": [OFFICE_TOOL],
                "extra_body": {"temperature": 0.4, "top_p": 0.9},
            },
            "tts": {
                "tts_engine": "cartesia",
                "tts_model_name": "sonic-3",
                "external_voice_id": "3f9a1c52-7b64-4e0d-9d2a-51c8e7b0aa17",
                "voice_settings": {"speed": 0.9, "emotion": ["positivity:high", "curiosity"]},
                "tts_emotion_control": True,
            },
            "stt": {"stt_engine": "tavus-advanced", "smart_turn_detection": True, "hotwords": "Lisbon, onboarding"},
            "perception": {
                "perception_model": "raven-1",
                "visual_awareness_queries": ["Is anybody else in the room?", "Does the person look lost?"],
                "visual_tool_prompt": "Call look_up_office_hours when the person shows a badge of another office.",
                "visual_tools": [OFFICE_TOOL],
            },
            "conversational_flow": {
                "turn_detection_model": "sparrow-1",
                "turn_taking_patience": "medium",
                "replica_interruptibility": "low",
            },
        },
    }


def long(persona_id: str) -> dict[str, Any]:
    """A persona whose context is a book: about 300 kB."""
    return full(persona_id) | {"context": PARAGRAPH * 1500}


def page(size: int = 100) -> dict[str, Any]:
    """A page of full personas."""
    return {"data": [full(f"p{number:011x}") for number in range(size)], "total_count": size}


def encode(body: object) -> bytes:
    """Spell a body as servers do."""
    return json.dumps(body).encode()


SIZES: dict[str, tuple[str, bytes]] = {
    "small": ("a small persona", encode(small("p0f1e2d3c4b5"))),
    "full": ("a full persona", encode(full("p0f1e2d3c4b5"))),
    "page": ("a page of 100 full personas", encode(page())),
    "long": ("a persona of 300 kB", encode(long("p0f1e2d3c4b5"))),
}
