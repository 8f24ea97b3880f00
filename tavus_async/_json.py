"""JSON text to Python values, quickly and without loss."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn, TypeGuard


@cache
def fast_decoder() -> tuple[Callable[[bytes], Any], type[Exception]]:
    """Return the fast decoder, and what it raises; it is loaded on the first use."""
    import msgspec  # noqa: PLC0415 (`import tavus_async` alone does not need it)

    return msgspec.json.Decoder().decode, msgspec.MsgspecError


def loads(data: bytes) -> Any:
    """Read a JSON text; ValueError where it is none.

    Some texts that are JSON are more than the fast decoder takes: lone surrogates, numbers past a float's range,
    a byte order mark. The standard library reads those. It refuses whole numbers of more than 4,300 digits,
    which take long to read and longer to write.
    """
    decode, unreadable = fast_decoder()
    try:
        return decode(data)
    except (unreadable, UnicodeDecodeError):
        pass
    except RecursionError:
        raise _too_deep() from None
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except RecursionError:
        raise _too_deep() from None


def dumps(value: Any) -> bytes:
    """Write JSON values; ValueError for what JSON cannot hold."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Tell whether this is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Tell whether this is a JSON list."""
    return isinstance(value, list)


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _too_deep() -> ValueError:
    return ValueError("it is nested too deeply")
