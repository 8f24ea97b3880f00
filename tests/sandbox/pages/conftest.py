"""A sandbox, and somebody who reads its pages without a browser."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import pytest

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.rooms import Room

ADA = {"persona_id": "p1", "persona_name": "Ada", "default_replica_id": "r1"}
JSON = {"Content-Type": "application/json"}


class Read(NamedTuple):
    """One answer, read to its end."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class ServerSent(NamedTuple):
    """One event of a stream."""

    event: str
    id: str | None
    data: Any


class Reader:
    """Asks for pages as a browser does, and for the API as an app does."""

    def __init__(self, http: aiohttp.ClientSession, sandbox: Sandbox) -> None:
        self.http = http
        self.sandbox = sandbox

    async def send(self, method: str, path: str, **options: Any) -> Read:
        async with self.http.request(method, self.sandbox.url + path, **options) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Read(response.status, await response.text(), headers)

    async def get(self, path: str, **headers: str) -> Read:
        return await self.send("GET", path, headers=headers)

    async def act(self, room: Room, action: str, **body: Any) -> Read:
        return await self.send("POST", f"/c/{room.conversation_id}/{action}", json=body)

    async def join(self, room: Room, name: str = "Robin", **body: Any) -> str:
        answer = await self.act(room, "join", name=name, **body)
        assert answer.status == 200, answer.text
        return str(answer.json["participant_id"])

    @asynccontextmanager
    async def events(
        self, room: Room, *, last_event_id: int | None = None, **query: str
    ) -> AsyncIterator[AsyncIterator[ServerSent]]:
        """The stream of a room while the block lasts."""
        headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
        url = f"{self.sandbox.url}/c/{room.conversation_id}/events"
        async with self.http.get(url, params=query, headers=headers) as response:
            assert response.status == 200, await response.text()
            assert response.content_type == "text/event-stream"
            yield read_events(response)

    async def all_events(self, room: Room, **options: Any) -> list[ServerSent]:
        """What the stream of a room sends until it is at its end."""
        async with self.events(room, **options) as events:
            return [event async for event in events]


async def read_events(response: aiohttp.ClientResponse) -> AsyncIterator[ServerSent]:
    fields: dict[str, str] = {}
    async for line in response.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            yield ServerSent(fields.get("event", "message"), fields.get("id"), json.loads(fields["data"]))
            fields = {}


@pytest.fixture
async def read() -> AsyncIterator[Callable[[Sandbox], Awaitable[Reader]]]:
    """Starts a sandbox and gives a reader of its pages; both are closed after the test."""
    started: list[tuple[Sandbox, aiohttp.ClientSession]] = []

    async def start(sandbox: Sandbox) -> Reader:
        await sandbox.start()
        http = aiohttp.ClientSession()
        started.append((sandbox, http))
        return Reader(http, sandbox)

    yield start
    for sandbox, http in started:
        await http.close()
        await sandbox.aclose()


@pytest.fixture
async def reader(read: Callable[[Sandbox], Awaitable[Reader]]) -> Reader:
    """A reader of a small sandbox with one persona."""
    return await read(Sandbox(personas=[ADA]))


@pytest.fixture
def open_room() -> Callable[..., Awaitable[Room]]:
    """Creates a conversation over the API and gives its room, which the persona has joined."""

    async def open_room(reader: Reader, **body: Any) -> Room:
        sandbox, known = reader.sandbox, set(reader.sandbox.conversation_ids)
        created = {"persona_id": "p1", "properties": {"participant_left_timeout": 60}, **body}
        answer = await reader.send("POST", "/v2/conversations", json=created, headers={"x-api-key": sandbox.api_key})
        assert answer.status == 200, answer.text
        (conversation_id,) = set(sandbox.conversation_ids) - known
        room = sandbox.rooms.get(conversation_id)
        assert room is not None
        sandbox.advance(1.0)
        return room

    return open_room
