"""Connections: what every version of aiohttp is held to."""

import asyncio
import contextlib
import gc
import socket
import threading
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from tavus_async import ApiError, AttemptTimeoutError, Pool, RetryPolicy, Timeouts, calls
from tavus_async._http import connection as _connector
from tavus_async._http.attempt import Attempt
from tavus_async._http.connection import Connection, open_connector
from tavus_async._http.direct import DirectSender
from tests.faults import rig
from tests.faults.rig import Fault, Rig, with_length
from tests.support.loops import on_each_loop
from tests.support.quick import first_or_later, quick_session, warm_up
from tests.support.raw_server import RawServer, always, hang, head, in_turn, reset


async def test_why_a_connection_was_lost_is_not_kept_where_asyncio_would_complain_of_it() -> None:
    connection = Connection(loop=asyncio.get_running_loop())
    # Where aiohttp 3.12.4 keeps it.
    reason = vars(connection)["closed"] = asyncio.get_running_loop().create_future()

    connection.connection_lost(ConnectionResetError())

    assert reason.result() is None


async def test_whatever_aiohttp_does_with_a_reset_asyncio_does_not_hear_of_it() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    async with RawServer(in_turn(reset, always())) as server, quick_session(server) as session:
        await warm_up(session)
        await session.get_persona("p1")
    gc.collect()

    assert complaints == []


async def test_a_connector_is_made_of_the_pools_settings() -> None:
    kept = open_connector(Pool(connections=7, keepalive=3, dns_ttl=0), keep=True, on_connect=lambda: None)
    fresh = open_connector(Pool(dns_ttl=0.2), keep=False, on_connect=lambda: None)
    try:
        assert (kept.limit, kept.use_dns_cache, kept.force_close) == (7, False, False)
        assert (fresh.limit, fresh.use_dns_cache, fresh.force_close) == (100, True, True)
        assert isinstance(kept._factory(), Connection)
    finally:
        await kept.close()
        await fresh.close()


async def test_a_transport_that_reads_in_pieces_of_its_own_is_left_alone() -> None:
    connection = Connection(loop=asyncio.get_running_loop())

    class Plain(asyncio.Transport):
        """One without asyncio's buffer size, as uvloop's are."""

        __slots__ = ()

    plain = Plain()
    connection.connection_made(plain)

    assert not hasattr(plain, "max_size")


async def test_a_body_goes_on_where_the_room_for_heads_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = with_length(b'{"persona_id": "p1", "persona_name": "%s"}' % (b"x" * 300))
    monkeypatch.setattr(_connector, "LONGEST_HEAD", answer.index(b"{"))
    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(answer=rig.says(answer)))

        for _ in range(2):
            assert (await session.get_persona("p1", timeout=5)).persona_name == "x" * 300
        assert server.connections == 1


@first_or_later
async def test_silence_ends_an_attempt_before_its_time(is_warm: bool) -> None:
    limits = Timeouts(read=0.05, attempt=60)
    once = RetryPolicy(attempts=1)
    async with RawServer(hang) as server, quick_session(server, timeouts=limits, retry=once) as session:
        if is_warm:
            await warm_up(session)
        async with asyncio.timeout(10):
            with pytest.raises(AttemptTimeoutError, match=r"nothing came within Timeouts\.read \(0\.05 s\)"):
                await session.get_persona("p1")


@first_or_later
async def test_another_protocol_is_no_answer_to_wait_behind(is_warm: bool) -> None:
    switching = head(101, {"Connection": "upgrade", "Upgrade": "h2c"})
    async with Rig() as server, quick_session(server) as session:
        if is_warm:
            await session.get_persona("p1")
        await server.misbehave(Fault(answer=rig.says(switching)))
        with pytest.raises(ApiError) as caught:
            await session.get_persona("p1", timeout=10)

    assert caught.value.status == 101


def answer_twice(listener: socket.socket, sent: threading.Semaphore) -> None:
    """Answers each request, and once more, which it tells by *sent*, until the listener is closed."""
    threads: list[threading.Thread] = []
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threads.append(threading.Thread(target=serve_twice, args=(connection, sent)))
            threads[-1].start()
    for thread in threads:
        thread.join()


def serve_twice(connection: socket.socket, sent: threading.Semaphore) -> None:
    with contextlib.suppress(OSError), connection:
        while data := connection.recv(65536):
            persona_id = data.split(b" ")[1].rpartition(b"/")[2]
            for name in (b"asked", b"unasked"):
                connection.sendall(with_length(b'{"persona_id": "%s", "persona_name": "%s"}' % (persona_id, name)))
            sent.release()


@on_each_loop
async def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_ones() -> None:
    """The program computes while it comes, so that it lies in the socket when the connection is to be reused."""
    listener = socket.create_server(("127.0.0.1", 0))
    sent = threading.Semaphore(0)
    serving = threading.Thread(target=answer_twice, args=(listener, sent))
    serving.start()

    class Place:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    try:
        async with quick_session(Place()) as session:
            names = set()
            for number in range(100):
                names.add((await session.get_persona(f"p{number}")).persona_name)
                sent.acquire(timeout=10)  # without a turn of the event loop
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        await asyncio.to_thread(serving.join)

    assert names == {"asked"}


@pytest.mark.parametrize("lost", ["protocol", "transport"])
async def test_a_connection_that_is_lost_as_it_is_handed_out_is_not_used(lost: str) -> None:
    closed: list[bool] = []
    held = SimpleNamespace(protocol=object(), transport=object(), close=lambda: closed.append(True))
    setattr(held, lost, None)

    class Connector:
        async def connect(self, *_: object) -> SimpleNamespace:
            return held

    pattern = cast("aiohttp.ClientRequest", SimpleNamespace(headers={}))
    sender = DirectSender(cast("aiohttp.BaseConnector", Connector()), pattern, aiohttp.ClientTimeout())
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await sender.send(Attempt(calls.get_persona("p1"), {}), "/v2/personas/p1")

    assert closed == [True]
