"""A sandbox, and somebody who reads its pages without a browser."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple, TypeAlias

import aiohttp

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.rooms import Room

ADA = {"persona_id": "p1", "persona_name": "Ada", "default_replica_id": "r1"}


class Reply(NamedTuple):
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

    async def send(self, method: str, path: str, **options: Any) -> Reply:
        async with self.http.request(method, self.sandbox.url + path, **options) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, await response.text(), headers)

    async def get(self, path: str, **headers: str) -> Reply:
        return await self.send("GET", path, headers=headers)

    async def act(self, room: Room, action: str, **body: Any) -> Reply:
        return await self.send("POST", f"/c/{room.conversation_id}/{action}", json=body)

    def stored(self, room: Room) -> dict[str, Any]:
        """What the sandbox stores of the conversation of a room."""
        return dict(self.sandbox.stored(room.conversation_id, resource="conversations"))

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


Start: TypeAlias = Callable[[Sandbox], Awaitable[Reader]]
"""Starts a sandbox and gives a reader of its pages."""


@asynccontextmanager
async def readers() -> AsyncIterator[Start]:
    """What starts sandboxes, for the time of the block."""
    async with AsyncExitStack() as stack:

        async def start(sandbox: Sandbox) -> Reader:
            await stack.enter_async_context(sandbox)
            return Reader(await stack.enter_async_context(aiohttp.ClientSession()), sandbox)

        yield start


async def open_room(reader: Reader, **body: Any) -> Room:
    """Create a conversation over the API and give its room, which the persona has joined."""
    sandbox, known = reader.sandbox, set(reader.sandbox.conversation_ids)
    created = {"persona_id": "p1", "properties": {"participant_left_timeout": 60}, **body}
    answer = await reader.send("POST", "/v2/conversations", json=created, headers={"x-api-key": sandbox.api_key})
    assert answer.status == 200, answer.text
    (conversation_id,) = set(sandbox.conversation_ids) - known
    room = sandbox.rooms.get(conversation_id)
    assert room is not None
    sandbox.advance(1.0)
    return room
