"""Closing while much is under way: nothing more is sent, everything ends, and nobody waits for himself."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tavus_async import AsyncSession, Outcomes, Persona, Pool, SessionClosedError, TavusError
from tests.support.quick import KEY, quick_session, until
from tests.support.raw_server import RawServer, always, hang

FEW = Pool(connections=2)


async def end_of(outcomes: Outcomes[Persona]) -> TavusError | None:
    """How the loop over a bulk call ends; one that does not end fails."""
    try:
        async with asyncio.timeout(10):
            async for _ in outcomes:
                pass
    except TavusError as error:
        return error
    return None


@pytest.mark.parametrize("ordered", [False, True])
async def test_the_iterator_of_the_ids_may_close_the_session(ordered: bool) -> None:
    async with RawServer(hang) as server, quick_session(server) as session:

        async def ids() -> AsyncIterator[str]:
            yield "p1"
            yield "p2"
            await server.received(2)
            await session.aclose()
            yield "p3"

        error = await end_of(session.iter_personas(ids(), concurrency=3, ordered=ordered))

        assert isinstance(error, SessionClosedError)
        assert len(server.requests) == 2
        await until(lambda: server.open_connections == 0)


async def test_the_iterator_of_the_ids_may_close_its_own_bulk_call() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:

        async def ids() -> AsyncIterator[str]:
            yield "p1"
            await server.received(1)
            await outcomes.aclose()
            yield "p2"

        outcomes = session.iter_personas(ids(), concurrency=2)

        assert await end_of(outcomes) is None
        assert [request.path for request in server.requests] == ["/v2/personas/p1"]
        assert session.stats().in_flight == 0


async def test_once_closing_has_begun_nothing_more_is_sent() -> None:
    async with RawServer(always()) as server:
        session = quick_session(server, pool=FEW)
        bulks = [asyncio.create_task(end_of(start(session, number))) for number in range(20)]
        calls = [asyncio.create_task(kind_of(session, number)) for number in range(20)]
        await server.received(5)

        closing = asyncio.create_task(session.aclose())
        await asyncio.sleep(0)
        sent = session.stats().requests
        await closing

        assert session.stats().requests == sent
        assert {type(await bulk) for bulk in bulks} == {SessionClosedError}
        assert {await call for call in calls} <= {SessionClosedError, None}


def start(session: AsyncSession, number: int) -> Outcomes[Persona]:
    return session.iter_personas([f"bulk-{number}-{index}" for index in range(100)])


async def kind_of(session: AsyncSession, number: int) -> type[TavusError] | None:
    try:
        await session.get_persona(f"call-{number}")
    except TavusError as error:
        return type(error)
    return None


async def test_an_owner_who_closes_while_a_name_is_looked_up_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def never(*_: object, **__: object) -> object:
        asked.set()
        return await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver()))
    async with AsyncSession(KEY, base_url="https://api.test", http=http) as session:
        call = asyncio.create_task(kind_of(session, 1))
        await asked.wait()
        await http.close()

        assert await call is SessionClosedError
        assert call.cancelling() == 0
