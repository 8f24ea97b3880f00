"""What the members of a fleet do together, and what a session of it outlives."""

import asyncio
import gc
import os
import warnings
from collections import deque
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from tavus_async import AsyncSession, RetryPolicy, SessionClosedError
from tavus_async.integrations.redis import SharedRateLimit
from tests.support.quick import KEY, until
from tests.support.raw_server import Answer, Exchange, RawServer, always
from tests.support.redis_server import RedisServer, run_redis_server

PAUSE = 0.3


def session_at(server: RawServer, limit: SharedRateLimit) -> AsyncSession:
    return AsyncSession(KEY, base_url=server.url, rate_limit=limit, retry=RetryPolicy(base_delay=0.0), cache_ttl=None)


def members(server: RedisServer, name: str) -> int:
    return int(server.command("ZCARD", f"{{{name}}}:members").removeprefix(b":"))


def refusing(ids: "deque[str]") -> Answer:
    """Answers the first request for each of these with a 429 that names its pause."""

    async def answer(exchange: Exchange) -> None:
        asked = exchange.path.rpartition("/")[2]
        if asked in ids:
            ids.remove(asked)
            await exchange.reply(b"{}", 429, {"Retry-After": str(PAUSE)})
        else:
            await exchange.reply()

    return answer


async def test_a_429_that_one_session_gets_pauses_the_other(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, 1_000, burst=50, adaptive=False)
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(RawServer(refusing(deque(["refused"]))))
        one, other = [await stack.enter_async_context(session_at(server, limit)) for _ in range(2)]
        await other.get_persona("before")
        refused = asyncio.create_task(one.get_persona("refused"))
        bucket = other._lifecycle.open().gate.bucket
        await until(lambda: bucket.paused_for(loop.time()) > 0)
        begun, left = loop.time(), bucket.paused_for(loop.time())
        await other.get_persona("after")
        waited = loop.time() - begun
        await refused

        assert other.stats().rate_limited == 0
        assert one.stats().rate_limited == 1
    assert waited >= left - 0.01 > 0.5 * PAUSE


async def test_single_calls_go_before_bulk_ones_and_each_lane_in_order(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, 40, burst=1)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(RawServer(always()))
        sessions = [await stack.enter_async_context(session_at(server, limit)) for _ in range(2)]

        async def read_all(number: int, session: AsyncSession) -> None:
            bulk = asyncio.create_task(session.get_personas([f"{number}-bulk-{each}" for each in range(6)]))
            await until(lambda: session.stats().waiting >= 1)
            await asyncio.gather(*(session.get_persona(f"{number}-single-{each}") for each in range(4)))
            await bulk

        await asyncio.gather(*(read_all(number, session) for number, session in enumerate(sessions)))
        paths = [exchange.path.rpartition("/")[2] for exchange in server.requests]

    for number in range(2):
        own = [path for path in paths if path.startswith(f"{number}-")]
        single = [path for path in own if "single" in path]
        bulk = [path for path in own if "bulk" in path]
        assert (single, bulk) == (sorted(single), sorted(bulk))
        assert (len(single), len(bulk)) == (4, 6)
        assert own.index(single[-1]) < own.index(bulk[3])


async def call(session: AsyncSession) -> None:
    await session.get_persona("forked")


@pytest.mark.parametrize("decodes", [False, True])
async def test_a_client_of_the_users_is_used_and_not_closed(
    redis_server: RedisServer, name: str, *, decodes: bool
) -> None:
    async with Redis.from_url(redis_server.url, decode_responses=decodes) as client, RawServer(always()) as server:
        async with session_at(server, SharedRateLimit(client, name, 100)) as session:
            await session.get_persona("a")
            assert members(redis_server, name) == 1

        assert members(redis_server, name) == 0
        assert await client.ping()


def test_a_session_goes_on_as_the_same_member_in_another_event_loop(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, 100, burst=1)
    sessions: list[AsyncSession] = []

    async def read(*, is_last: bool) -> None:
        async with RawServer(always()) as server:
            if not sessions:
                sessions.append(session_at(server, limit))
            session = sessions[0]
            gate = session._lifecycle.open().gate
            for place in range(1, 4):
                gate.leave(await gate.enter(place), is_admitted=True)
            if is_last:
                await session.aclose()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(read(is_last=False))
        gc.collect()
        assert members(redis_server, name) == 1
        asyncio.run(read(is_last=False))
        assert members(redis_server, name) == 1
        asyncio.run(read(is_last=True))
        gc.collect()

    assert members(redis_server, name) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_refuses_and_leaves_the_session_to_its_parent(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, 100)

    async def read() -> None:
        async with RawServer(always()) as server, session_at(server, limit) as session:
            await session.get_persona("a")
            bucket = session._lifecycle.open().gate.bucket
            child = os.fork()
            if child == 0:
                try:
                    bucket.abandon()
                    asyncio.run(call(session))
                except SessionClosedError:
                    os._exit(7)
                finally:
                    os._exit(1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
            await session.get_persona("b")
            assert members(redis_server, name) == 1

    asyncio.run(read())


async def test_a_session_goes_on_with_its_share_while_redis_is_down_and_comes_back(name: str) -> None:
    with run_redis_server() as redis:
        limit = SharedRateLimit(redis.url, name, 100, burst=1, horizon=0.05, alone=50.0)
        async with RawServer(always()) as server, session_at(server, limit) as session:
            bucket = session._lifecycle.open().gate.bucket
            await session.get_persona("before")
            assert bucket.rate(0.0) == 100.0
            redis.kill()
            async with asyncio.timeout(20):
                for number in range(8):
                    await session.get_persona(f"down-{number}")
                assert bucket.rate(0.0) == 50.0
                redis.start()
                for number in range(200):
                    await session.get_persona(f"back-{number}")
                    if bucket.rate(0.0) == 100.0:
                        break
            assert bucket.rate(0.0) == 100.0
            assert session.stats().rate_limited == 0
            assert members(redis, name) == 1
