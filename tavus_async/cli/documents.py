"""A persona as a JSON document: written, read back, and made into the draft of another."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, TypeVar

import attrs

from tavus_async import LlmLayer, Persona, PersonaDraft, TtsLayer
from tavus_async._records.json import is_object
from tavus_async._records.reading import converter
from tavus_async._records.record import ALIASES, Masked, Record
from tavus_async.cli.exits import UsageError

RecordT = TypeVar("RecordT", bound=Record)

STDIN: Final = "-"
# What tells one persona from another, in both vocabularies.
FIRST: Final = ("persona_id", "pal_id", "persona_name", "pal_name")
PAL_NAMES: Final = ("pal_id", "pal_name", "default_face_id")
# What the server alone sets.
READ_ONLY: Final = ("pal_id", *(name for name in Persona.known_names if name not in PersonaDraft.known_names))
SECRETS: Final = LlmLayer.secret_names | TtsLayer.secret_names
# What the server writes in the place of a secret, or of a part of it.
MASKS: Final = ("***", "...", "…")


def body(persona: Persona) -> dict[str, Any]:
    """Return the whole record as the server spells it, the id and the name on top."""
    fields = persona.to_dict()
    return {name: fields[name] for name in FIRST if name in fields} | fields


def settings(persona: Persona) -> dict[str, Any]:
    """Return what of the record can be changed."""
    return {name: value for name, value in body(persona).items() if name not in READ_ONLY}


@attrs.frozen(kw_only=True)
class Draft:
    """What a document says of a persona that is to be created."""

    persona: PersonaDraft
    vocabulary: Literal["persona", "pal"]
    left_out: tuple[str, ...]
    """What of the document is not sent: fields that the server sets, and secrets that it has masked."""


def read_draft(text: str) -> Draft:
    """Read a persona to be created, in either vocabulary, written for the purpose or shown by the server.

    Raises UsageError for what is no such document, naming each value of the wrong type.
    """
    document = parse(text)
    read_only = [name for name in READ_ONLY if name in document]
    masked = list(masked_secrets(document))
    vocabulary: Literal["persona", "pal"] = "pal" if any(name in document for name in PAL_NAMES) else "persona"
    for path in (*((name,) for name in read_only), *masked):
        remove(document, path)
    persona = converter().structure(document, PersonaDraft)
    wrong = ", ".join(misfits(persona))
    if wrong:
        raise UsageError(f"there are values of the wrong type: {wrong}")
    left_out = (*read_only, *(".".join(path) for path in masked))
    return Draft(persona=as_given(persona), vocabulary=vocabulary, left_out=left_out)


def parse(text: str) -> dict[str, Any]:
    """Read a JSON object; UsageError, with the line and the column, for anything else."""
    try:
        value: Any = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise UsageError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise UsageError("it is nested too deeply") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not is_object(value):
        raise UsageError("it is no JSON object")
    return value


def read_value(text: str) -> Any:
    """Read a JSON value; what is no JSON is a text."""
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except (ValueError, RecursionError):
        return text


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of names and values; ValueError for a name that occurs twice, since one value would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"{twice!r} occurs twice in one object")
    return found


def refuse(constant: str) -> NoReturn:
    """Refuse what Python's JSON has beyond JSON."""
    raise ValueError(f"{constant} is not JSON")


def masked_secrets(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Find the secrets in a document that stand there as the server shows them, with asterisks."""
    if not is_object(value):
        return
    is_secret = bool(path) and path[-1] in SECRETS
    for name, inner in value.items():
        if isinstance(inner, str):
            if (is_secret or name in SECRETS) and any(mask in inner for mask in MASKS):
                yield (*path, name)
        else:
            yield from masked_secrets(inner, (*path, name))


def at(document: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at a path of names in a document; None for nothing."""
    for name in path:
        document = document.get(name) if is_object(document) else None
    return document


def remove(document: dict[str, Any], path: tuple[str, ...]) -> None:
    """Take out of a document what stands at a path."""
    *names, last = path
    for name in names:
        document = document[name]
    del document[last]


def misfits(record: Record, path: str = "") -> Iterator[str]:
    """Name the fields of a document that were not read, though their names are known: of a wrong type."""
    for field in attrs.fields(type(record)):
        value = getattr(record, field.name)
        if field.name in record.known_names and not value:
            names = (field.name, *field.metadata.get(ALIASES, ()))
            yield from (f"{path}{name}" for name in names if name in record.extra)
        elif isinstance(value, Record):
            yield from misfits(value, f"{path}{field.name}.")


def as_given(record: RecordT) -> RecordT:
    """Return a record whose secrets are the user's own: those that came from the server would not be sent."""
    changes: dict[str, Any] = {}
    for name in record.known_names:
        value = getattr(record, name)
        if isinstance(value, Masked):
            changes[name] = str(value)
        elif isinstance(value, Record):
            changes[name] = as_given(value) if value else value
    return attrs.evolve(record, **changes)


def read_text(path: str) -> str:
    """Return the text of a file, or of stdin for `-`; UsageError where it cannot be read."""
    try:
        data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = "it is no text in UTF-8"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be opened"
    except AttributeError:
        reason = "it is closed"
    raise UsageError(f"cannot read {'stdin' if path == STDIN else path}: {reason}")
