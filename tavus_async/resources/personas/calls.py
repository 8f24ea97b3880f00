"""The endpoints of personas: https://docs.tavus.io/api-reference/personas"""

from collections.abc import Iterable, Mapping
from typing import Any

from tavus_async import patch
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import display, is_one_of, of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources.personas.records import CreatedPersona, Persona, PersonaDraft

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
    if persona_type is not None and not is_one_of(persona_type, PERSONA_TYPES):
        raise InvalidRequestError(
            f"persona_type must be one of {', '.join(PERSONA_TYPES)}, not {display(persona_type)}"
        )
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
