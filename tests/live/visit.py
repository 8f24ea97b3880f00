"""Asking Tavus something, and hearing what came: through the session, but down to the status and the headers."""

import json
import secrets
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Literal

import aiohttp
import attrs

from tavus_async import ApiError, AsyncSession, Call, Conversation, DecodeError, Persona, TavusError
from tavus_async.models import Document, Replica, Video, Voice

Outcome = Literal["confirmed", "different", "could not tell"]

LONGEST = 100


@attrs.frozen
class Verdict:
    """What became of one assumption; *words* tell what came, never a value of a persona or a conversation."""

    outcome: Outcome
    words: str = ""


CONFIRMED = Verdict("confirmed")


def different(words: str) -> Verdict:
    return Verdict("different", words)


def unknown(words: str) -> Verdict:
    return Verdict("could not tell", words)


def verdict(is_so: bool, words: str) -> Verdict:
    return CONFIRMED if is_so else different(words)


@attrs.frozen
class Answer:
    """An answer as it came: its status, and its body as JSON values."""

    status: int
    body: Any

    @property
    def fields(self) -> dict[str, Any]:
        """The body, where it is an object."""
        return self.body if isinstance(self.body, dict) else {}

    def __str__(self) -> str:
        """The status, and the server's words where it refuses, else the names of what it sent."""
        if isinstance(self.body, dict):
            told = self.body if self.status >= 400 else sorted(self.body)
            return f"{self.status} {shorten(json.dumps(told))}"
        kind = {list: "a list", str: "text", type(None): "no body"}.get(type(self.body), "a plain value")
        return f"{self.status} with {kind}"


@attrs.define
class Ear:
    """Hears the status and the headers of every answer."""

    statuses: list[int] = attrs.field(factory=list)
    headers: list[Mapping[str, str]] = attrs.field(factory=list)

    def trace(self) -> aiohttp.TraceConfig:
        async def hear(_http: object, _context: object, end: aiohttp.TraceRequestEndParams) -> None:
            self.statuses.append(end.response.status)
            self.headers.append(dict(end.response.headers))

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(hear)
        return trace


@attrs.define
class Visit:
    """One session with Tavus, and what its checks have found and left there so far."""

    session: AsyncSession
    ear: Ear
    personas: list[Persona] = attrs.field(factory=list)
    """The first page of what the account sees."""
    throw_away_name: str = attrs.field(factory=lambda: f"tavus_async check {secrets.token_hex(4)}")
    throw_away: str = ""
    """The id of the persona that was created for this visit."""
    personas_created: list[str] = attrs.field(factory=list)
    """The ids of all personas that this visit created and has not deleted."""
    conversations: list[Conversation] = attrs.field(factory=list)
    """The first page of the account's conversations."""
    told: list[Conversation] = attrs.field(factory=list)
    """Some of them with their events."""
    conversation: str = ""
    """The id of the conversation that was created for this visit, in test mode."""
    conversations_created: list[str] = attrs.field(factory=list)
    """The ids of all conversations that this visit created and has not deleted."""
    replicas: list[Replica] = attrs.field(factory=list)
    """The first page of those that the account sees."""
    voices: list[Voice] = attrs.field(factory=list)
    """The same of voices."""
    videos: list[Video] = attrs.field(factory=list)
    """The first page of the account's videos."""
    tool: str = ""
    """The id of the tool that was created for this visit."""
    tools_created: list[str] = attrs.field(factory=list)
    """The ids of all tools that this visit created and has not deleted."""
    deployment: str = ""
    """The id of the deployment that was created for this visit, which nobody can visit."""
    deployments_created: list[str] = attrs.field(factory=list)
    """The ids of all deployments that this visit created and has not deleted."""

    documents: list[Document] = attrs.field(factory=list)
    """The first page of the account's documents."""
    memory_store: str = ""
    """The id of the memory store that was created for this visit, of a participant that does not exist."""
    memory_stores_created: list[str] = attrs.field(factory=list)
    """The ids of all memory stores that this visit created and has not deleted."""

    made: dict[str, str] = attrs.field(factory=dict)
    """Of resources that need no more than this: the id of what was created for this visit, by the path of the list."""
    left: list[str] = attrs.field(factory=list)
    """The paths of all of those that this visit created and has not deleted."""

    async def make(self, path: str, body: Any, id_name: str) -> "Answer":
        """Create something to be thrown away, and remember it."""
        answer = await self.ask("POST", path, body=body)
        created = answer.fields.get(id_name)
        if answer.status < 300 and isinstance(created, str):
            self.made[path] = created
            self.left.append(f"{path}/{created}")
        return answer

    async def unmake(self, path: str) -> "Answer":
        """Throw away what `make` has created last at this path."""
        item = f"{path}/{self.made[path]}"
        answer = await self.ask("DELETE", item)
        if answer.status < 300:
            self.left.remove(item)
        return answer

    async def ask(self, method: str, path: str, *, body: Any = None, query: tuple[tuple[str, str], ...] = ()) -> Answer:
        """Send one request as it is, without the session's own rules for bodies."""
        call: Call[Any] = Call(
            method=method,
            path=path,
            query=query,
            body=None if body is None else json.dumps(body).encode(),
            decode=read,
            unchanged=NO_BODY,
            repeatable=method in {"GET", "DELETE"},
        )
        try:
            value = await self.session.send(call)
        except ApiError as error:
            return Answer(error.status, error.body)
        return Answer(self.ear.statuses[-1], None if value is NO_BODY else value)

    def note_tool(self, answer: Answer) -> str:
        """Remember the tool that an answer tells of, and return its id; "" where it tells of none."""
        return note(answer, "tool_id", self.tools_created)

    def note_deployment(self, answer: Answer) -> str:
        """The same of a deployment."""
        return note(answer, "deployment_id", self.deployments_created)

    def note_memory_store(self, answer: Answer) -> str:
        """The same of a memory store."""
        return note(answer, "memory_store_id", self.memory_stores_created)

    async def get(self, path: str, **query: str) -> Answer:
        return await self.ask("GET", path, query=tuple(query.items()))


def note(answer: Answer, name: str, created: list[str]) -> str:
    """Add what was created to a list of such ids, and return the id."""
    found = answer.fields.get(name) if 200 <= answer.status < 300 else None
    if not isinstance(found, str) or not found:
        return ""
    created.append(found)
    return found


NO_BODY = SimpleNamespace()


def read(body: bytes) -> Any:
    try:
        return json.loads(body) if body.strip() else None
    except ValueError:
        raise DecodeError(path="$", expected="JSON", got="something else") from None


def reason(error: TavusError) -> str:
    return shorten(str(error))


def shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
