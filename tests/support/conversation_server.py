"""A server that counts conversations, and loses what a test tells it to lose at any point of a create or an end."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import attrs

from tests.support.raw_server import Exchange, RawServer, close, hang, head, reset, words

# What becomes of a request: the answer to it, given the right one.
Loss = Callable[[Exchange, bytes], Awaitable[object]]


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong with one request."""

    name: str
    loss: Loss
    acts: bool
    """Whether the server does what it was asked to, before its answer goes wrong."""


def lost(name: str, answer: Callable[[Exchange], Awaitable[object]], *, acts: bool) -> Fault:
    async def loss(exchange: Exchange, _body: bytes) -> None:
        await answer(exchange)

    return Fault(name=name, loss=loss, acts=acts)


def status(code: int, *, acts: bool, text: str = "no", **headers: str) -> Fault:
    async def loss(exchange: Exchange, _body: bytes) -> None:
        await exchange.reply(words(text), code, {name.replace("_", "-"): value for name, value in headers.items()})

    return Fault(name=f"{code} {'after' if acts else 'before'} the work", loss=loss, acts=acts)


async def half(exchange: Exchange, body: bytes) -> None:
    await exchange.send(head(200, {"Content-Length": str(len(body) + 10)}) + body)
    exchange.close()


async def garbled(exchange: Exchange, _body: bytes) -> None:
    await exchange.reply(b"<html>fine</html>")


AFTER = [
    lost("reset after the work", reset, acts=True),
    lost("closed after the work", close, acts=True),
    lost("silence after the work", hang, acts=True),
    Fault(name="half an answer", loss=half, acts=True),
    Fault(name="an answer that is no JSON", loss=garbled, acts=True),
    status(500, acts=True),
    status(502, acts=True),
    status(504, acts=True),
    status(524, acts=True),
]
BEFORE = [
    lost("reset before the work", reset, acts=False),
    lost("closed before the work", close, acts=False),
    lost("silence before the work", hang, acts=False),
    status(500, acts=False),
    status(503, acts=False, Retry_After="0"),
    status(429, acts=False, Retry_After="0"),
    status(504, acts=False),
]
FAULTS = [*AFTER, *BEFORE]


class ConversationServer:
    """Creates, lists and ends conversations, one fault after the other; at most *limit* at once."""

    def __init__(self, *, limit: int | None = None) -> None:
        self._raw = RawServer(self._answer)
        self._limit = limit
        self.faults: dict[str, Callable[[], Fault | None]] = {}
        """For "create", "end" and "list": what goes wrong with the next one."""
        self.hold: Callable[[str], Awaitable[object]] | None = None
        """Is awaited before the work of each request, with what it is."""
        self.notice: Callable[[str, Exchange], object] | None = None
        """Is told of each request, with what it is."""
        self.created: dict[str, dict[str, Any]] = {}
        self.ended: set[str] = set()
        self.names: Counter[str | None] = Counter()
        self.seen: Counter[str] = Counter()
        self.bodies: list[Any] = []

    @property
    def url(self) -> str:
        return self._raw.url

    @property
    def running(self) -> set[str]:
        """The conversations that nobody has ended."""
        return {each for each in self.created if each not in self.ended}

    async def __aenter__(self) -> Self:
        await self._raw.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._raw.__aexit__(*error)

    def go_wrong(self, point: str, *faults: Fault) -> None:
        """Does this to the next requests of this kind, one after the other."""
        left = list(faults)
        self.faults[point] = lambda: left.pop(0) if left else None

    async def _answer(self, exchange: Exchange) -> None:
        point = point_of(exchange)
        self.seen[point] += 1
        if self.notice is not None:
            self.notice(point, exchange)
        if self.hold is not None:
            await self.hold(point)
        fault = self.faults.get(point, lambda: None)()
        if fault is not None and not fault.acts:
            await fault.loss(exchange, b"")
            return
        code, body = self._act(point, exchange)
        if fault is not None:
            await fault.loss(exchange, json.dumps(body).encode())
        else:
            await exchange.reply(json.dumps(body).encode(), code)

    def _act(self, point: str, exchange: Exchange) -> tuple[int, Any]:
        if point == "create":
            return self._create(json.loads(exchange.body))
        if point == "list":
            return self._list(exchange.path)
        conversation_id = exchange.path.split("/")[3].partition("?")[0]
        if conversation_id not in self.created or (point == "end" and conversation_id in self.ended):
            return 400, {"error": "Invalid conversation_id"}
        if point == "end":
            self.ended.add(conversation_id)
            return 200, {}
        return 200, self._shown(conversation_id)

    def _create(self, draft: dict[str, Any]) -> tuple[int, Any]:
        self.bodies.append(draft)
        if self._limit is not None and len(self.running) >= self._limit:
            return 400, {"message": "User has reached maximum concurrent conversations"}
        conversation_id = f"c{len(self.created)}"
        self.created[conversation_id] = draft | {"created_at": datetime.now(UTC).isoformat()}
        self.names[draft.get("conversation_name")] += 1
        return 200, self._shown(conversation_id)

    def _list(self, path: str) -> tuple[int, Any]:
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        wanted = [each for each in self.created if query.get("status") != "active" or each not in self.ended]
        page, limit = int(query.get("page", "1")), int(query.get("limit", "10"))
        shown = [self._shown(each) for each in wanted[(page - 1) * limit : page * limit]]
        return 200, {"data": shown, "total_count": len(wanted)}

    def _shown(self, conversation_id: str) -> dict[str, Any]:
        kept = ("conversation_name", "persona_id", "replica_id", "created_at")
        draft = {name: value for name, value in self.created[conversation_id].items() if name in kept}
        state = "ended" if conversation_id in self.ended or self.created[conversation_id].get("test_mode") else "active"
        return {"conversation_id": conversation_id, "status": state, **draft}


def point_of(exchange: Exchange) -> str:
    """What a request is: "create", "list", "end", or else its method."""
    path = urlsplit(exchange.path).path
    if path.endswith("/end"):
        return "end"
    return {"POST": "create", "GET": "list"}[exchange.method] if path == "/v2/conversations" else exchange.method


async def forever() -> None:
    """Waits until it is cancelled."""
    await asyncio.get_running_loop().create_future()
