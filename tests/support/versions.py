"""A persona that changes with every read, so that a test sees which read an answer is of."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

from tavus_async import AsyncSession, Call
from tests.support.raw_server import Exchange


class Versions:
    """A server whose persona changes its name with every GET, and answers when *go* is set."""

    def __init__(self) -> None:
        self.version = 0
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, exchange: Exchange) -> None:
        if exchange.method == "GET":
            self.version += 1
        name = f"version {self.version}"
        await self.go.wait()
        await exchange.reply(json.dumps({"persona_id": "p1", "persona_name": name}).encode())


def change(persona_id: str = "p1") -> Call[bytes]:
    """A write to this persona."""
    path = f"/v2/personas/{persona_id}"
    return Call(method="PATCH", path=path, decode=bytes, body=b"[]", changes=path)


async def name(session: AsyncSession, persona_id: str = "p1", **settings: Any) -> str | None:
    return (await session.get_persona(persona_id, **settings)).persona_name


def start(*calls: Awaitable[Any]) -> list[asyncio.Future[Any]]:
    return [asyncio.ensure_future(call) for call in calls]
