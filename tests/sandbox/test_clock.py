"""The time of a sandbox."""

import asyncio
from functools import partial

import pytest

from tavus_async.sandbox.clock import Clock
from tests.support.virtual_time import elapsed, in_virtual_time


def test_it_stands_still_until_it_is_started() -> None:
    clock = Clock()
    clock.call_later(0.0, partial(pytest.fail, "too early"))

    assert clock.now() == 0.0


@in_virtual_time
async def test_it_runs_as_fast_as_it_is_told() -> None:
    clock, fired = Clock(speed=60.0), list[float]()
    clock.start()
    clock.call_later(300.0, lambda: fired.append(elapsed()))
    await asyncio.sleep(4.9)
    before = list(fired)
    await asyncio.sleep(0.2)

    assert before == []
    assert fired == [pytest.approx(5.0, abs=0.01)]
    assert clock.now() == pytest.approx(306.0, abs=0.1)


@in_virtual_time
async def test_while_it_is_stopped_nothing_is_due() -> None:
    clock, fired = Clock(), list[float]()
    clock.start()
    clock.call_later(10.0, lambda: fired.append(elapsed()))
    await asyncio.sleep(4.0)
    clock.stop()
    await asyncio.sleep(100.0)
    seen = clock.now()
    clock.start()
    await asyncio.sleep(7.0)

    assert seen == pytest.approx(4.0, abs=0.01)
    assert fired == [pytest.approx(110.0, abs=0.01)]


@in_virtual_time
async def test_a_cancelled_timer_does_not_fire() -> None:
    clock = Clock()
    clock.start()
    fired: list[str] = []
    clock.call_later(1.0, partial(fired.append, "cancelled")).cancel()
    clock.call_later(1.0, partial(fired.append, "kept"))
    await asyncio.sleep(2.0)

    assert fired == ["kept"]


def test_advancing_lets_everything_happen_at_its_time() -> None:
    clock, fired = Clock(), list[tuple[str, float]]()

    def first() -> None:
        fired.append(("first", clock.now()))
        clock.call_later(1.0, lambda: fired.append(("set off by the first", clock.now())))

    clock.call_later(5.0, lambda: fired.append(("last", clock.now())))
    clock.call_later(2.0, first)
    clock.call_later(100.0, partial(pytest.fail, "too early"))
    clock.advance(10.0)

    assert fired == [("first", 2.0), ("set off by the first", 3.0), ("last", 5.0)]
    assert clock.now() == 10.0


def test_what_is_due_at_one_time_happens_in_the_order_in_which_it_was_asked_for() -> None:
    clock, fired = Clock(), list[int]()
    for number in range(20):
        clock.call_later(1.0, partial(fired.append, number))
    clock.advance(1.0)

    assert fired == list(range(20))


@in_virtual_time
async def test_a_running_clock_can_be_advanced() -> None:
    clock, fired = Clock(), list[float]()
    clock.start()
    clock.call_later(3_600.0, lambda: fired.append(elapsed()))
    clock.advance(3_599.0)
    await asyncio.sleep(2.0)

    assert fired == [pytest.approx(1.0, abs=0.01)]


@in_virtual_time
async def test_a_timer_that_fails_does_not_stop_the_clock() -> None:
    clock, fired = Clock(), list[float]()
    clock.start()

    def fail() -> None:
        raise ZeroDivisionError

    clock.call_later(1.0, fail)
    clock.call_later(2.0, lambda: fired.append(elapsed()))
    with pytest.raises(ZeroDivisionError):
        clock.advance(1.5)
    await asyncio.sleep(1.0)

    assert len(fired) == 1


def test_it_can_tell_times_of_long_ago() -> None:
    clock = Clock(epoch=1_000.0)
    clock.advance(30.0)

    assert clock.time() == 1_030.0
