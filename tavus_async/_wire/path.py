"""Ids as parts of a path."""

import re
from urllib.parse import quote, unquote

from tavus_async.errors import InvalidRequestError

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def quote_id(value: object, *, name: str) -> str:
    """Return an id quoted as one segment of a path; InvalidRequestError for what cannot be one."""
    if not isinstance(value, str):
        raise InvalidRequestError(f"{name} must be a string, not {type(value).__name__}")
    if _PLAIN.fullmatch(value):
        return value
    if not value.strip():
        raise InvalidRequestError(f"{name} is empty")
    if _CONTROL.search(value):
        raise InvalidRequestError(f"{name} contains a control character")
    if any(segment.strip() in {".", ".."} for segment in re.split(r"[/\\]", unquote(value))):
        raise InvalidRequestError(f"{name} contains a dot segment, which would point at another path")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        pass  # raised below, so that it is not chained to the error
    raise InvalidRequestError(f"{name} is not valid Unicode")
