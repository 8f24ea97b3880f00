"""Personas: https://docs.tavus.io/api-reference/personas"""

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal, TypeVar

import attrs

from tavus_async import patch
from tavus_async._records import json
from tavus_async._records.reading import decode_nothing, misfits
from tavus_async._records.record import MASK, JsonObject, Masked, Record
from tavus_async._settings import checks
from tavus_async._values import Page
from tavus_async._wire.call import Call
from tavus_async._wire.path import quote_id
from tavus_async.errors import InvalidRequestError
from tavus_async.resources.personas.decoding import decode_created, decode_persona, decode_personas
from tavus_async.resources.personas.records import CreatedPersona, Persona, PersonaDraft

RecordT = TypeVar("RecordT", bound=Record)

Vocabulary = Literal["persona", "pal"]

PATHS: dict[str, str] = {"persona": "/v2/personas", "pal": "/v2/pals"}
# How PALs are spelled where personas are spelled otherwise.
PAL_NAMES = {
    "persona_id": "pal_id",
    "persona_name": "pal_name",
    "default_replica_id": "default_face_id",
    "replica_interruptibility": "pal_interruptibility",
}
PERSONA_TYPES = ("user", "system")
# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN = ("created_at", "updated_at")


def get_persona(persona_id: str) -> Call[Persona]:
    """Get Persona: https://docs.tavus.io/api-reference/personas/get-persona"""
    path = persona_path(persona_id)
    return Call(method="GET", path=path, decode=partial(decode_persona, persona_id=persona_id), reads=path)


def list_personas_page(*, page: int = 1, limit: int = 10, persona_type: str | None = None) -> Call[Page[Persona]]:
    """List Personas: https://docs.tavus.io/api-reference/personas/get-personas"""
    for name, value in (("page", page), ("limit", limit)):
        if type(value) is not int or value < 1:
            message = f"{name} must be a whole number from 1 up, not {value!r}"
            raise InvalidRequestError(message)
    if persona_type is not None and persona_type not in PERSONA_TYPES:
        message = f"persona_type must be one of {', '.join(PERSONA_TYPES)}, not {persona_type!r}"
        raise InvalidRequestError(message)
    asked = {"limit": str(limit), "page": str(page), "persona_type": persona_type}
    query = tuple((name, value) for name, value in asked.items() if value is not None)
    return Call(method="GET", path=PATHS["persona"], decode=decode_personas, query=query)


def create_persona(draft: PersonaDraft, *, vocabulary: Vocabulary = "persona") -> Call[CreatedPersona]:
    """Create Persona: https://docs.tavus.io/api-reference/personas/create-persona"""
    checks.of_kind("draft", draft, PersonaDraft, error=InvalidRequestError)
    if vocabulary not in tuple(PATHS):
        raise InvalidRequestError(f"vocabulary must be one of {', '.join(PATHS)}, not {vocabulary!r}")
    refuse_misfits("the draft", misfits(draft))
    if draft.pipeline_mode in {None, "full"} and not (draft.system_prompt or "").strip():
        raise InvalidRequestError("a draft needs a system_prompt, unless its pipeline_mode is another than full")
    return Call(
        method="POST",
        path=PATHS[vocabulary],
        body=encode(sendable(draft, vocabulary).to_dict()),
        decode=decode_created,
        repeatable=False,
        creates=draft.persona_name,
    )


def patch_persona(
    persona_id: str,
    operations: Iterable[patch.Operation],
    *,
    force: bool = False,
    vocabulary: Vocabulary = "persona",
) -> Call[bool]:
    """Patch Persona: https://docs.tavus.io/api-reference/personas/patch-persona"""
    checks.of_kind("operations", operations, Iterable, error=InvalidRequestError)
    steps = list(operations)
    if not steps:
        raise InvalidRequestError("a patch needs at least one operation")
    for step in steps:
        checks.of_kind("an operation", step, patch.Operation, error=InvalidRequestError)
    return Call(
        method="PATCH",
        path=persona_path(persona_id, vocabulary),
        query=(("force", "true"),) if force else (),
        body=encode([step.to_dict() for step in steps]),
        decode=decode_changed,
        unchanged=False,
        repeatable=False,
        changes=persona_path(persona_id),
    )


