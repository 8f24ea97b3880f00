"""What changes an item, on its way to the server: in the names of one time, its secrets marked."""

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from tavus_async import patch as json_patch
from tavus_async._records.body import body_of, has_masked_link
from tavus_async._records.immutable import keep, refuse_depth, thaw
from tavus_async._records.record import Record
from tavus_async._records.secrets import Hidden
from tavus_async._records.spelling import find_place, is_masked, secrets_in, spell_value, without_masked
from tavus_async._settings import checks
from tavus_async.errors import InvalidRequestError

_LIST_PLACE: Final = re.compile(r"/(\d+|-)\Z")


def as_addition(step: json_patch.Operation) -> json_patch.Operation:
    """Return an operation that sets a member of an object by `add`, whether it is there or not (RFC 6902, 4.1)."""
    # In a list, `add` inserts.
    return attrs.evolve(step, op="add") if step.op == "replace" and not _LIST_PLACE.search(step.path) else step


def spell_changes(changes: Mapping[str, Any], record: type[Record], *, renamed: bool) -> dict[str, Any]:
    """Return the body that sets single fields, in the names before or since the rename, its secrets as Secrets.

    What the server has masked within a field is left out, which keeps it.
    """
    spelled: dict[str, Any] = {}
    for name, value in changes.items():
        if not checks.is_text(name):
            raise InvalidRequestError(f"the names of fields must be strings, not {checks.describe(name)}")
        place = find_place([name], record, renamed=renamed)
        if isinstance(value, Record):
            value = body_of(value, renamed=renamed, secret=keep)  # noqa: PLW2901 (it says the same)
        refuse_depth(Hidden(value))
        given = spell_value(thaw(value), place, renamed=renamed)
        if is_masked(given):
            raise InvalidRequestError(f"the value for {name} is a masked secret, which would replace the real one")
        if has_masked_link(given):
            raise InvalidRequestError(f"the value for {name} has a link that was shown without its secret")
        spelled[place.names[0]] = without_masked(thaw(given))
    return spelled


def spell_operation(step: json_patch.Operation, record: type[Record], *, renamed: bool) -> json_patch.Operation:
    """Return an operation in the names before or since the rename, its secrets as Secrets."""
    place = find_place(json_patch.split_pointer(step.path), record, renamed=renamed)
    source = step.source and json_patch.join_pointer(
        find_place(json_patch.split_pointer(step.source), record, renamed=renamed).names
    )
    value = spell_value(step.value, place, renamed=renamed)
    if any(secret.is_masked for secret in secrets_in(value)):
        raise InvalidRequestError(f"the value for {step.path} has a masked secret, which would replace the real one")
    if step.op != "test" and has_masked_link(value):
        raise InvalidRequestError(f"the value for {step.path} has a link that was shown without its secret")
    return attrs.evolve(step, path=json_patch.join_pointer(place.names), source=source, value=value)
