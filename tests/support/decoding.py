"""Personas read from bodies, as the answers to the session's calls are."""

from typing import Any

from tavus_async import CreatedPersona, Page, Persona, PersonaDraft, calls
from tavus_async._records.json import loads
from tavus_async._wire.answers import decode_one, reader
from tavus_async.resources.personas.calls import PERSONAS


def decode_persona(body: bytes, persona_id: str | None = None) -> Persona:
    """The persona in an answer to getting this one, or, by default, the one that it is about."""
    asked = persona_id or find_id(body)
    return decode_one(PERSONAS.form, reader(Persona), "p1" if asked is None else asked, body)


def find_id(body: bytes) -> str | None:
    """The id in a body: bare, or in an envelope."""
    try:
        value: Any = loads(body)
    except ValueError:
        return None
    if isinstance(value, dict) and not {"persona_id", "pal_id"} & value.keys():
        value = value.get("data")
    value = value[0] if isinstance(value, list) and value else value
    found = (value.get("persona_id"), value.get("pal_id")) if isinstance(value, dict) else ()
    return next((each for each in found if isinstance(each, str)), None)


def decode_personas(body: bytes) -> Page[Persona]:
    """The page in an answer to listing personas."""
    return calls.list_personas_page().decode(body)


def decode_created(body: bytes) -> CreatedPersona:
    """What an answer to a create says."""
    return calls.create_persona(PersonaDraft(pipeline_mode="echo")).decode(body)
