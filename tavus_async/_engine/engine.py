"""Carrying out one call: shared reads, a deadline, retries, the gate, the attempt, the verdict, the record."""

import asyncio
import logging
import math
import os
from collections.abc import Coroutine
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from tavus_async._bulk.meter import Hold
from tavus_async._bulk.session_part import PartT, Send, SessionPart
from tavus_async._engine import repeat
from tavus_async._engine.admission import Admission
from tavus_async._engine.call_state import IN_LINE, LOST, CallState, ambiguous, final_error, warn_of_lost, was_sent
from tavus_async._engine.events import Events
from tavus_async._engine.gate import Gate
from tavus_async._engine.outage import Outage
from tavus_async._engine.repeat import RetryBudget
from tavus_async._engine.sharing import SharedReads
from tavus_async._http.attempt import Attempt
from tavus_async._settings.config import Options
from tavus_async._values import Headers, Response
from tavus_async._wire.call import Call
from tavus_async._wire.verdict import judge
from tavus_async.errors import (
    DeadlineExceededError,
    NotFoundError,
    QueueTimeoutError,
    RateLimitedError,
    ServerError,
    SessionClosedError,
    TavusError,
    TransportError,
    tell_attempts,
)

if TYPE_CHECKING:
    from tavus_async._http.transport import Transport

T = TypeVar("T")

log = logging.getLogger("tavus_async")


