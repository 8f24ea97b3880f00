"""Ids as parts of a path."""

import re
from urllib.parse import quote, unquote

from tavus_async.errors import (
    InvalidRequestError,
)

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def quote_id(value: object, *, name: str) -> str:
    """Quote an id as one segment of a path; InvalidRequestError for one that cannot be one."""
    if not isinstance(value, str):
        message = f"{name} must be a string, not {type(value).__name__}"
        raise InvalidRequestError(message)
    if _PLAIN.fullmatch(value):
        return value
    if not value.strip():
        message = f"{name} is empty"
        raise InvalidRequestError(message)
    if _CONTROL.search(value):
        message = f"{name} contains a control character"
        raise InvalidRequestError(message)
    if any(segment.strip() in {".", ".."} for segment in re.split(r"[/\\]", unquote(value))):
        message = f"{name} contains a dot segment, which would point at another path"
        raise InvalidRequestError(message)
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        message = f"{name} is not valid Unicode"
    raise InvalidRequestError(message)
