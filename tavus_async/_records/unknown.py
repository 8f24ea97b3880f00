"""What callers are told of fields that a record does not know."""

import difflib
import inspect
import warnings
from collections.abc import Mapping
from typing import Any

from tavus_async._records.fields import HasSchema, schema_of
from tavus_async._records.immutable import EMPTY
from tavus_async._records.reading import nested_records

# Of what stands between a caller and us.
NOT_THE_CALLERS = frozenset({__name__.partition(".")[0], "attr", "pydantic"})


class UnknownFieldWarning(UserWarning):
    """A body holds a field that the record does not know, one of a wrong type, or one twice; it is kept in `extra`."""

    path: str
    """Where in the body, as in `layers.llm.modle`."""
    nearest: str | None
    """The known name that is most like it; None where none is, or where its own name is known."""

    def __init__(self, path: str, *, reason: str, nearest: str | None = None) -> None:
        hint = f" (did you mean {nearest}?)" if nearest else ""
        super().__init__(f"{reason}{hint}; it is kept in extra")
        self.path = path
        self.nearest = nearest


def warn_of_unknown(record: HasSchema, *, path: str = "") -> None:
    """Warn of each field that a record keeps in extra, at the line outside of this package that had it read."""
    for inner_path, inner in nested_records(record):
        for name in extra_of(inner):
            warnings.warn(told(inner, name, f"{path}{inner_path}{name}"), stacklevel=callers_level())


def told(record: HasSchema, name: str, path: str) -> UnknownFieldWarning:
    """Return what is said of a field in extra."""
    own_names = schema_of(record).own_names
    if is_second_name(record, name):
        reason = f"{path} is a second name for {own_names[name]}, which has a value"
        return UnknownFieldWarning(path, reason=reason)
    if name in own_names:
        return UnknownFieldWarning(path, reason=f"{path} has a value of the wrong type")
    nearest = next(iter(difflib.get_close_matches(str(name), list(own_names), 1)), None)
    return UnknownFieldWarning(path, reason=f"{type(record).__name__} knows no {path}", nearest=nearest)


def extra_of(record: HasSchema) -> Mapping[str, Any]:
    """Return what a record keeps in extra."""
    extra: Mapping[str, Any] = getattr(record, "extra", EMPTY)
    return extra


def own_value(record: HasSchema, name: str) -> Any:
    """Return the value of the field that a name means."""
    return getattr(record, schema_of(record).own_names[name])


def is_second_name(record: HasSchema, name: str) -> bool:
    """Return whether this is a name for a field that has a value under another."""
    own_name = schema_of(record).own_names.get(name, name)
    return own_name != name and own_value(record, name) is not None


def callers_level() -> int:
    """Return how many frames the caller of this package is above the one that asks."""
    frame, level = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in NOT_THE_CALLERS:
        frame, level = frame.f_back, level + 1
    return level
