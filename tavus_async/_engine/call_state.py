"""One call on its way, and the error that it ends with."""

from http import HTTPStatus
from typing import Any, Generic, TypeVar

import attrs

from tavus_async._engine.events import CallInfo
from tavus_async._http.attempt import Attempt
from tavus_async._settings.config import Options
from tavus_async._wire.call import Call
from tavus_async.errors import (
    AmbiguousOutcomeError,
    ApiError,
    AttemptTimeoutError,
    ConnectionLostError,
    ResponseTooLargeError,
    ServerError,
    TavusError,
    TransportError,
)

T = TypeVar("T")

# The request was sent, and nobody knows what the server did with it.
LOST = (AttemptTimeoutError, ConnectionLostError, ResponseTooLargeError)
# Answers of a gateway, which has passed a request on and got no answer in time, or one that it cannot read; those from
# 520 are Cloudflare's. The server behind it may have acted.
FROM_A_GATEWAY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
CLOUDFLARES_OWN = range(520, 525)
# Calls that go first stand in line before all others: no session makes so many calls.
BEFORE_ALL = 1 << 62


@attrs.define(eq=False, kw_only=True)
class CallState(CallInfo, Generic[T]):
    """One call on its way: how far it has come, and what it waits for."""

    call: Call[T]
    options: Options
    deadline: float | None = None
    attempt: Attempt | None = None
    """The attempt that is under way."""
    may_have_acted: bool = False
    """Whether an earlier attempt was lost after it had been sent."""
    is_short_of_time: bool = False
    """Whether it was not tried again for want of time alone."""
    waiting_for: str = "a free connection and the rate limit"

    @property
    def place(self) -> int:
        """Its place in line: calls go in the order in which they were begun."""
        return self.call_id - BEFORE_ALL if self.call.goes_first else self.call_id

    def was_short_of_time(self) -> bool:
        """Return whether another call, with more time, might yet succeed."""
        return self.is_short_of_time

    def may_repeat(self, error: TavusError) -> bool:
        """Return whether sending it again does no harm after this failure."""
        return self.call.repeatable or (isinstance(error, ApiError) and error.status in self.call.refusals)


def was_sent(state: CallState[Any]) -> bool:
    """Return whether the server may know of the attempt that is under way."""
    return state.attempt is not None and state.attempt.was_sent


def final_error(state: CallState[Any], error: TavusError) -> TavusError:
    """Return the error that a call ends with."""
    if isinstance(error, LOST) and not state.call.repeatable:
        return ambiguous(state, str(error))
    if isinstance(error, ApiError) and state.call.method == "POST" and not state.may_repeat(error):
        if error.status in FROM_A_GATEWAY or error.status in CLOUDFLARES_OWN:
            return ambiguous(state, f"the answer was {error.status}: {error.message}", status=error.status)
        if isinstance(error, ServerError) and not error.refused:
            error.hint = f"It may have happened all the same; {state.call.recovery}."
    if isinstance(error, (ApiError, TransportError)):
        error.attempts = state.attempts
    return error.with_traceback(None)


def ambiguous(state: CallState[Any], reason: str, *, status: int | None = None) -> AmbiguousOutcomeError:
    """Return the error for a write of which nobody knows what became."""
    call = state.call
    return AmbiguousOutcomeError(
        f"{call.method} {call.path} was sent and may have happened ({reason}); {call.recovery}",
        method=call.method,
        path=call.path,
        name=call.creates,
        attempts=state.attempts,
        status=status,
    )
