"""A gate under any history of arrivals, connects, retries, cancellations, 429s and busy moments, in virtual time."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from typing import Any

from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tavus_async import RateLimit
from tavus_async._engine.gate import Gate
from tavus_async._engine.lifecycle import make_bucket
from tests.support.virtual_time import VirtualTimeLoop, settle

# After ten minutes without a 429 the configured burst is back.
MOMENTS = st.sampled_from([0.0, 0.001, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0, 601.0]) | st.floats(0, 1)
PICKS = st.integers(0, 50)
# A task runs some turns of the loop after it was let in.
TURNS = 0.001


def chosen(places: Iterable[int], pick: int) -> int:
    """One of these places."""
    ordered = sorted(places)
    return ordered[pick % len(ordered)]


class Gates(RuleBasedStateMachine):
    """One gate, and a model of who is where."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.waiting: dict[int, asyncio.Task[None]] = {}
        self.inside: dict[int, int] = {}
        self.entered: list[tuple[float, int]] = []
        self.left: list[float] = []
        self.connecting: dict[int, asyncio.Task[None]] = {}
        self.last_place = 0

    @initialize(rate=st.floats(0.5, 20), burst=st.integers(1, 6), slots=st.integers(1, 6), adaptive=st.booleans())
    def open_gate(self, rate: float, burst: int, slots: int, adaptive: bool) -> None:
        self.limit = RateLimit(rate, burst=burst, adaptive=adaptive)
        self.slots = slots
        self.gate = Gate(slots=slots, bucket=make_bucket(self.limit, self.loop), loop=self.loop)

    @rule(number=st.integers(1, 6))
    def some_arrive(self, number: int) -> None:
        self.arrive(number)

    def arrive(self, number: int) -> None:
        for _ in range(number):
            self.last_place += 1
            self._join(self.last_place)

    @rule(number=st.integers(1, 6), seconds=MOMENTS, is_kept=st.booleans())
    def some_arrive_without_a_connection(self, number: int, seconds: float, is_kept: bool) -> None:
        for _ in range(number):
            self.last_place += 1
            self._join(self.last_place, connects_in=seconds, is_kept=is_kept)

    @precondition(lambda self: self.connecting)
    @rule(pick=PICKS)
    def give_up_connecting(self, pick: int) -> None:
        self._leave(chosen(self.connecting, pick))
        self._settle()

    @precondition(lambda self: self.inside)
    @rule(pick=PICKS)
    def be_done(self, pick: int) -> None:
        self._leave(chosen(self.inside, pick))
        self._settle()

    @precondition(lambda self: self.inside)
    @rule(pick=PICKS)
    def leave_and_come_again(self, pick: int) -> None:
        place = chosen(self.inside, pick)
        self._leave(place)
        self._settle()
        self._join(place)

    @precondition(lambda self: self.waiting)
    @rule(pick=PICKS)
    def give_up(self, pick: int) -> None:
        self.waiting.pop(chosen(self.waiting, pick)).cancel()
        self._settle()

    @precondition(lambda self: self.waiting and self.inside)
    @rule(pick=PICKS)
    def give_up_as_one_is_let_in(self, pick: int) -> None:
        tokens, entered = self.gate.tokens, len(self.entered)
        self._leave(chosen(self.inside, pick))
        self.waiting.pop(min(self.waiting)).cancel()
        self._settle()
        if len(self.entered) == entered:
            assert self.gate.tokens > tokens - 0.001, "a token is lost"

    @precondition(lambda self: self.waiting)
    @rule(pick=PICKS, seconds=MOMENTS)
    def give_up_some_time(self, pick: int, seconds: float) -> None:
        self.loop.call_later(seconds, self.waiting[chosen(self.waiting, pick)].cancel)
        self._pass(seconds)

    @precondition(lambda self: self.inside)
    @rule(pick=PICKS, seconds=MOMENTS)
    def be_told_to_wait(self, pick: int, seconds: float) -> None:
        self.gate.throttled(self.inside[chosen(self.inside, pick)], seconds, is_named=True)
        begun = self.loop.time()
        self._pass(seconds)
        late = [when for when, _ in self.entered if begun + TURNS < when < begun + seconds - TURNS]
        assert late == [], "nobody goes during a pause"

    @rule(seconds=MOMENTS)
    def time_passes(self, seconds: float) -> None:
        self._pass(seconds)

    @rule(seconds=st.floats(0, 2))
    def the_loop_is_busy(self, seconds: float) -> None:
        self.loop.pass_by(seconds)
        self._settle()

    @rule(seconds=st.floats(0, 2))
    def arrive_as_the_loop_has_been_busy(self, seconds: float) -> None:
        self.loop.pass_by(seconds)
        self.arrive(1)

    @invariant()
    @precondition(lambda self: hasattr(self, "gate"))
    def counts_are_right(self) -> None:
        assert self.gate.waiting == len(self.waiting)
        assert self.gate.in_flight == len(self.inside) <= self.slots

    @invariant()
    @precondition(lambda self: hasattr(self, "gate"))
    def no_window_sees_too_many(self) -> None:
        for index, first in enumerate(self.left):
            allowed = self.limit.burst + self.limit.per_second * (self.left[-1] - first + TURNS)
            assert len(self.left) - index <= allowed

    def teardown(self) -> None:
        try:
            if hasattr(self, "gate"):
                self._check_end()
        finally:
            self.loop.close()

    def _check_end(self) -> None:
        while self.waiting or self.inside:
            for place in list(self.inside):
                self._leave(place)
            self._settle()
            self._pass(1_000)
        self._pass(10_000 + self.limit.burst / self.limit.per_second)
        assert self.gate.tokens == self.limit.burst, "no token is lost"
        assert self.gate.in_flight == self.gate.waiting == 0
        assert not self.loop.unhandled

    def _join(self, place: int, *, connects_in: float | None = None, is_kept: bool = True) -> None:
        self.waiting[place] = self.loop.create_task(self._enter(place, connects_in, is_kept))
        self._settle()

    async def _enter(self, place: int, connects_in: float | None, is_kept: bool) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            serial = self.gate.try_enter() or await self.gate.enter(place)
            self.connecting[place] = self.waiting.pop(place)
            self.inside[place] = serial
            self.entered.append((self.loop.time(), place))
            if connects_in is not None:
                self.gate.connecting(serial)
                await asyncio.sleep(connects_in)
                await self.gate.depart(serial, is_kept=is_kept)
            self.connecting.pop(place, None)
            self.left.append(self.loop.time())

    def _leave(self, place: int) -> None:
        serial = self.inside.pop(place)
        if place in self.connecting:
            self.connecting.pop(place).cancel()
            self._settle()
        self.gate.leave(serial, is_admitted=True)

    def _pass(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds))
        self._settle()

    def _settle(self) -> None:
        self._run(settle())

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        before = len(self.entered)
        self.loop.run_until_complete(coroutine)
        # As the loop stops, a timer may wake somebody who has not run yet.
        while self.loop.has_work():
            self.loop.run_until_complete(settle())
        for place, task in list(self.waiting.items()):
            if task.done():
                task.result()
                del self.waiting[place]
        for _, place in self.entered[before:]:
            assert [other for other in self.waiting if other < place] == [], "somebody went before their turn"


TestGates = Gates.TestCase
TestGates.settings = settings(max_examples=40, stateful_step_count=40)
