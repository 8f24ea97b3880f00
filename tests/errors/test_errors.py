import copy
import inspect
import pickle
import re
import traceback
from typing import Any

import pytest

import tavus_async
from tavus_async import Outcome, errors
from tavus_async.errors import (
    AmbiguousOutcomeError,
    ApiError,
    BulkError,
    ConflictError,
    DeadlineExceededError,
    DecodeError,
    ProcessingFailedError,
    QueueTimeoutError,
    TavusError,
    TransportError,
)

REFUSAL: dict[str, Any] = {
    "status": 418,
    "body": {"error": "no"},
    "method": "GET",
    "path": "/v2/x",
    "attempts": 3,
    "retry_after": 1.5,
}
FAILED = Outcome[str](key="p2", error=errors.ConnectError("cannot connect to https://x"), attempts=1)


def example(kind: type[TavusError]) -> TavusError:
    """Make an error of this class with something in every place."""
    if issubclass(kind, ApiError):
        return kind("the server's words", **REFUSAL)
    if issubclass(kind, TransportError | DeadlineExceededError):
        return kind("nothing came for 30 s", attempts=4)
    if issubclass(kind, QueueTimeoutError):
        return kind("it would take too long", wait=12.5)
    if issubclass(kind, AmbiguousOutcomeError):
        return kind("it may have happened", method="POST", path="/v2/personas", attempts=2)
    if issubclass(kind, ProcessingFailedError):
        return kind("the video failed: no face", value={"status": "error"}, reason="no face")
    if issubclass(kind, DecodeError):
        return kind(path="$.data[0]", expected="an object", got="a list of 3")
    if issubclass(kind, BulkError):
        return kind([Outcome(key="p1", value="fine"), FAILED])
    return kind("something is missing")


def all_kinds(kind: type[TavusError] = TavusError) -> list[type[TavusError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in all_kinds(child))]


