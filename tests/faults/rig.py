"""A server that misbehaves on cue, at every point of an exchange."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Self

import attrs

from tests.support.raw_server import Exchange, head, read_request

Answer = Callable[[Exchange], Awaitable[object]]
Greeting = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


async def well(exchange: Exchange) -> None:
    """The right answer: a persona with the id that was asked for, so that a mix-up of answers shows."""
    persona_id = exchange.path.partition("?")[0].rpartition("/")[2]
    await exchange.reply(json.dumps({"persona_id": persona_id, "persona_name": "Ada"}).encode())


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong. One that is refused or greeted never gets as far as its answer."""

    answer: Answer = well
    greet: Greeting | None = None
    """What becomes of a connection instead of reading a request from it."""
    refuse: bool = False
    """Whether nobody listens."""


NONE = Fault()


class Rig:
    """Listens on loopback, and answers well unless told otherwise; counts what reaches it."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._host = host
        self.port = port
        self._next: deque[Fault] = deque()
        self._after = NONE
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.connections = 0
        self.greeted = 0
        self.requests: list[Exchange] = []

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http{'s' if self._tls else ''}://{self._host}:{self.port}"

    @property
    def attempts(self) -> int:
        """How many attempts have been seen here, as far as a server can tell."""
        return len(self.requests) + self.greeted

    async def misbehave(self, fault: Fault, times: int | None = None) -> None:
        """Does this to the next attempts, so many of them; None is for ever."""
        self.follow([] if times is None else [fault] * times)
        self._after = fault if times is None else NONE
        if fault.refuse:
            await self._stop()
        elif self._server is None:
            await self._start()

    def follow(self, faults: Sequence[Fault]) -> None:
        """Does one of these after the other, and then answers well."""
        self._next = deque(faults)
        self._after = NONE

    async def heal(self) -> None:
        """Answers well again, and from here on counts anew."""
        await self.misbehave(NONE)
        self.connections = self.greeted = 0
        self.requests.clear()

    async def hung_up(self) -> None:
        """Waits until no connection is open any more."""
        await asyncio.gather(*self._serving)

    async def __aenter__(self) -> Self:
        self._door = door(self._host, self.port)
        self.port = self._door.getsockname()[1]
        await self._start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._stop()
        self._door.close()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._door, limit=2**20, ssl=self._tls)

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            self._door = door(self._host, self.port)
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _cue(self) -> Fault:
        return self._next.popleft() if self._next else self._after

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self.connections += 1
        try:
            await self._converse(reader, writer, self.connections)
        except (OSError, asyncio.CancelledError):
            pass  # the client may hang up whenever it likes, and the test may end
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        if (greet := (self._next[0] if self._next else self._after).greet) is not None:
            self._cue()
            self.greeted += 1
            await greet(reader, writer)
            return
        while (exchange := await read_request(reader, writer, connection)) is not None:
            self.requests.append(exchange)
            await self._cue().answer(exchange)
            if writer.is_closing():
                await writer.wait_closed()
                return


def door(host: str, port: int) -> socket.socket:
    """A socket that holds a port, and refuses everyone until somebody listens on it."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((host, port))
    return held


# Greetings: before anything is read.


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes the connection."""
    writer.close()
    await writer.wait_closed()


async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets the connection."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def ignore(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Reads nothing and says nothing."""
    await asyncio.Event().wait()


# Answers: after the request was read.


def says(data: bytes) -> Answer:
    """Sends these bytes, and waits for the next request."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)

    return answer


def says_and_closes(data: bytes = b"") -> Answer:
    """Sends these bytes, and closes the connection."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)
        exchange.close()

    return answer


def says_and_resets(data: bytes = b"") -> Answer:
    """Sends these bytes, lets the client read them, and resets the connection."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)
        await asyncio.sleep(0.01 if data else 0)
        exchange.reset()

    return answer


def says_and_hangs(data: bytes = b"") -> Answer:
    """Sends these bytes, and then nothing more until the client hangs up."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)
        await exchange.hang()

    return answer


def trickles(data: bytes) -> Answer:
    """Sends these bytes one at a time."""

    async def answer(exchange: Exchange) -> None:
        for byte in data:
            await exchange.send(bytes([byte]))
            await asyncio.sleep(0)

    return answer


def floods(start: bytes, data: bytes) -> Answer:
    """Sends the start, and then *data* again and again until the client hangs up."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(start)
        with contextlib.suppress(ConnectionError):
            while not exchange.reader.at_eof():
                await exchange.send(data)
                await asyncio.sleep(0)
        exchange.close()

    return answer


def with_length(body: bytes, length: object | None = None, status: int = 200, **headers: str) -> bytes:
    """A whole answer, whose Content-Length may lie."""
    return head(status, {"Content-Length": str(len(body) if length is None else length)} | named(headers)) + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", **headers: str) -> bytes:
    """A whole answer in chunks."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head(200, {"Transfer-Encoding": "chunked"} | named(headers)) + body + end


def named(headers: dict[str, str]) -> dict[str, str]:
    """Header names from keyword arguments."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
