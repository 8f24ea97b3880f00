"""A sandbox, and a plain aiohttp client that talks to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import aiohttp
import pytest
from aiohttp import web

from tavus_async.sandbox import Sandbox


class Reply(NamedTuple):
    """One answer, read to its end."""

    status: int
    body: Any
    headers: dict[str, str]


class Client:
    """Sends requests with a key to one sandbox."""

    def __init__(self, http: aiohttp.ClientSession, sandbox: Sandbox) -> None:
        self.http = http
        self.sandbox = sandbox

    async def send(self, method: str, path: str, *, key: str | None = "", **options: Any) -> Reply:
        """Send one request; *path* begins after `/v2`, a *key* of None sends none."""
        headers = options.pop("headers", {})
        if key is not None:
            headers = {"x-api-key": key or self.sandbox.api_key} | headers
        url = self.sandbox.url + "/v2" + path
        async with self.http.request(method, url, headers=headers, **options) as response:
            text = await response.text()
            is_json = text and response.content_type == "application/json"
            body = await response.json() if is_json else text or None
            return Reply(response.status, body, {name.lower(): value for name, value in response.headers.items()})

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.send("GET", path, **options)

    async def post(self, path: str, json: object, **options: Any) -> Reply:
        return await self.send("POST", path, json=json, **options)

    async def patch(self, path: str, *operations: object, **options: Any) -> Reply:
        return await self.send("PATCH", path, json=list(operations), **options)

    async def delete(self, path: str) -> Reply:
        return await self.send("DELETE", path)


async def eventually(is_so: Callable[[], bool]) -> None:
    """Waits until *is_so*, and fails when that takes more than five seconds."""
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - nobody tells when a server notices something
            await asyncio.sleep(0.001)


@pytest.fixture(name="eventually")
def _eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    return eventually


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[Sandbox], Awaitable[Client]]]:
    """Starts a sandbox and gives a client for it; both are closed after the test."""
    async with AsyncExitStack() as stack:

        async def start(sandbox: Sandbox) -> Client:
            await stack.enter_async_context(sandbox)
            # As a person's own client would be, except that it forgets connections the server has reset.
            http = await stack.enter_async_context(aiohttp.ClientSession())
            return Client(http, sandbox)

        yield start


@pytest.fixture
async def client(connect: Callable[[Sandbox], Awaitable[Client]]) -> Client:
    """A client of a small quiet sandbox."""
    return await connect(Sandbox(personas=30))


class Receiver:
    """A server on loopback that keeps what is posted to it, and answers as *answer* does."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = self.accept

    @property
    def kinds(self) -> list[str]:
        """What kinds of events came, in order."""
        return [body["event_type"] for body in self.bodies]

    async def accept(self, request: web.Request) -> web.StreamResponse:
        return web.Response()

    async def receive(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        return await self.answer(request)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of callbacks."""
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/callback", receiver.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
        yield receiver
    finally:
        await runner.cleanup()
