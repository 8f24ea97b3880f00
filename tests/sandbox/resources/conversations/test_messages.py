"""App messages and the chat bridge."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
ONE = {"persona_id": "p1", "persona_name": "One", "system_prompt": "x", "default_replica_id": "r1"}
ECHO = {"message_type": "conversation", "event_type": "conversation.echo", "properties": {"text": "Hear, hear."}}


@pytest.fixture
async def client(connect: Connect) -> Any:
    return await connect(Sandbox(personas=[ONE], replies=["Scorecard follows."]))


async def start(client: Any, **fields: Any) -> str:
    reply = await client.post("/conversations", {"persona_id": "p1", **fields})
    client.sandbox.advance(2)
    return f"/conversations/{reply.body['conversation_id']}"


async def test_a_message_reaches_the_persona(client: Any) -> None:
    path = await start(client)
    reply = await client.post(f"{path}/send-app-message", ECHO)
    room = client.sandbox.rooms.get(path.rpartition("/")[2])

    assert reply.status == 200
    assert [(line.role, line.content) for line in room.lines] == [("assistant", "Hear, hear.")]


async def test_other_messages_reach_everybody(client: Any) -> None:
    path = await start(client)
    await client.post(f"{path}/send-app-message", {"event_type": "app.note", "properties": {"n": 1}})
    room = client.sandbox.rooms.get(path.rpartition("/")[2])

    assert room.messages[-1]["event_type"] == "app.note"
    assert room.messages[-1]["properties"] == {"n": 1}


@pytest.mark.parametrize("mode", ["ended", "test"])
async def test_only_active_conversations_take_messages(client: Any, mode: str) -> None:
    path = await start(client, test_mode=mode == "test")
    await client.post(f"{path}/end", {})
    reply = await client.post(f"{path}/send-app-message", ECHO)

    assert reply.status == 400
    assert reply.body == {"error": "App messages can only be sent to active conversations."}


async def test_an_unknown_conversation_takes_none(client: Any) -> None:
    reply = await client.post("/conversations/c404/send-app-message", ECHO)

    assert (reply.status, reply.body) == (400, {"error": "Invalid conversation_id"})


async def test_a_message_may_have_65536_bytes(client: Any) -> None:
    path = await start(client)
    head, tail = b'{"event_type": "app.note", "text": "', b'"}'
    fits = head + b"x" * (65_536 - len(head) - len(tail)) + tail
    admitted = await client.send("POST", f"{path}/send-app-message", data=fits)
    refused = await client.send("POST", f"{path}/send-app-message", data=fits + b" ")

    assert admitted.status == 200
    assert (refused.status, refused.body) == (413, {"error": "Request body exceeds 65536 bytes"})


@pytest.mark.parametrize("body", [{}, {"event_type": None}, {"event_type": 3}, []])
async def test_a_message_needs_a_kind(client: Any, body: Any) -> None:
    path = await start(client)

    assert (await client.post(f"{path}/send-app-message", body)).status == 400


async def test_only_so_many_are_taken_within_a_minute(client: Any) -> None:
    path, other = await start(client), await start(client)
    statuses = [(await client.post(f"{path}/send-app-message", ECHO)).status for _ in range(121)]
    refused = await client.post(f"{path}/send-app-message", ECHO)
    elsewhere = await client.post(f"{other}/send-app-message", ECHO)
    client.sandbox.advance(60)
    later = await client.post(f"{path}/send-app-message", ECHO)

    assert statuses == [200] * 120 + [429]
    assert refused.body == {"error": "Too many requests"}
    assert "retry-after" not in refused.headers
    assert (elsewhere.status, later.status) == (200, 200)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (502, "The app message could not be delivered. Please retry."),
        (504, "The app message may have been delivered; check before retrying."),
    ],
)
async def test_faults_are_worded_as_this_endpoint_does(client: Any, status: int, text: str) -> None:
    path = await start(client)
    client.sandbox.script([status, status])
    reply = await client.post(f"{path}/send-app-message", ECHO)
    elsewhere = await client.get(path)

    assert (reply.status, reply.body) == (status, {"error": text})
    assert elsewhere.status == status
    assert elsewhere.body != reply.body


async def test_a_chat_is_answered_once_per_turn(client: Any) -> None:
    path = await start(client, chat=True)
    put = await client.post(f"{path}/respond", {"text": "Ready?"})
    early = await client.get(f"{path}/respond")
    client.sandbox.advance(5)
    replies = [(await client.get(f"{path}/respond")).body for _ in range(2)]

    assert put.status == 200
    assert early.body == {"status": "pending"}
    assert replies == [{"status": "ready", "text": "Scorecard follows."}, {"status": "pending"}]


async def test_a_chat_in_which_something_was_said_is_not_abandoned(client: Any) -> None:
    path = await start(client, chat=True)
    await client.post(f"{path}/respond", {"text": "Ready?"})
    client.sandbox.advance(600)
    talking = (await client.get(path)).body["status"]
    await client.post(f"{path}/end", {})
    client.sandbox.advance(200)
    events = (await client.get(f"{path}?verbose=true")).body["events"]

    assert talking == "active"
    assert [event["event_type"] for event in events][-2:] == [
        "application.transcription_ready",
        "application.perception_unavailable",
    ]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 7}])
async def test_a_turn_needs_a_text(client: Any, body: Any) -> None:
    path = await start(client, chat=True)

    assert (await client.post(f"{path}/respond", body)).status == 400


async def test_a_chat_that_is_over_takes_no_turns(client: Any) -> None:
    path = await start(client, chat=True)
    await client.post(f"{path}/end", {})
    replies = [await client.post(f"{path}/respond", {"text": "?"}), await client.get(f"{path}/respond")]

    assert [(reply.status, reply.body) for reply in replies] == [(400, {"error": "Invalid conversation_id"})] * 2
