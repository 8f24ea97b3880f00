"""A call as a value: one request, and how its answer is read."""

import re
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from tavus_async.errors import (
    InvalidRequestError,
)

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_QUOTED_PATH = re.compile(r"/[!$%&'()*+,\-./0-9:;=@A-Z_a-z~]*")


def check_method(_call: object, _attribute: object, method: str) -> None:
    """Take one of the API's methods; InvalidRequestError for any other."""
    if method not in METHODS:
        raise InvalidRequestError(f"a call's method must be one of {', '.join(sorted(METHODS))}, not {method!r}")


def check_path(_call: object, _attribute: object, path: str) -> None:
    """Take a path that is quoted: no space, query, fragment or line break can be in it."""
    if not _QUOTED_PATH.fullmatch(path):
        raise InvalidRequestError(f"a call's path must begin with a slash and be quoted, not {path!r}")


T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """One request to the API, and how its answer is read; `AsyncSession.send()` carries it out."""

    method: str = attrs.field(validator=check_method)
    path: str = attrs.field(validator=check_path)
    """Quoted, beginning with `/v2/`."""
    decode: Callable[[bytes], T]
    """Turns the body of a good answer into the call's result."""
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = attrs.field(default=None, repr=False)
    repeatable: bool = True
    """Whether sending it twice does no harm, so that it may be repeated after a lost answer."""
    reads: str | None = None
    """What it reads, such as `personas/p1`: equal reads at one time share one request."""
    unchanged: T | None = None
    """The result of an answer with status 304, which has no body."""
    creates: str | None = None
    """The name of what it creates, by which that can be found after a lost answer."""
    changes: str | None = None
    """What it changes: reads of that begun before are not shared with those begun after."""
