"""Lanes: single calls go before bulk calls, which keep a tenth."""

import asyncio

import pytest

from tavus_async import AsyncSession, RateLimit
from tavus_async._engine.gate import Gate
from tavus_async._engine.lifecycle import make_bucket
from tavus_async._engine.line import BULK_EVERY, Line, Ticket
from tests.support.quick import quick_session, until
from tests.support.raw_server import RawServer, always
from tests.support.virtual_time import in_virtual_time, settle


def ticket(place: int, *, is_bulk: bool = False) -> Ticket:
    """One who waits for ever."""
    made = Ticket(place=place, is_bulk=is_bulk, deadline=None, patience=60.0)
    made.serial = asyncio.get_running_loop().create_future()
    return made


def leave_in_order(line: Line) -> list[int]:
    """Let all go, and return their places."""
    places = list[int]()
    while line.first() is not None:
        gone = line.pop()
        gone.serial.set_result(1)
        places.append(gone.place)
    return places


@in_virtual_time
async def test_single_calls_go_before_bulk_calls_that_came_earlier() -> None:
    line = Line()
    for place in range(5):
        line.push(ticket(place, is_bulk=True))
    for place in (12, 10, 11):
        line.push(ticket(place))

    assert leave_in_order(line) == [10, 11, 12, 0, 1, 2, 3, 4]


@in_virtual_time
async def test_bulk_calls_keep_a_tenth_while_single_calls_wait() -> None:
    line = Line()
    for place in range(100):
        line.push(ticket(place, is_bulk=True))
    for place in range(1_000, 1_090):
        line.push(ticket(place))
    order = leave_in_order(line)

    assert [index for index, place in enumerate(order[:100]) if place < 1_000] == list(range(BULK_EVERY - 1, 100, 10))
    assert order[100:] == list(range(10, 100))


@in_virtual_time
async def test_how_many_are_ahead_is_what_then_goes_first() -> None:
    for is_bulk in (False, True):
        line = Line()
        for place in range(30):
            line.push(ticket(place, is_bulk=place % 2 == 0))
        newcomer = ticket(40, is_bulk=is_bulk)
        ahead = line.ahead_of(newcomer)
        line.push(newcomer)

        assert leave_in_order(line).index(40) == pytest.approx(ahead, abs=1)


@in_virtual_time
async def test_a_call_that_comes_back_stands_before_those_that_came_later() -> None:
    line = Line()
    for place in range(10, 20):
        line.push(ticket(place))

    assert [line.ahead_of(ticket(place)) for place in (5, 10, 15, 18, 25)] == [0, 0, 5, 8, 10]


@in_virtual_time
async def test_a_promoted_bulk_call_goes_with_the_single_ones() -> None:
    line = Line()
    for place in range(5):
        line.push(ticket(place, is_bulk=True))
    line.push(ticket(9))
    line.promote(3)

    assert leave_in_order(line) == [3, 9, 0, 1, 2, 4]
    assert len(line) == 0


@in_virtual_time
async def test_whoever_gives_up_is_counted_in_its_own_lane() -> None:
    gate = Gate(
        slots=1,
        bucket=make_bucket(RateLimit(1e6, burst=1_000), asyncio.get_running_loop()),
        loop=asyncio.get_running_loop(),
    )
    assert gate.try_enter()
    tasks = [asyncio.ensure_future(gate.enter(place, is_bulk=place % 2 == 0)) for place in range(20)]
    await settle()
    for task in tasks[:14]:
        task.cancel()
    await settle()

    assert gate.waiting == 6
    for task in tasks[14:]:
        task.cancel()
    await settle()
    gate.leave(0, is_admitted=True)
    assert (gate.waiting, gate.in_flight) == (0, 0)


BACKGROUND = RateLimit(20, burst=1, adaptive=False)


async def test_a_single_call_does_not_stand_behind_a_bulk_run() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=BACKGROUND) as session:
        run = asyncio.create_task(session.get_personas([f"p{number}" for number in range(1_000)]))
        await until(lambda: session.stats().waiting > 10)
        for number in range(3):
            await session.get_persona(f"q{number}", timeout=0.5)

        assert not run.done()
        run.cancel()


async def test_a_single_call_for_what_a_bulk_run_is_about_to_read_takes_it_along() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=BACKGROUND) as session:
        run = asyncio.create_task(session.get_personas([f"p{number}" for number in range(12)], concurrency=12))
        await until(lambda: session.stats().waiting > 8)
        await session.get_persona("p11", timeout=0.5)
        await run

        assert sum(request.path.endswith("/p11") for request in server.requests) == 1


async def lane_order(session: AsyncSession, first: AsyncSession, second: AsyncSession) -> list[str]:
    """Send two calls behind one that takes the only token, and return the ids in the order of their answers."""
    order = list[str]()

    async def get(through: AsyncSession, name: str) -> None:
        order.append((await through.get_persona(name)).persona_id)

    await session.get_persona("p0")
    await asyncio.gather(get(first, "first"), get(second, "second"))
    return order


async def test_a_session_may_stand_in_the_bulk_lane_itself() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=BACKGROUND) as session:
        patient = session.with_options(lane="bulk")
        assert await lane_order(session, patient, session) == ["second", "first"]
        assert await lane_order(session, patient.with_options(lane="single"), session) == ["first", "second"]
