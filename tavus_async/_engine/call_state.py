"""One call on its way, and the error that it ends with."""

import logging
import math
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import attrs

from tavus_async._engine.events import CallInfo
from tavus_async._engine.gate import Gate
from tavus_async._http.attempt import Attempt
from tavus_async._settings.config import Options
from tavus_async._wire.call import Call
from tavus_async.errors import (
    AmbiguousOutcomeError,
    ApiError,
    AttemptTimeoutError,
    ConnectionLostError,
    DeadlineExceededError,
    ResponseTooLargeError,
    ServerError,
    TavusError,
    TransportError,
)

T = TypeVar("T")

log = logging.getLogger("tavus_async")

# The request was sent, and nobody knows what the server did with it.
LOST = (AttemptTimeoutError, ConnectionLostError, ResponseTooLargeError)
# Answers of a gateway, which has passed a request on and got no answer in time, or one that it cannot read; those from
# 520 are Cloudflare's. The server behind it may have acted.
FROM_A_GATEWAY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT, *range(520, 525)})
# What a call waits for at the gate.
IN_LINE = "a free connection and the rate limit"
# Calls that go first stand in line before all others: no session makes so many calls.
BEFORE_ALL = 1 << 62


@attrs.define(eq=False, kw_only=True)
class CallState(CallInfo, Generic[T]):
    """One call on its way: how far it has come, and what it waits for."""

    call: Call[T]
    options: Options
    deadline: float | None = None
    patience: float | None = None
    """Seconds that a bulk run waits where the server asks for it; None for a single call."""
    is_in_bulk_lane: bool = False
    """Whether single calls go before it."""
    first_sent: float | None = None
    """When its first attempt was sent."""
    last_sent: float = -math.inf
    """When its last attempt was sent."""
    first_failed: float = 0.0
    """When its first attempt failed."""
    last_failure: TavusError | None = None
    """What its last attempt met."""
    uncounted: float = 0.0
    """Seconds since its first attempt that do not count for `RetryPolicy.max_elapsed`."""
    bound: str = ""
    """What forbade another attempt, in words."""
    is_budget_spent: bool = False
    """Whether it was not tried again since most calls of the session fail."""
    attempt: Attempt | None = None
    """The attempt that is under way."""
    may_have_acted: bool = False
    """Whether an earlier attempt was lost after it had been sent."""
    needed: float | None = None
    """Seconds that it would have had to wait for another attempt, where it had no time to; else None."""
    waiting_for: str = IN_LINE
    own_entry: tuple[Gate, int] | None = None
    """The gate of its endpoint's own limit, and its serial number there."""

    @property
    def place(self) -> int:
        """Its place in line: calls go in the order in which they were begun."""
        return self.call_id - BEFORE_ALL if self.call.goes_first else self.call_id

    def elapsed(self, now: float) -> float:
        """Return the seconds since its first attempt was sent."""
        return 0.0 if self.first_sent is None else now - self.first_sent

    @property
    def longest_wait(self) -> float:
        """The seconds that it waits where the server asks for it and there is no deadline."""
        return self.options.retry.max_retry_after if self.patience is None else self.patience

    def may_repeat(self, error: TavusError) -> bool:
        """Return whether sending it again does no harm after this failure."""
        return self.call.repeatable or (isinstance(error, ApiError) and error.status in self.call.refusals)


def was_sent(state: CallState[Any]) -> bool:
    """Return whether the server may know of the attempt that is under way."""
    return state.attempt is not None and state.attempt.was_sent


def final_error(state: CallState[Any], error: TavusError, now: float) -> TavusError:
    """Return the error that a call ends with."""
    if isinstance(error, (ApiError, TransportError)):
        error.attempts, error.elapsed, error.bound = state.attempts, state.elapsed(now), state.bound
    elif isinstance(error, DeadlineExceededError):
        error.attempts = state.attempts
    if isinstance(error, LOST) and not state.call.repeatable:
        return ambiguous(state, str(error))
    if isinstance(error, ApiError) and state.call.method == "POST" and not state.may_repeat(error):
        if error.status in FROM_A_GATEWAY or error.status == HTTPStatus.REQUEST_TIMEOUT:
            return ambiguous(state, f"the answer was {error.status}: {error.message}", status=error.status)
        if isinstance(error, ServerError) and not error.refused:
            error.hint = f"It may have happened all the same; {state.call.recovery}."
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


def warn_of_lost(state: CallState[Any]) -> None:
    """Tell of a write that its caller has given up after it was sent: no error will."""
    call = state.call
    named = f" of {call.creates!r}" if call.creates else ""
    log.warning("%s %s%s was cancelled after it was sent: it may have happened", call.method, call.path, named)
