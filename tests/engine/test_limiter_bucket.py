import asyncio
import math
from collections import deque

import attrs
import pytest

from tavus_async import QueueTimeoutError, RateLimiter
from tavus_async._engine.gate import Gate
from tavus_async._engine.limiter_bucket import LONGEST_KEPT, LimiterBucket
from tests.support.quick import quick_session, until
from tests.support.raw_server import RawServer, always, in_turn, words
from tests.support.virtual_time import elapsed, in_virtual_time, settle


@attrs.define
class EverySoOften:
    """A limiter that gives a token every so many seconds, to whoever asked first."""

    seconds: float = 0.1
    asked: int = 0
    cancelled: int = 0
    told: list[float | None] = attrs.field(factory=list)
    _next: float = 0.0

    async def acquire(self) -> None:
        self.asked += 1
        loop = asyncio.get_running_loop()
        self._next = max(self._next + self.seconds, loop.time())
        try:
            await asyncio.sleep(self._next - loop.time())
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def throttled(self, retry_after: float | None) -> None:
        self.told.append(retry_after)


@attrs.define
class ByHand(EverySoOften):
    """A limiter that gives a token for each `give()`."""

    waiting: deque["asyncio.Future[None]"] = attrs.field(factory=deque)

    async def acquire(self) -> None:
        self.asked += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            self.cancelled += 1
            self.waiting.remove(future)
            raise

    def give(self) -> None:
        self.waiting.popleft().set_result(None)


@attrs.define
class Telling(ByHand):
    """A limiter that tells what it knows."""

    rate: float = 7.5
    tokens: float = 3.0
    max_wait: float | None = None


def make_gate(limiter: RateLimiter, *, slots: int = 100) -> Gate:
    loop = asyncio.get_running_loop()
    return Gate(slots=slots, bucket=LimiterBucket(limiter, loop), loop=loop)


def enter(gate: Gate, place: int, *, is_bulk: bool = False) -> "asyncio.Task[int]":
    return asyncio.ensure_future(gate.enter(place, is_bulk=is_bulk))


@in_virtual_time
async def test_it_is_asked_for_as_many_tokens_as_have_a_slot_to_go_with() -> None:
    limiter = ByHand()
    gate = make_gate(limiter, slots=3)
    tasks = [enter(gate, place) for place in range(10)]
    await settle()
    assert (len(limiter.waiting), gate.in_flight, gate.waiting) == (3, 0, 10)
    limiter.give()
    await settle()

    assert (len(limiter.waiting), gate.in_flight, gate.waiting) == (2, 1, 9)
    assert [task.done() for task in tasks] == [True, *[False] * 9]
    gate.close()
    await asyncio.gather(*tasks, return_exceptions=True)


@in_virtual_time
async def test_the_first_token_goes_to_the_first_in_line_whoever_it_was_asked_for() -> None:
    limiter = ByHand()
    gate = make_gate(limiter)
    later, bulk = enter(gate, 5), enter(gate, 1, is_bulk=True)
    await settle()
    earlier = enter(gate, 2)
    await settle()
    for _ in range(2):
        limiter.give()
        await settle()

    assert (earlier.done(), later.done(), bulk.done()) == (True, True, False)
    limiter.give()
    await bulk


@in_virtual_time
async def test_who_gives_up_is_asked_for_no_more() -> None:
    limiter = ByHand()
    gate = make_gate(limiter)
    tasks = [enter(gate, place) for place in range(3)]
    await settle()
    tasks[0].cancel()
    await settle()

    assert (len(limiter.waiting), limiter.cancelled) == (2, 1)
    limiter.give()
    await tasks[1]
    gate.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    await settle()
    assert (limiter.waiting, limiter.cancelled) == (deque(), 2)


@in_virtual_time
async def test_a_429_pauses_everyone_and_nothing_is_asked_meanwhile() -> None:
    limiter = ByHand()
    gate = make_gate(limiter)
    first = enter(gate, 1)
    await settle()
    limiter.give()
    serial = await first
    others = [enter(gate, place) for place in (2, 3)]
    await settle()
    gate.throttled(serial, 5.0, is_named=True)
    await settle()
    assert (len(limiter.waiting), limiter.cancelled, limiter.told) == (0, 2, [5.0])
    assert gate.pause == pytest.approx(5, abs=0.01)
    assert gate.tokens == 0
    await asyncio.sleep(5.001)

    assert len(limiter.waiting) == 2
    limiter.give()
    limiter.give()
    await asyncio.gather(*others)


