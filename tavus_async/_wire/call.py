"""A call as a value: one request, and how its answer is read."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CoroutineType, FunctionType, MethodType, NoneType
from typing import Any, Generic, TypeGuard, TypeVar
from urllib.parse import quote, unquote

import attrs

from tavus_async._records import json
from tavus_async._records.immutable import is_sequence, refuse_depth, thaw
from tavus_async._records.json import load
from tavus_async._records.secrets import Hidden, Secret, shown
from tavus_async._records.spelling import secrets_in
from tavus_async._settings import checks
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Response
from tavus_async.errors import InvalidRequestError

T = TypeVar("T")
KeyT = TypeVar("KeyT")

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
# Methods of which a repetition does no harm, as HTTP defines them (RFC 9110, 9.2.2).
IDEMPOTENT = ("DELETE", "GET", "PUT")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")
_QUOTED_PATH = re.compile(r"/[!$%&'()*+,\-./0-9:;=@A-Z_a-z~]*")


NO_BODY = Hidden(None)


def hide_body(body: bytes | Hidden | None) -> Hidden:
    """Return a body so that nobody who looks at a call sees the secrets in it."""
    if body is None:
        return NO_BODY
    return body if isinstance(body, Hidden) else Hidden(body)


def check(call: "Call[Any]", _attribute: object, held: Hidden) -> None:
    """Validate what would be sent otherwise: an unknown method, a path that is not quoted, a body that is no bytes."""
    path: Any = call.path
    decode: Any = call.decode
    if not checks.is_one_of(call.method, METHODS):
        given = checks.display(call.method)
        raise InvalidRequestError(f"a call's method must be one of {', '.join(METHODS)}, not {given}")
    if not isinstance(path, str) or not _QUOTED_PATH.fullmatch(path):
        raise InvalidRequestError(f"a call's path must begin with a slash and be quoted, not {checks.display(path)}")
    if held.given is not None and not isinstance(held.given, bytes):
        kind = type(held.given).__name__
        raise InvalidRequestError(f"a call's body must be bytes, not a {kind}: Call.json makes them of JSON values")
    if not callable(decode):
        given = checks.describe(decode)
        raise InvalidRequestError(f"a call's decode must be a function of the answer's bytes, not {given}")
    if type(call.query) is not tuple or call.query:
        check_pairs("query", call.query)
    if type(call.headers) is not tuple or call.headers:
        check_pairs("headers", call.headers)
        if not all(_HEADER.fullmatch(text) for pair in call.headers for text in pair):
            raise InvalidRequestError("a call's headers must be of one line each, in ASCII")


def check_pairs(what: str, pairs: object) -> None:
    """Validate names and values; InvalidRequestError for anything but a tuple of pairs of strings."""
    if not is_tuple(pairs) or not all(is_tuple(pair) and [*map(type, pair)] == [str, str] for pair in pairs):
        hint = ": Call.json makes it of a mapping" if what == "query" else ""
        raise InvalidRequestError(f"a call's {what} must be a tuple of pairs of strings{hint}")


def is_tuple(value: object) -> TypeGuard[tuple[object, ...]]:
    """Return whether this is a tuple, whatever a type checker was told."""
    return isinstance(value, tuple)


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
    _body: Hidden = attrs.field(default=None, alias="body", repr=False, converter=hide_body, validator=check)
    renamed_path: str | None = None
    """The path since the API's rename of 2026; None where it has not changed."""
    _renamed_body: Hidden = attrs.field(default=None, alias="renamed_body", repr=False, converter=hide_body)
    """The body in the names since then; None where they have not changed."""
    renamed_query: tuple[tuple[str, str], ...] | None = None
    """The query in the names since then; None where they have not changed."""
    repeatable: bool = attrs.field(default=attrs.Factory(lambda call: call.method in IDEMPOTENT, takes_self=True))
    """Whether sending it twice does no harm, so that it may be repeated after a lost answer; else its method tells."""
    refusals: frozenset[int] = frozenset()
    """Statuses by which this endpoint says that it has done nothing, so that any call may be repeated."""
    has_own_limit: bool = False
    """Whether the server limits it beside all others, for each object, so that its 429s are nobody else's business."""
    goes_first: bool = False
    """Whether it goes before all that wait for the rate limit: what ends something that costs money does."""
    on_send: Callable[[], None] | None = attrs.field(default=None, repr=False)
    """Is called when an attempt is about to be sent: until then the server cannot know of the call."""
    reads: str | None = None
    """What it reads, such as `/v2/videos/v1`: equal reads at one time share one request."""
    changes: str | None = None
    """What it changes: reads of that begun before are not shared with those begun after."""
    headers: tuple[tuple[str, str], ...] = ()
    """Names and values of what goes with this request beside what goes with all of the session."""
    adopt_headers: Callable[[T, Mapping[str, str]], T] | None = attrs.field(default=None, repr=False)
    """Returns the result with what the headers of the answer tell besides; None where they tell nothing."""
    unchanged: T | None = None
    """The result of an answer with status 304, which has no body."""
    creates: str | None = None
    """The name of what it creates, by which that can be found after a lost answer."""
    recovery: str = "the list, or the object itself, tells"
    """What a person can do to learn what became of it when its answer was lost."""
    secrets: tuple[Secret, ...] = attrs.field(default=(), repr=False)
    """What of the request no error may show, should the server repeat it."""

    @property
    def body(self) -> bytes | None:
        """The request's body."""
        body: bytes | None = self._body.given
        return body

    def read(self, response: Response) -> T:
        """Return the result of a good answer, with what its headers tell."""
        value = self.decode(response.body)
        return value if self.adopt_headers is None else self.adopt_headers(value, response.headers)

    @staticmethod
    @forget_refused
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
        query = {} if query is None else query
        checks.of_kind("query", query, Mapping, error=InvalidRequestError)
        refuse_depth(Hidden(query))
        checks.of_kind("repeatable", repeatable, (bool, NoneType), error=InvalidRequestError)
        held = Hidden(shown(body))
        del body
        refuse_depth(held)
        if is_written(held.given):
            raise InvalidRequestError("Call.json takes JSON values, not their text: json.loads reads it")
        return Call(
            method=method,
            path=quote_path(path),
            query=tuple(query_pairs(query)),
            body=None if held.given is None else encode(thaw(held.given, Secret.reveal)),
            decode=decode_any,
            repeatable=checks.is_one_of(method, IDEMPOTENT) if repeatable is None else repeatable,
            secrets=secrets_in(held.given),
        )

    def spelled(self, *, renamed: bool) -> "Call[T]":
        """Return the call in the names that the API has since its rename, or in those before."""
        if not renamed or self.renamed_path is None:
            return self
        return attrs.evolve(
            self,
            path=self.renamed_path,
            query=self.query if self.renamed_query is None else self.renamed_query,
            body=self._body if self._renamed_body.given is None else self._renamed_body,
        )