KINDS = [kind for kind in all_kinds() if kind.__module__ == errors.__name__]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def drawn_tree() -> dict[str, str]:
    """Read the drawing on top of the module: each error, and what it stands below."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"([│├└─ ]*)(\w+Error)\b", line):
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            parents[found[2]] = above[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_is_as_drawn() -> None:
    real = {kind.__name__: kind.__bases__[0].__name__ for kind in KINDS}

    assert drawn_tree() == real


def test_every_error_is_public() -> None:
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in tavus_async.__all__] == []


def test_a_passed_deadline_is_also_a_timeout_error() -> None:
    assert issubclass(DeadlineExceededError, TimeoutError)
    assert [kind.__name__ for kind in KINDS if issubclass(kind, OSError)] == ["DeadlineExceededError"]


@every_kind
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301
def test_a_copy_is_the_same_error(kind: type[TavusError], duplicate: Any) -> None:
    error = example(kind)

    twin = duplicate(error)

    assert twin is not error
    assert type(twin) is kind
    assert str(twin) == str(error)
    assert twin.args == error.args
    assert twin.__dict__.keys() == error.__dict__.keys()
    assert repr(twin.__dict__) == repr(error.__dict__)


@every_kind
def test_notes_travel_and_tracebacks_stay(kind: type[TavusError]) -> None:
    error = example(kind)
    error.add_note("while fetching p1")
    try:
        raise error from ValueError("secret")
    except TavusError as caught:
        twin = pickle.loads(pickle.dumps(caught))  # noqa: S301

    assert twin.__notes__ == ["while fetching p1"]
    assert twin.__traceback__ is None
    assert twin.__cause__ is None
    assert twin.__context__ is None


@every_kind
def test_an_error_is_one_line_that_a_stranger_can_read(kind: type[TavusError]) -> None:
    text = str(example(kind))

    assert len(text) > 10
    assert "\n" not in text
    assert traceback.format_exception_only(example(kind)) == [f"tavus_async.errors.{kind.__name__}: {text}\n"]


@every_kind
def test_an_error_tells_when_it_is_raised(kind: type[TavusError]) -> None:
    assert inspect.getdoc(kind) not in {None, inspect.getdoc(kind.__bases__[0])}


def test_a_refusal_says_what_was_asked_and_answered() -> None:
    error = ApiError("no such thing", **REFUSAL)

    assert str(error) == "GET /v2/x was answered 418: no such thing (after 3 attempts)"
    assert str(ApiError("", status=500)) == "GET  was answered 500: no message"
    assert {name: getattr(error, name) for name in REFUSAL} == REFUSAL
    assert error.message == "no such thing"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (errors.AuthenticationError, "TAVUS_API_KEY"),
        (errors.PaymentRequiredError, "credits"),
        (errors.PermissionDeniedError, "allowed addresses"),
        (errors.NotFoundError, "that id"),
        (errors.RateLimitedError, "RateLimit"),
        (errors.ConcurrencyLimitError, "End a running conversation"),
    ],
)
def test_a_refusal_says_what_to_do(kind: type[ApiError], words: str) -> None:
    text = str(kind("no", status=400, path="/v2/x"))

    assert text.startswith("GET /v2/x was answered 400: no. ")
    assert words in text


def test_the_number_of_attempts_can_be_set_later() -> None:
    error = ApiError("no", status=500, path="/v2/x")
    error.attempts = 5

    assert "(after 5 attempts)" in str(error)


def test_a_decode_error_says_where_what_and_what_instead() -> None:
    error = DecodeError(path="$.data[0]", expected="an object", got="a list of 3")

    assert str(error) == "the answer cannot be read: expected an object at $.data[0], got a list of 3"
    assert (error.path, error.expected, error.got) == ("$.data[0]", "an object", "a list of 3")


def test_a_bulk_error_counts_the_failures_and_shows_the_first() -> None:
    outcomes = [Outcome(key="p1", value="fine"), FAILED, Outcome[str](key="p3", error=TavusError("again"))]
    error = BulkError(outcomes)

    assert str(error) == "2 of 3 items failed; the first, p2: cannot connect to https://x"
    assert error.outcomes is outcomes
    assert str(BulkError([])) == "0 of 0 items failed"


def test_a_queue_timeout_tells_the_wait_and_an_ambiguous_outcome_the_call() -> None:
    ambiguous = example(AmbiguousOutcomeError)

    assert vars(example(QueueTimeoutError)) == {"wait": 12.5}
    assert vars(ambiguous) == {"method": "POST", "path": "/v2/personas", "name": None, "attempts": 2, "status": None}


def test_attempts_are_counted_from_one_where_something_was_sent() -> None:
    assert TransportError("lost").attempts == 1
    assert ApiError("no", status=400).attempts == 1
    assert AmbiguousOutcomeError("lost", method="POST", path="/").attempts == 1
    assert DeadlineExceededError("late").attempts == 0


@pytest.mark.parametrize(
    ("body", "used_by", "end"),
    [
        (
            {"error": "in use", "used_by": {"pals": 1, "faces": 2}},
            {"pals": 1, "faces": 2},
            "no. It is used by 1 pals, 2 faces.",
        ),
        ({"used_by": {"pals": 0, "faces": 3}}, {"pals": 0, "faces": 3}, "no. It is used by 3 faces."),
        ({"used_by": {"pals": None, "faces": True, "names": ["a"]}}, {}, "no"),
        ({"used_by": 3}, {}, "no"),
        ({}, {}, "no"),
        ("Conflict", {}, "no"),
        (None, {}, "no"),
    ],
)
def test_a_conflict_tells_what_still_uses_the_object(body: Any, used_by: dict[str, int], end: str) -> None:
    error = ConflictError("no", status=409, body=body)

    assert error.used_by == used_by
    assert str(error).endswith(f"409: {end}")
    assert error.conflict is None
