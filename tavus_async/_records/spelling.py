"""Bodies on their way to the server: in the names of one time, secrets marked, without what the server has masked."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tavus_async._records.fields import HasSchema, schema_of
from tavus_async._records.immutable import freeze, is_mapping, is_sequence, leaves
from tavus_async._records.json import is_list, is_object
from tavus_async._records.reading import fields_of, is_record
from tavus_async._records.secrets import HEADERS, MASK, Secret, is_credential
from tavus_async.errors import InvalidRequestError


class Place(NamedTuple):
    """A place within a record's body: its names, and what stands there."""

    names: tuple[str, ...]
    kind: Any
    """The record class of what stands there; None for what is no record."""
    is_secret: bool


def find_place(names: Sequence[str], record: type[HasSchema], *, renamed: bool) -> Place:
    """Return the place that names lead to, which may be those before or since the rename."""
    found: list[str] = []
    kind: Any = record
    is_secret = is_within_headers = False
    for name in names:
        field = fields_of(kind).get(name) if is_record(kind) else None
        if field is None:
            found.append(name)
            kind = None
            is_secret = is_secret or is_credential(name) or is_within_headers or name == HEADERS
        else:
            found.append(schema_of(kind).spelled(field.name, renamed=renamed))
            is_secret = is_secret or field.name in schema_of(kind).secret_names
            kind = field.kind
        is_within_headers = is_within_headers or found[-1] == HEADERS
    return Place(tuple(found), kind if is_record(kind) else None, is_secret)


def spell_value(value: Any, place: Place, *, renamed: bool) -> Any:
    """Return a value that is to stand at a place, in the names before or since the rename, its secrets as Secrets."""
    if place.is_secret:
        return hide(value)
    if place.kind is None or not is_mapping(value):
        return freeze(value)
    spelled: dict[str, Any] = {}
    for name, inner in value.items():
        below = find_place([name], place.kind, renamed=renamed)
        spelled[below.names[0]] = spell_value(inner, below, renamed=renamed)
    return spelled


def hide(value: Any) -> Any:
    """Return a value with its texts as secrets; InvalidRequestError for one that is nested too deeply."""
    return shallow(_hide, value)


def _hide(value: Any) -> Any:
    if is_mapping(value):
        return {name: _hide(inner) for name, inner in value.items()}
    if is_sequence(value):
        return [_hide(inner) for inner in value]
    return Secret(value) if isinstance(value, str) else value


def without_masked(body: Any, before: Any = None) -> Any:
    """Return a body without the secrets that the server has masked, or with those of *before* in their places.

    Of a list, what *before* has as well stays as it is, wherever it stands there; the others are taken for those that
    are no longer there, in their order. Raises InvalidRequestError for a body that is nested too deeply.
    """
    return shallow(_without_masked, body, before) if any(map(is_masked, leaves(body))) else body


def _without_masked(body: Any, before: Any) -> Any:
    if is_list(body):
        if not any(is_object(item) or is_list(item) or is_masked(item) for item in body):
            return body
        known = before if is_list(before) else []
        gone = iter([item for item in known if item not in body])
        return [
            item if item in known else _without_masked(item, next(gone, None)) for item in body if not is_masked(item)
        ]
    if not is_object(body):
        return body
    kept: dict[str, Any] = {}
    for name, value in body.items():
        old = before.get(name) if is_object(before) else None
        if not is_masked(value):
            kept[name] = _without_masked(value, old)
        elif isinstance(old, Secret):
            kept[name] = old
    return kept


def find_unknown_masked(body: Any, before: Any) -> str | None:
    """Return the place of a secret that counts as masked, and yet is not what *before* shows of any; None without one.

    It looks like one of the caller's own, which has come into a record by `from_dict`.
    """
    known = [secret.reveal() for secret in secrets_in(before)]
    unfinished: list[tuple[str, Any]] = [("", body)]
    while unfinished:
        path, value = unfinished.pop()
        if is_object(value):
            unfinished += [(f"{path}.{name}" if path else name, inner) for name, inner in value.items()]
        elif is_list(value):
            unfinished += [(f"{path}[{index}]", inner) for index, inner in enumerate(value)]
        elif (
            is_masked(value)
            and isinstance(text := value.reveal(), str)
            and text
            and MASK not in text
            and text not in known
        ):
            return path
    return None


def shallow(look: Callable[..., Any], *values: Any) -> Any:
    """Call a function that goes down into values, unless they are nested too deeply for that."""
    try:
        return look(*values)
    except RecursionError:
        del values  # which may hold secrets, as a local variable of the traceback
    raise InvalidRequestError("a value is nested too deeply")


def is_masked(value: Any) -> bool:
    """Return whether this is what the server shows of a secret."""
    return isinstance(value, Secret) and value.is_masked


def secrets_in(body: Any) -> tuple[Secret, ...]:
    """Return the secrets in a body."""
    return tuple(each for each in leaves(body) if isinstance(each, Secret))
