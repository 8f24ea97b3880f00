"""A persona as a JSON document."""

from typing import Any, Final

from tavus_async import Persona

# What tells one persona from another, in both vocabularies.
FIRST: Final = ("persona_id", "pal_id", "persona_name", "pal_name")


def body(persona: Persona) -> dict[str, Any]:
    """Return the whole record as the server spells it, the id and the name on top."""
    fields = persona.to_dict()
    return {name: fields[name] for name in FIRST if name in fields} | fields
