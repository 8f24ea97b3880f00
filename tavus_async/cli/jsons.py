"""JSON: read without loss, and written so that every terminal and every reader of lines can take it."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn, TypeGuard

from tavus_async.cli.characters import replaced
from tavus_async.cli.exits import NotJsonError, UsageError

# What some readers take for the end of a line, and what no encoding has.
_TROUBLESOME: Final = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
# Of what somebody has written: what is made of it goes down into it level by level.
_MOST_LEVELS: Final = 200
_LONGEST_NAMED: Final = 40
_DEEPER: Final = f"it is nested too deeply: more than {_MOST_LEVELS} levels"


def loads(text: str | bytes) -> Any:
    """Read a JSON value.

    Raises ValueError for what is not JSON, for a name that occurs twice in one object, for a number that Python cannot
    hold, and for more than 200 levels.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_read_pairs,
            parse_constant=_refuse_constant,
            parse_float=_read_float,
            parse_int=_read_int,
        )
    except RecursionError:
        raise ValueError(_DEEPER) from None
    level = [value]
    for _ in range(_MOST_LEVELS):
        level = [inner for outer in level for inner in contents(outer)]
    if level:
        raise ValueError(_DEEPER)
    return value


def contents(value: Any) -> Iterable[Any]:
    """Return what stands in a JSON object or a list; nothing for anything else."""
    if is_object(value):
        return value.values()
    return value if is_list(value) else ()


def read_object(text: str) -> Mapping[str, Any]:
    """Read a JSON object; UsageError, with the line and the column, for anything else."""
    if not text.strip():
        raise UsageError("it is empty")
    try:
        value = loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not is_object(value):
        raise UsageError("it is not a JSON object")
    return value


def dumps(value: Any, *, indent: int | None = None, encoding: str = "utf-8", is_displayed: bool = False) -> str:
    """Return a value as JSON, in the characters of an encoding, the rest escaped.

    Without an indent it is one line for every reader, also for those who end lines at Unicode's line separators.
    If it *is_displayed*, nothing in it does anything to a terminal but show.
    Raises NotJsonError for what JSON cannot hold.
    """
    try:
        text = write(value, indent=indent)
    except (ValueError, RecursionError):
        message = "it has a number that is too large, or is nested too deeply, and cannot be written as JSON"
        raise NotJsonError(message) from None
    text = replaced(text, _escape) if is_displayed else _TROUBLESOME.sub(lambda found: _escape(found[0]), text)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = "".join(character if character.isascii() else _escape(character) for character in text)
    return text


def write(value: Any, *, indent: int | None) -> str:
    """Write a value with an indent, and without where it is nested too deeply for one."""
    try:
        return json.dumps(value, indent=indent, allow_nan=False, ensure_ascii=False)
    except RecursionError:
        if indent is None:
            raise
    return write(value, indent=None)


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


def _escape(character: str) -> str:
    """Write a character as JSON escapes it, but for the line breaks between values."""
    if character == "\n":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))


def _read_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:_LONGEST_NAMED]} is too large a number")
    return number


def _read_int(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # Python reads no longer ones, for that takes long
        raise ValueError(f"a number of {len(digits):,} digits is too large") from None


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
