"""Attempts that have to connect first: whatever that takes, no more leave than the limit allows."""

import asyncio
import random
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings, strategies as st

from tavus_async import Pool, RateLimit
from tavus_async._engine.departures import HEAD_START, LONGEST_HIDDEN, Departures
from tavus_async._engine.gate import Gate
from tavus_async._engine.lifecycle import make_bucket
from tavus_async._engine.token_bucket import TokenBucket
from tests.support.quick import create, quick_session, until
from tests.support.raw_server import Exchange, RawServer, always
from tests.support.virtual_time import elapsed, in_virtual_time, run, settle

START = 100.0


def excess(times: list[float], limit: RateLimit) -> float:
    """By how many the worst window of all is over the limit."""
    return max(
        last - first + 1 - limit.burst - limit.per_second * (times[last] - times[first])
        for first in range(len(times))
        for last in range(first, len(times))
    )


@settings(max_examples=200, deadline=None)
@given(
    st.floats(0.5, 500),
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 0.5), st.booleans(), st.booleans()), max_size=100),
)
def test_however_they_come_no_more_leave_than_the_limit_allows(
    per_second: float, burst: int, visits: list[tuple[float, bool, bool]]
) -> None:
    departures, now, times = Departures(per_second, burst), START, list[float]()
    for gap, hold, is_taken_back in visits:
        now += gap
        now += departures.wait(now)
        assert departures.wait(now) == pytest.approx(0, abs=1e-6)
        departures.count(now, hold=hold)
        if is_taken_back:
            departures.take_back()
        else:
            times.append(now)

    assert not times or excess(times, RateLimit(per_second, burst=burst)) < 1e-5


def test_the_first_after_a_quiet_time_gets_its_head_start() -> None:
    departures = Departures(10, 1)
    assert departures.wait(START) == 0
    departures.count(START, hold=True)

    assert departures.wait(START) == pytest.approx(HEAD_START + 0.1)
    assert departures.wait(START + HEAD_START + 0.1) == 0


def test_a_burst_may_leave_at_once() -> None:
    departures = Departures(10, 5)
    for _ in range(5):
        assert departures.wait(START) == 0
        departures.count(START, hold=False)

    assert departures.wait(START) == pytest.approx(0.1)


class Connecting:
    """Attempts that pass a gate, connect for a while, and leave; remembers when."""

    def __init__(self, gate: Gate, *, is_kept: bool = False) -> None:
        self.gate = gate
        self.is_kept = is_kept
        self.left: list[float] = []

    async def attempt(self, place: int, seconds: float) -> None:
        serial = self.gate.try_enter() or await self.gate.enter(place)
        try:
            if seconds:
                self.gate.connecting(serial)
                await asyncio.sleep(seconds)
                await self.gate.depart(serial, is_kept=self.is_kept)
            self.left.append(elapsed())
            await asyncio.sleep(0.05)
        finally:
            self.gate.leave(serial, is_admitted=True)


@pytest.mark.parametrize("slots", [5, 1_000])
@pytest.mark.parametrize("limit", [RateLimit(20, burst=20), RateLimit(50, burst=1), RateLimit(200, burst=20)])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_whatever_connecting_takes_the_limit_holds_for_what_leaves(limit: RateLimit, slots: int, share: float) -> None:
    chance = random.Random(7)

    async def scenario() -> tuple[list[float], float]:
        attempts = Connecting(
            Gate(slots=slots, bucket=make_bucket(limit, asyncio.get_running_loop()), loop=asyncio.get_running_loop())
        )
        seconds = [chance.uniform(0.3, 1.0) if chance.random() < share else 0.0 for _ in range(150)]
        await asyncio.gather(*(attempts.attempt(place, each) for place, each in enumerate(seconds)))
        return attempts.left, elapsed()

    left, took = run(scenario())

    assert len(left) == 150
    assert excess(left, limit) < 1e-3
    ideal = max(150 / limit.per_second, 150 * (0.05 + 0.65 * share) / slots)
    assert took < 2 * ideal + 3


@pytest.mark.parametrize("hidden", [(0.3, 0.3), (1.0, 1.0), (0.2, 1.2)])
@pytest.mark.parametrize("limit", [RateLimit(100, burst=10), RateLimit(50, burst=1), RateLimit(20, burst=20)])
def test_a_request_that_is_long_on_its_way_over_a_new_connection_is_not_overtaken_by_too_many(
    limit: RateLimit, hidden: tuple[float, float]
) -> None:
    chance = random.Random(5)
    arrived: list[float] = []

    async def scenario() -> float:
        gate = Gate(slots=100, bucket=make_bucket(limit, asyncio.get_running_loop()), loop=asyncio.get_running_loop())
        kept = 0

        async def attempt(place: int) -> None:
            nonlocal kept
            serial = gate.try_enter() or await gate.enter(place)
            if kept:
                kept -= 1
            else:
                gate.connecting(serial)
                await gate.depart(serial, is_kept=True)
                await asyncio.sleep(chance.uniform(*hidden))
            arrived.append(elapsed())
            await asyncio.sleep(0.02)
            kept += 1
            gate.leave(serial, is_admitted=True)

        await asyncio.gather(*(attempt(place) for place in range(200)))
        return elapsed()

    took = run(scenario())

    assert excess(sorted(arrived), limit) < limit.per_second * HEAD_START + 1
    assert took < 200 / limit.per_second + 3 * hidden[1]


