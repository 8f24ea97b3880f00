"""A client for apps of the kind that FastAPI makes, as the ASGI specification has it: no server, no socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import attrs

App = Callable[..., Any]


@attrs.frozen
class AsgiAnswer:
    """What an app answered."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@asynccontextmanager
async def started(app: App) -> AsyncIterator[None]:
    """Starts an app, and stops it in the end; fails where the app says that it could not."""
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, received.get, sent.put))

    async def tell(event: str) -> None:
        await received.put({"type": f"lifespan.{event}"})
        told = await sent.get()
        assert told["type"] == f"lifespan.{event}.complete", told

    try:
        await tell("startup")
        yield
        await tell("shutdown")
        await life
    finally:
        life.cancel()


async def get(app: App, path: str) -> AsgiAnswer:
    """Asks an app for a path, which is quoted here."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    told: list[dict[str, Any]] = []
    request = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(request, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    await app(scope, receive, send)
    return AsgiAnswer(told[0]["status"], b"".join(message.get("body", b"") for message in told[1:]))
