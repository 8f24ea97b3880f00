"""What callers are told of fields that a record does not know."""

import difflib
import inspect
import warnings

from tavus_async._records.fields import HasSchema, schema_of
from tavus_async._records.immutable import EMPTY
from tavus_async._records.reading import nested_records

# Of what stands between a caller and us.
NOT_THE_CALLERS = frozenset({__name__.partition(".")[0], "attr", "pydantic"})


class UnknownFieldWarning(UserWarning):
    """A body holds a field that the record does not know, or one of a wrong type; it is kept in `extra`."""

    path: str
    """Where in the body, as in `layers.llm.modle`."""
    nearest: str | None
    """The known name that is most like it; None where none is, or where only the type is wrong."""

    def __init__(self, path: str, *, record: str, nearest: str | None, is_known: bool) -> None:
        reason = f"{path} has a value of the wrong type" if is_known else f"{record} knows no {path}"
        hint = f" (did you mean {nearest}?)" if nearest else ""
        super().__init__(f"{reason}{hint}; it is kept in extra")
        self.path = path
        self.nearest = nearest


def warn_of_unknown(record: HasSchema, *, path: str = "") -> None:
    """Warn of each field that a record keeps in extra, at the line outside of this package that had it read."""
    for inner_path, inner in nested_records(record):
        schema = schema_of(inner)
        for name in getattr(inner, "extra", EMPTY):
            is_known = name in schema.own_names
            near = [] if is_known else difflib.get_close_matches(str(name), list(schema.own_names), 1)
            where = f"{path}{inner_path}{name}"
            warning = UnknownFieldWarning(
                where, record=type(inner).__name__, nearest=near[0] if near else None, is_known=is_known
            )
            warnings.warn(warning, stacklevel=callers_level())


def callers_level() -> int:
    """Return how many frames the caller of this package is above the one that asks."""
    frame, level = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in NOT_THE_CALLERS:
        frame, level = frame.f_back, level + 1
    return level