def test_what_is_never_answered_is_not_waited_for_for_ever() -> None:
    departures = Departures(100, 2)
    for number in range(2):
        departures.count(START, hold=False)
        departures.open(number, START)
    assert departures.wait(START + 0.06) == pytest.approx(LONGEST_HIDDEN - 0.06)
    departures.wait(START + LONGEST_HIDDEN)

    assert departures.wait(START + LONGEST_HIDDEN + 0.02) == 0


@in_virtual_time
async def test_who_has_connected_goes_before_who_stands_in_line() -> None:
    gate = Gate(
        slots=10,
        bucket=make_bucket(RateLimit(1, burst=1, adaptive=False), asyncio.get_running_loop()),
        loop=asyncio.get_running_loop(),
    )
    attempts = Connecting(gate)
    first = asyncio.ensure_future(attempts.attempt(1, 10.0))
    await settle()
    second = asyncio.ensure_future(attempts.attempt(2, 8.6))
    await settle()
    third = asyncio.ensure_future(attempts.attempt(3, 0.0))
    await asyncio.gather(first, second, third)

    assert excess(attempts.left, RateLimit(1, burst=1)) < 1e-3
    assert len(attempts.left) == 3


@in_virtual_time
async def test_who_gives_up_with_a_connection_in_hand_takes_nothing() -> None:
    gate = Gate(
        slots=10,
        bucket=make_bucket(RateLimit(1, burst=1, adaptive=False), asyncio.get_running_loop()),
        loop=asyncio.get_running_loop(),
    )
    serial = gate.try_enter()
    waiting = [asyncio.ensure_future(gate.depart(serial, is_kept=True)) for _ in range(3)]
    await settle()
    waiting[0].cancel()
    waiting[1].cancel()
    await waiting[2]

    assert elapsed() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("kind", ["kept", "closed each time", "created"])
@pytest.mark.parametrize("is_borrowed", [False, True])
async def test_however_slowly_they_connect_the_server_sees_no_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch, kind: str, is_borrowed: bool
) -> None:
    limit = RateLimit(100, burst=10)
    connect = vars(aiohttp.TCPConnector)["_wrap_create_connection"]
    chance = random.Random(3)

    async def connect_slowly(connector: aiohttp.TCPConnector, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(chance.uniform(0.1, 0.4))
        return await connect(connector, *args, **kwargs)

    monkeypatch.setattr(aiohttp.TCPConnector, "_wrap_create_connection", connect_slowly)
    times: list[float] = []

    async def answer(exchange: Exchange) -> None:
        times.append(asyncio.get_running_loop().time())
        if kind == "closed each time":
            await exchange.reply(headers={"Connection": "close"})
            exchange.close()
        else:
            await exchange.reply()

    async with (
        RawServer(answer) as server,
        aiohttp.ClientSession() as http,
        quick_session(server, rate_limit=limit, http=http if is_borrowed else None) as session,
    ):
        calls = (session.send(create()) if kind == "created" else session.get_persona(f"p{n}") for n in range(40))
        await asyncio.gather(*calls)

    assert len(times) == 40
    # What the server's own clock may be late by, in attempts: far less than the 20 that connecting would let through.
    assert excess(times, limit) < 5


async def test_an_attempt_that_never_connects_takes_no_place_among_those_that_leave() -> None:
    settings = {"rate_limit": RateLimit(1_000, burst=5), "pool": Pool(connections=3)}
    async with RawServer(always()) as server, quick_session(server, **settings) as session:
        await asyncio.gather(*(session.get_persona(f"p{number}") for number in range(20)))
        await until(lambda: session.stats().tokens == 5)

        assert session.stats().in_flight == 0


async def test_those_who_are_woken_one_by_one_in_one_long_round_of_the_loop_do_not_leave_together_in_the_next() -> None:
    limit, now, left = RateLimit(10, burst=5), START, list[float]()
    gate = Gate(slots=100, bucket=TokenBucket(limit, now=START), loop=asyncio.get_running_loop())
    vars(gate)["_now"] = lambda: now

    async def attempt(place: int) -> None:
        await gate.enter(place)
        left.append(now)

    async def connected() -> None:
        await gate.depart(1, is_kept=False)
        left.append(now)

    waiting = [asyncio.ensure_future(attempt(place)) for place in range(15)]
    waiting += [asyncio.ensure_future(connected()) for _ in range(10)]
    await settle()
    for _ in range(12):
        for _ in range(20):  # a round in which callbacks take two seconds in all
            now += 0.1
            gate.promote(0)
        await settle()

    assert len(left) == 25
    assert excess(left, limit) < 1e-6
    await asyncio.gather(*waiting)
