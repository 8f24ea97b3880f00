"""A member asks for slots as long as anyone wants some."""

import asyncio
from itertools import count

from tavus_async import AsyncSession
from tavus_async.integrations.redis import SharedRateLimit
from tests.support.redis_server import RedisServer

AT_ONCE = 50
ENOUGH = 10 * AT_ONCE


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
