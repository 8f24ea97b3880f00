"""A persona to write to."""

import json
from typing import Any

from tavus_async import Persona
from tavus_async.sandbox import Sandbox
from tests.support.decoding import decode_persona
from tests.support.quick import KEY

BODY: dict[str, Any] = {
    "persona_id": "p1",
    "persona_name": "Ada",
    "system_prompt": "Be kind.",
    "default_replica_id": "r1",
    "document_ids": ["d1", "d2", "d3"],
    "layers": {
        "llm": {"model": "mine", "base_url": "https://llm.example", "api_key": "sk-0123456789abcdef"},
        "tts": {"tts_engine": "cartesia", "tts_model_name": "sonic-3"},
        "conversational_flow": {"replica_interruptibility": "high"},
    },
    "created_at": "2025-03-21T20:57:47.868278Z",
    "updated_at": "2025-03-21T20:57:47.868278Z",
}
ADA = decode_persona(json.dumps(BODY).encode())


def sandbox_with(*bodies: dict[str, Any]) -> Sandbox:
    """A sandbox that holds these, or Ada."""
    return Sandbox(personas=bodies or [BODY], api_key=KEY)


def as_pal(persona: Persona) -> Persona:
    """The same persona as the server shows it among the PALs."""
    names = {"persona_id": "pal_id", "persona_name": "pal_name", "default_replica_id": "default_face_id"}
    flow = "replica_interruptibility"
    body = {names.get(name, name): value for name, value in persona.to_dict().items()}
    text = json.dumps(body).replace(f'"{flow}"', '"pal_interruptibility"')
    return decode_persona(text.encode())
