"""A session of somebody else's: it sends what it is told to, once, and its own middlewares still work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tavus_async import AmbiguousOutcomeError, AsyncSession, ConnectError, ConnectionLostError, RetryPolicy
from tests.support.quick import create, quick_session
from tests.support.raw_server import Exchange, RawServer


class EveryOtherIsDropped:
    """Answers every request with an odd number, and hangs up on the others without a word."""

    def __init__(self) -> None:
        self.requests = 0

    async def __call__(self, exchange: Exchange) -> None:
        self.requests += 1
        if self.requests % 2:
            await exchange.reply()
        else:
            exchange.close()


@asynccontextmanager
async def borrowing(server_side: EveryOtherIsDropped, **settings: Any) -> AsyncIterator[AsyncSession]:
    """A session of ours, with somebody else's, at this server."""
    async with (
        RawServer(server_side) as server,
        aiohttp.ClientSession() as http,
        quick_session(server, http=http, **settings) as session,
    ):
        yield session


async def test_what_it_would_repeat_by_itself_is_counted_and_limited() -> None:
    server_side = EveryOtherIsDropped()
    async with borrowing(server_side) as session:
        for number in range(20):
            await session.get_persona(f"p{number}")
        stats = session.stats()

    assert (server_side.requests, stats.requests, stats.retries) == (39, 39, 19)


async def test_where_retries_are_not_wanted_none_is_made() -> None:
    server_side = EveryOtherIsDropped()
    async with borrowing(server_side, retry=RetryPolicy(attempts=1)) as session:
        await session.get_persona("p1")
        with pytest.raises(ConnectionLostError):
            await session.get_persona("p2")

    assert server_side.requests == 2


async def test_a_create_whose_answer_is_lost_may_have_happened() -> None:
    server_side = EveryOtherIsDropped()
    async with borrowing(server_side) as session:
        await session.get_persona("p1")
        with pytest.raises(AmbiguousOutcomeError):
            await session.send(create())

    assert server_side.requests == 2


class NoServer:
    """Where nothing listens."""

    url = "http://127.0.0.1:9"


async def test_a_create_that_finds_no_server_was_not_sent() -> None:
    async with aiohttp.ClientSession() as http, quick_session(NoServer(), http=http) as session:
        with pytest.raises(ConnectError):
            await session.send(create())


async def test_its_middlewares_see_every_attempt() -> None:
    seen: list[str] = []

    async def note(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        seen.append(request.url.path)
        return await handler(request)

    async with (
        RawServer(EveryOtherIsDropped()) as server,
        aiohttp.ClientSession(middlewares=(note,)) as http,
        quick_session(server, http=http) as session,
    ):
        await session.get_persona("p1")
        await session.get_persona("p2")

    assert seen == ["/v2/personas/p1", "/v2/personas/p2", "/v2/personas/p2"]
