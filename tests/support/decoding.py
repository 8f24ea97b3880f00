"""Personas read from bodies, as the answers to the session's calls are."""

from tavus_async import Page, Persona, calls


def decode_persona(body: bytes, persona_id: str = "p1") -> Persona:
    """The persona in an answer to getting this one."""
    return calls.get_persona(persona_id).decode(body)


def decode_personas(body: bytes) -> Page[Persona]:
    """The page in an answer to listing personas."""
    return calls.list_personas_page().decode(body)
