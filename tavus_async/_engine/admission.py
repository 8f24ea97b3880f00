"""Which gates an attempt passes: its endpoint's own, where that has a limit of its own, and the session's."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from tavus_async._engine.bucket import Bucket
from tavus_async._engine.call_state import CallState
from tavus_async._engine.endpoints import Endpoints
from tavus_async._engine.gate import Gate
from tavus_async.errors import RateLimitedError


class Admission:
    """Lets attempts go, and hears how they end. *make_own_bucket* makes the bucket of an endpoint's own limit."""

    def __init__(self, gate: Gate, *, loop: asyncio.AbstractEventLoop, make_own_bucket: Callable[[], Bucket]) -> None:
        def make_own_gate() -> Gate:
            return Gate(slots=sys.maxsize, bucket=make_own_bucket(), loop=loop)

        self._loop = loop
        self.gate = gate
        """The session's."""
        self.endpoints = Endpoints(make_own_gate, clock=loop.time)

    @property
    def waiting(self) -> int:
        """The number of attempts that wait."""
        return self.gate.waiting + self.endpoints.waiting

    async def enter(self, state: CallState[Any]) -> int:
        """Wait until an attempt may go, and return its serial number; raises what `Gate.enter` does."""
        own = self.endpoints.gate(state.call)
        if own is None:
            return self.gate.try_enter() or await self._enter(self.gate, state)
        own_serial = own.try_enter() or await self._enter(own, state)
        try:
            serial = self.gate.try_enter() or await self._enter(self.gate, state)
        except BaseException:
            own.leave(own_serial, is_admitted=False)
            raise
        state.own_entry = own, own_serial
        return serial

    def leave(self, state: CallState[Any], serial: int, *, is_admitted: bool) -> None:
        """Record that an attempt has ended, and whether it was answered, and by no 429."""
        self.endpoints.ended(state.call, is_admitted=is_admitted)
        if state.own_entry is not None:
            own, own_serial = state.own_entry
            state.own_entry = None
            own.leave(own_serial, is_admitted=is_admitted)
        self.gate.leave(serial, is_admitted=is_admitted)

    def throttled(self, state: CallState[Any], serial: int, error: RateLimitedError) -> float:
        """Learn from a 429; return the seconds for which it pauses everyone: 0 where it is the endpoint's own."""
        seconds, is_named = state.options.retry.pause(error, state.attempts), bool(error.retry_after)
        is_own = self.endpoints.refused(state.call, error.message)
        if state.own_entry is not None:
            own, own_serial = state.own_entry
            own.throttled(own_serial, seconds, is_named=is_named)
        if is_own:
            return 0.0
        return self.gate.throttled(serial, seconds, is_named=is_named)

    def promote(self, place: int) -> None:
        """Let a bulk call go with the single ones."""
        for gate in (*self.endpoints.gates, self.gate):
            gate.promote(place)

    def send_away(self) -> None:
        """End the wait of all who wait now."""
        for gate in (*self.endpoints.gates, self.gate):
            gate.send_away()

    def close(self) -> None:
        """Let nobody go any more."""
        for gate in (*self.endpoints.gates, self.gate):
            gate.close()

    async def _enter(self, gate: Gate, state: CallState[Any]) -> int:
        return await gate.enter(
            state.place, is_bulk=state.is_in_bulk_lane, deadline=state.deadline, patience=state.longest_wait
        )
