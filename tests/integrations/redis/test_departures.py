"""An attempt that has to connect first leaves at a slot that is good when it has connected."""

import asyncio

import pytest
from redis import Redis

from tavus_async import AsyncSession
from tavus_async._engine.gate import Gate
from tavus_async.integrations.redis import SharedRateLimit
from tavus_async.integrations.redis.bucket import SharedBucket
from tavus_async.integrations.redis.slots import LONGEST_LATE
from tests.support.busy_member import NOBODY
from tests.support.redis_server import RedisServer

CONNECTING = 0.1


def parts(session: AsyncSession) -> tuple[Gate, SharedBucket]:
    gate = session._lifecycle.open().gate
    assert isinstance(gate.bucket, SharedBucket)
    return gate, gate.bucket


@pytest.mark.parametrize("others", [0, 5])
async def test_a_slot_that_has_passed_meanwhile_is_exchanged_for_the_next(
    redis_server: RedisServer, name: str, others: int
) -> None:
    limit = SharedRateLimit(redis_server.url, name, 100, burst=1)
    loop = asyncio.get_running_loop()
    async with AsyncSession("key", base_url=NOBODY, rate_limit=limit) as session, asyncio.timeout(10):
        gate, bucket = parts(session)
        serial = await gate.enter(1)
        first = bucket._taken[serial]
        gate.connecting(serial)
        waiting = [asyncio.create_task(gate.enter(place)) for place in range(2, 2 + others)]
        await asyncio.sleep(CONNECTING)
        await gate.depart(serial, is_kept=True)
        left, slot = loop.time(), bucket._taken[serial]
        for each in await asyncio.gather(*waiting):
            gate.leave(each, is_admitted=True)
        gate.leave(serial, is_admitted=True)

    assert first is not None
    assert slot is not None
    assert slot.number > first.number
    assert slot.at <= left <= slot.at + LONGEST_LATE + 0.2


async def test_a_slot_that_is_still_good_is_kept(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, 100, burst=1)
    async with AsyncSession("key", base_url=NOBODY, rate_limit=limit) as session, asyncio.timeout(10):
        gate, bucket = parts(session)
        serial = await gate.enter(1)
        first = bucket._taken[serial]
        gate.connecting(serial)
        await gate.depart(serial, is_kept=True)
        kept = bucket._taken[serial]
        gate.leave(serial, is_admitted=True)

    assert kept is first is not None


async def test_what_passed_while_connecting_goes_back_to_all(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, 100, burst=5)
    async with AsyncSession("key", base_url=NOBODY, rate_limit=limit) as session, asyncio.timeout(10):
        gate, _bucket = parts(session)
        serial = await gate.enter(1)
        gate.connecting(serial)
        await asyncio.sleep(CONNECTING)
        await gate.depart(serial, is_kept=True)
        gate.leave(serial, is_admitted=True)
        with Redis.from_url(redis_server.url, decode_responses=True) as client:
            granted, refunded = client.hmget(f"{{{name}}}:rate", ["granted", "refunded"])

    assert (float(granted or 0), float(refunded or 0)) == (2, 1)
