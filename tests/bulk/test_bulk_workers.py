"""How many workers a bulk call has: what was asked for, and no more than can have something to do."""

import asyncio
from collections.abc import Iterable

import pytest

from tavus_async._bulk.run import MOST_WORKERS
from tests.support.quick import quick_session
from tests.support.raw_server import RawServer, always

MANY = 10**12
FEW = [f"p{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("ids", "concurrency", "workers"),
    [(FEW, 3, 3), (FEW, MANY, 5), (set(FEW), MANY, 5), (iter(FEW), 7, 7), ([], MANY, 1)],
    ids=["as asked", "a list", "a set", "an iterator", "nothing"],
)
async def test_no_worker_is_there_for_nothing(ids: Iterable[str], concurrency: int, workers: int) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        before = len(asyncio.all_tasks())
        async with session.iter_personas(ids, concurrency=concurrency) as outcomes:
            taking = asyncio.ensure_future(anext(outcomes, None))
            await asyncio.sleep(0)
            assert len(asyncio.all_tasks()) - before == workers + 1
            await taking


async def test_of_an_iterator_any_number_is_taken_and_some_thousands_are_enough() -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        outcomes = session.iter_personas(iter(FEW), concurrency=MANY)
        assert outcomes._run._count_workers(iter(FEW)) == MOST_WORKERS
        assert {outcome.key async for outcome in outcomes} == set(FEW)
