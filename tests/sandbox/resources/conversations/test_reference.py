"""Requests of real programs are taken, and answers are those of the published contract."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

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


ALL, ONE = "/v2/conversations", "/v2/conversations/{conversation_id}"
# What is answered and not in the contract, each seen in production.
UNDOCUMENTED = {"create": {"replica_id", "persona_id"}, "verbose": {"shutdown_reason"}}


@pytest.fixture(scope="module")
def paths(shared_reference: Path) -> Any:
    """The published contract's endpoints."""
    text = (shared_reference / "tavus-openapi-2026-05.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["paths"]  # noqa: S506 - both are safe


def documented(paths: Any, method: str, path: str, status: int) -> set[str]:
    content = paths[path][method]["responses"][str(status)]["content"]
    return set(content["application/json"]["schema"]["properties"])


async def test_answers_have_the_fields_that_are_documented(connect: Connect, paths: Any) -> None:
    client = await connect(Sandbox(personas=1, conversations=30))
    body = {"persona_id": "p5317866", "require_auth": True, "conversation_name": "x", "callback_url": "http://[::1]/"}
    created = (await client.post("/conversations", body)).body
    ended = client.sandbox.conversation_ids[0]
    read = (await client.get(f"/conversations/{ended}")).body
    verbose = (await client.get(f"/conversations/{ended}?verbose=true")).body
    listed = (await client.get("/conversations")).body
    item = paths[ALL]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]["items"]
    one = documented(paths, "get", ONE, 200)

    assert set(created) == documented(paths, "post", ALL, 200) | UNDOCUMENTED["create"]
    assert set(read) == one - {"events"}
    assert set(verbose) == one | UNDOCUMENTED["verbose"]
    assert set(listed) == documented(paths, "get", ALL, 200)
    assert set(listed["data"][0]) == set(item["properties"])


async def test_refusals_have_the_envelope_that_is_documented(connect: Connect, paths: Any) -> None:
    client = await connect(Sandbox(personas=1))
    refused = await client.post("/conversations", {"persona_id": "p404"})
    unknown, keyless = await client.get("/conversations/c1"), await client.send("GET", "/conversations", key=None)

    assert set(refused.body) == documented(paths, "post", ALL, refused.status)
    assert set(unknown.body) == documented(paths, "get", ONE, unknown.status)
    assert set(keyless.body) == documented(paths, "get", ALL, keyless.status)
