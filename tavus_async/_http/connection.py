"""Connections: how they are opened, and when one must not be used again."""

import asyncio
import select
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.streams import StreamReader

from tavus_async._settings.connections import Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.tracing import Trace

# Bytes that may come before the head of an answer is over: a thousand interim answers, and headers as large as
# aiohttp takes them. More would keep the parser busy, and so the event loop.
LONGEST_HEAD = 64 * 2**10
# Bytes that asyncio reads from a socket at once. Its own 256 KiB, in chunks of one byte, take 50 ms to parse.
LARGEST_READ = 64 * 2**10


class Connection(ResponseHandler):
    """A connection that closes when the server sends on it what nobody has asked for.

    Otherwise the next call on it would take that for its own answer (an HTTP desync).
    """

    _has_answer = False
    _room = LONGEST_HEAD
    _look: "Callable[[int], list[tuple[int, int]]] | None" = None
    """Tells whether bytes wait in the socket, which the event loop has had no time yet to receive."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; bytes are read in pieces that are parsed quickly, so that other tasks get their turn."""
        super().connection_made(transport)
        if hasattr(transport, "max_size"):
            transport.max_size = LARGEST_READ  # pyright: ignore[reportAttributeAccessIssue]
        connection = transport.get_extra_info("socket")
        if connection is not None and hasattr(select, "poll"):
            waiting = select.poll()
            waiting.register(connection.fileno(), select.POLLIN)
            self._look = waiting.poll

    def connection_lost(self, exc: BaseException | None) -> None:
        """End, without the reason: the oldest aiohttp would put it where asyncio logs it as never retrieved."""
        closed: asyncio.Future[None] | None = vars(self).get("closed")
        if closed is not None and not closed.done():
            closed.set_result(None)
        super().connection_lost(exc)

    def set_response_params(self, **parameters: Any) -> None:
        """Prepare for the answer to the next request."""
        super().set_response_params(**parameters)
        self._has_answer = False
        self._room = LONGEST_HEAD

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Receive the head of an answer, or of one of the interim answers (1xx) before it."""
        super().feed_data(data, size)
        self._has_answer = data[0].code >= HTTPStatus.OK

    def data_received(self, data: bytes) -> None:
        """Receive bytes, or close where the last answer is over and the next not asked for."""
        if not self._has_answer:
            self._receive_head(data)
        elif data and (self._payload is None or self._payload.is_eof()):
            self.close()
        else:
            super().data_received(data)

    def _receive_head(self, data: bytes) -> None:
        within, beyond = data[: self._room], data[self._room :]
        self._room -= len(within)
        super().data_received(within)
        if self._has_answer:
            if beyond:
                self.data_received(beyond)
        elif not self._room:
            self.close()
            self.set_exception(BadHttpMessage("the head of the answer does not end"))

    def is_connected(self) -> bool:
        """Return whether the connection can be used: it is open, and nothing has come on it that nobody asked for."""
        return super().is_connected() and not self.should_close and not (self._look is not None and self._look(0))


class Connector(aiohttp.TCPConnector):
    """A connection pool that tells when a task opens a connection."""

    def __init__(self, *, on_connect: "Callable[[], None]", **settings: Any) -> None:
        super().__init__(**settings)  # pyright: ignore[reportUnknownMemberType]
        self._on_connect = on_connect

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: "list[Trace]", timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        self._on_connect()
        return await super()._create_connection(req, traces, timeout)


def open_connector(pool: Pool, *, keep: bool, on_connect: "Callable[[], None]") -> aiohttp.TCPConnector:
    """Open a connection pool.

    *keep* is whether its connections are used more than once; *on_connect* is called by the task for whose attempt one
    is opened.
    """
    connector = Connector(
        on_connect=on_connect,
        limit=pool.connections,
        use_dns_cache=pool.dns_ttl > 0,
        ttl_dns_cache=max(1, round(pool.dns_ttl)),
        ssl=pool.ssl if pool.ssl is not None else True,
        keepalive_timeout=pool.keepalive if keep else None,
        force_close=not keep,
    )
    make = cast("partial[ResponseHandler]", partial(Connection, loop=asyncio.get_running_loop()))
    connector._factory = make  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return connector
