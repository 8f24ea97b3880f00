"""The ways to keep to one rate in many processes: each as one who knows it would write it."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from tavus_async import AsyncSession, RateLimit

KEY = "not-a-key"
NO_LIMIT = RateLimit(1_000_000, burst=1_000_000)

Acquire = Callable[[], Awaitable[object]]


async def at_once() -> None:
    """Wait for nothing: the session itself waits, or nobody does."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What a worker is told about the limit."""

    per_second: float
    burst: int
    processes: int
    name: str
    """Of the limit, in Redis."""
    redis_url: str


@dataclass(frozen=True)
class Client:
    """A session, and what is waited for before each of its calls."""

    session: AsyncSession
    acquire: Acquire


@contextlib.asynccontextmanager
async def shared(quota: Quota, url: str) -> AsyncIterator[Client]:
    """Share by this package's limit."""
    from tavus_async.integrations.redis import SharedRateLimit  # noqa: PLC0415 (not all need Redis)

    limit = SharedRateLimit(quota.redis_url, quota.name, per_second=quota.per_second, burst=quota.burst)
    async with AsyncSession(KEY, base_url=url, rate_limit=limit) as session:
        yield Client(session, at_once)


@contextlib.asynccontextmanager
async def throttled(quota: Quota, url: str) -> AsyncIterator[Client]:
    """Share by throttled-py: its GCRA, since its token bucket needs a burst of half the rate."""
    from throttled.asyncio import RateLimiterType, Throttled, rate_limiter, store  # noqa: PLC0415

    limit = Throttled(
        key=quota.name,
        using=RateLimiterType.GCRA.value,
        quota=rate_limiter.per_sec(round(quota.per_second), burst=quota.burst),
        store=store.RedisStore(server=quota.redis_url),
        timeout=3600,
    )
    async with AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session:
        yield Client(session, limit.limit)


@contextlib.asynccontextmanager
async def pyrate(quota: Quota, url: str) -> AsyncIterator[Client]:
    """Share by pyrate-limiter: its GCRA, whose state is in Redis."""
    from pyrate_limiter import GCRA, Duration, Limiter, Rate, RedisStateStore, StateBucket  # noqa: PLC0415
    from redis.asyncio import Redis  # noqa: PLC0415

    rate = Rate(round(quota.per_second), Duration.SECOND, burst=quota.burst)
    async with Redis.from_url(quota.redis_url) as client:
        bucket = StateBucket([rate], algorithm=GCRA(), store=RedisStateStore(client, quota.name))
        with Limiter(bucket) as limiter:
            async with AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session:
                yield Client(session, limiter.try_acquire_async)


@contextlib.asynccontextmanager
async def divided(quota: Quota, url: str) -> AsyncIterator[Client]:
    """Give each process its part, for good."""
    limit = RateLimit(quota.per_second, burst=quota.burst).share(quota.processes)
    async with AsyncSession(KEY, base_url=url, rate_limit=limit) as session:
        yield Client(session, at_once)


@contextlib.asynccontextmanager
async def unshared(quota: Quota, url: str) -> AsyncIterator[Client]:
    """Tell each process the whole rate."""
    limit = RateLimit(quota.per_second, burst=quota.burst)
    async with AsyncSession(KEY, base_url=url, rate_limit=limit) as session:
        yield Client(session, at_once)


@contextlib.asynccontextmanager
async def unlimited(_: Quota, url: str) -> AsyncIterator[Client]:
    """Limit nothing."""
    async with AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session:
        yield Client(session, at_once)


OPEN: dict[str, Callable[[Quota, str], AbstractAsyncContextManager[Client]]] = {
    "shared": shared,
    "throttled": throttled,
    "pyrate": pyrate,
    "divided": divided,
    "unshared": unshared,
    "unlimited": unlimited,
}
WORDS = {
    "shared": "tavus_async, SharedRateLimit",
    "throttled": "throttled-py, GCRA",
    "pyrate": "pyrate-limiter, GCRA",
    "divided": "tavus_async, RateLimit(…).share(8)",
    "unshared": "tavus_async, the whole RateLimit(…) each",
    "unlimited": "no limit, as many calls at even times",
}
HEARING = ("shared", "divided", "unshared")
"""Those that hear of a 429, and so meet a server that refuses; before the others it only records."""
