"""Bodies: compressed, chunked, endless; and the connection after each."""

import asyncio
import gzip
import tracemalloc
import zlib

import pytest

from tavus_async import BadRequestError, ConnectionLostError, Pool, ResponseTooLargeError, RetryPolicy
from tests.support.quick import first_or_later, quick_session, warm_up
from tests.support.raw_server import PERSONA, Answer, Exchange, RawServer, always, head, in_turn, words

LIMIT = 10_000
SMALL = Pool(max_body=LIMIT)
ONCE = RetryPolicy(attempts=1)


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def packed(encoding: str, body: bytes) -> Answer:
    return always(body, headers={"Content-Encoding": encoding})


def in_chunks(body: bytes, size: int, encoding: str = "identity") -> Answer:
    """The body in chunks of *size* bytes."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(head(200, {"Transfer-Encoding": "chunked", "Content-Encoding": encoding}))
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            await exchange.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        await exchange.send(b"0\r\n\r\n")

    return answer


async def until_the_end(exchange: Exchange) -> None:
    """The body without a length: it ends with the connection."""
    await exchange.send(head(200, {"Connection": "close"}) + PERSONA)
    exchange.close()


@pytest.mark.parametrize(
    "answer",
    [
        packed("gzip", gzip.compress(PERSONA)),
        packed("x-gzip", gzip.compress(PERSONA)),
        packed("GZIP", gzip.compress(PERSONA[:20]) + gzip.compress(PERSONA[20:])),
        packed("deflate", zlib.compress(PERSONA)),
        packed("deflate", bare_deflate(PERSONA)),
        packed("identity", PERSONA),
        in_chunks(PERSONA, 1),
        in_chunks(gzip.compress(PERSONA), 7, "gzip"),
        until_the_end,
    ],
    ids=["gzip", "x-gzip", "two members", "deflate", "bare deflate", "identity", "chunks", "gzip chunks", "no length"],
)
@first_or_later
async def test_a_body_is_read_however_it_travels(answer: Answer, is_warm: bool) -> None:
    async with RawServer(answer) as server, quick_session(server, pool=SMALL) as session:
        if is_warm:
            await warm_up(session)
        assert (await session.get_persona("p1")).persona_name == "Ada"
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        packed("gzip", PERSONA),
        packed("gzip", gzip.compress(PERSONA)[:-5]),
        packed("deflate", zlib.compress(PERSONA)[:-5]),
        packed("br", PERSONA),
        packed("gzip, gzip", gzip.compress(gzip.compress(PERSONA))),
    ],
    ids=["no gzip", "cut gzip", "cut deflate", "not asked for", "twice"],
)
@first_or_later
async def test_a_garbled_body_is_a_lost_answer(answer: Answer, is_warm: bool) -> None:
    async with (
        RawServer(in_turn(answer, always())) as server,
        quick_session(server, retry=ONCE) as session,
    ):
        if is_warm:
            await warm_up(session)
        with pytest.raises(ConnectionLostError, match="garbled"):
            await session.get_persona("p1")

        assert (await session.get_persona("p1")).persona_name == "Ada"


async def endless(exchange: Exchange) -> None:
    await exchange.send(head(200, {"Transfer-Encoding": "chunked"}))
    while True:
        await exchange.send(b"1000\r\n" + b" " * 0x1000 + b"\r\n")


async def endless_without_length(exchange: Exchange) -> None:
    await exchange.send(head(200, {"Connection": "close"}))
    while True:
        await exchange.send(b" " * 0x1000)


async def promised(exchange: Exchange) -> None:
    await exchange.send(head(200, {"Content-Length": str(10**12)}))
    await exchange.hang()


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("size", [LIMIT + 1, 100 * LIMIT])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@first_or_later
async def test_a_body_past_the_limit_is_refused(encoding: str, size: int, status: int, is_warm: bool) -> None:
    body = b" " * size if encoding == "identity" else gzip.compress(b" " * size)
    answer = in_turn(always(body, status, {"Content-Encoding": encoding}), always())
    async with RawServer(answer) as server, quick_session(server, pool=SMALL) as session:
        if is_warm:
            await warm_up(session)
        with pytest.raises(ResponseTooLargeError, match=r"larger than Pool.max_body \(10000 bytes\)") as caught:
            await session.get_persona("p1")

        assert caught.value.attempts == len(server.requests) == 1
        assert (await session.get_persona("p1")).persona_name == "Ada"


@pytest.mark.parametrize("answer", [endless, endless_without_length, promised])
@first_or_later
async def test_a_body_without_an_end_is_refused_and_its_connection_dropped(answer: Answer, is_warm: bool) -> None:
    async with RawServer(in_turn(answer, always())) as server, quick_session(server, pool=SMALL) as session:
        if is_warm:
            await warm_up(session)
        async with asyncio.timeout(10):
            with pytest.raises(ResponseTooLargeError):
                await session.get_persona("p1")

        assert (await session.get_persona("p1")).persona_name == "Ada"
        assert [request.connection for request in server.requests] == [1, 2]


async def test_a_body_at_the_limit_is_taken() -> None:
    body = PERSONA.ljust(LIMIT)
    answer = in_turn(always(body), packed("gzip", gzip.compress(body)), in_chunks(body, 999))
    async with RawServer(answer) as server, quick_session(server, pool=SMALL) as session:
        for _ in range(3):
            assert (await session.get_persona("p1")).persona_name == "Ada"


@first_or_later
async def test_a_bomb_costs_no_more_memory_than_the_limit_allows(is_warm: bool) -> None:
    bomb = gzip.compress(bytes(50 * 2**20), compresslevel=9)
    pool = Pool(max_body=2**20)
    async with RawServer(packed("gzip", bomb)) as server, quick_session(server, pool=pool) as session:
        if is_warm:
            await warm_up(session)
        tracemalloc.start()
        try:
            with pytest.raises(ResponseTooLargeError):
                await session.get_persona("p1")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert len(bomb) < 2**20
    assert peak < 8 * 2**20


@pytest.mark.parametrize("status", [400, 429, 500, 503])
@first_or_later
async def test_the_connection_of_an_error_is_used_again(status: int, is_warm: bool) -> None:
    answer = in_turn(always(words("x" * 100_000), status, {"Retry-After": "0.01"}), always())
    async with RawServer(answer) as server, quick_session(server, retry=RetryPolicy(base_delay=0)) as session:
        if is_warm:
            await warm_up(session)
        if status == 400:
            with pytest.raises(BadRequestError):
                await session.get_persona("p1")
        await session.get_persona("p1")

        assert [request.connection for request in server.requests] == [1, 1]


async def test_a_connection_that_the_server_closes_politely_is_not_used_again() -> None:
    async def last_one(exchange: Exchange) -> None:
        await exchange.reply(headers={"Connection": "close"})
        exchange.close()

    async with RawServer(last_one) as server, quick_session(server) as session:
        for _ in range(3):
            await session.get_persona("p1")

        assert [request.connection for request in server.requests] == [1, 2, 3]
        assert session.stats().retries == 0
