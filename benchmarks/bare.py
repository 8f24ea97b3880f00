"""What the loop can do: a protocol that writes a request, waits for the body and parses it, and nothing besides."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import jiter

from benchmarks.figures import Call

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Exchange(asyncio.Protocol):
    """One connection with one request at a time, whose answers are 200s with a length."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.body: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, to write to it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (for the type checker)
        self.transport = transport

    def send(self, request: bytes) -> asyncio.Future[bytes]:
        """Write a request; the future gets the body of its answer."""
        self.body = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.body

    def data_received(self, data: bytes) -> None:
        """Hand over the body as soon as all of it is there."""
        self.received += data
        head = self.received.find(HEAD_END)
        if head < 0:
            return
        start = head + len(HEAD_END)
        length = self.received.lower().index(LENGTH, 0, start) + len(LENGTH)
        end = start + int(self.received[length : self.received.index(b"\r\n", length)])
        if len(self.received) >= end and self.body is not None:
            self.body.set_result(bytes(self.received[start:end]))
            del self.received[:end]


@contextlib.asynccontextmanager
async def bare(url: str, key: str) -> AsyncIterator[Call]:
    """Give a call that takes an idle connection, or makes one: no limits, no timeouts, no errors, no records."""
    parts = urlsplit(url)
    everyone: list[Exchange] = []
    idle: list[Exchange] = []

    async def get(persona_id: str) -> Any:
        if idle:
            exchange = idle.pop()
        else:
            loop = asyncio.get_running_loop()
            _, exchange = await loop.create_connection(Exchange, parts.hostname or "", parts.port or 80)
            everyone.append(exchange)
        request = f"GET /v2/personas/{persona_id} HTTP/1.1\r\nHost: {parts.netloc}\r\nx-api-key: {key}\r\n\r\n"
        body = await exchange.send(request.encode())
        idle.append(exchange)
        return jiter.from_json(body)

    yield get
    for exchange in everyone:
        exchange.transport.close()
