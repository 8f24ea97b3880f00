"""aiohttp's requests, which wait until their attempt may be sent, and are sent once."""

import aiohttp
from aiohttp.connector import Connection

from tavus_async._http.attempt import Attempt
from tavus_async._http.failures import translate
from tavus_async._settings.config import Config


class GatedRequest(aiohttp.ClientRequest):
    """A request of an attempt; it has a connection when it is told to be sent."""

    attempt: Attempt | None = None

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it, as soon as the attempt may be sent."""
        if self.attempt is not None:
            await self.attempt.depart()
        return await super().send(conn)


class SendOnce:
    """A middleware for the session of somebody else, which would repeat a GET by itself when a connection drops."""

    def __init__(self, attempt: Attempt, config: Config) -> None:
        self._attempt = attempt
        self._config = config

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send the request; a connection that is lost raises an error of ours, which aiohttp lets pass."""
        send, attempt = request.send, self._attempt

        async def depart_and_send(conn: Connection) -> aiohttp.ClientResponse:
            await attempt.depart()
            return await send(conn)

        # Whether it is given a kept connection or opens one, the pool of somebody else does not tell.
        attempt.connect(is_kept=False)
        vars(request)["send"] = depart_and_send
        try:
            return await handler(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            failure = translate(error, self._config)
        raise failure
