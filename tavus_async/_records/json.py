"""JSON text to Python values, quickly and without loss."""

import json
from typing import Any, NoReturn, TypeGuard

import jiter

from tavus_async.errors import DecodeError


def loads(data: bytes) -> Any:
    """Read a JSON text; ValueError where it is none.

    Some texts that are JSON are more than the fast parser takes: lone surrogates, several hundred levels,
    a byte order mark. The standard library reads those. It refuses whole numbers of more than 4,300 digits,
    which take long to read and longer to write.
    """
    try:
        return jiter.from_json(data, allow_inf_nan=False)
    except ValueError:
        pass
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def load(body: bytes) -> Any:
    """Read a JSON text; DecodeError where it is none."""
    try:
        return loads(body)
    except ValueError:
        problem = "an empty body" if not body.strip() else f"{len(body)} bytes that are not JSON"
    # Outside the except block: the parser's own error holds the body, which may hold secrets.
    raise DecodeError(path="$", expected="JSON", got=problem)


def dumps(value: Any) -> bytes:
    """Write JSON values; ValueError for what JSON cannot hold."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether this is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Return whether this is a JSON list."""
    return isinstance(value, list)


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)
