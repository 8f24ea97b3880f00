"""JSON as the sandbox holds it: one type, one strict reader, two writers."""

import json
import math
from typing import TypeAlias

__all__ = [
    "Json",
    "JsonObject",
    "TooManyValuesError",
    "check_shape",
    "dump",
    "encode",
    "load",
    "parse",
    "same",
]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, Json]

# What is accepted must also be writable later, deeper in the stack than where it was read.
_DEEPEST = 400
# Objects, arrays and what is in them: while they are looked through, nobody else is answered.
_MOST_VALUES = 50_000


class TooManyValuesError(ValueError):
    """JSON that would take too long to look through."""


def parse(body: bytes) -> Json:
    """Parse a request body; raises `ValueError` for what is no JSON, or no sane one."""
    try:
        value: Json = json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    check_shape(value)
    return value


def check_shape(value: Json) -> None:
    """Raise `ValueError` if *value* is nested deeper, or holds more values, than a body may."""
    level: list[Json] = [value]
    count = 0
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
        count += len(level)
        if count > _MOST_VALUES:
            raise TooManyValuesError("too many values")
    raise ValueError("nested too deeply")


def load(text: str) -> Json:
    """Parse what `dump` wrote."""
    value: Json = json.loads(text)
    return value


def dump(value: Json) -> str:
    """Write *value* as text that `load` gives back unchanged, lone surrogates included.

    Raises `ValueError` or `TypeError` for what is no JSON value.
    """
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def encode(value: Json) -> bytes:
    """Write *value* as a body: UTF-8, escaped only where UTF-8 has no way to say it."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False).encode()


def same(left: Json, right: Json) -> bool:
    """Compare as RFC 6902 does: numbers by value, and `true` is not 1."""
    pairs = [(left, right)]
    while pairs:  # not recursive: a document may be nested as deeply as the reader allows
        a, b = pairs.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            pairs.extend((value, b[key]) for key, value in a.items())
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            pairs.extend(zip(a, b, strict=True))
        elif isinstance(a, bool) is not isinstance(b, bool) or a != b:
            return False
    return True


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refuse(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number
