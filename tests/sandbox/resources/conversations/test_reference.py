"""Requests that real programs send are taken, as far as they are known."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.json import load

Connect = Callable[[Sandbox], Awaitable[Any]]
REQUESTS = ("create_request", "docs_example")


def bodies(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    """The bodies of these kinds in a folder of the reference, by any name that conversations have for personas."""
    found: list[Any] = [load(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    return [each["body"] for each in found if each["kind"] in kinds]


def is_create(body: dict[str, Any]) -> bool:
    return bool({"persona_id", "pal_id"} & set(body)) and "conversation_id" not in body


async def test_all_known_creates_are_taken(connect: Connect, shared_reference: Path) -> None:
    creates = [each for each in bodies(shared_reference / "bodies" / "conversations", *REQUESTS) if is_create(each)]
    ids = {body.get("persona_id") or body["pal_id"] for body in creates}
    personas = [{"persona_id": name, "system_prompt": "x", "default_replica_id": "r1"} for name in ids]
    client = await connect(Sandbox(personas=personas))
    replies = [await client.post("/conversations", body) for body in creates]

    assert len(creates) >= 10
    assert [reply.status for reply in replies] == [200] * len(creates)
    for body, reply in zip(creates, replies, strict=True):
        assert {name for name in body if name.endswith(("persona_id", "pal_id", "replica_id", "face_id"))} <= set(
            reply.body
        )


async def test_all_known_messages_are_taken(connect: Connect, shared_reference: Path) -> None:
    messages = bodies(shared_reference / "bodies" / "interactions", *REQUESTS, "webhook")
    client = await connect(Sandbox(personas=[{"persona_id": "p1", "system_prompt": "x", "default_replica_id": "r1"}]))
    created = (await client.post("/conversations", {"persona_id": "p1"})).body
    path = f"/conversations/{created['conversation_id']}/send-app-message"
    client.sandbox.advance(2)
    statuses = [(await client.post(path, message)).status for message in messages]

    assert len(messages) >= 20
    assert statuses == [200] * len(messages)
