"""What was handled, in Redis: claimed by one, kept for a while, shared by all."""

import asyncio

import pytest
from redis.asyncio import Redis

from tavus_async import ConfigurationError, TransportError
from tavus_async.integrations.redis import RedisSeen
from tavus_async.webhooks import Claim
from tests.support.redis_server import RedisServer, free_port


async def claim_until(seen: RedisSeen, expected: Claim) -> Claim:
    """Claim again and again, for a while."""
    claim = await seen.claim("a", 30.0)
    for _ in range(1_000):
        if claim is expected:
            break
        await asyncio.sleep(0.005)
        claim = await seen.claim("a", 30.0)
    return claim


async def test_one_of_two_receivers_may_handle_an_event(redis_server: RedisServer, name: str) -> None:
    async with RedisSeen(redis_server.url, name) as one, RedisSeen(redis_server.url, name) as other:
        claims = [await one.claim("a", 30.0), await other.claim("a", 30.0), await other.claim("b", 30.0)]
        await one.finish("a")
        claims += [await one.claim("a", 30.0), await other.claim("a", 30.0)]

    assert claims == [Claim.YOURS, Claim.BUSY, Claim.YOURS, Claim.DONE, Claim.DONE]


async def test_what_was_given_up_may_be_handled_by_the_next(redis_server: RedisServer, name: str) -> None:
    async with RedisSeen(redis_server.url, name) as one, RedisSeen(redis_server.url, name) as other:
        await one.claim("a", 30.0)
        await one.release("a")

        assert await other.claim("a", 30.0) is Claim.YOURS


async def test_a_claim_ends_with_its_lease_and_is_then_not_given_up_for_another(
    redis_server: RedisServer, name: str
) -> None:
    async with RedisSeen(redis_server.url, name) as one, RedisSeen(redis_server.url, name) as other:
        await one.claim("a", 0.02)
        assert await claim_until(other, Claim.YOURS) is Claim.YOURS
        await one.release("a")

        assert await one.claim("a", 30.0) is Claim.BUSY


async def test_what_was_handled_is_forgotten_after_its_time(redis_server: RedisServer, name: str) -> None:
    async with RedisSeen(redis_server.url, name, ttl=0.02) as seen:
        await seen.finish("a")
        assert await claim_until(seen, Claim.YOURS) is Claim.YOURS


async def test_a_client_of_the_users_is_used_and_not_closed(redis_server: RedisServer, name: str) -> None:
    async with Redis.from_url(redis_server.url, decode_responses=True) as client:
        async with RedisSeen(client, name) as seen:
            await seen.finish("a")
            assert await seen.claim("a", 30.0) is Claim.DONE

        assert await client.get(f"{name}a") == "done"


async def test_a_redis_that_is_not_there_is_a_transport_error_without_its_password() -> None:
    async with RedisSeen(f"redis://:hunter2hunter2@127.0.0.1:{free_port()}") as seen:
        with pytest.raises(TransportError) as caught:
            await seen.claim("a", 30.0)

    assert "hunter2" not in f"{caught.value!r} {seen!r}"


@pytest.mark.parametrize("address", ["http://localhost", "localhost", 7, None])
def test_what_is_no_redis_is_refused(address: object) -> None:
    with pytest.raises(ConfigurationError):
        RedisSeen(address)  # type: ignore[arg-type]
