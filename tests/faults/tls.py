"""Servers behind TLS, with certificates of their own making, and a proxy that writes down all it sees."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from typing import Self

import trustme


class Authority:
    """A certificate authority, and what it certifies."""

    def __init__(self) -> None:
        self._ca = trustme.CA()

    def client(self) -> ssl.SSLContext:
        """A client's context that trusts this authority."""
        context = ssl.create_default_context()
        self._ca.configure_trust(context)
        return context

    def server(self, name: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for this name."""
        ended = datetime.now(UTC) - timedelta(days=1) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name, not_after=ended).configure_cert(context)
        return context


class Proxy:
    """An HTTP proxy that connects to wherever it is asked to, and writes down every byte from the client."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connected\r\n\r\n") -> None:
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self.seen = bytearray()
        self.connections = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
                await self._tunnel(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.seen += request
        writer.write(self._answer)
        if b" 200 " not in self._answer:
            await writer.drain()
            return
        host, _, port = request.split()[1].decode().rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        back = asyncio.create_task(pump(far_reader, writer))
        try:
            await pump(reader, far_writer, self.seen)
        finally:
            back.cancel()
            far_writer.transport.abort()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray | None = None) -> None:
    """Passes bytes on until there are no more."""
    while data := await reader.read(65536):
        if seen is not None:
            seen += data
        writer.write(data)
        await writer.drain()
