"""Carrying out one call: a deadline around all, retries around the attempt, the gate inside the retries."""

import asyncio
import logging
import os
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import attrs

from tavus_async._engine import repeat
from tavus_async._engine.gate import Gate
from tavus_async._engine.repeat import RetryBudget
from tavus_async._engine.sharing import SharedReads
from tavus_async._http.transport import Transport
from tavus_async._settings.retries import RetryPolicy
from tavus_async._values import Outcome, Response, Stats
from tavus_async._wire.call import Call
from tavus_async._wire.verdict import judge
from tavus_async.errors import (
    AmbiguousOutcomeError,
    ApiError,
    AttemptTimeoutError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    NotFoundError,
    RateLimitedError,
    ResponseTooLargeError,
    ServerError,
    SessionClosedError,
    TavusError,
    TransportError,
)

T = TypeVar("T")

log = logging.getLogger("tavus_async")

# The request was sent, and nobody knows what the server did with it.
LOST = (AttemptTimeoutError, ConnectionLostError, ResponseTooLargeError)


@attrs.define
class Trip(Generic[T]):
    """One call on its way: how far it has come, and what it waits for."""

    call: Call[T]
    place: int
    """Its place in line, which a retry keeps."""
    deadline: float | None = None
    attempts: int = 0
    sending: bool = False
    """Whether the server may know of the attempt that is under way."""
    may_have_acted: bool = False
    """Whether an earlier attempt was lost after it had been sent."""
    hurried: bool = False
    """Whether it was not tried again for want of time alone."""
    waiting_for: str = "a free connection and the rate limit"

    def was_hurried(self) -> bool:
        """Tell whether another call, with more time, might yet succeed."""
        return self.hurried

    def begin_sending(self) -> None:
        """Note that the request is about to leave."""
        self.sending = True
        self.waiting_for = "a connection or the server's answer"


