"""The servers in which a receiver is reached, each real and on a socket of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import pytest
import uvicorn
from aiohttp import web
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from tavus_async.webhooks import Receiver

PATH = "/hooks/tavus"


@attrs.frozen
class Served:
    """A receiver that is being served."""

    port: int
    path: str = PATH

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


Serve = Callable[[Receiver], AbstractAsyncContextManager[Served]]


@asynccontextmanager
async def serve_aiohttp(receiver: Receiver) -> AsyncIterator[Served]:
    app = web.Application()
    app.add_routes(receiver.routes(PATH))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield Served(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serve_uvicorn(app: Any, path: str = PATH) -> AsyncIterator[Served]:
    config = uvicorn.Config(app, log_level="critical", access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1_000)
        # Not `serve()`, which would take the signals that are meant for the tests.
        await server.startup([listener])
        try:
            yield Served(listener.getsockname()[1], path)
        finally:
            await shut_down(server)


async def shut_down(server: uvicorn.Server) -> None:
    """Does what `server.shutdown()` does, which looks but every tenth of a second whether all has come to its end."""
    for each in server.servers:
        each.close()
    state = server.server_state
    for connection in tuple(state.connections):
        connection.shutdown()
    try:
        async with asyncio.timeout(1):
            while state.connections or state.tasks:  # noqa: ASYNC110 - it has no event for that
                await asyncio.sleep(0.001)
            for each in server.servers:
                await each.wait_closed()
    except TimeoutError:
        for task in state.tasks:
            task.cancel()
    await server.lifespan.shutdown()


def serve_fastapi(receiver: Receiver) -> AbstractAsyncContextManager[Served]:
    app = FastAPI()
    app.add_route(PATH, receiver.asgi)  # type: ignore[arg-type]
    return serve_uvicorn(app)


def serve_starlette(receiver: Receiver) -> AbstractAsyncContextManager[Served]:
    """Mounted: a mount answers its own path with a redirect, and what is below it is the app's."""
    return serve_uvicorn(Starlette(routes=[Mount(PATH, receiver.asgi)]), f"{PATH}/")


def serve_alone(receiver: Receiver) -> AbstractAsyncContextManager[Served]:
    """With no framework at all: the receiver is the app."""
    return serve_uvicorn(receiver.asgi)


SERVERS: dict[str, Serve] = {
    "aiohttp": serve_aiohttp,
    "fastapi": serve_fastapi,
    "starlette": serve_starlette,
}


@pytest.fixture(params=SERVERS)
def serve(request: pytest.FixtureRequest) -> Serve:
    return SERVERS[request.param]


@attrs.define
class Handled:
    """A handler that notes which events it has been given and has come to the end with."""

    begun: list[str] = attrs.field(factory=list)
    ended: list[str] = attrs.field(factory=list)
    act: Callable[[Any], Awaitable[object]] | None = None

    async def __call__(self, event: Any) -> None:
        self.begun.append(event.identity)
        if self.act is not None:
            await self.act(event)
        self.ended.append(event.identity)
