"""The cache: for how long a record is given out again, and what ends it."""

import asyncio
from typing import Any

import pytest

from tavus_async import AsyncSession, ConfigurationError, NotFoundError
from tavus_async._engine.sharing import SharedReads
from tavus_async.sandbox import Sandbox
from tests.engine.test_sharing import READER
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import Exchange, RawServer, always, in_turn, words
from tests.support.versions import Versions, change, name, start
from tests.support.virtual_time import settle


async def test_a_record_is_given_out_again_while_the_cache_keeps_it() -> None:
    async with RawServer(Versions()) as server, quick_session(server, cache_ttl=60) as session:
        assert [await name(session) for _ in range(5)] == ["version 1"] * 5
        assert len(server.requests) == 1
        assert session.stats().requests == 1


async def test_without_a_time_to_live_nothing_is_kept() -> None:
    async with RawServer(Versions()) as server, quick_session(server, cache_size=5) as session:
        assert [await name(session) for _ in range(2)] == ["version 1", "version 2"]


async def test_a_write_empties_the_cache_even_if_it_fails() -> None:
    answer = in_turn(always(), always(words("conflict"), 409), always())
    async with RawServer(answer) as server, quick_session(server, cache_ttl=60) as session:
        await session.get_persona("p1")
        with pytest.raises(Exception, match="409"):
            await session.send(change())
        await session.get_persona("p1")

        assert [request.method for request in server.requests] == ["GET", "PATCH", "GET"]


async def test_a_read_that_began_before_a_write_is_not_kept() -> None:
    server_side = Versions()
    server_side.go.clear()
    async with RawServer(server_side) as server, quick_session(server, cache_ttl=60) as session:
        (reading,) = start(name(session))
        await server.received(1)
        (writing,) = start(session.send(change()))
        await server.received(2)
        (meanwhile,) = start(name(session))
        await server.received(3)
        server_side.go.set()
        await asyncio.gather(reading, writing, meanwhile)

        # Neither is one that was under way during the write.
        assert await name(session) == "version 3"


async def test_an_answer_from_before_a_write_that_comes_late_does_not_take_the_next_ones_place() -> None:
    held = [asyncio.Event(), asyncio.Event()]

    async def answer(exchange: Exchange) -> None:
        if exchange.method == "GET":
            number = sum(request.method == "GET" for request in server.requests)
            await held[number - 1].wait()
            await exchange.reply(b'{"persona_id": "p1", "persona_name": "read %d"}' % number)
        await exchange.reply()

    async with RawServer(answer) as server, quick_session(server, cache_ttl=60) as session:
        (old,) = start(name(session))
        await server.received(1)
        await session.send(change())
        (new,) = start(name(session))
        await server.received(3)
        held[0].set()
        assert await old == "read 1"
        (newest,) = start(name(session))
        await settle()
        held[1].set()

        assert [await new, await newest, await name(session)] == ["read 2"] * 3
        assert len(server.requests) == 3


async def test_errors_are_not_kept() -> None:
    answer = in_turn(always(words("Invalid persona_id"), 404), always())
    async with RawServer(answer) as server, quick_session(server, cache_ttl=60) as session:
        with pytest.raises(NotFoundError):
            await session.get_persona("p1")
        assert (await session.get_persona("p1")).persona_id == "p1"


async def test_the_one_unused_for_longest_makes_room() -> None:
    async with Sandbox(personas=4, api_key=KEY) as sandbox:
        async with quick_session(sandbox, cache_ttl=60, cache_size=2) as session:
            first, second, third, _ = sandbox.persona_ids
            for key in (first, second, first, third, first, second):
                await session.get_persona(key)

        assert sandbox.stats().total == 4


async def test_bulk_calls_take_from_the_cache_and_fill_it() -> None:
    async with Sandbox(personas=30, api_key=KEY) as sandbox, quick_session(sandbox, cache_ttl=60) as session:
        await session.get_personas(sandbox.persona_ids)
        await session.get_personas(sandbox.persona_ids)
        outcomes = [outcome async for outcome in session.iter_personas(sandbox.persona_ids)]

        assert sandbox.stats().total == 30
        assert {outcome.attempts for outcome in outcomes} == {0}


@pytest.mark.parametrize(
    "settings", [{"cache_ttl": 0}, {"cache_ttl": -1}, {"cache_ttl": "60"}, {"cache_size": 0}, {"cache_size": 1.5}]
)
def test_a_cache_that_makes_no_sense_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        AsyncSession(KEY, **settings)


async def test_records_are_kept_for_their_time_and_no_longer() -> None:
    now = 0.0
    reads = SharedReads(ttl=10, size=2, clock=lambda: now)
    fetched: list[float] = []

    async def fetch(total: float | None) -> float:
        fetched.append(now)
        return now

    for now in (0.0, 9.9, 10.0, 15.0, 20.1):  # noqa: B007 - the clock reads it
        await reads.get("p1", fetch, total=None, reader=READER)

    assert fetched == [0.0, 10.0, 20.1]
    assert reads._requests == {}