class Engine:
    """Everything of a session that belongs to one event loop."""

    def __init__(self, *, transport: Transport, gate: Gate, policy: RetryPolicy, reads: SharedReads) -> None:
        self._loop = asyncio.get_running_loop()
        self._pid = os.getpid()
        self._transport = transport
        self._gate = gate
        self._reads = reads
        self._policy = policy
        self._budget = RetryBudget(policy.budget)
        self._calls = 0
        self._requests = 0
        self._retries = 0
        self._rate_limited = 0
        self._closed = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that this engine belongs to."""
        return self._loop

    def is_inherited(self) -> bool:
        """Tell whether this process is a fork of the one that the engine was made in."""
        return self._pid != os.getpid()

    def is_at_home(self) -> bool:
        """Tell whether this is the engine's own event loop, in its own process."""
        return self._loop is asyncio.get_running_loop() and not self.is_inherited()

    def is_out_of_reach(self) -> bool:
        """Tell whether nobody can close it properly from here: its event loop is closed, or another process's."""
        return self._loop.is_closed() or self.is_inherited()

    async def run(self, call: Call[T], *, total: float | None) -> T:
        """Carry a call out and return its result; every error is one of `tavus_async.errors`."""
        return await self._travel(self._begin(call), total)

    async def outcome(self, key: str, make_call: Callable[[str], Call[T]], *, total: float | None) -> Outcome[T]:
        """Carry out the call for a key, and return what became of it; it raises no TavusError."""
        started = self._loop.time()
        trip: Trip[T] | None = None
        value: T | None = None
        failure: TavusError | None = None
        try:
            trip = self._begin(make_call(key))
            value = await self._travel(trip, total)
        except TavusError as error:
            failure = error.with_traceback(None)
        return Outcome(
            key=str(key),
            value=value,
            error=failure,
            attempts=trip.attempts if trip else 0,
            elapsed=self._loop.time() - started,
        )

    def is_held_back(self) -> bool:
        """Tell whether attempts wait for the rate limit, not for a connection."""
        return self._gate.waiting > 0 and self._gate.tokens < 1

    def _begin(self, call: Call[T]) -> Trip[T]:
        if self._closed:
            raise SessionClosedError("the session is closed")
        self._calls += 1
        self._budget.earn(self._policy.budget_per_call)
        return Trip(call, self._calls)

    async def _travel(self, trip: Trip[T], total: float | None) -> T:
        call = trip.call
        if call.reads is not None:
            shared: T = await self._reads.get(
                call.reads, partial(self._carry, trip), total=total, was_hurried=trip.was_hurried
            )
            return shared
        if call.changes is None:
            return await self._carry(trip, total)
        self._reads.forget(call.changes)
        try:
            return await self._carry(trip, total)
        finally:
            self._reads.forget(call.changes)

    async def _carry(self, trip: Trip[T], total: float | None) -> T:
        call = trip.call
        response = await (self._deliver(trip) if total is None else self._deliver_within(total, trip))
        self._budget.earn(self._policy.budget_per_success)
        if response.status == HTTPStatus.NOT_MODIFIED and call.unchanged is not None:
            return call.unchanged
        try:
            return call.decode(response.body)
        except TavusError as error:
            failure = error
        # Without the decoder's frames, which hold the body, and so whatever secrets are in it.
        raise failure.with_traceback(None)

    def stats(self) -> Stats:
        """Return the counters and the state of this moment."""
        return Stats(
            calls=self._calls,
            requests=self._requests,
            retries=self._retries,
            rate_limited=self._rate_limited,
            tokens=self._gate.tokens,
            rate=self._gate.rate,
            waiting=self._gate.waiting,
            in_flight=self._gate.in_flight,
            open_connections=self._transport.open_connections,
            retry_budget=self._budget.left,
        )

    async def aclose(self) -> None:
        """Send everyone away who waits, and close the connections."""
        self._closed = True
        self._gate.close()
        await self._transport.aclose()

    def abandon(self) -> None:
        """Let go of the connections of a session that nobody closed."""
        self._transport.abandon(close=not self.is_inherited())

    async def _deliver_within(self, total: float, trip: Trip[Any]) -> Response:
        trip.deadline = self._loop.time() + total
        limit = asyncio.timeout_at(trip.deadline)
        try:
            async with limit:
                return await self._deliver(trip)
        except TimeoutError:
            if not limit.expired():
                raise
        # Outside the except block: the cancelled frames must not be chained to the error.
        if trip.sending and not trip.call.repeatable:
            raise ambiguous(trip, f"no answer came within {total} s")
        message = f"the call's {total} s ran out while it waited for {trip.waiting_for}"
        raise DeadlineExceededError(message, attempts=trip.attempts)

    async def _deliver(self, trip: Trip[Any]) -> Response:
        """Make attempts until one succeeds or its failure is final."""
        try:
            return await self._attempt(trip)
        except TavusError as error:
            failure = error
        if self._policy.attempts > 1 and self._policy.allows(failure, repeatable=trip.call.repeatable):
            try:
                return await self._retry(trip, failure)
            except TavusError as error:
                failure = error
        raise self._final(trip, failure)

    async def _retry(self, trip: Trip[Any], first: TavusError) -> Response:
        async def attempt() -> Response:
            self._retries += 1
            return await self._attempt(trip)

        async def sleep(seconds: float) -> None:
            trip.waiting_for = f"attempt {trip.attempts + 1}, due {seconds:.2f} s after a failure"
            log.debug("%s %s: attempt %d failed, next in %.2f s", *title(trip), trip.attempts, seconds)
            await self._gate.sleep(seconds)

        def next_delay(error: TavusError, attempts: int) -> float | None:
            return self._next_delay(trip, error, attempts)

        return await repeat.retry(attempt, first=first, next_delay=next_delay, sleep=sleep)

    def _next_delay(self, trip: Trip[Any], error: TavusError, attempts: int) -> float | None:
        """Decide whether to try again, and after how many seconds."""
        policy = self._policy
        if attempts >= policy.attempts or not policy.allows(error, repeatable=trip.call.repeatable):
            return None
        delay = policy.delay(error, attempts, jitter=repeat.jitter())
        remaining = None if trip.deadline is None else trip.deadline - self._loop.time()
        if not policy.fits(error, delay, remaining=remaining):
            trip.hurried = remaining is not None and policy.fits(error, delay, remaining=None)
            return None
        if not isinstance(error, RateLimitedError) and not self._budget.spend():
            log.warning("%s %s: not repeated, the session's retry budget is spent", *title(trip))
            return None
        return delay

    async def _attempt(self, trip: Trip[Any]) -> Response:
        """Send once, when a slot and a token are there; waiting for them is not part of the attempt's time."""
        call, gate = trip.call, self._gate
        if trip.attempts:
            trip.waiting_for = "a free connection and the rate limit"
        serial = gate.try_enter() or await gate.enter(trip.place)
        trip.attempts += 1
        trip.waiting_for = "a connection"
        self._requests += 1
        try:
            response = await self._transport.send(call, trip.begin_sending)
        except TransportError as error:
            failure: TavusError = error if trip.sending else ConnectError(str(error))
            if isinstance(failure, LOST):
                trip.may_have_acted = True
            if (self._closed or self._transport.is_closed) and (call.repeatable or not trip.may_have_acted):
                failure = SessionClosedError("the session was closed while the call was under way")
        else:
            trip.sending = False
            if 200 <= response.status < 300:  # noqa: PLR2004
                return response
            return self._judge(trip, serial, response)
        finally:
            gate.leave()
        trip.sending = False
        raise failure

    def _judge(self, trip: Trip[Any], serial: int, response: Response) -> Response:
        try:
            judge(trip.call, response)
        except RateLimitedError as error:
            self._rate_limited += 1
            pause = self._policy.pause(error, trip.attempts)
            log.info("%s %s: 429, everyone pauses for %.2f s", *title(trip), pause)
            self._gate.throttled(serial, pause, error.retry_after)
            raise
        except NotFoundError:
            if trip.call.method != "DELETE" or not trip.may_have_acted:
                raise
            # The attempt whose answer was lost has deleted it.
            return Response(status=HTTPStatus.NO_CONTENT, headers={}, body=b"")
        except ServerError:
            trip.may_have_acted = True
            raise
        return response

    @staticmethod
    def _final(trip: Trip[Any], error: TavusError) -> TavusError:
        """Return the error that the call ends with."""
        if isinstance(error, LOST) and not trip.call.repeatable:
            return ambiguous(trip, str(error))
        if isinstance(error, (ApiError, TransportError)):
            error.attempts = trip.attempts
        return error.with_traceback(None)


def title(trip: Trip[Any]) -> tuple[str, str]:
    """Return what a log line calls this call."""
    return trip.call.method, trip.call.path


def ambiguous(trip: Trip[Any], reason: str) -> AmbiguousOutcomeError:
    """Return the error for a write whose answer was lost."""
    method, path = title(trip)
    name = trip.call.creates
    look = f"await session.find_personas({name!r})" if name else "the list, or the object itself,"
    message = f"{method} {path} was sent and may have happened ({reason}); {look} tells"
    return AmbiguousOutcomeError(message, method=method, path=path, name=name, attempts=trip.attempts)
