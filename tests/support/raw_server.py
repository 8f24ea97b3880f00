"""A server made of a bare socket, which answers with whatever bytes a test wants: right ones, wrong ones, none."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Self
from urllib.parse import unquote, urlsplit

import attrs

WARM_UP = "warm-up"
PERSONA = b'{"persona_id": "p1", "persona_name": "Ada"}'


@attrs.define(kw_only=True, eq=False)
class Exchange:
    """One request as it came, and the connection on which it is answered, or not."""

    method: str
    path: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes
    connection: int
    """Which connection it came on, counted from 1."""
    reader: asyncio.StreamReader = attrs.field(repr=False)
    writer: asyncio.StreamWriter = attrs.field(repr=False)

    async def reply(self, body: bytes = PERSONA, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Sends a whole answer; of the persona that *body* is by default, with the id that was asked for."""
        if body is PERSONA:
            asked = unquote(urlsplit(self.path).path.rpartition("/")[2])
            body = json.dumps(json.loads(PERSONA) | {"persona_id": asked}).encode()
        await self.send(head(status, {"Content-Length": str(len(body))} | dict(headers or {})) + body)

    async def send(self, data: bytes) -> None:
        """Sends these bytes; ConnectionResetError, whatever the loop would say, once the client has hung up."""
        if self.writer.is_closing():
            raise ConnectionResetError
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        """Closes the connection."""
        self.writer.close()

    def reset(self) -> None:
        """Cuts the connection with a RST."""
        connection = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def hang(self) -> None:
        """Stays silent until the client hangs up."""
        await self.reader.read()


Answer = Callable[[Exchange], Awaitable[object]]


class RawServer:
    """Listens on loopback; *answer* is called with each request, and the connection stays until it closes it.

    A request for the persona `warm-up` is answered well and not counted.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Condition()
        self.connections = 0
        self.requests: list[Exchange] = []

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def open_connections(self) -> int:
        """Connections that neither side has closed."""
        return len(self._writers)

    @property
    def tasks(self) -> "set[asyncio.Task[None]]":
        """The server's own tasks."""
        return set(self._tasks)

    async def received(self, count: int) -> None:
        """Waits until so many requests have come in all."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.requests) >= count)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1")
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        task = asyncio.create_task(self._serve(reader, writer, self.connections))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        try:
            while (exchange := await read_request(reader, writer, connection)) is not None:
                if exchange.path.endswith(WARM_UP):
                    await exchange.reply()
                    continue
                self.requests.append(exchange)
                async with self._changed:
                    self._changed.notify_all()
                await self._answer(exchange)
                if writer.is_closing():
                    return
        except ConnectionError:
            pass  # the client may hang up whenever it likes
        finally:
            self._writers.discard(writer)
            writer.close()


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> Exchange | None:
    """Reads one request to its end; None when the client has hung up."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    request_line, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, path, _version = request_line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Exchange(
        method=method, path=path, headers=headers, body=body, connection=connection, reader=reader, writer=writer
    )


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The bytes of a status line and headers."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def always(body: bytes = PERSONA, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer that is the same for every request."""

    async def answer(exchange: Exchange) -> None:
        await exchange.reply(body, status, headers)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """The first answer for the first request, the next for the next; the last for all that follow."""
    left = list(answers)

    async def answer(exchange: Exchange) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(exchange)

    return answer


def words(text: str) -> bytes:
    """An error's body in Tavus' manner."""
    return json.dumps({"message": text}).encode()


async def hang(exchange: Exchange) -> None:
    """The answer that never comes."""
    await exchange.hang()


async def reset(exchange: Exchange) -> None:
    """No answer: the connection is reset."""
    exchange.reset()


async def close(exchange: Exchange) -> None:
    """No answer: the connection is closed."""
    exchange.close()
