"""A member asks for slots as long as anyone wants some."""

import asyncio
import subprocess
import sys
from itertools import count, pairwise

from redis.asyncio import Redis

from tavus_async import AsyncSession
from tavus_async.integrations.redis import SharedRateLimit
from tavus_async.integrations.redis.bucket import SharedBucket
from tavus_async.integrations.redis.scripts import load_scripts
from tests.support.quick import until
from tests.support.redis_server import RedisServer

AT_ONCE = 50
ENOUGH = 10 * AT_ONCE
FEW = 100


async def test_attempts_that_are_back_in_line_at_once_are_asked_for(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, per_second=20_000, burst=2_000)
    async with AsyncSession("key", base_url="http://127.0.0.1:1", rate_limit=limit) as session:
        gate = session._lifecycle.open().gate
        places, taken = count(1), 0

        async def take() -> None:
            nonlocal taken
            while taken < ENOUGH:
                serial = gate.try_enter() or await gate.enter(next(places))
                taken += 1
                gate.leave(serial, is_admitted=True)

        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(take())

    assert taken >= ENOUGH


async def test_slots_that_come_soon_after_each_other_are_given_out_together(
    redis_server: RedisServer, name: str
) -> None:
    limit = SharedRateLimit(redis_server.url, name, per_second=1_000, burst=1)
    async with AsyncSession("key", base_url="http://127.0.0.1:1", rate_limit=limit) as session:
        gate, loop = session._lifecycle.open().gate, asyncio.get_running_loop()
        moments: list[float] = []

        async def take(place: int) -> None:
            serial = await gate.enter(place)
            moments.append(loop.time())
            gate.leave(serial, is_admitted=True)

        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            for place in range(1, FEW + 1):
                group.create_task(take(place))

    gaps = [later - earlier for earlier, later in pairwise(moments)]
    rounds = sum(gap > 0.5e-3 for gap in gaps)
    assert rounds < FEW / 2  # one after the other, there would be as many as attempts
    assert moments[-1] - moments[0] >= 0.9 * (FEW - 1) / 1_000


async def test_redis_knows_what_it_is_told_after_a_429_before_there_is_one(
    redis_server: RedisServer, name: str
) -> None:
    redis_server.command("SCRIPT", "FLUSH")
    limit = SharedRateLimit(redis_server.url, name, per_second=100, burst=1)
    async with AsyncSession("key", base_url="http://127.0.0.1:1", rate_limit=limit) as session:
        gate = session._lifecycle.open().gate
        gate.leave(await gate.enter(1), is_admitted=True)
        bucket = gate.bucket
        assert isinstance(bucket, SharedBucket)
        await until(lambda: "prepare" not in bucket._tasks)

    async with Redis.from_url(redis_server.url) as client:
        assert await client.script_exists(load_scripts().throttled.sha) == [True]


def test_what_a_first_429_needs_is_imported_with_the_limit() -> None:
    program = "import sys, tavus_async.integrations.redis; print('tenacity' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout == "True\n"
    )
