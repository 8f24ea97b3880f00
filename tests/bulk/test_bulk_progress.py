"""What a bulk call tells of its progress, and when."""

import asyncio

import pytest

from tavus_async import NotFoundError, Progress
from tavus_async._bulk.meter import Hold
from tavus_async._bulk.run import HEARTBEAT
from tests.support.desk import Desk, ids, lasts, take_all
from tests.support.virtual_time import run, settle


def test_progress_is_told_after_each_outcome() -> None:
    async def scenario() -> None:
        told: list[Progress] = []
        desk = Desk(errors={"p2": NotFoundError("Invalid persona_id", status=400)})
        outcomes = desk.start(ids(4), concurrency=1, on_progress=told.append)
        assert len([outcome async for outcome in outcomes]) == 4
        steps = {(progress.done, progress.failed): progress for progress in told}
        assert list(steps) == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1)]
        assert {progress.total for progress in told} == {4}
        assert steps[4, 1].rate == pytest.approx(1.0, rel=0.01)
        assert not any(progress.waiting for progress in told)

    run(scenario())


def test_the_total_of_an_iterator_is_not_known() -> None:
    async def scenario() -> None:
        told: list[Progress] = []
        assert len([outcome async for outcome in Desk().start(iter(ids(3)), on_progress=told.append)]) == 3
        assert {progress.total for progress in told} == {None}

    run(scenario())


def test_progress_is_told_now_and_then_while_nothing_comes() -> None:
    async def scenario() -> None:
        told: list[Progress] = []
        is_waiting = False
        desk = Desk(lasts(p0=20))
        outcomes = desk.start(ids(1), on_progress=told.append, hold=lambda: Hold(waiting=is_waiting))
        first = asyncio.ensure_future(anext(outcomes))
        await asyncio.sleep(9.9 * HEARTBEAT)
        assert [progress.waiting for progress in told] == [False] * 10
        is_waiting = True
        await asyncio.sleep(10 * HEARTBEAT)
        assert [progress.waiting for progress in told[10:]] == [True] * 10
        await first
        told.clear()
        assert [outcome async for outcome in outcomes] == []
        await asyncio.sleep(10 * HEARTBEAT)
        assert told == []

    run(scenario())


@pytest.mark.parametrize("when", [0, 2])
def test_an_error_in_the_progress_callback_reaches_the_consumer(when: int) -> None:
    async def scenario() -> None:
        desk = Desk(lasts(p0=0, p1=0))

        def on_progress(progress: Progress) -> None:
            if progress.done == when:
                raise ZeroDivisionError

        seen: list[str] = []
        with pytest.raises(ZeroDivisionError):
            await take_all(desk.start(ids(1_000), concurrency=2, on_progress=on_progress), seen)
        assert len(seen) == when
        await settle()
        assert desk.busy == 0
        assert len(asyncio.all_tasks()) == 1

    run(scenario())


def test_an_error_in_the_progress_callback_during_a_wait_reaches_the_consumer() -> None:
    async def scenario() -> None:
        told: list[Progress] = []

        def on_progress(progress: Progress) -> None:
            told.append(progress)
            if len(told) == 5:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await anext(Desk(lasts(p0=1_000)).start(ids(1), on_progress=on_progress))
        assert len(told) == 5

    run(scenario())
