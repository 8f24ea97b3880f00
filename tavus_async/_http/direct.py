"""Requests without a body, sent straight over aiohttp's connector.

`ClientSession.request` does for each request what an API call never needs: it merges headers, looks for cookies,
middlewares, redirects and credentials, and builds a request and a response object. Here the head is put together
once, and only its first line changes. Pool, TLS, parser and errors are aiohttp's.
"""

import asyncio
import inspect
from typing import NamedTuple

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

SWITCHING_PROTOCOLS = 101
FIRST_FINAL_STATUS = 200

# What is used of aiohttp's response parser; where an aiohttp lacks one, every request takes the usual way.
PARAMETERS = frozenset({"skip_payload", "read_until_eof", "auto_decompress", "read_timeout", "timeout_ceil_threshold"})


class HiddenBytes(bytes):
    """Bytes that are never shown: the API key is among them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'***'"

    __str__ = __repr__


class Exchange(NamedTuple):
    """An answer whose head has come; its connection is to be released after the body, or closed."""

    connection: Connection
    head: RawResponseMessage
    content: StreamReader


class DirectSender:
    """Sends body-less requests to one origin."""

    def __init__(
        self, connector: aiohttp.BaseConnector, pattern: aiohttp.ClientRequest, timeout: aiohttp.ClientTimeout
    ) -> None:
        """Make one that asks for connections, and writes headers, as for the request *pattern*."""
        self._connector = connector
        self._pattern = pattern
        self._timeout = timeout
        lines = "".join(f"{name}: {value}\r\n" for name, value in pattern.headers.items())
        self._after_target = HiddenBytes(f" HTTP/1.1\r\n{lines}\r\n".encode())

    @staticmethod
    def is_possible() -> bool:
        """Tell whether this version of aiohttp has what is used here."""
        return inspect.signature(ResponseHandler.set_response_params).parameters.keys() >= PARAMETERS

    async def send(self, method: str, target: str) -> Exchange:
        """Send a request, and return when the head of its answer has come; raises what aiohttp raises."""
        try:
            connection = await self._connector.connect(self._pattern, [], self._timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error
        try:
            protocol, transport = check_open(connection)
            protocol.set_response_params(
                skip_payload=False,
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=self._timeout.sock_read,
                timeout_ceil_threshold=self._timeout.ceil_threshold,
            )
            transport.write(f"{method} {target}".encode("ascii") + self._after_target)
            protocol.start_timeout()
            head, content = await protocol.read()
            while head.code < FIRST_FINAL_STATUS and head.code != SWITCHING_PROTOCOLS:
                head, content = await protocol.read()
        except BaseException:
            connection.close()
            raise
        return Exchange(connection, head, content)


def check_open(connection: Connection) -> tuple[ResponseHandler, asyncio.Transport]:
    """Take a connection that has not been lost meanwhile."""
    if connection.protocol is None or connection.transport is None:
        raise aiohttp.ServerDisconnectedError
    return connection.protocol, connection.transport
