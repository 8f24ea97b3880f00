"""Whatever a session does in the background, single calls go first, and the background keeps a tenth."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import pytest

from tavus_async import AsyncSession, RateLimit, RetryPolicy, TavusError, calls, patch
from tests.support.desk import ids
from tests.support.quick import quick_session, until
from tests.support.raw_server import Exchange, RawServer, words

SINGLE = "/v2/personas/single"
LIMIT = RateLimit(100, burst=2, adaptive=False)
MANY = ids(10_000)
# One of a page that never ends: each has an item that is new.
NEW = count()


async def answer(exchange: Exchange) -> None:
    """Answer as the path wants it: with a persona, with a page, or with an error for a time."""
    if exchange.path.partition("?")[0] == "/v2/personas" and exchange.method == "GET":
        page = {"data": [{"persona_id": f"n{next(NEW)}"}], "total_count": 100_000}
        await exchange.reply(json.dumps(page).encode())
    elif "broken" in exchange.path:
        await exchange.reply(words("try again"), 500)
    else:
        await exchange.reply()


class SlowLimiter:
    """A limiter of the caller's own: so many a second, one at a time."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()

    async def acquire(self) -> None:
        async with self.turn:
            await asyncio.sleep(0.01)

    def throttled(self, retry_after: float | None) -> None:
        """Nobody throttles here."""


async def reads(session: AsyncSession) -> None:
    async with session.iter_personas(MANY) as outcomes:
        async for _ in outcomes:
            pass


async def retries(session: AsyncSession) -> None:
    async with session.iter_personas([f"broken-{key}" for key in MANY]) as outcomes:
        async for _ in outcomes:
            pass


async def pages_of_a_run(session: AsyncSession) -> None:
    async with session.iter_personas(MANY, prefer="list") as outcomes:
        async for _ in outcomes:
            pass


async def changes(session: AsyncSession) -> None:
    operations = [patch.add("/greeting", "Good evening.")]
    async with session.send_each(lambda key: calls.patch_persona(key, operations), MANY) as outcomes:
        async for _ in outcomes:
            pass


async def calls_in_the_lane(session: AsyncSession) -> None:
    background = session.with_options(lane="bulk")

    async def get(key: str) -> None:
        with suppress(TavusError):
            await background.get_persona(key)

    await asyncio.gather(*map(get, MANY[:500]))


async def lists_in_the_lane(session: AsyncSession) -> None:
    background = session.with_options(lane="bulk")

    async def walk() -> None:
        async for _ in background.list_personas(page_size=1):
            pass

    await asyncio.gather(*(walk() for _ in range(20)))


Background = Callable[[AsyncSession], Awaitable[None]]
BACKGROUNDS = [reads, retries, pages_of_a_run, changes, calls_in_the_lane, lists_in_the_lane]


@asynccontextmanager
async def beside(background: Background, **settings: object) -> AsyncIterator[tuple[RawServer, AsyncSession]]:
    """A session with something in its background that has taken all there was, and waits for more."""
    given: dict[str, Any] = {"rate_limit": LIMIT, "retry": RetryPolicy(base_delay=0.0, budget=100_000)} | settings
    async with RawServer(answer) as server, quick_session(server, **given) as session:
        task = asyncio.ensure_future(background(session))
        await until(lambda: len(server.requests) > 5)
        yield server, session
        assert not task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def places_of_singles(server: RawServer, begun: int) -> Iterator[int]:
    """How many others came to the server before each single call, since so many had come."""
    paths = [request.path for request in server.requests[begun:]]
    return (place for place, path in enumerate(paths) if path.startswith(SINGLE))


@pytest.mark.parametrize("background", BACKGROUNDS)
async def test_a_single_call_is_next_beside(background: Background) -> None:
    async with beside(background) as (server, session):
        for number in range(5):
            begun = len(server.requests)
            await session.get_persona(f"single-{number}")

            # One may be under way, and one is the background's tenth.
            assert next(places_of_singles(server, begun)) <= 2


async def test_a_single_call_is_next_under_a_limiter_of_the_callers() -> None:
    async with beside(reads, rate_limit=SlowLimiter()) as (server, session):
        for number in range(5):
            begun = len(server.requests)
            await session.get_persona(f"single-{number}")

            assert next(places_of_singles(server, begun)) <= 2


@pytest.mark.parametrize("background", BACKGROUNDS)
async def test_a_tenth_is_left_for(background: Background) -> None:
    async with beside(background) as (server, session):

        async def call_again_and_again(number: int) -> None:
            for turn in count():
                await session.get_persona(f"single-{number}-{turn}")

        callers = [asyncio.ensure_future(call_again_and_again(number)) for number in range(10)]
        await until(lambda: any(request.path.startswith(SINGLE) for request in server.requests))
        begun = len(server.requests)
        await until(lambda: len(server.requests) >= begun + 40)
        singles = len(list(places_of_singles(server, begun)))
        others = len(server.requests) - begun - singles
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)

    assert others / (singles + others) == pytest.approx(0.1, abs=0.05)
