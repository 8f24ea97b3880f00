"""Personas read from bodies, as the answers to the session's calls are."""

from tavus_async import CreatedPersona, Page, Persona, PersonaDraft, calls


def decode_persona(body: bytes, persona_id: str = "p1") -> Persona:
    """The persona in an answer to getting this one."""
    return calls.get_persona(persona_id).decode(body)


def decode_personas(body: bytes) -> Page[Persona]:
    """The page in an answer to listing personas."""
    return calls.list_personas_page().decode(body)


def decode_created(body: bytes) -> CreatedPersona:
    """What an answer to a create says."""
    return calls.create_persona(PersonaDraft(pipeline_mode="echo")).decode(body)
