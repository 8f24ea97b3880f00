"""Every error that tavus_async raises.

```
TavusError
├── ConfigurationError
├── SessionClosedError
├── InvalidRequestError
├── TransportError
│   ├── ConnectError
│   ├── AttemptTimeoutError
│   ├── ConnectionLostError
│   └── ResponseTooLargeError
├── DeadlineExceededError        (also a TimeoutError)
├── QueueTimeoutError
├── AmbiguousOutcomeError
├── ProcessingFailedError
├── WebhookError
├── DecodeError
├── ApiError
│   ├── BadRequestError          400
│   ├── AuthenticationError      401
│   ├── PaymentRequiredError     402
│   ├── PermissionDeniedError    403
│   ├── NotFoundError            404, and 400 "Invalid <x>_id"
│   ├── ConflictError            409
│   ├── UnprocessableError       422
│   ├── RateLimitedError         429 that will pass
│   ├── QuotaExceededError       429 that no waiting cures
│   ├── ConcurrencyLimitError    400 "maximum concurrent conversations"
│   └── ServerError              5xx
└── BulkError
```

Errors are plain values: they pickle, and hold neither the API key nor an open connection.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

if TYPE_CHECKING:
    from tavus_async._values import Outcome

KEYS_PAGE = "https://maker.tavus.io/dev/api-keys"
"""Where API keys are made."""

_ErrorT = TypeVar("_ErrorT", bound="TavusError")


class TavusError(Exception):
    """The root of every error that tavus_async raises."""

    # Exception's own __reduce__ would call the class with its message alone.
    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__.copy())

    def __copy__(self) -> Self:
        return _restore(type(self), self.args, self.__dict__.copy())


def _restore(kind: type[_ErrorT], args: tuple[object, ...], state: dict[str, object]) -> _ErrorT:
    error = kind.__new__(kind, *args)
    # TimeoutError is an OSError, whose __new__ leaves this to __init__.
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(TavusError):
    """A setting is missing or cannot work: no key, a bad base URL, a negative rate."""


class SessionClosedError(TavusError):
    """The session was used after `aclose()`, or in another event loop than its first call's."""


class InvalidRequestError(TavusError):
    """The call was refused before anything was sent: an empty id, a bad patch."""


def tell_attempts(attempts: int, elapsed: float, bound: str) -> str:
    """Return the end of a message: how often and how long a call was tried, and what forbade to go on."""
    took = f" in {elapsed:.1f} s" if elapsed else ""
    told = [f"after {attempts} attempts{took}"] if attempts > 1 else []
    return f" ({'; '.join([*told, *([bound] if bound else [])])})" if told or bound else ""


class TransportError(TavusError):
    """No usable answer came."""

    attempts: int
    """Attempts that were begun."""
    elapsed: float
    """Seconds from the first attempt to the end of the last."""
    bound: str
    """Which setting forbade another attempt, in words; "" where another would not have been made anyway."""

    def __init__(self, message: str, *, attempts: int = 1) -> None:
        super().__init__(message)
        self.attempts = attempts
        self.elapsed = 0.0
        self.bound = ""

    def __str__(self) -> str:
        return super().__str__() + tell_attempts(self.attempts, self.elapsed, self.bound)


class ConnectError(TransportError):
    """No connection could be made, so nothing was sent: any call may be repeated."""

    is_lasting: bool
    """Whether no waiting cures it: the server's certificate is not valid, or its name cannot be one."""

    def __init__(self, message: str, *, attempts: int = 1, is_lasting: bool = False) -> None:
        super().__init__(message, attempts=attempts)
        self.is_lasting = is_lasting


class AttemptTimeoutError(TransportError):
    """An attempt was sent, and took longer than `Timeouts.read` or `Timeouts.attempt` allows."""


class ConnectionLostError(TransportError):
    """The request was sent, then the connection was reset, cut short or garbled."""


class ResponseTooLargeError(TransportError):
    """The answer is larger than `Pool.max_body` bytes; it was not read to its end."""


class DeadlineExceededError(TavusError, TimeoutError):
    """The call's `total` seconds ran out; the message says what it was waiting for then."""

    attempts: int
    """Attempts that were begun; 0 where the time ran out in the queue."""

    def __init__(self, message: str, *, attempts: int = 0) -> None:
        super().__init__(message)
        self.attempts = attempts


