"""What a server sends to keep the event loop busy: it is cut off soon, wherever in an answer it comes."""

import gzip
from typing import Any

import pytest

from tavus_async import AmbiguousOutcomeError, BadRequestError, ConnectionLostError, RetryPolicy
from tavus_async._http.body import MOST_MEMBERS, TooLargeError, decompress
from tavus_async._http.connection import LARGEST_READ, LONGEST_HEAD, Connection
from tests.faults import rig
from tests.faults.cases import GOOD, SPLIT, interim
from tests.faults.rig import Fault, Rig, with_length
from tests.support.loops import asyncio_only
from tests.support.quick import create, quick_session
from tests.support.raw_server import head

ONCE = RetryPolicy(attempts=1)
PROMISES = interim(103) * (LONGEST_HEAD // len(interim(103)))


def test_members_are_counted_even_those_with_nothing_in_them() -> None:
    member = gzip.compress(b"")

    assert decompress(member * MOST_MEMBERS, "gzip", limit=9) == b""
    with pytest.raises(TooLargeError, match="members"):
        decompress(member * (MOST_MEMBERS + 1), "gzip", limit=9)


async def test_interim_answers_may_be_as_long_as_a_head_and_no_longer() -> None:
    async with Rig() as server, quick_session(server, retry=ONCE) as session:
        # With an answer's own head they stay just within.
        fitting = PROMISES[: LONGEST_HEAD - SPLIT]
        fitting = fitting[: fitting.rindex(b"\r\n\r\n") + 4]
        await server.misbehave(Fault(answer=rig.says(fitting + GOOD)))
        assert (await session.get_persona("p1")).persona_name == "Ada"

        await server.misbehave(Fault(answer=rig.says(PROMISES + interim(103) + GOOD)))
        with pytest.raises(ConnectionLostError):
            await session.get_persona("p2")
        with pytest.raises(AmbiguousOutcomeError):
            await session.send(create())


async def test_no_more_of_a_flood_is_parsed_than_a_head_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    feed = Connection.feed_data

    def count(connection: Connection, data: Any, size: int = 0) -> None:
        parsed.append(data[0].code)
        feed(connection, data, size)

    monkeypatch.setattr(Connection, "feed_data", count)
    async with Rig() as server, quick_session(server, retry=ONCE) as session:
        await server.misbehave(Fault(answer=rig.floods(b"", PROMISES)))
        with pytest.raises(ConnectionLostError, match="no valid HTTP"):
            await session.get_persona("p1")
        assert parsed == [103] * (LONGEST_HEAD // len(interim(103)))

        await server.heal()
        assert (await session.get_persona("next")).persona_id == "next"


async def test_a_long_body_in_one_piece_with_its_head_is_whole() -> None:
    name = "x" * 2 * LONGEST_HEAD
    body = b'{"persona_id": "p1", "persona_name": "%s"}' % name.encode()
    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(answer=rig.says(interim(103) * 9 + with_length(body))))

        for _ in range(2):
            assert (await session.get_persona("p1")).persona_name == name
        assert server.connections == 1


@asyncio_only
async def test_bytes_come_in_pieces_that_are_parsed_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    take = Connection.data_received

    def measure(connection: Connection, data: bytes) -> None:
        sizes.append(len(data))
        take(connection, data)

    monkeypatch.setattr(Connection, "data_received", measure)
    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(answer=rig.says(with_length(b'{"persona_id": "p1"}' + b" " * 5 * LARGEST_READ))))
        await session.get_persona("p1")

    assert max(sizes) <= LARGEST_READ
    assert sum(sizes) > 5 * LARGEST_READ


async def test_what_follows_a_long_answer_unasked_is_still_dropped() -> None:
    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(answer=rig.says(GOOD + b"x" * 2 * LONGEST_HEAD)), times=1)
        await session.get_persona("p1")

        assert (await session.get_persona("p2")).persona_id == "p2"
        assert server.connections == 2


async def test_headers_after_the_last_chunk_have_an_end() -> None:
    start = head(200, {"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n0\r\n"
    async with Rig() as server, quick_session(server, retry=ONCE) as session:
        await server.misbehave(Fault(answer=rig.floods(start, b"X-More: and more\r\n" * 100)))

        with pytest.raises(ConnectionLostError):
            await session.get_persona("p1")


async def test_a_long_error_shows_its_begin() -> None:
    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(answer=rig.says(with_length(b"a" * 5_000_000, status=400))))
        with pytest.raises(BadRequestError) as caught:
            await session.send(create(b'{"api_key": "hidden-from-all"}'))

    assert caught.value.body == "a" * 4096
