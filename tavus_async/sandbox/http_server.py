"""The HTTP server under the sandbox: aiohttp's, but what is no HTTP is refused in the way of the API."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.delivery import deliver

__all__ = ["HttpServer"]

_NO_HTTP = error("Request is not valid HTTP")


class HttpServer(web.Server):
    """Makes a connection of ours for each client; *options* are those of `aiohttp.web.RequestHandler`."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], **options: Any) -> None:
        super().__init__(handler, handler_cancellation=True)
        self._options = options

    def __call__(self) -> web.RequestHandler:
        """Return what serves one connection."""
        return _Connection(self, loop=asyncio.get_running_loop(), **self._options)


class _Connection(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        # aiohttp would repeat what came, and log it with a traceback, as if the server were to blame.
        if status != HTTPStatus.BAD_REQUEST or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        response = deliver(_NO_HTTP)
        response.force_close()
        return response
