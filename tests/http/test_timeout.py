"""One timer for many tasks: each has its time, and nobody else's cancellation is taken for its end."""

import asyncio

import pytest

from tavus_async._http.timeout import SharedTimeout
from tests.support.virtual_time import elapsed, in_virtual_time, settle


async def wait_within(timeout: SharedTimeout, seconds: float) -> str:
    """Sleeps under the timeout, and says how that ended."""
    task = asyncio.current_task()
    assert task is not None
    timeout.begin(task)
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        if timeout.has_expired(task):
            return f"expired after {elapsed():.1f} s, cancelled {task.cancelling()} times"
        raise
    finally:
        timeout.end(task)
    return f"done after {elapsed():.1f} s"


def shared(seconds: float | None) -> SharedTimeout:
    return SharedTimeout(seconds, asyncio.get_running_loop())


@in_virtual_time
async def test_each_task_has_its_time_from_when_it_began() -> None:
    timeout = shared(5)
    first = asyncio.create_task(wait_within(timeout, 60))
    await asyncio.sleep(2)
    second = asyncio.create_task(wait_within(timeout, 4))
    third = asyncio.create_task(wait_within(timeout, 6))

    assert list(await asyncio.gather(first, second, third)) == [
        "expired after 5.0 s, cancelled 0 times",
        "done after 6.0 s",
        "expired after 7.0 s, cancelled 0 times",
    ]


@in_virtual_time
async def test_one_timer_serves_a_thousand_tasks_and_the_next_ones() -> None:
    timeout = shared(5)
    loop = asyncio.get_running_loop()
    set_at: list[float] = []
    call_at = loop.call_at
    loop.call_at = lambda when, *args, **kwargs: set_at.append(when) or call_at(when, *args, **kwargs)  # type: ignore[func-returns-value, method-assign]
    task = asyncio.current_task()
    assert task is not None
    for _ in range(1_000):
        timeout.begin(task)
        timeout.end(task)
    assert len(set_at) == 1

    # It rings for nobody, and is set anew for whoever comes then; the sleep has a timer of its own.
    await asyncio.sleep(6)
    timeout.begin(task)
    timeout.end(task)

    assert len(set_at) == 3


@in_virtual_time
async def test_a_cancellation_from_outside_stays_one() -> None:
    task = asyncio.create_task(wait_within(shared(5), 60))
    await settle()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


@in_virtual_time
async def test_one_that_comes_with_the_timeout_counts_more() -> None:
    task = asyncio.create_task(wait_within(shared(5), 60))
    asyncio.get_running_loop().call_later(5, task.cancel)

    with pytest.raises(asyncio.CancelledError):
        await task


@in_virtual_time
async def test_one_that_was_survived_before_does_not_count() -> None:
    async def survive() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return await wait_within(timeout, 60)
        return "not cancelled"

    timeout = shared(5)
    task = asyncio.create_task(survive())
    await settle()
    task.cancel()

    assert await task == "expired after 5.0 s, cancelled 1 times"


@in_virtual_time
async def test_without_a_time_nobody_is_cancelled() -> None:
    assert await wait_within(shared(None), 1_000_000) == "done after 1000000.0 s"


@in_virtual_time
async def test_once_stopped_nobody_is_cancelled() -> None:
    timeout = shared(5)
    task = asyncio.create_task(wait_within(timeout, 10))
    await settle()
    timeout.stop()

    assert await task == "done after 10.0 s"