def update_persona(before: Persona, after: Persona, *, force: bool = False) -> Call[bool] | None:
    """Make the smallest patch between two records of one persona; None where there is nothing to change."""
    checks.of_kind("before", before, Persona, error=InvalidRequestError)
    checks.of_kind("after", after, Persona, error=InvalidRequestError)
    persona_path(before.persona_id)
    if before.persona_id != after.persona_id:
        raise InvalidRequestError("before and after are two personas: their persona_id differs")
    refuse_misfits("after", misfits(after))
    vocabulary: Vocabulary = "pal" if before.spelling["persona_id"] == "pal_id" else "persona"
    operations = patch.diff(comparable(before), comparable(sendable(after, vocabulary, before)))
    if not operations:
        return None
    return patch_persona(before.persona_id, operations, force=force, vocabulary=vocabulary)


def comparable(persona: Persona) -> dict[str, Any]:
    """Return a persona's body without what the server alone sets."""
    return {name: value for name, value in persona.to_dict().items() if name not in SERVERS_OWN}


def delete_persona(persona_id: str) -> Call[None]:
    """Delete Persona: https://docs.tavus.io/api-reference/personas/delete-persona"""
    path = persona_path(persona_id)
    return Call(method="DELETE", path=path, decode=decode_nothing, changes=path)


def refuse_misfits(name: str, wrong: list[str]) -> None:
    """Raise InvalidRequestError where there are fields of the wrong type."""
    if wrong:
        raise InvalidRequestError(f"{name} has values of the wrong type: {', '.join(wrong)}")


def persona_path(persona_id: str, vocabulary: Vocabulary = "persona") -> str:
    """Return the path of one persona."""
    return f"{PATHS[vocabulary]}/{quote_id(persona_id, name='persona_id')}"


def sendable(record: RecordT, vocabulary: Vocabulary, before: object = None) -> RecordT:
    """Spell a record in one vocabulary, or as *before* is spelled, without the secrets that the server shows masked.

    What is masked is what *before* has there, so that comparing the two finds no change.
    """
    changes: dict[str, Any] = {}
    for name in record.known_names:
        value, old = getattr(record, name), getattr(before, name, None)
        if isinstance(value, Record):
            changes[name] = sendable(value, vocabulary, old) if value else value
        elif isinstance(value, Masked):
            changes[name] = old
        elif name in record.secret_names and json.is_object(value):
            changes[name] = unmasked(value, old if json.is_object(old) else {})
    pal_names = PAL_NAMES if vocabulary == "pal" else {}
    wire_names = {name: pal_names.get(name, name) for name in record.known_names}
    if isinstance(before, Record):
        wire_names |= before.spelling
    else:
        # A secret of an unexpected type is in there, as the server has shown it.
        changes["extra"] = {name: value for name, value in record.extra.items() if name not in record.secret_names}
    return attrs.evolve(record, **changes, wire_names=wire_names)


def unmasked(value: JsonObject, before: JsonObject) -> JsonObject:
    """Take masked texts out of an object, or put those of *before* in their place."""
    kept = {key: before if MASK in str(inner) else value for key, inner in value.items()}
    return {key: origin[key] for key, origin in kept.items() if key in origin}


def decode_changed(_body: bytes) -> bool:
    """Read the answer to a patch that changed something: its status says so."""
    return True


def encode(body: object) -> bytes:
    """Write a request's body; InvalidRequestError for what JSON cannot hold."""
    try:
        return json.dumps(body)
    except ValueError as error:
        reason = str(error)
    del body  # which may hold secrets, as a local variable of the traceback
    raise InvalidRequestError(f"the request cannot be written as JSON: {reason}")
