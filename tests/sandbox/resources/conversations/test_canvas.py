"""Canvas interactions."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from tavus_async.sandbox import Callbacks, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
ONE = {"persona_id": "p1", "persona_name": "One", "system_prompt": "x", "default_replica_id": "r1"}
CHOICE = {
    "interaction_id": "ci_1",
    "tool_call_id": "call_1",
    "component": "canvas.question",
    "component_version": "v1",
    "type": "submit",
    "value": {"selected_option_ids": ["opt_2"], "skipped": False},
    "metadata": {"client": "kiosk"},
}


@pytest.fixture
async def client(connect: Connect) -> Any:
    return await connect(Sandbox(personas=[ONE], callbacks=Callbacks(duplicates=0), speed=2.0))


async def start(client: Any, **fields: Any) -> str:
    reply = await client.post("/conversations", {"persona_id": "p1", **fields})
    return f"/conversations/{reply.body['conversation_id']}/canvas/interactions"


async def test_an_interaction_is_recorded_without_a_key(client: Any) -> None:
    path = await start(client)
    reply = await client.send("POST", path, key=None, json=CHOICE)
    listed = (await client.get(path)).body["data"]

    assert (reply.status, reply.body) == (200, {"success": True})
    assert datetime.fromisoformat(listed[0].pop("created_at")).tzinfo is None
    assert listed == [{"conversation_id": path.split("/")[2], **CHOICE}]


async def test_reading_them_needs_the_key(client: Any) -> None:
    path = await start(client)

    assert (await client.send("GET", path, key=None)).status == 401


async def test_the_same_one_is_recorded_and_told_once(client: Any, receiver: Any) -> None:
    path = await start(client, callback_url=receiver.url)
    first = await client.post(path, CHOICE)
    again = await client.post(path, {**CHOICE, "metadata": {"client": "another"}})
    await client.sandbox.drain_callbacks()
    listed = (await client.get(path)).body["data"]

    assert (first.body, again.body) == ({"success": True}, {"success": True})
    assert [(each["interaction_id"], each["metadata"]) for each in listed] == [("ci_1", {"client": "kiosk"})]
    assert [(body["message_type"], body["properties"]) for body in receiver.bodies] == [("canvas", listed[0])]


async def test_an_id_stands_for_one_interaction(client: Any) -> None:
    path = await start(client)
    await client.post(path, CHOICE)
    other = await client.post(path, {**CHOICE, "value": {"skipped": True}})

    assert other.status == 409
    assert len((await client.get(path)).body["data"]) == 1


async def test_they_are_listed_with_the_oldest_first_and_after_the_end_too(client: Any) -> None:
    path = await start(client)
    for number in range(3):
        await client.post(path, {**CHOICE, "interaction_id": f"ci_{number}"})
    client.sandbox.rooms.get(path.split("/")[2]).end("done")
    refused = await client.post(path, {**CHOICE, "interaction_id": "ci_3"})
    listed = (await client.get(path)).body["data"]

    assert refused.status == 400
    assert [each["interaction_id"] for each in listed] == ["ci_0", "ci_1", "ci_2"]


@pytest.mark.parametrize("fields", [{"audio_only": True}, {"chat": True}, {"meeting_url": "https://meet.invalid/x"}])
async def test_some_conversations_have_no_canvas(client: Any, fields: Any) -> None:
    assert (await client.post(await start(client, **fields), CHOICE)).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"interaction_id": ""},
        {"interaction_id": "x" * 129},
        {"tool_call_id": None},
        {"component": "canvas.slider"},
        {"component_version": "v2"},
        {"type": "click"},
        {"metadata": "kiosk"},
    ],
)
async def test_what_is_no_interaction_is_refused(client: Any, wrong: Any) -> None:
    path = await start(client)
    reply = await client.post(path, CHOICE | wrong)

    assert reply.status == 400
    assert next(iter(wrong)) in reply.body["error"]


async def test_an_unknown_conversation_has_none(client: Any) -> None:
    path = "/conversations/c404/canvas/interactions"
    replies = [await client.get(path), await client.send("POST", path, key=None, json=CHOICE)]

    assert [(reply.status, reply.body) for reply in replies] == [(400, {"error": "Invalid conversation_id"})] * 2


async def test_only_so_many_are_taken_within_a_minute(client: Any) -> None:
    path, other = await start(client), await start(client)
    statuses = [(await client.post(path, {**CHOICE, "interaction_id": f"ci_{number}"})).status for number in range(121)]
    refused = await client.post(path, CHOICE)
    elsewhere = await client.post(other, CHOICE)
    client.sandbox.advance(60)
    later = await client.post(path, CHOICE)

    assert statuses == [200] * 120 + [429]
    assert refused.body == {"error": "Too many requests"}
    # A minute of Tavus passes in half a minute here.
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert (elsewhere.status, later.status) == (200, 200)
