"""Requests without a body, sent straight over aiohttp's connector.

`ClientSession.request` does for each request what an API call never needs: it merges headers, looks for cookies,
middlewares, redirects and credentials, and builds a request and a response object. Here the head is put together
once, and only its first line changes. Pool, TLS, parser and errors are aiohttp's.
"""

import inspect
from http import HTTPStatus
from typing import NamedTuple

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

from tavus_async._http.attempt import Attempt
from tavus_async._http.hidden import write_lines

# What is used of aiohttp's response parser. With an aiohttp that lacks one, every request goes by way of its session.
PARAMETERS = frozenset({"skip_payload", "read_until_eof", "auto_decompress", "read_timeout", "timeout_ceil_threshold"})


class Exchange(NamedTuple):
    """An answer whose head has come; its reader releases the connection after the body, or closes it."""

    connection: Connection
    head: RawResponseMessage
    content: StreamReader


class DirectSender:
    """Sends body-less requests to one origin."""

    def __init__(
        self, connector: aiohttp.BaseConnector, pattern: aiohttp.ClientRequest, timeout: aiohttp.ClientTimeout
    ) -> None:
        """Prepare to ask for connections, and to write headers, as for the request *pattern*."""
        self._connector = connector
        self._pattern = pattern
        self._timeout = timeout
        self._header_lines = write_lines(pattern.headers)

    @staticmethod
    def is_possible() -> bool:
        """Return whether this version of aiohttp has what is used here."""
        return inspect.signature(ResponseHandler.set_response_params).parameters.keys() >= PARAMETERS

    async def send(self, attempt: Attempt, target: str) -> Exchange:
        """Send an attempt, and return its answer once the head has come; raises aiohttp's own errors."""
        try:
            connection = await self._connector.connect(self._pattern, [], self._timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error
        try:
            await attempt.depart()
            protocol, transport = connection.protocol, connection.transport
            if protocol is None or transport is None:
                raise aiohttp.ServerDisconnectedError  # noqa: TRY301 (lost as it was handed out, or while it waited)
            protocol.set_response_params(
                skip_payload=False,
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=self._timeout.sock_read,
                timeout_ceil_threshold=self._timeout.ceil_threshold,
            )
            transport.write(f"{attempt.call.method} {target} HTTP/1.1\r\n{self._header_lines.reveal()}\r\n".encode())
            protocol.start_timeout()
            head, content = await protocol.read()
            while head.code < HTTPStatus.OK and head.code != HTTPStatus.SWITCHING_PROTOCOLS:
                head, content = await protocol.read()
        except BaseException:
            connection.close()
            raise
        return Exchange(connection, head, content)
