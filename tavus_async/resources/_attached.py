"""Where the API has what is attached to a persona, in either vocabulary."""

from typing import Final, NamedTuple

from tavus_async._wire.path import quote_id

PATHS: Final = ("/v2/personas", "/v2/pals")


class AttachedPath(NamedTuple):
    """A path beneath a persona."""

    path: str
    renamed_path: str
    """The same since the API's rename of 2026."""
    persona: str
    """The path of the persona, which changes with what is attached to it."""


def attached_path(persona_id: str, kind: str, **item: str) -> AttachedPath:
    """Return the path of all things of a *kind* that a persona has, or of one *item*, by the name of its id.

    Raises InvalidRequestError for what cannot be an id.
    """
    personas = [f"{path}/{quote_id(persona_id, name='persona_id')}" for path in PATHS]
    # The list's own path ends with a slash, as it is documented: servers redirect from the one without.
    below = f"/{kind}/{''.join(quote_id(each, name=name) for name, each in item.items())}"
    path, renamed_path = (f"{persona}{below}" for persona in personas)
    return AttachedPath(path, renamed_path, personas[0])
