"""The workers of a bulk call, without a server: what they fetch when, and what the consumer gets."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import count
from typing import Any

import pytest

from tavus_async import (
    AuthenticationError,
    NotFoundError,
    Outcome,
    PaymentRequiredError,
    SessionClosedError,
    TavusError,
)
from tavus_async._bulk.run import DOOMING, KEYS_PER_WORKER, Job, Outcomes, Run
from tests.support.desk import Desk, ids, lasts, take_all, unauthorized
from tests.support.virtual_time import run, settle


def test_outcomes_come_as_they_complete() -> None:
    async def scenario() -> None:
        desk = Desk(lasts(p0=5, p1=1, p2=3))
        assert [outcome.key async for outcome in desk.start(ids(3))] == ["p1", "p2", "p0"]

    run(scenario())


def test_in_order_if_asked_for() -> None:
    async def scenario() -> None:
        desk = Desk(lasts(p0=5, p1=1, p4=9, p17=3))
        outcomes = desk.start(iter(ids(40)), ordered=True)
        assert [outcome.key async for outcome in outcomes] == ids(40)

    run(scenario())


def test_so_many_workers_fetch_at_once_and_no_more() -> None:
    async def scenario() -> None:
        desk = Desk()
        start = asyncio.get_running_loop().time()
        assert len([outcome async for outcome in desk.start(ids(30), concurrency=5)]) == 30
        assert desk.most_busy == 5
        assert asyncio.get_running_loop().time() - start == pytest.approx(6, abs=0.01)

    run(scenario())


@pytest.mark.parametrize("empty", [[], set(), iter(())])
def test_of_nothing_comes_nothing(empty: Any) -> None:
    async def scenario() -> None:
        assert [outcome async for outcome in Desk().start(empty)] == []

    run(scenario())


def test_nothing_starts_before_somebody_iterates() -> None:
    async def scenario() -> None:
        desk = Desk()
        outcomes = desk.start(ids(3))
        await settle()
        assert desk.fetched == []
        await outcomes.aclose()
        assert [outcome async for outcome in outcomes] == []
        assert desk.fetched == []

    run(scenario())


def test_a_failed_item_is_an_outcome_and_the_rest_go_on() -> None:
    async def scenario() -> None:
        missing = NotFoundError("Invalid persona_id", status=400)
        desk = Desk(errors={"p1": missing, "p3": missing})
        outcomes = [outcome async for outcome in desk.start(ids(6), ordered=True)]
        assert [outcome.ok for outcome in outcomes] == [True, False, True, False, True, True]
        assert outcomes[1].error is missing
        assert outcomes[2].unwrap() == "P2"

    run(scenario())


@pytest.mark.parametrize("is_ordered", [False, True])
@pytest.mark.parametrize("is_async", [False, True])
def test_an_endless_iterator_is_read_no_further_ahead_than_the_window(is_async: bool, is_ordered: bool) -> None:
    pulled = 0

    def numbers() -> Iterator[str]:
        nonlocal pulled
        for pulled in count(1):
            yield f"p{pulled}"

    async def numbers_later() -> AsyncIterator[str]:
        for key in numbers():
            yield key

    async def scenario() -> None:
        window = 3 * KEYS_PER_WORKER
        outcomes = Desk().start(numbers_later() if is_async else numbers(), concurrency=3, ordered=is_ordered)
        for taken in range(1, 201):
            await anext(outcomes)
            assert pulled <= taken + window
        await asyncio.sleep(1_000)
        # The consumer has stopped, and so have the workers.
        assert 200 < pulled <= 200 + window
        await anext(outcomes)
        await asyncio.sleep(1_000)
        assert pulled <= 201 + window
        await outcomes.aclose()

    run(scenario())


def test_a_consumer_that_gives_up_waiting_loses_nothing() -> None:
    async def scenario() -> None:
        outcomes = Desk().start(ids(20), concurrency=2)
        seen: list[str] = []
        while True:
            try:
                async with asyncio.timeout(0.3):
                    seen.append((await anext(outcomes)).key)
            except TimeoutError:
                continue
            except StopAsyncIteration:
                break
        assert sorted(seen) == sorted(ids(20))

    run(scenario())


def test_several_consumers_may_share_the_outcomes() -> None:
    async def scenario() -> None:
        outcomes = Desk().start(ids(50), concurrency=4)
        seen: list[str] = []

        async def consume() -> None:
            async for outcome in outcomes:
                seen.append(outcome.key)
                await asyncio.sleep(2)

        async with asyncio.timeout(1_000):
            await asyncio.gather(*(consume() for _ in range(6)))
        assert sorted(seen) == sorted(ids(50))

    run(scenario())


@pytest.mark.parametrize("keys", [["a", "b", "a", "a", "b"], iter(["a", "b", "a", "a", "b"])])
def test_what_occurs_again_is_fetched_once_and_every_occurrence_has_its_outcome(keys: Iterable[str]) -> None:
    async def scenario() -> None:
        desk = Desk()
        outcomes = [outcome async for outcome in desk.start(keys, ordered=True)]
        assert [outcome.value for outcome in outcomes] == ["A", "B", "A", "A", "B"]
        assert sorted(desk.fetched) == ["a", "b"]

    run(scenario())


def test_what_would_fail_every_item_ends_the_run_after_the_outcomes_so_far() -> None:
    async def scenario() -> None:
        desk = Desk(lasts(p1=0.5, p2=0.6), errors={"p2": unauthorized()})
        seen: list[str] = []
        with pytest.raises(AuthenticationError):
            await take_all(desk.start(ids(1_000), concurrency=3), seen)
        assert seen == ["p1", "p2"]
        assert len(desk.fetched) <= 4
        assert desk.busy == 0

    run(scenario())


@pytest.mark.parametrize(
    "error", [unauthorized(), PaymentRequiredError("no credits", status=402), SessionClosedError("closed")]
)
def test_three_errors_would_fail_every_item(error: TavusError) -> None:
    async def scenario() -> None:
        desk = Desk(errors={"p0": error})
        with pytest.raises(type(error)):
            [outcome async for outcome in desk.start(ids(9), concurrency=1)]
        assert desk.fetched == ["p0"]

    assert isinstance(error, DOOMING)
    run(scenario())


def test_in_order_the_outcomes_so_far_come_with_gaps() -> None:
    async def scenario() -> None:
        desk = Desk(lasts(p0=9), errors={"p4": unauthorized()})
        seen: list[str] = []
        with pytest.raises(AuthenticationError):
            await take_all(desk.start(ids(9), concurrency=2, ordered=True), seen)
        assert seen == ["p1", "p2", "p3", "p4"]

    run(scenario())


@pytest.mark.parametrize("is_async", [False, True])
def test_an_error_of_the_iterator_comes_after_the_outcomes_of_the_keys_before_it(is_async: bool) -> None:
    def broken() -> Iterator[str]:
        yield from ids(5)
        raise OSError("disk")

    async def broken_later() -> AsyncIterator[str]:
        for key in broken():
            yield key

    async def scenario() -> None:
        seen: list[str] = []
        outcomes = Desk().start(broken_later() if is_async else broken())
        with pytest.raises(OSError, match="disk"):
            await take_all(outcomes, seen)
        assert sorted(seen) == ids(5)
        # It is raised once; after that the iterator is at its end, as any is.
        assert [outcome async for outcome in outcomes] == []

    run(scenario())


def test_what_fetching_raises_ends_the_run() -> None:
    async def scenario() -> None:
        async def broken(key: str) -> Outcome[str]:
            await asyncio.sleep(1)
            raise ZeroDivisionError(key)

        outcomes = Outcomes(Run(Job(fetch=broken, keys=ids(9), concurrency=3)))
        with pytest.raises(ZeroDivisionError):
            [outcome async for outcome in outcomes]
        await settle()
        assert len(asyncio.all_tasks()) == 1

    run(scenario())


def test_breaking_off_ends_the_workers() -> None:
    async def scenario() -> None:
        desk = Desk()
        async for _ in desk.start(ids(100)):
            break
        await settle()
        assert desk.busy == 0
        assert len(asyncio.all_tasks()) == 1

    run(scenario())


def test_leaving_the_block_waits_until_the_workers_have_ended() -> None:
    async def scenario() -> None:
        ended: list[str] = []

        async def fetch(key: str) -> Outcome[str]:
            try:
                await asyncio.sleep(1 if key == "p0" else 1_000)
            except asyncio.CancelledError:
                await asyncio.sleep(5)
                ended.append(key)
                raise
            return Outcome(key=key, value=key)

        async with Outcomes(Run(Job(fetch=fetch, keys=ids(4), concurrency=4))) as outcomes:
            await anext(outcomes)
        assert sorted(ended) == ["p1", "p2", "p3"]
        assert [outcome async for outcome in outcomes] == []
        await outcomes.aclose()

    run(scenario())


def test_an_async_iterator_that_waits_is_cancelled_with_the_workers() -> None:
    async def scenario() -> None:
        queue: asyncio.Queue[str] = asyncio.Queue()
        cleaned_up = False

        async def from_queue() -> AsyncIterator[str]:
            nonlocal cleaned_up
            try:
                while True:
                    yield await queue.get()
            finally:
                cleaned_up = True

        async with Desk().start(from_queue()) as outcomes:
            queue.put_nowait("p0")
            assert (await anext(outcomes)).key == "p0"
        assert cleaned_up
        assert len(asyncio.all_tasks()) == 1

    run(scenario())


def test_a_run_that_is_failed_from_outside_gives_its_outcomes_first() -> None:
    async def scenario() -> None:
        desk = Desk()
        bulk: Run[str] = Run(Job(fetch=desk.fetch, keys=ids(100), concurrency=3))
        outcomes = Outcomes(bulk)
        await anext(outcomes)
        bulk.end(SessionClosedError("closed"))
        await bulk.wait()
        assert desk.busy == 0
        seen: list[str] = []
        with pytest.raises(SessionClosedError):
            await take_all(outcomes, seen)
        assert sorted(seen) == ["p1", "p2"]

    run(scenario())
