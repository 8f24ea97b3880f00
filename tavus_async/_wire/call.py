"""A call as a value: one request, and how its answer is read."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import attrs

from tavus_async._records import json
from tavus_async._records.immutable import is_sequence, thaw
from tavus_async._records.json import load
from tavus_async._records.secrets import Secret, hidden, shown
from tavus_async._records.spelling import secrets_in
from tavus_async._settings import checks
from tavus_async.errors import InvalidRequestError

T = TypeVar("T")

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
# Methods of which a repetition does no harm, as HTTP defines them (RFC 9110, 9.2.2).
IDEMPOTENT = ("DELETE", "GET", "PUT")
_QUOTED_PATH = re.compile(r"/[!$%&'()*+,\-./0-9:;=@A-Z_a-z~]*")


def check(call: "Call[Any]", _attribute: object, body: Any) -> None:
    """Validate what would be sent otherwise: an unknown method, a path that is not quoted, a body that is no bytes."""
    path: Any = call.path
    if call.method not in METHODS:
        raise InvalidRequestError(f"a call's method must be one of {', '.join(METHODS)}, not {call.method!r}")
    if not isinstance(path, str) or not _QUOTED_PATH.fullmatch(path):
        raise InvalidRequestError(f"a call's path must begin with a slash and be quoted, not {path!r}")
    if body is not None and not isinstance(body, bytes):
        kind = type(body).__name__
        raise InvalidRequestError(f"a call's body must be bytes, not a {kind}: Call.json makes them of JSON values")


@attrs.frozen(kw_only=True, slots=False)
class Call(Generic[T]):
    """One request to the API, and how its answer is read; `AsyncSession.send()` carries it out.

    The functions of `tavus_async.calls` make one for each endpoint, and `Call.json` one for an endpoint that has none.
    Raises InvalidRequestError for a method, path or body that cannot be sent.
    """

    method: str
    path: str
    """Quoted, beginning with `/v2/`."""
    decode: Callable[[bytes], T]
    """Turns the body of a good answer into the call's result."""
    query: tuple[tuple[str, str], ...] = ()
    """Names and values, not quoted."""
    body: bytes | None = attrs.field(default=None, repr=False, validator=check)
    renamed_path: str | None = None
    """The path since the API's rename of 2026; None where it has not changed."""
    renamed_body: bytes | None = attrs.field(default=None, repr=False)
    """The body in the names since then; None where they have not changed."""
    repeatable: bool = True
    """Whether sending it twice does no harm, so that it may be repeated after a lost answer."""
    refusals: frozenset[int] = frozenset()
    """Statuses by which this endpoint says that it has done nothing, so that any call may be repeated."""
    goes_first: bool = False
    """Whether it goes before all that wait for the rate limit: what ends something that costs money does."""
    on_send: Callable[[], None] | None = attrs.field(default=None, repr=False)
    """Is called when an attempt is about to be sent: until then the server cannot know of the call."""
    reads: str | None = None
    """What it reads, such as `/v2/videos/v1`: equal reads at one time share one request."""
    changes: str | None = None
    """What it changes: reads of that begun before are not shared with those begun after."""
    unchanged: T | None = None
    """The result of an answer with status 304, which has no body."""
    creates: str | None = None
    """The name of what it creates, by which that can be found after a lost answer."""
    recovery: str = "the list, or the object itself, tells"
    """What a person can do to learn what became of it when its answer was lost."""
    secrets: tuple[Secret, ...] = attrs.field(default=(), repr=False)
    """What of the request no error may show, should the server repeat it."""

    @staticmethod
    def json(
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, object] | None = None,
        repeatable: bool | None = None,
    ) -> "Call[Any]":
        """Return the call for an endpoint that has no function: JSON values in, JSON values out.

        *path* begins with `/v2/` and is quoted where it has to be; *query* has names and values: None is left out,
        booleans are `true` and `false`, a list is one value after the other. *repeatable* says whether it may be sent
        again after a lost answer; None takes what HTTP says of the method: GET, PUT and DELETE may. Secrets in *body*
        are revealed to the server alone. An empty answer is None.
        Raises InvalidRequestError for a body that JSON cannot hold, a query in the path, and secrets in a query.
        """
        checks.of_kind("query", query or {}, Mapping, error=InvalidRequestError)
        held = hidden(body)
        del body
        return Call(
            method=method,
            path=quote_path(path),
            query=tuple(query_pairs(query or {})),
            body=None if shown(held) is None else encode(thaw(shown(held), Secret.reveal)),
            decode=decode_any,
            repeatable=method in IDEMPOTENT if repeatable is None else repeatable,
            secrets=secrets_in(shown(held)),
        )

    def spelled(self, *, renamed: bool) -> "Call[T]":
        """Return the call in the names that the API has since its rename, or in those before."""
        if not renamed or self.renamed_path is None:
            return self
        return attrs.evolve(
            self, path=self.renamed_path, body=self.body if self.renamed_body is None else self.renamed_body
        )


def quote_path(path: Any) -> Any:
    """Quote a path where it has to be; anything else as it is. InvalidRequestError for one with a query."""
    if not checks.is_text(path):
        return path
    if "?" in path:
        raise InvalidRequestError("a call's path has no query: the argument query takes its names and values")
    try:
        return quote(path, safe="!$%&'()*+,-./:;=@_~")
    except UnicodeEncodeError:
        pass
    raise InvalidRequestError("a call's path is not valid Unicode")


def query_pairs(query: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a query."""
    for name, value in query.items():
        for each in value if is_sequence(value) else (value,):
            if each is not None:
                yield name, query_text(name, each)


def query_text(name: str, value: object) -> str:
    """Spell a value of a query as JSON would; InvalidRequestError for a secret, since queries are shown."""
    if isinstance(value, Secret):
        raise InvalidRequestError(f"the query's {name} is a secret, which a body can hold, and a query cannot")
    return str(value).lower() if isinstance(value, bool) else str(value)


def encode(body: object) -> bytes:
    """Return a request's body; InvalidRequestError for what JSON cannot hold."""
    try:
        return json.dumps(body)
    except ValueError as error:
        reason = str(error)
    del body  # which may hold secrets, as a local variable of the traceback
    raise InvalidRequestError(f"the request cannot be written as JSON: {reason}")


def decode_any(body: bytes) -> Any:
    """Read any JSON value; None of an empty body."""
    return load(body) if body.strip() else None


def decode_nothing(_body: bytes) -> None:
    """Ignore the body: the status has said all."""


def decode_changed(_body: bytes) -> bool:
    """Read the answer to a patch that changed something: its status says so."""
    return True
