"""aiohttp's requests, which wait until their attempt may be sent, and are sent once.

A request with a body is written by a task of its own, the head with the body: on Python 3.11 in the event loop's next
round, which comes late while many others do their TLS handshakes. What waited before, in `send`, would be counted then
as it leaves one by one, and leave together. So it waits where it is written.
"""

from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from tavus_async._http.attempt import Attempt
from tavus_async._http.failures import translate
from tavus_async._settings.config import Config


class GatedRequest(aiohttp.ClientRequest):
    """A request of an attempt; it has a connection when it is told to be sent."""

    attempt: Attempt | None = None

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it, as soon as the attempt may be sent."""
        if self.attempt is not None and not self.body:
            await self.attempt.depart()
        return await super().send(conn)

    async def write_bytes(self, *args: Any, **kwargs: Any) -> None:
        """Write head and body, as soon as the attempt may be sent."""
        if self.attempt is not None:
            await self.attempt.depart()
        await super().write_bytes(*args, **kwargs)


class KnownConnections:
    """The connections of somebody else's pool over which a session has sent; it does not keep them."""

    def __init__(self) -> None:
        self._protocols: WeakSet[ResponseHandler] = WeakSet()

    def add(self, connection: Connection) -> bool:
        """Remember a connection; return whether it is new."""
        protocol = connection.protocol
        if protocol is None or protocol in self._protocols:
            return False
        self._protocols.add(protocol)
        return True


class SendOnce:
    """A middleware for the session of somebody else, which would repeat a GET by itself when a connection drops."""

    def __init__(self, attempt: Attempt, config: Config, known: KnownConnections) -> None:
        self._attempt = attempt
        self._config = config
        self._known = known

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send the request; a connection that is lost raises an error of ours, which aiohttp lets pass."""
        send, write_bytes, attempt = request.send, request.write_bytes, self._attempt

        async def depart_and_send(conn: Connection) -> aiohttp.ClientResponse:
            attempt.is_kept = self._known.add(conn)
            if not request.body:
                await attempt.depart()
            return await send(conn)

        async def depart_and_write(*args: Any, **kwargs: Any) -> None:
            await attempt.depart()
            await write_bytes(*args, **kwargs)

        # Whether it is given a kept connection or opens one, the pool of somebody else does not tell before.
        attempt.connect()
        vars(request).update(send=depart_and_send, write_bytes=depart_and_write)
        try:
            return await handler(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            failure = translate(error, self._config)
        raise failure