def find_problem(call: object, key: str) -> str | None:
    """Return why this cannot be sent, as it is no Call or has the session's *key* in its URL; None if it can be."""
    if isinstance(call, Call):
        if key in call.path or "%" in call.path or call.query or call.creates:
            return find_key_in(call, key)  # pyright: ignore[reportUnknownArgumentType]
        return None
    hint, given = "", checks.describe(call)
    unsent: Any = call
    if isinstance(unsent, CoroutineType):
        unsent.close()  # or Python would warn as well that nobody has awaited it
        hint = ": the session's own methods are awaited alone"
    elif isinstance(unsent, (FunctionType, MethodType)):
        hint = ": call it, with its arguments"
    return f"what is sent is a Call, as tavus_async.calls and Call.json make them, not {given}{hint}"


def find_key_in(call: Call[Any], key: str) -> str | None:
    """Return what is said of a call with the API key where servers, logs and errors show it; None without it.

    A key that is as short as a word is not looked for.
    """
    if len(key) <= checks.LONGEST_WORD:
        return None
    if key in call.path or ("%" in call.path and key in unquote(call.path)):
        return "the session's API key stands in the path of a call, where an id belongs"
    if call.query and any(key in text for pair in call.query for text in pair):
        return "the session's API key stands in the query of a call"
    if call.creates and key in call.creates:
        return "the session's API key stands in the name of what is to be created"
    return None


def checked_maker(make_call: Callable[[KeyT], Call[T]], key: Secret) -> Callable[[KeyT], Call[T]]:
    """Return what makes a call of an item, and validates it as `find_problem` does with the session's *key*.

    Raises InvalidRequestError for what is no function.
    """
    if not callable(make_call):
        raise InvalidRequestError(f"make_call must be a function of a key, not {checks.describe(make_call)}")

    def make_checked_call(item: KeyT) -> Call[T]:
        call = make_call(item)
        problem = find_problem(call, key.reveal())
        if problem is not None:
            del item, call
            raise InvalidRequestError(problem)
        return call

    return make_checked_call


def is_written(body: object) -> bool:
    """Return whether this is the text of a JSON object or list, and not what it says."""
    return isinstance(body, (str, bytes, bytearray)) and body.strip()[:1] in ("{", "[", b"{", b"[")


def quote_path(path: Any) -> Any:
    """Quote a path where it has to be; anything else as it is. InvalidRequestError for one with a query."""
    if not checks.is_text(path):
        return path
    if "?" in path:
        raise InvalidRequestError("a call's path has no query: the argument query takes its names and values")
    if "://" in path and not path.startswith("/"):
        raise InvalidRequestError("a call's path has no host: that is the session's base_url")
    if path != path.strip() or _CONTROL.search(path):
        raise InvalidRequestError("a call's path has white space around it, or a control character in it")
    try:
        return quote(path, safe="!$%&'()*+,-./:;=@_~")
    except UnicodeEncodeError:
        pass
    raise InvalidRequestError("a call's path is not valid Unicode")


def query_pairs(query: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a query."""
    for name, value in query.items():
        if not checks.is_text(name):
            raise InvalidRequestError(f"a query's names must be strings, not {checks.describe(name)}")
        for each in value if is_sequence(value) else (value,):
            if each is not None:
                yield name, query_text(name, each)


def query_text(name: str, value: object) -> str:
    """Spell a value of a query as JSON would; InvalidRequestError for a secret, since queries are shown."""
    if isinstance(value, Secret):
        raise InvalidRequestError(f"the query's {name} is a secret, which a body can hold, and a query cannot")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return str.__str__(value)  # the text alone, where the class is an Enum of texts
    if checks.is_number(value):
        return str(value)
    given = checks.describe(value)
    raise InvalidRequestError(f"the query's {name} must be a text, a number, a boolean or a list of them, not {given}")


def joined(name: str, values: str | Sequence[str] | None) -> str | None:
    """Return texts as one value of a query has them, with commas between; None of none.

    Raises InvalidRequestError for what is no text, and for one that has a comma in it.
    """
    if values is None or checks.is_text(values):
        return values
    if not is_sequence(values) or not all(checks.is_text(each) for each in values):
        raise InvalidRequestError(f"{name} must be a list of texts, not {checks.describe(values)}")
    if any("," in each for each in values):
        raise InvalidRequestError(f"{name} are sent with commas between: none can have a comma in it")
    return ",".join(values) or None


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