class QueueTimeoutError(TavusError):
    """The wait for the rate limit would be longer than `RateLimit.max_wait`, or a pause than `max_retry_after`.

    In a bulk run a pause may be as long as its `max_outage`.
    """

    wait: float
    """Seconds that the wait would have taken, as known when it was refused."""

    def __init__(self, message: str, *, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class AmbiguousOutcomeError(TavusError):
    """A write was sent and its answer was lost: it may have happened.

    It is not repeated, since a second create would make a second object. Look first.
    """

    method: str
    """The HTTP method of the call."""
    path: str
    """The path of the call."""
    name: str | None
    """The name of what may have been created: `await session.find_personas(error.name)` looks for it."""
    attempts: int
    """Attempts that were sent."""
    status: int | None
    """What a gateway answered in the server's place, such as 504; None where no answer came."""

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        name: str | None = None,
        attempts: int = 1,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.method = method
        self.path = path
        self.name = name
        self.attempts = attempts
        self.status = status


class ProcessingFailedError(TavusError):
    """What was waited for has failed on the server, or can no longer come."""

    value: Any
    """The record, as it was read last."""
    reason: str
    """Why, in the server's own words where it has some."""

    def __init__(self, message: str, *, value: Any, reason: str) -> None:
        super().__init__(message)
        self.value = value
        self.reason = reason


class WebhookError(TavusError):
    """What came is no event of Tavus: its body is no JSON object, or its secret or signature is wrong."""


class DecodeError(TavusError):
    """The server's answer is not the JSON that was expected."""

    path: str
    """Where in the body, as in `$.data[0]`."""
    expected: str
    """What belongs there."""
    got: str
    """What came instead: the kind of value, never the value."""

    def __init__(self, *, path: str, expected: str, got: str) -> None:
        super().__init__(f"the answer cannot be read: expected {expected} at {path}, got {got}")
        self.path = path
        self.expected = expected
        self.got = got


class ApiError(TavusError):
    """The server answered with an error status."""

    hint = ""
    """What to do about it: the end of the message."""
    status: int
    """The HTTP status."""
    message: str
    """The server's own words, without the API key."""
    body: Any
    """The answer as JSON values, or as text where it is no JSON; at most 4,096 characters of it."""
    headers: Mapping[str, str]
    """The answer's headers by name, in any case, such as the server's id of the request; no cookies."""
    method: str
    """The HTTP method of the call."""
    path: str
    """The path of the call, as `/v2/personas/p5317866`."""
    attempts: int
    """Attempts that were sent, this one included."""
    elapsed: float
    """Seconds from the first attempt to the end of the last."""
    bound: str
    """Which setting forbade another attempt, in words; "" where another would not have been made anyway."""
    retry_after: float | None
    """Seconds after which the server wants to be asked again, if it said so, by a header or in its words."""
    refused: bool
    """Whether it is certain that nothing was done: a 503 with a Retry-After header says so, its words alone do not."""

    def __init__(  # noqa: PLR0913 (all that an answer tells)
        self,
        message: str,
        *,
        status: int,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        path: str = "",
        attempts: int = 1,
        retry_after: float | None = None,
        refused: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = body
        self.headers = {} if headers is None else headers
        self.method = method
        self.path = path
        self.attempts = attempts
        self.retry_after = retry_after
        self.refused = refused
        self.elapsed = 0.0
        self.bound = ""

    def __str__(self) -> str:
        words = f"{self.method} {self.path} was answered {self.status}: {self.message.rstrip('.') or 'no message'}"
        words += tell_attempts(self.attempts, self.elapsed, self.bound)
        return f"{words}. {self.hint}" if self.hint else words


class BadRequestError(ApiError):
    """400: the server does not accept the request as it is."""


class AuthenticationError(ApiError):
    """401: the API key is missing, wrong or revoked."""

    hint = f"Check the API key (the argument api_key, or TAVUS_API_KEY); keys are made at {KEYS_PAGE}."


class PaymentRequiredError(ApiError):
    """402: the account is out of credits."""

    hint = "The account needs credits before this call can work."


class PermissionDeniedError(ApiError):
    """403: the key is valid and may not do this."""

    hint = "The key may not do this; its list of allowed addresses may be the reason."


class NotFoundError(ApiError):
    """404, and Tavus' 400 "Invalid <x>_id": no such object, or not this account's."""

    hint = "No object of this account has that id."


class ConflictError(ApiError):
    """409: the object is in a state that does not allow this; 412: it has been changed since it was read."""

    @property
    def conflict(self) -> str | None:
        """What it conflicts with: `maker_changes` for an unpublished draft of PAL Maker."""
        found = self._told("conflict")
        return found if isinstance(found, str) else None

    @property
    def used_by(self) -> Mapping[str, int]:
        """How many objects of each kind need what was to be deleted, as in `{"pals": 1, "faces": 2}`; else empty."""
        found = self._told("used_by")
        counts = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        return {kind: count for kind, count in counts.items() if type(count) is int}

    def _told(self, name: str) -> object:
        body = cast("dict[str, Any]", self.body) if isinstance(self.body, dict) else {}
        return body.get(name)

    def __str__(self) -> str:
        if self.conflict == "maker_changes":
            return f"{super().__str__()}. PAL Maker holds unpublished changes; force=True would discard them."
        users = ", ".join(f"{count} {kind}" for kind, count in self.used_by.items() if count)
        return f"{super().__str__()}. It is used by {users}." if users else super().__str__()


class UnprocessableError(ApiError):
    """422: the request is well-formed and makes no sense to the server."""


class RateLimitedError(ApiError):
    """429 that will pass: `.retry_after` tells when, if the server said so."""

    hint = "Configure a lower RateLimit, or give the call more time."


class QuotaExceededError(ApiError):
    """429 that no waiting cures: a limit of the plan or of the object is reached."""


class ConcurrencyLimitError(ApiError):
    """400 "maximum concurrent conversations": end a conversation first."""

    hint = "End a running conversation first, or raise the plan's limit."


class ServerError(ApiError):
    """5xx: the server failed."""


# Characters of an id that is shown.
LONGEST_ITEM = 64


class BulkError(TavusError):
    """At least one item of a bulk call failed; none of the others is lost.

    The message counts the failures and shows the first.
    """

    outcomes: "Sequence[Outcome[Any]]"
    """Every outcome, failed or not, in the order of the ids."""

    def __init__(self, outcomes: "Sequence[Outcome[Any]]") -> None:
        failed = [outcome for outcome in outcomes if outcome.error is not None]
        first = f"; the first{_item_of(failed[0])}: {failed[0].error}" if failed else ""
        super().__init__(f"{len(failed)} of {len(outcomes)} items failed{first}")
        self.outcomes = outcomes


def _item_of(outcome: "Outcome[Any]") -> str:
    """Name an item that failed by a text that was sent; of anything else, which may be a secret, nothing is told."""
    key = outcome.key
    is_id = isinstance(key, str) and len(key) <= LONGEST_ITEM
    return f", {str.__str__(key)}" if is_id and not isinstance(outcome.error, InvalidRequestError) else ""