class Engine:
    """Everything of a session that belongs to one event loop.

    A call goes down these steps: `run` reports its begin and its end, `_shared` lets equal reads share one request,
    `_decoded` makes the record, `_with_deadline` bounds all that follows, `_with_retries` repeats, and `_attempt` sends
    once when the gate lets it.
    """

    def __init__(
        self,
        *,
        transport: "Transport",
        admission: Admission,
        budget: RetryBudget,
        reads: SharedReads,
        events: Events,
        longest_attempt: float = math.inf,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._pid = os.getpid()
        self._transport = transport
        self._admission, self._gate, self._endpoints = admission, admission.gate, admission.endpoints
        self._reads = reads
        reads.promote = self._promote
        self._budget = budget
        self._events = events
        self._longest_attempt = longest_attempt
        self.outage = Outage(clock=self._loop.time)
        """Whether the server can be reached, as bulk calls find it."""
        self._parts: dict[type[SessionPart], SessionPart] = {}
        self._calls = 0
        self._closed = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that this engine belongs to."""
        return self._loop

    @property
    def gate(self) -> Gate:
        """Where attempts wait."""
        return self._gate

    @property
    def waiting(self) -> int:
        """How many attempts wait to be sent."""
        return self._admission.waiting

    @property
    def open_connections(self) -> int:
        """How many connections there are, idle ones too."""
        return self._transport.open_connections

    def is_inherited(self) -> bool:
        """Return whether this process is a fork of the one that the engine was made in."""
        return self._pid != os.getpid()

    def is_at_home(self) -> bool:
        """Return whether this is the engine's own event loop, in its own process."""
        return self._loop is asyncio.get_running_loop() and not self.is_inherited()

    def is_out_of_reach(self) -> bool:
        """Return whether nobody can close it properly from here: its event loop is closed, or another process's."""
        return self._loop.is_closed() or self.is_inherited()

    def hold(self) -> Hold:
        """Return what holds calls back at this moment."""
        gate = self._gate
        return Hold(waiting=self.waiting > 0 and gate.tokens < 1, paused=gate.pause, outage=self.outage.seconds)

    def run(self, call: Call[T], options: Options) -> Coroutine[Any, Any, T]:
        """Carry a call out and return its result; every error is one of `tavus_async.errors`."""
        return self.carry_out(self.begin(call, options))

    def run_raw(self, call: Call[Any], options: Options) -> Coroutine[Any, Any, Response]:
        """Carry a call out and return its answer; an error status raises as ever."""
        state = self.begin(call, options)
        return self._observed(state, self._raw(state))

    def part(self, kind: type[PartT]) -> PartT:
        """Return this engine's one object of a class, which finishes its work before the engine is closed."""
        found = self._parts.get(kind)
        if not isinstance(found, kind):
            found = self._parts[kind] = kind()
        return found

    def sender(self, options: Options) -> Send:
        """Return what sends calls with these options until the engine is closed."""

        async def send(call: Call[Any], *, timeout: float | None = None) -> Any:
            return await self.run(call, options if timeout is None else attrs.evolve(options, timeout=timeout))

        return send

    async def aclose(self) -> None:
        """Send everyone away who waits, let the parts finish, and close the connections."""
        try:
            if self._parts:
                self._admission.send_away()
                await asyncio.gather(*(part.aclose() for part in self._parts.values()))
        finally:
            self._closed = True
            self._admission.close()
            await self._transport.aclose()
            await self._gate.bucket.aclose()

    def abandon(self) -> None:
        """Release the connections of a session that nobody closed."""
        for part in self._parts.values():
            part.abandon()
        self._gate.bucket.abandon()
        self._transport.abandon(close=not self.is_inherited())

    def begin(self, call: Call[T], options: Options) -> CallState[T]:
        """Return the state of a call that is to be carried out; SessionClosedError where there is none any more."""
        if self._closed:
            raise SessionClosedError("the session is closed")
        self._calls += 1
        self._budget.earn(options.retry.budget_per_call)
        call = call.spelled(renamed=options.renamed)
        return CallState(
            call_id=self._calls,
            method=call.method,
            path=call.path,
            started=self._loop.time(),
            call=call,
            options=options.with_headers(call.headers) if call.headers else options,
            is_in_bulk_lane=options.is_bulk,
        )

    def carry_out(self, state: CallState[T]) -> Coroutine[Any, Any, T]:
        """Carry out a call that has been begun."""
        return self._observed(state, self._shared(state))

    async def _observed(self, state: CallState[Any], work: Coroutine[Any, Any, T]) -> T:
        """Emit the events of the call's start and end."""
        events, loop = self._events, self._loop
        events.call_started(state)
        try:
            value = await work
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and was_sent(state) and not state.call.repeatable:
                warn_of_lost(state)
            events.call_ended(state, error, loop.time() - state.started)
            raise
        events.call_ended(state, None, loop.time() - state.started)
        return value

    def _shared(self, state: CallState[T]) -> Coroutine[Any, Any, T]:
        """Share one request among equal reads (single flight); with headers of their own they are not equal."""
        reads, total = state.call.reads, state.options.timeout
        if reads is None or state.options.headers:
            return self._unshared(state, total)
        return self._reads.get(reads, partial(self._decoded, state), total=total, reader=state)

    def _promote(self, state: CallState[Any]) -> None:
        """Let a bulk call go with the single ones, since one of these waits for its answer."""
        if state.is_in_bulk_lane:
            state.is_in_bulk_lane = False
            self._admission.promote(state.place)

    async def _unshared(self, state: CallState[T], total: float | None) -> T:
        """Keep reads from sharing a request that was sent before this call changed what it reads."""
        with self._reads.changing(state.call.changes):
            return await self._decoded(state, total)

    async def _raw(self, state: CallState[Any]) -> Response:
        """Return the answer as it is: never shared, never decoded."""
        with self._reads.changing(state.call.changes):
            response = await self._with_deadline(state, state.options.timeout)
        return attrs.evolve(response, headers=Headers(response.headers.items()))

    async def _decoded(self, state: CallState[T], total: float | None) -> T:
        """Return the call's result: decoding lies outside the retries, since a malformed answer does not heal."""
        call = state.call
        response = await (self._with_retries(state) if total is None else self._with_deadline(state, total))
        if response.status == HTTPStatus.NOT_MODIFIED and call.unchanged is not None:
            return call.unchanged
        try:
            value = call.decode(response.body) if call.adopt_headers is None else call.read(response)
        except TavusError as error:
            # Without the decoder's frames, which hold the body, and so whatever secrets are in it.
            failure: TavusError = error.with_traceback(None)
        else:
            # What was written has happened, and its record must not be lost.
            if state.deadline is None or not call.repeatable or self._loop.time() <= state.deadline:
                return value
            failure = DeadlineExceededError(
                f"the call's {total} s ran out while its answer was decoded", attempts=state.attempts
            )
        raise failure

    async def _with_deadline(self, state: CallState[Any], total: float | None) -> Response:
        """End the call when its time is over, and say what it waited for then."""
        if total is None:
            return await self._with_retries(state)
        state.deadline = self._loop.time() + total
        limit = asyncio.timeout_at(state.deadline)
        try:
            async with limit:
                return await self._with_retries(state)
        except TimeoutError:
            if not limit.expired():
                raise
        # Outside the except block: the cancelled frames must not be chained to the error.
        if was_sent(state) and not state.call.repeatable:
            raise ambiguous(state, f"no answer came within {total} s")
        raise DeadlineExceededError(
            f"the call's {total} s ran out while it waited for {self._awaited(state)}"
            + tell_attempts(state.attempts, state.elapsed(self._loop.time()), ""),
            attempts=state.attempts,
        )

    def _awaited(self, state: CallState[Any]) -> str:
        if was_sent(state):
            return "the server's answer"
        if state.waiting_for != IN_LINE:
            return state.waiting_for
        return f"{IN_LINE} of {self._gate.rate:g}/s ({self.waiting} other calls wait)"

    async def _with_retries(self, state: CallState[Any]) -> Response:
        """Make attempts until one succeeds or its failure is final: the first plainly, the others by tenacity."""
        policy = state.options.retry
        try:
            return await self._attempt(state)
        except TavusError as error:
            failure = error
        state.first_failed = self._loop.time()
        state.needed = failure.wait if isinstance(failure, QueueTimeoutError) else None
        if policy.attempts > 1 and policy.allows(failure, repeatable=state.may_repeat(failure)):
            try:
                return await self._repeat(state, failure)
            except (DeadlineExceededError, QueueTimeoutError) as error:
                # The line was too long for another attempt: what the last one met tells more.
                # Other readers of the same may have time for one.
                state.bound, failure, state.needed = str(error), state.last_failure or error, 0.0
            except TavusError as error:
                failure = error
        raise final_error(state, failure, self._loop.time())

    async def _repeat(self, state: CallState[Any], first: TavusError) -> Response:
        async def sleep(seconds: float) -> None:
            state.waiting_for = f"attempt {state.attempts + 1}, due {seconds:.2f} s after a failure"
            await self._gate.sleep(seconds)

        return await repeat.retry(
            partial(self._attempt, state), first=first, next_delay=partial(self._next_delay, state), sleep=sleep
        )

    def _next_delay(self, state: CallState[Any], error: TavusError, attempts: int) -> float | None:
        """Decide whether to try again, and after how many seconds."""
        policy, now = state.options.retry, self._loop.time()
        state.bound, state.is_budget_spent = "", False
        if not policy.allows(error, repeatable=state.may_repeat(error)):
            return None
        delay = policy.delay(error, attempts, jitter=repeat.jitter())
        remaining = None if state.deadline is None else state.deadline - now
        elapsed = state.elapsed(now) - state.uncounted
        find_bound = partial(policy.find_bound, error, delay, attempts=attempts, elapsed=elapsed)
        state.bound = find_bound(remaining=remaining, patience=state.patience)
        if state.bound:
            # With all the time in the world, as another reader of the same may have, would it go on?
            state.needed = None if find_bound(patience=math.inf) else delay
            return None
        if not isinstance(error, RateLimitedError) and not self._budget.spend():
            state.bound, state.is_budget_spent = "the session's RetryPolicy.budget is spent", True
            if self._budget.is_news(now):
                log.warning("%s %s: not repeated, the session's retry budget is spent", state.method, state.path)
            return None
        if not policy.is_counted(error, has_deadline=remaining is not None, is_bulk=state.patience is not None):
            state.uncounted += delay
        state.last_failure = error
        self._events.retry_planned(state, error, delay)
        return delay

    async def _attempt(self, state: CallState[Any]) -> Response:
        """Send once, when a slot and a token are there; waiting for them is not part of the attempt's time."""
        gate, endpoints, events = self._gate, self._endpoints, self._events
        serial = (0 if endpoints.are_watched else gate.try_enter()) or await self._wait_in_line(state)
        attempt = state.attempt = Attempt(state.call, state.options.headers, gate, serial=serial)
        state.attempts += 1
        state.waiting_for = "a connection"
        events.attempt_sent(state)
        if state.call.on_send is not None:
            state.call.on_send()
        begun, is_admitted = self._loop.time(), False
        state.last_sent = begun
        state.first_sent = begun if state.first_sent is None else state.first_sent
        try:
            response = await self._transport.send(attempt)
            is_admitted = response.status != HTTPStatus.TOO_MANY_REQUESTS
        except BaseException as error:
            seconds = self._loop.time() - begun
            # The clock has jumped: the machine has slept.
            state.uncounted += max(0.0, seconds - self._longest_attempt)
            events.attempt_failed(state, error, seconds)
            if not isinstance(error, TransportError):
                raise
            failure: TavusError = self._lost(state, error)
        else:
            state.attempt = None
            events.answer_received(state, response.status, self._loop.time() - begun)
            if 200 <= response.status < 300:  # noqa: PLR2004
                self._budget.earn(state.options.retry.budget_per_success)
                if self.outage.is_on:
                    self.outage.answered(begun)
                return response
            return self._judged(state, serial, response)
        finally:
            if endpoints.are_watched:
                self._admission.leave(state, serial, is_admitted=is_admitted)
            else:
                gate.leave(serial, is_admitted=is_admitted)
        state.attempt = None
        raise failure

    async def _wait_in_line(self, state: CallState[Any]) -> int:
        state.waiting_for = IN_LINE
        came = self._loop.time()
        serial = await self._admission.enter(state)
        if state.attempts:
            state.uncounted += self._loop.time() - came
        return serial

    def _lost(self, state: CallState[Any], error: TransportError) -> TavusError:
        """Return what an attempt without an answer amounts to."""
        if isinstance(error, LOST):
            state.may_have_acted = True
        is_closed = self._closed or self._transport.is_closed
        if is_closed and (state.call.repeatable or not state.may_have_acted):
            closed = "session" if self._closed else "borrowed aiohttp.ClientSession"
            return SessionClosedError(f"the {closed} was closed while the call was under way")
        return error

    def _judged(self, state: CallState[Any], serial: int, response: Response) -> Response:
        """Return an answer that is good after all, or raise the error that it amounts to; a 429 pauses everyone."""
        try:
            judge(state.call, response)
        except RateLimitedError as error:
            if pause := self._admission.throttled(state, serial, error):
                self._events.paused(state, pause)
            raise
        except NotFoundError:
            if state.call.method != "DELETE" or not state.may_have_acted:
                raise
            # The attempt whose answer was lost has deleted it.
            return Response(status=HTTPStatus.NO_CONTENT, headers={}, body=b"")
        except ServerError:
            state.may_have_acted = True
            raise
        self._budget.earn(state.options.retry.budget_per_success)
        return response
