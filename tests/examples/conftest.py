"""The web apps, each on a sandbox of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.examples.sites import SECRET, Serve, Site, Visit, aiohttp_app, fastapi_app


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