@in_virtual_time
async def test_a_429_that_names_no_time_pauses_for_a_moment_and_longer_where_nothing_is_admitted() -> None:
    gate = make_gate(ByHand())
    pauses: list[float] = []
    for _ in range(8):
        pauses.append(gate.throttled(1, 0.4, is_named=False))
        await asyncio.sleep(gate.pause + 0.001)
    gate.leave(1, is_admitted=True)

    assert pauses == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.4, 0.4, 0.4, 0.4])
    assert gate.throttled(1, 0.4, is_named=False) == pytest.approx(0.05)


@in_virtual_time
async def test_a_token_that_nobody_took_in_time_is_not_spent_later() -> None:
    limiter = ByHand()
    gate = make_gate(limiter)
    task = enter(gate, 1)
    await settle()
    limiter.give()
    task.cancel()
    await settle()
    await asyncio.sleep(LONGEST_KEPT + 0.01)

    assert gate.try_enter() == 0
    assert gate.in_flight == 0


@in_virtual_time
async def test_the_state_that_a_limiter_tells_is_what_is_told() -> None:
    gate = make_gate(Telling())

    assert (gate.rate, gate.tokens) == (7.5, 3.0)


@in_virtual_time
async def test_the_rate_of_a_limiter_that_does_not_tell_it_is_what_it_gives_while_it_is_asked() -> None:
    gate = make_gate(EverySoOften(0.1))
    assert gate.rate == gate.tokens == math.inf
    tasks = [enter(gate, place) for place in range(100)]
    await asyncio.sleep(3.05)

    assert gate.rate == pytest.approx(10, rel=0.05)
    assert gate.tokens == 0
    await asyncio.gather(*tasks)


@in_virtual_time
async def test_max_wait_of_a_limiter_sends_those_away_whom_it_lets_wait_longer() -> None:
    gate = make_gate(Telling(max_wait=2.0, rate=0.4))
    gate_of_the_silent = make_gate(Telling(max_wait=2.0, rate=math.inf, tokens=math.inf))
    with pytest.raises(QueueTimeoutError, match=r"longer than its max_wait \(2\.0 s\)"):
        await gate.enter(1)
    assert elapsed() < 0.1
    with pytest.raises(QueueTimeoutError, match=r"longer than its max_wait \(2\.0 s\)"):
        await gate_of_the_silent.enter(1)

    assert elapsed() == pytest.approx(2, abs=0.1)
    assert gate_of_the_silent.waiting == 0


@in_virtual_time
async def test_what_it_raises_is_raised_by_one_call_and_the_next_asks_again() -> None:
    limiter = ByHand()
    gate = make_gate(limiter)
    tasks = [enter(gate, place) for place in (1, 2)]
    await settle()
    limiter.waiting.popleft().set_exception(OSError("its server is down"))
    await settle()
    limiter.give()

    with pytest.raises(OSError, match="is down"):
        await tasks[0]
    assert await tasks[1]
    assert gate.in_flight == 1


async def test_a_retry_elsewhere_has_a_connection_while_the_limiter_is_asked() -> None:
    """Slots are not held behind the limiter: one connection serves all who have their token."""
    limiter = ByHand()
    async with RawServer(always()) as server, quick_session(server, rate_limit=limiter) as session:
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(150)]
        await until(lambda: len(limiter.waiting) == 100)

        assert (session.stats().in_flight, session.stats().waiting) == (0, 150)
        while not all(call.done() for call in calls):
            while limiter.waiting:
                limiter.give()
            await asyncio.sleep(0)
        assert len(server.requests) == 150


async def test_a_session_pauses_and_counts_under_a_limiter_of_ones_own() -> None:
    limiter = EverySoOften(0)
    refusal = always(words("later"), 429, {"Retry-After": "0.2"})
    async with RawServer(in_turn(refusal, always())) as server, quick_session(server, rate_limit=limiter) as session:
        first = asyncio.create_task(session.get_persona("p1"))
        await until(lambda: session.stats().rate_limited == 1)
        begun = asyncio.get_running_loop().time()
        await session.get_persona("p2")

        assert asyncio.get_running_loop().time() - begun >= 0.15
        assert (await first).persona_id == "p1"
        assert limiter.told == [0.2]
