"""A persona as a JSON document: written, read back, and made into the draft of another."""

import warnings
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, Literal

import attrs

from tavus_async import Persona, PersonaDraft, UnknownFieldWarning
from tavus_async.cli.jsons import is_object, read_object
from tavus_async.models import holds_secrets

# What tells one persona from another, in both vocabularies.
IDENTITY: Final = ("persona_id", "pal_id", "persona_name", "pal_name")
PAL_FIELDS: Final = frozenset({"pal_id", "pal_name", "default_face_id"})
# What the server alone sets.
SERVER_FIELDS: Final = (
    "pal_id",
    *(
        field.name
        for field in attrs.fields(Persona)
        if field.name not in {known.name for known in attrs.fields(PersonaDraft)}
    ),
)
# What the server writes in the place of a secret, or of a part of it.
MASKS: Final = ("***", "...", "…")


def body(persona: Persona) -> dict[str, Any]:
    """Return the whole record as the server spells it, the id and the name on top."""
    fields = persona.to_dict()
    return {name: fields[name] for name in IDENTITY if name in fields} | fields


def settings(persona: Persona) -> dict[str, Any]:
    """Return what of the record can be changed."""
    return {name: value for name, value in body(persona).items() if name not in SERVER_FIELDS}


@attrs.frozen(kw_only=True)
class DraftDocument:
    """What a document says of a persona that is to be created."""

    persona: PersonaDraft
    vocabulary: Literal["persona", "pal"]
    left_out: tuple[str, ...]
    """What of the document is not sent: fields that the server sets, and secrets that it has masked."""
    unknown: tuple[UnknownFieldWarning, ...]
    """Fields that are sent though the library does not know them."""


def read_draft(text: str) -> DraftDocument:
    """Read a persona to be created, in either vocabulary, written for the purpose or shown by the server.

    Raises UsageError for what is not a JSON object, InvalidRequestError for values of a wrong type.
    """
    document = read_object(text)
    paths = [*((name,) for name in SERVER_FIELDS if name in document), *masked_secrets(document)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnknownFieldWarning)
        persona = PersonaDraft.from_dict(without(document, paths))
    return DraftDocument(
        persona=persona,
        vocabulary="pal" if PAL_FIELDS & document.keys() else "persona",
        left_out=tuple(map(".".join, paths)),
        unknown=tuple(each.message for each in caught if isinstance(each.message, UnknownFieldWarning)),
    )


def masked_secrets(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Find the secrets in a document that stand there as the server shows them, with asterisks."""
    if not is_object(value):
        return
    is_secret = bool(path) and holds_secrets(path[-1])
    for name, inner in value.items():
        if isinstance(inner, str):
            if (is_secret or holds_secrets(name)) and any(mask in inner for mask in MASKS):
                yield (*path, name)
        else:
            yield from masked_secrets(inner, (*path, name))


def at(document: Any, path: Iterable[str]) -> Any:
    """Return what stands at a path of names in a document; NOTHING for nothing, and inside lists."""
    for name in path:
        document = document.get(name, attrs.NOTHING) if is_object(document) else attrs.NOTHING
    return document


def without(value: Any, paths: Collection[tuple[str, ...]], path: tuple[str, ...] = ()) -> Any:
    """Return a document without what stands at these paths of names."""
    if not is_object(value):
        return value
    kept = {name: inner for name, inner in value.items() if (*path, name) not in paths}
    return {name: without(inner, paths, (*path, name)) for name, inner in kept.items()}
