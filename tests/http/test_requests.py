"""When requests are written: at once, as soon as the gate has counted them."""

import asyncio
import contextlib
import socket
import ssl
import threading
from typing import Self

import aiohttp
import pytest

from tavus_async import Call, Pool, Timeouts
from tavus_async._http.attempt import Attempt
from tavus_async._http.transport import Transport
from tavus_async._records.secrets import Secret
from tavus_async._settings.config import Config, make_config
from tests.faults.tls import Authority
from tests.support.quick import create
from tests.support.raw_server import Exchange, RawServer

LONGEST = 2.0
READ = Call(method="GET", path="/v2/personas/p1", decode=bytes)


def configured(url: str, pool: Pool = Pool()) -> Config:
    return make_config(api_key=Secret("sk-1"), base_url=url, timeouts=Timeouts(), pool=pool)


class Elsewhere:
    """A server in a thread of its own, which sees when a request comes, whatever keeps the client's loop busy."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self._thread = threading.Thread(target=self._serve)
        self.arrived = threading.Semaphore(0)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    connection.recv(2**16)
                    self.arrived.release()
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


class OpenGate:
    """Lets each attempt leave at once, and remembers which might be overtaken."""

    def __init__(self) -> None:
        self.were_kept: list[bool] = []

    def connecting(self, serial: int) -> None:
        pass

    async def depart(self, serial: int, *, is_kept: bool) -> None:
        self.were_kept.append(is_kept)


class BusyGate(OpenGate):
    """Keeps the event loop busy, from when an attempt may leave, until it is at the server."""

    def __init__(self, server: Elsewhere) -> None:
        super().__init__()
        self._server = server
        self.have_arrived: list[bool] = []

    async def depart(self, serial: int, *, is_kept: bool) -> None:
        asyncio.get_running_loop().call_soon(self._block)
        await super().depart(serial, is_kept=is_kept)

    def _block(self) -> None:
        self.have_arrived.append(self._server.arrived.acquire(timeout=LONGEST))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize("call", [READ, create()], ids=["read", "create"])
@pytest.mark.parametrize("is_borrowed", [False, True], ids=["own pool", "borrowed session"])
@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
async def test_it_arrives_as_soon_as_it_may_leave_however_busy_the_event_loop_is(
    authority: Authority, call: Call[bytes], is_borrowed: bool, is_secure: bool
) -> None:
    trust = authority.client()
    with Elsewhere(authority.server() if is_secure else None) as server:
        gate, pool = BusyGate(server), Pool(ssl=trust, proxy_from_env=False)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http:
            transport = Transport(configured(server.url, pool), borrowed=http if is_borrowed else None)
            for _ in range(2):  # the first read takes another way than the next
                await transport.send(Attempt(call, {}, gate))
            await transport.aclose()

    assert gate.have_arrived == [True, True]


async def test_over_a_borrowed_session_what_is_first_on_a_connection_is_what_that_may_be_overtaken() -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.reply(headers={"Connection": "close"} if len(server.requests) == 2 else None)

    gate = OpenGate()
    async with RawServer(answer) as server, aiohttp.ClientSession() as http:
        transport = Transport(configured(server.url), borrowed=http)
        for call in (READ, READ, create(), READ, READ):
            await transport.send(Attempt(call, {}, gate))
        await transport.aclose()

    assert [(each.method, each.connection) for each in server.requests] == [
        ("GET", 1),
        ("GET", 1),
        ("POST", 2),
        ("GET", 2),
        ("GET", 2),
    ]
    assert gate.were_kept == [True, False, True, False, False]
