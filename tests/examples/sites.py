"""The web apps of the examples, served over real sockets in this process, and somebody who goes there."""

import asyncio
import importlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import aiohttp
import attrs
from aiohttp import web

from tavus_async.sandbox import Sandbox
from tests.examples import programs

SECRET = "a-webhook-secret-of-the-tests"


@attrs.frozen
class Steps:
    """Server-sent events, as they come."""

    lines: aiohttp.StreamReader

    async def next(self) -> dict[str, Any] | None:
        """Return the next one; None when the answer has ended."""
        async with asyncio.timeout(20):
            async for line in self.lines:
                if line.startswith(b"data: "):
                    step: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
                    return step
        return None

    async def rest(self) -> list[str]:
        """Return the names of all that still come."""
        names: list[str] = []
        while step := await self.next():
            names.append(step["step"])
        return names


@attrs.frozen
class Site:
    """An app that runs on a sandbox, and a browser that is at it."""

    sandbox: Sandbox
    http: aiohttp.ClientSession

    async def post(self, path: str) -> tuple[int, Any]:
        async with self.http.post(path) as answer:
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def open(self) -> str:
        """Open a call and return its id."""
        status, body = await self.post("/conversations")
        assert status == 201, body
        conversation_id: str = body["conversation_id"]
        return conversation_id

    @asynccontextmanager
    async def steps(self, path: str) -> AsyncIterator[Steps]:
        async with self.http.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "text/event-stream")
            yield Steps(answer.content)

    async def opens(self) -> None:
        """Wait until the app answers."""
        async with asyncio.timeout(30):
            while True:
                try:
                    async with self.http.get("/") as answer:
                        assert "<h1>" in await answer.text()
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.01)


Serve = Callable[[int], AbstractAsyncContextManager[None]]
Visit = Callable[..., AbstractAsyncContextManager[Site]]


@asynccontextmanager
async def fastapi_app(port: int) -> AsyncIterator[None]:
    """Serve the app in FastAPI by uvicorn, in this process."""
    uvicorn = programs.load("uvicorn", needs="uvicorn")
    module = importlib.reload(programs.load("examples.fastapi_app", needs="fastapi"))
    server = module.Server(uvicorn.Config(module.app, port=port, log_config=None))
    server.capture_signals = nullcontext  # they are pytest's
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def aiohttp_app(port: int) -> AsyncIterator[None]:
    """Serve the app in aiohttp.web, in this process."""
    module = programs.load("examples.aiohttp_app", needs="aiohttp")
    runner = web.AppRunner(module.make_app(module.Settings.from_environment()), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()
