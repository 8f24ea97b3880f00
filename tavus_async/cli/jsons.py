"""JSON: read without loss, and written so that every terminal and every reader of lines can take it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn, TypeGuard

from tavus_async.cli.exits import NotJsonError, UsageError

# What some readers take for the end of a line, what steers some terminals, and what turns the direction of writing.
_HARMFUL: Final = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def loads(text: str | bytes) -> Any:
    """Read a JSON value; ValueError for what is not JSON, and for a name that occurs twice in one object."""
    try:
        return json.loads(text, object_pairs_hook=_read_pairs, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_object(text: str) -> Mapping[str, Any]:
    """Read a JSON object; UsageError, with the line and the column, for anything else."""
    try:
        value = loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not is_object(value):
        raise UsageError("it is not a JSON object")
    return value


def dumps(value: Any, *, indent: int | None = None, encoding: str = "utf-8") -> str:
    """Return a value as JSON, in the characters of an encoding, the rest escaped.

    Without an indent it is one line for every reader, also for those who end lines at Unicode's line separators.
    Nothing in it steers a terminal.
    Raises NotJsonError for what JSON cannot hold.
    """
    try:
        text = json.dumps(value, indent=indent, allow_nan=False, ensure_ascii=False)
        text = _HARMFUL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = json.dumps(value, indent=indent, allow_nan=False)
    except (ValueError, RecursionError):
        message = "it has a number that is too large, or is nested too deeply, and cannot be written as JSON"
        raise NotJsonError(message) from None
    return text


def is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Return whether this is a JSON object, read or in a record."""
    return isinstance(value, Mapping)


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Return whether this is a JSON list; a record holds one as a tuple."""
    return isinstance(value, (list, tuple))


def _read_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"{twice!r} occurs twice in one object")
    return found


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
