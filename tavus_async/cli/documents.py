"""A record as a JSON document: written, read back, and made into the draft of another."""

import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

import tavus_async
from tavus_async import UnknownFieldWarning
from tavus_async.cli.jsons import is_object, read_object
from tavus_async.cli.noun import Noun
from tavus_async.cli.schema import field_names, spellings

if TYPE_CHECKING:
    from tavus_async.models import Record

# What the server writes in the place of a secret, or of a part of it.
MASKS: Final = ("***", "...", "…")


def body(noun: Noun[Any], record: "Record") -> dict[str, Any]:
    """Return the whole record as the server spells it, the id and the title on top."""
    fields = record.to_dict()
    return {name: fields[name] for name in (*noun.id_names, *noun.title_names) if name in fields} | fields


def server_fields(noun: Noun[Any]) -> tuple[str, ...]:
    """Return the fields that the server alone sets, by all their names."""
    drafted = set(body_names(noun.draft))
    return tuple(name for name in body_names(noun.record) if name not in drafted)


def renamed_fields(noun: Noun[Any]) -> frozenset[str]:
    """Return the names that fields have had since PALs and faces came."""
    kinds = (noun.record, noun.draft)
    return frozenset(name for kind in kinds for field in field_names(kind) for name in spellings(kind, field)[1:2])


def body_names(record: "type[Record]") -> list[str]:
    """Return all names that the fields of a record may have in a body."""
    return [name for field in field_names(record) for name in spellings(record, field)]


def settings(noun: Noun[Any], record: "Record") -> dict[str, Any]:
    """Return what of the record can be changed."""
    fixed = server_fields(noun)
    return {name: value for name, value in body(noun, record).items() if name not in fixed}


@attrs.frozen(kw_only=True)
class DraftDocument:
    """What a document says of something that is to be created."""

    draft: "Record"
    vocabulary: Literal["persona", "pal"]
    left_out: tuple[str, ...]
    """What of the document is not sent: fields that the server sets, and secrets that it has masked."""
    unknown: tuple[UnknownFieldWarning, ...]
    """Fields that are sent though the library does not know them."""


def read_draft(noun: Noun[Any], text: str) -> DraftDocument:
    """Read what is to be created, in either vocabulary, written for the purpose or shown by the server.

    Raises UsageError for what is not a JSON object, InvalidRequestError for values of a wrong type.
    """
    return make_draft(noun, read_object(text))


def make_draft(noun: Noun[Any], document: Mapping[str, Any]) -> DraftDocument:
    """Make a draft of a document, as `read_draft` does of its text."""
    paths = [*((name,) for name in server_fields(noun) if name in document), *masked_secrets(document)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnknownFieldWarning)
        draft = noun.draft.from_dict(without(document, paths))
    return DraftDocument(
        draft=draft,
        vocabulary="pal" if any(name in document for name in renamed_fields(noun)) else "persona",
        left_out=tuple(map(".".join, paths)),
        unknown=tuple(each.message for each in caught if isinstance(each.message, UnknownFieldWarning)),
    )


def masked_secrets(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Find the secrets in a document that stand there as the server shows them, with asterisks."""
    if not is_object(value):
        return
    is_secret = bool(path) and tavus_async.models.holds_secrets(path[-1])
    for name, inner in value.items():
        if isinstance(inner, str):
            if (is_secret or tavus_async.models.holds_secrets(name)) and any(mask in inner for mask in MASKS):
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
