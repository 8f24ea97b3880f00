"""Sessions that wait for nothing, and waiting until something is so."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import pytest

from tavus_async import AsyncSession, Call, RateLimit, RetryPolicy
from tests.support.raw_server import WARM_UP

KEY = "sk-7d41c0ffee9b"
NO_LIMIT = RateLimit(1_000_000, burst=100_000, adaptive=False)
AT_ONCE = RetryPolicy(base_delay=0.0)

# For tests with *is_warm*: whether the session has called before. Its first call takes another way than the others.
first_or_later = pytest.mark.parametrize("is_warm", [False, True], ids=["first call", "later call"])


class Server(Protocol):
    """Whatever has a base URL."""

    @property
    def url(self) -> str: ...


def quick_session(server: Server, **settings: Any) -> AsyncSession:
    """A session that neither queues nor sleeps unless *settings* say so."""
    defaults: dict[str, Any] = {"base_url": server.url, "rate_limit": NO_LIMIT, "retry": AT_ONCE}
    return AsyncSession(KEY, **(defaults | settings))


def create(body: bytes = b"{}") -> Call[bytes]:
    """A call that must not be repeated once the server may have acted on it."""
    return Call(method="POST", path="/v2/personas", decode=bytes, body=body, repeatable=False)


async def warm_up(session: AsyncSession) -> None:
    """Makes a first call, which a RawServer answers by itself and does not count."""
    await session.get_persona(WARM_UP)


async def until(is_so: Callable[[], bool]) -> None:
    """Waits until *is_so*, and fails when that takes more than half a minute."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)
