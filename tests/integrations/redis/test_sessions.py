"""Sessions that share a limit through Redis, before a sandbox that enforces it."""

import asyncio
import logging
import pickle
import time

import pytest

from tavus_async import AsyncSession, ConfigurationError, QueueTimeoutError, RateLimit
from tavus_async.integrations.redis import SharedRateLimit
from tavus_async.sandbox import Sandbox
from tests.support.redis_server import RedisServer, free_port, run_redis_server

PASSWORD = "hunter2-hunter2"


async def read(session: AsyncSession, times: int) -> list[float]:
    """When the answers came."""

    async def one() -> float:
        await session.list_personas_page(limit=1)
        return time.monotonic()

    return [await each for each in asyncio.as_completed([one() for _ in range(times)])]


async def test_several_sessions_keep_to_one_limit_that_the_server_enforces(
    redis_server: RedisServer, name: str
) -> None:
    limit = SharedRateLimit(redis_server.url, name, per_second=200, burst=20)
    async with Sandbox(personas=1, rate_limit=RateLimit(200, burst=20)) as sandbox:
        sessions = [
            AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=limit, cache_ttl=None) for _ in range(4)
        ]
        begun = time.monotonic()
        # Each read asks for another page size, or they would be one request.
        await asyncio.gather(
            *(
                session.list_personas_page(limit=number + 1)
                for session in sessions
                for number in range(40)
            )
        )  # fmt: skip
        took = time.monotonic() - begun
        refused = sum(session.stats().rate_limited for session in sessions)
        for session in sessions:
            await session.aclose()

    assert refused == 0
    assert took >= (4 * 40 - 20) / 200 - 0.01
    assert redis_server.command("ZCARD", f"{{{name}}}:members") == b":0"


async def test_who_would_wait_longer_than_max_wait_is_told(redis_server: RedisServer, name: str) -> None:
    limit = SharedRateLimit(redis_server.url, name, per_second=1, burst=1, max_wait=0.2)
    async with (
        Sandbox(personas=1) as sandbox,
        AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=limit) as session,
    ):
        await session.list_personas_page(limit=1)
        with pytest.raises(QueueTimeoutError):
            await session.list_personas_page(limit=2)


async def test_a_wrong_password_is_told_and_not_shown(caplog: pytest.LogCaptureFixture, name: str) -> None:
    with run_redis_server("--requirepass", "another") as server, caplog.at_level(logging.DEBUG, "tavus_async"):
        limit = SharedRateLimit(f"redis://:{PASSWORD}@127.0.0.1:{server.port}", name, per_second=10)
        async with (
            Sandbox(personas=1) as sandbox,
            AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=limit) as session,
        ):
            with pytest.raises(ConfigurationError) as caught:
                await session.list_personas_page(limit=1)

    assert "has no Redis" in caplog.text
    assert PASSWORD not in f"{caplog.text} {caught.value!r} {limit!r}"
    assert PASSWORD.encode() not in pickle.dumps(limit)


async def test_a_key_that_holds_something_else_is_told(redis_server: RedisServer, name: str) -> None:
    redis_server.command("SET", f"{{{name}}}:rate", "x")
    limit = SharedRateLimit(redis_server.url, name, per_second=10)
    async with (
        Sandbox(personas=1) as sandbox,
        AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=limit) as session,
    ):
        with pytest.raises(ConfigurationError, match="WRONGTYPE"):
            await session.list_personas_page(limit=1)


@pytest.mark.parametrize("told", [{"alone": 50.0}, {"on_outage": "fail"}])
async def test_without_a_redis_a_session_does_what_it_is_told(told: dict[str, object], name: str) -> None:
    limit = SharedRateLimit(f"redis://127.0.0.1:{free_port()}", name, 10, **told)  # type: ignore[arg-type]
    async with (
        Sandbox(personas=1) as sandbox,
        AsyncSession(sandbox.api_key, base_url=sandbox.url, rate_limit=limit) as session,
    ):
        if "alone" in told:
            assert len(await read(session, 3)) == 3
        else:
            with pytest.raises(QueueTimeoutError, match="cannot be reached"):
                await session.list_personas_page(limit=1)


@pytest.mark.parametrize(
    "told",
    [
        {"per_second": 0},
        {"burst": 0},
        {"horizon": 0},
        {"alone": -1.0},
        {"on_outage": "hope"},
        {"max_wait": -1},
        {"name": ""},
        {"name": "a{b}"},
        {"redis": "http://localhost"},
        {"rps": 3},
    ],
)
def test_bad_values_are_refused_at_once(told: dict[str, object]) -> None:
    settings: dict[str, object] = {"redis": "redis://localhost", "name": "a", "per_second": 1.0, **told}

    with pytest.raises(ConfigurationError):
        SharedRateLimit(**settings)  # type: ignore[arg-type]
