"""The endpoints of personas: https://docs.tavus.io/api-reference/personas"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

import attrs

from tavus_async import patch
from tavus_async._records.json import is_object, load
from tavus_async._records.record import Record
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import is_blank, of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.answers import Reader, kind_of, reader
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import DecodeError, InvalidRequestError
from tavus_async.resources._filters import check_words
from tavus_async.resources.personas.records import (
    CreatedPersona,
    Persona,
    PersonaDraft,
    PublishedPersona,
    UsernameCheck,
)

ToldT = TypeVar("ToldT", bound=Record)

PERSONAS = Resource(
    path="/v2/personas",
    renamed_path="/v2/pals",
    record=Persona,
    id_name="persona_id",
    list_keys=("data", "personas", "pals"),
)
PERSONA_TYPES = ("user", "system")


def get_persona(persona_id: str) -> Call[Persona]:
    """Get Persona: https://docs.tavus.io/api-reference/personas/get-persona"""
    return PERSONAS.get(persona_id)


@forget_refused
def list_personas_page(*, page: int = 1, limit: int = 10, persona_type: str | None = None) -> Call[Page[Persona]]:
    """List Personas: https://docs.tavus.io/api-reference/personas/get-personas"""
    check_words("persona_type", persona_type, PERSONA_TYPES)
    return PERSONAS.list_page(page=page, limit=limit, persona_type=persona_type)


def create_persona(draft: PersonaDraft | Mapping[str, Any]) -> Call[CreatedPersona]:
    """Create Persona: https://docs.tavus.io/api-reference/personas/create-persona"""
    draft = hidden(draft, texts=True)
    draft = as_draft(PersonaDraft, draft)
    call = PERSONAS.create(draft, CreatedPersona, name=draft.persona_name, find="find_personas")
    if draft.pipeline_mode in {None, "full"} and not (draft.system_prompt or "").strip():
        raise InvalidRequestError("a draft needs a system_prompt, unless its pipeline_mode is another than full")
    return call


def patch_persona(
    persona_id: str, operations: Iterable[patch.Operation | Mapping[str, Any]], *, force: bool = False
) -> Call[bool]:
    """Patch Persona: https://docs.tavus.io/api-reference/personas/patch-persona"""
    operations = hidden(operations, texts=True)
    of_kind("force", force, bool, error=InvalidRequestError)
    return PERSONAS.patch(persona_id, operations, query={"force": "true"} if force else None)


def delete_persona(persona_id: str) -> Call[None]:
    """Delete Persona: https://docs.tavus.io/api-reference/personas/delete-persona"""
    return PERSONAS.delete(persona_id)


def publish_persona(persona_id: str) -> Call[PublishedPersona]:
    """Publish PAL: https://docs.tavus.io/api-reference/pals/publish-pal"""
    call: Call[Any] = PERSONAS.act(persona_id, "publish")
    # What is published already stays as it is.
    return attrs.evolve(call, decode=partial(decode_told, reader(PublishedPersona)), repeatable=True)


@forget_refused
def check_username(username: str) -> Call[UsernameCheck]:
    """Check PAL Username: https://docs.tavus.io/api-reference/pals/check-username"""
    of_kind("username", username, str, error=InvalidRequestError)
    if is_blank(username):
        raise InvalidRequestError("username is blank")
    # It came with the rename, so it has no older path.
    return Call(
        method="GET",
        path=f"{PERSONAS.renamed_path}/check-username",
        query=(("username", username),),
        decode=partial(decode_told, reader(UsernameCheck)),
    )


def decode_told(read: Reader[ToldT], body: bytes) -> ToldT:
    """Read an object without an id, which may be missing where the status says all; DecodeError for anything else."""
    value: Any = load(body) if body.strip() else {}
    path = "$"
    if is_object(value) and is_object(value.get("data")):
        value, path = value["data"], "$.data"
    if not is_object(value):
        raise DecodeError(path=path, expected="an object", got=kind_of(value))
    return read(value, None)
