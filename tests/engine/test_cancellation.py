"""A caller who gives up, wherever the call is: it ends at once, leaves nothing behind, and the next call works."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tavus_async import AsyncSession, Pool, RateLimit, RetryPolicy
from tests.support.quick import first_or_later, quick_session, until, warm_up
from tests.support.raw_server import PERSONA, Exchange, RawServer, always, hang, head, in_turn, words

# Tokens that do not come back within a test, so that each that is taken shows.
SLOW = RateLimit(0.001, burst=50)
POOL_OF_ONE = Pool(connections=1)
# Nothing here takes that long by itself: what does was not cut.
AT_ONCE = 5.0


@asynccontextmanager
async def cut_after(seconds: float) -> AsyncIterator[None]:
    """The caller's own deadline, which must be met."""
    start = asyncio.get_running_loop().time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            yield
    assert asyncio.get_running_loop().time() - start < AT_ONCE


def is_idle(session: AsyncSession) -> bool:
    return (session.stats().waiting, session.stats().in_flight) == (0, 0)


def ids(server: RawServer) -> list[str]:
    return [request.path.rpartition("/")[2] for request in server.requests]


async def test_while_it_waits_for_a_token() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=RateLimit(5, burst=1)) as session:
        await session.get_persona("p1")
        async with cut_after(0.05):
            await session.get_persona("p2")
        assert is_idle(session)
        await session.get_persona("p3")

        assert ids(server) == ["p1", "p3"]


async def test_while_it_waits_for_a_connection() -> None:
    async with (
        RawServer(in_turn(hang, always())) as server,
        quick_session(server, rate_limit=SLOW, pool=POOL_OF_ONE) as session,
    ):
        first = asyncio.create_task(session.get_persona("p1"))
        await server.received(1)
        async with cut_after(0.05):
            await session.get_persona("p2")
        assert session.stats().tokens == pytest.approx(49, abs=0.1)
        first.cancel()
        await session.get_persona("p3")

        assert ids(server) == ["p1", "p3"]


@first_or_later
async def test_while_it_waits_for_the_answer(is_warm: bool) -> None:
    async with (
        RawServer(in_turn(hang, always())) as server,
        quick_session(server, rate_limit=SLOW, pool=POOL_OF_ONE) as session,
    ):
        if is_warm:
            await warm_up(session)
        async with cut_after(0.05):
            await session.get_persona("p1")
        assert is_idle(session)
        await session.get_persona("p2")

        assert ids(server) == ["p1", "p2"]
        assert session.stats().tokens == pytest.approx(48 - is_warm, abs=0.1)


@first_or_later
async def test_in_the_middle_of_the_body(is_warm: bool) -> None:
    async def stop_halfway(exchange: Exchange) -> None:
        await exchange.send(head(200, {"Content-Length": str(len(PERSONA))}) + PERSONA[:9])
        await exchange.hang()

    async with (
        RawServer(in_turn(stop_halfway, always())) as server,
        quick_session(server, pool=POOL_OF_ONE) as session,
    ):
        if is_warm:
            await warm_up(session)
        async with cut_after(0.05):
            await session.get_persona("p1")
        assert (await session.get_persona("p2")).persona_name == "Ada"
        # The half answer must not be taken for the beginning of the next.
        assert [request.connection for request in server.requests] == [1, 2]


async def test_while_it_sleeps_before_a_retry() -> None:
    later = always(words("later"), 503, {"Retry-After": "50"})
    async with (
        RawServer(in_turn(later, always())) as server,
        quick_session(server, rate_limit=SLOW, pool=POOL_OF_ONE) as session,
    ):
        async with cut_after(0.05):
            await session.get_persona("p1")
        assert is_idle(session)
        assert (await session.get_persona("p2")).persona_id == "p2"

        assert ids(server) == ["p1", "p2"]


async def test_while_a_429_pauses_everyone() -> None:
    refusal = always(words("later"), 429, {"Retry-After": "0.3"})
    async with RawServer(in_turn(refusal, always())) as server, quick_session(server) as session:
        async with cut_after(0.05):
            await session.get_persona("p1")
        assert is_idle(session)
        await session.get_persona("p2")

        assert ids(server) == ["p1", "p2"]


async def test_before_it_has_begun() -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        task = asyncio.create_task(session.get_persona("p1"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert (session.stats().calls, server.connections) == (0, 0)


async def test_a_retry_never_eats_the_cancellation() -> None:
    policy = RetryPolicy(attempts=1000, base_delay=0, budget=10_000)
    async with RawServer(always(words("no"), 500)) as server, quick_session(server, retry=policy) as session:
        async with cut_after(0.1):
            await session.get_persona("p1")
        seen = len(server.requests)
        await until(lambda: is_idle(session))

        assert 1 < seen <= len(server.requests) <= seen + 1


async def test_a_storm_of_it_leaves_every_slot_and_every_token() -> None:
    limit = RateLimit(200, burst=20)
    async with RawServer(hang) as server, quick_session(server, rate_limit=limit, pool=Pool(connections=7)) as session:
        tasks = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(300)]
        await server.received(7)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)

        assert {type(end) for end in ends} == {asyncio.CancelledError}
        assert is_idle(session)
        await until(lambda: session.stats().tokens > 19)
        assert len(server.requests) == session.stats().requests == 7


async def test_a_cancelled_call_does_not_take_equal_ones_with_it() -> None:
    async with RawServer(in_turn(hang, always())) as server, quick_session(server) as session:
        leader = asyncio.create_task(session.get_persona("p1"))
        await server.received(1)
        follower = asyncio.create_task(session.get_persona("p1"))
        await asyncio.sleep(0)
        leader.cancel()

        assert (await follower).persona_id == "p1"
        assert leader.cancelled()


async def test_nobody_is_left_standing_in_line_behind_those_who_went() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=RateLimit(20, burst=1)) as session:
        tasks = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(40)]
        await until(lambda: session.stats().waiting == 39)
        for task in tasks[1:-1]:
            task.cancel()
        await tasks[-1]

        assert ids(server) == ["p0", "p39"]
        assert session.stats().waiting == 0
