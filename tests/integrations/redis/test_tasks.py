"""Tasks of the background end when they are told to."""

import asyncio

from tavus_async.integrations.redis.tasks import Tasks

Ended = list[tuple[str, BaseException | None]]


def make_tasks() -> tuple[Tasks, Ended]:
    ended: Ended = []
    return Tasks(asyncio.get_running_loop(), ended=lambda name, error: ended.append((name, error))), ended


async def swallow(cancellations: int) -> None:
    """Go on after so many cancellations, as `asyncio.wait_for` of Python 3.11 does when its time has come."""
    while cancellations:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancellations -= 1
    await asyncio.Event().wait()


async def test_one_that_swallows_its_cancellation_is_cancelled_again() -> None:
    tasks, ended = make_tasks()
    tasks.start("deaf", swallow(2))
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await tasks.aclose(finish=frozenset(), patience=0.0)

    assert "deaf" not in tasks
    assert not ended


async def test_one_that_was_stopped_before_has_ended_when_all_are_closed() -> None:
    tasks, _ = make_tasks()
    loop = asyncio.get_running_loop()
    tasks.start("deaf", swallow(1))
    await asyncio.sleep(0)
    tasks.stop("deaf")
    tasks.start("deaf", swallow(0))
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await tasks.aclose(finish=frozenset(), patience=0.0)

    assert asyncio.all_tasks(loop) == {asyncio.current_task()}


async def test_what_is_to_finish_is_waited_for_and_its_error_is_told() -> None:
    tasks, ended = make_tasks()
    failure = ValueError("told")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise failure

    tasks.start("good", asyncio.sleep(0))
    tasks.start("bad", fail())
    await tasks.aclose(finish=frozenset({"good", "bad"}), patience=5.0)

    assert sorted(ended, key=lambda each: each[0]) == [("bad", failure), ("good", None)]


async def test_what_does_not_finish_in_time_is_cancelled() -> None:
    tasks, ended = make_tasks()
    tasks.start("slow", swallow(0))
    await tasks.aclose(finish=frozenset({"slow"}), patience=0.01)

    assert "slow" not in tasks
    assert not ended
