"""The clock that other tests trust."""

import asyncio
import time

import pytest

from tests.support.virtual_time import StuckError, elapsed, in_virtual_time, run


@in_virtual_time
async def test_hours_pass_at_once() -> None:
    began = time.monotonic()
    await asyncio.sleep(7_200)

    assert elapsed() == pytest.approx(7_200, abs=0.01)
    assert time.monotonic() - began < 5


@in_virtual_time
async def test_timers_ring_in_their_order() -> None:
    rung: list[float] = []
    loop = asyncio.get_running_loop()
    for seconds in (3.0, 1.0, 2.0):
        loop.call_later(seconds, rung.append, seconds)
    await asyncio.sleep(4)

    assert rung == [1.0, 2.0, 3.0]


def test_waiting_for_what_never_comes_is_an_error() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(StuckError):
        run(wait())


def test_an_error_that_nobody_took_care_of_is_an_error() -> None:
    async def fail() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(1)

    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run(fail())
