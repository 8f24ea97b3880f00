"""The web apps, each on a sandbox of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tavus_async import AsyncSession
from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.examples.sites import SECRET, Serve, Site, Visit, aiohttp_app, fastapi_app
from tests.support.quick import quick_session


@pytest.fixture(params=[fastapi_app, aiohttp_app], ids=["fastapi_app", "aiohttp_app"])
def serve(request: pytest.FixtureRequest) -> Serve:
    """Serves one app or the other."""
    app: Serve = request.param
    return app


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Starts an app on a sandbox with these settings, and goes there."""

    @asynccontextmanager
    async def start(serve: Serve, **settings: Any) -> AsyncIterator[Site]:
        port = programs.free_port()
        async with Sandbox(personas=5, **settings) as sandbox:
            for name, value in programs.variables(sandbox, PORT=str(port), WEBHOOK_SECRET=SECRET).items():
                monkeypatch.setenv(name, value)
            async with serve(port), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
                site = Site(sandbox, http)
                await site.opens()
                yield site

    return start


@pytest.fixture
async def site(serve: Serve, visit: Visit) -> AsyncIterator[Site]:
    """One app or the other, on a quiet sandbox."""
    async with visit(serve) as site:
        yield site


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    """A session on the sandbox of the test."""
    async with quick_session(sandbox) as session:
        yield session


@pytest.fixture
async def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """The official client on the sandbox of the test."""
    client_module = programs.load("tavus_mcp.sdk.client.http", needs="tavus-cli")
    monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
    monkeypatch.setenv("TAVUS_PUBLIC_API_BASE_URL", f"{sandbox.url}/v2")
    async with client_module.TavusClient.from_env(surface="cli") as client:
        yield client
