"""What the command line reads off the class of a record: its fields, their names in a body, their types."""

from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import attrs

if TYPE_CHECKING:
    from tavus_async.models import Record

ALIASES = "aliases"
"""In the metadata of a field: what a body also calls it, its name since mid-2026 first."""

MASKED_BY = "masked by"
"""Likewise: what hides the secrets of a URL."""


def field_names(record: "type[Record]") -> tuple[str, ...]:
    """Return the names of the fields that a record of this class may have."""
    return tuple(name for name in attrs.fields_dict(record) if name != "extra" and not name.startswith("_"))


def spellings(record: "type[Record]", name: str) -> tuple[str, ...]:
    """Return the name of a field, and the others that it may have in a body."""
    return (name, *attrs.fields_dict(record)[name].metadata.get(ALIASES, ()))


def is_link(record: "type[Record]", name: str) -> bool:
    """Return whether a field holds a URL of which not everything is to be shown."""
    return MASKED_BY in attrs.fields_dict(record)[name].metadata


def is_text(record: "type[Record]", name: str) -> bool:
    """Return whether a field, by any of its names, holds nothing but text."""
    own = next((each for each in field_names(record) if name in spellings(record, each)), None)
    hint: Any = get_type_hints(record).get(own or "")
    return {each for each in get_args(hint) or (hint,) if each is not NoneType} == {str}
