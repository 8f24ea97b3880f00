"""Conversations made, read, listed, ended and deleted, as a plain HTTP client meets them."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from tavus_async.sandbox import Faults, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
ONE = {"persona_id": "p1", "persona_name": "One", "system_prompt": "x", "default_replica_id": "r1"}
BARE = {"persona_id": "p2", "persona_name": "Two", "system_prompt": "x"}
CALL = {"persona_id": "p1"}


@pytest.fixture
async def client(connect: Connect) -> Any:
    return await connect(Sandbox(personas=[ONE, BARE]))


async def create(client: Any, **fields: Any) -> dict[str, Any]:
    reply = await client.post("/conversations", CALL | fields)
    assert reply.status == 200, reply
    body: dict[str, Any] = reply.body
    return body


async def ids(client: Any, **query: Any) -> list[str]:
    reply = await client.get("/conversations", params=query)
    return [each["conversation_id"] for each in reply.body["data"]]


async def test_a_create_is_answered_with_what_tavus_tells(client: Any) -> None:
    created = await create(client, conversation_name="First", callback_url="http://127.0.0.1:1/")
    conversation_id = created["conversation_id"]

    assert re.fullmatch(r"c[0-9a-f]{11}", conversation_id)
    assert datetime.fromisoformat(created.pop("created_at")).tzinfo is not None
    assert created == {
        "conversation_id": conversation_id,
        "conversation_name": "First",
        "status": "active",
        "conversation_url": f"{client.sandbox.url}/c/{conversation_id}",
        "callback_url": "http://127.0.0.1:1/",
        "replica_id": "r1",
        "persona_id": "p1",
    }


async def test_reading_shows_the_conversation_bare(client: Any) -> None:
    created = await create(client, conversational_context="Be brief.", properties={"max_call_duration": 60})
    read = (await client.get(f"/conversations/{created['conversation_id']}")).body

    assert read.pop("updated_at") == created["created_at"]
    assert read == created


async def test_what_reading_does_not_show_is_stored_all_the_same(client: Any) -> None:
    created = await create(client, conversational_context="Be brief.", unheard_of=[1])
    stored = client.sandbox.stored(created["conversation_id"], resource="conversations")

    assert (stored["conversational_context"], stored["unheard_of"]) == ("Be brief.", [1])


@pytest.mark.parametrize("path", ["/conversations/c404", "/conversations/c404?verbose=true"])
async def test_an_unknown_one_is_400(client: Any, path: str) -> None:
    reply = await client.get(path)

    assert (reply.status, reply.body) == (400, {"error": "Invalid conversation_id"})


async def test_words_are_those_of_the_create(client: Any) -> None:
    created = (await client.post("/conversations", {"pal_id": "p1", "face_id": "r9"})).body
    read = (await client.get(f"/conversations/{created['conversation_id']}")).body

    for body in (created, read):
        assert (body["pal_id"], body["face_id"]) == ("p1", "r9")
        assert not {"persona_id", "replica_id"} & set(body)


async def test_one_list_may_speak_both_languages(client: Any) -> None:
    await create(client)
    await client.post("/conversations", {"pal_id": "p1"})
    listed = (await client.get("/conversations")).body["data"]

    assert [sorted({"pal_id", "persona_id"} & set(each)) for each in listed] == [["pal_id"], ["persona_id"]]


@pytest.mark.parametrize("body", [{"persona_id": "p1", "face_id": "r1"}, {"pal_id": "p1", "replica_id": "r1"}])
async def test_words_of_both_languages_in_one_request_are_refused(client: Any, body: dict[str, str]) -> None:
    assert (await client.post("/conversations", body)).status == 400


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"persona_id": "p404"}, "Invalid persona_id"),
        ({"pal_id": "p404", "face_id": "r1"}, "Invalid persona_id"),
        ({"persona_id": "p2"}, "Invalid replica_id"),
        ({"persona_id": "p1", "replica_id": "r 1"}, "Invalid replica_id"),
        ({"persona_id": "p2", "replica_id": ""}, "Invalid replica_id"),
        ({"persona_id": "p2", "replica_id": None}, "Invalid replica_id"),
        ({}, "Invalid replica_id"),
    ],
)
async def test_it_needs_a_persona_that_exists_and_a_replica(client: Any, body: dict[str, Any], text: str) -> None:
    reply = await client.post("/conversations", body)

    assert (reply.status, reply.body) == (400, {"error": text})
    assert client.sandbox.conversation_ids == ()


async def test_a_replica_alone_is_enough(client: Any) -> None:
    reply = await client.post("/conversations", {"replica_id": "r7"})

    assert (reply.status, reply.body["replica_id"]) == (200, "r7")
    assert "persona_id" not in reply.body


async def test_what_tavus_sets_cannot_be_chosen(client: Any) -> None:
    created = await create(client, conversation_id="mine", status="ended", created_at="once", meeting_token="t")

    assert created["conversation_id"] != "mine"
    assert (created["status"], created["created_at"] == "once") == ("active", False)
    assert "meeting_token" not in created


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"'])
async def test_a_body_that_is_no_object_is_refused(client: Any, body: bytes) -> None:
    assert (await client.send("POST", "/conversations", data=body)).status == 400


async def test_conversations_need_the_key(client: Any) -> None:
    replies = [
        await client.send("POST", "/conversations", key=None, json=CALL),
        await client.send("GET", "/conversations", key="wrong"),
    ]

    assert [reply.status for reply in replies] == [401, 401]
    assert client.sandbox.conversation_ids == ()


@pytest.mark.parametrize("where", ["top", "properties"])
async def test_a_private_one_has_a_token_and_an_address_with_it(client: Any, where: str) -> None:
    private: dict[str, Any] = {"require_auth": True}
    created = await create(client, **(private if where == "top" else {"properties": private}))
    token, conversation_id = created["meeting_token"], created["conversation_id"]
    read = (await client.get(f"/conversations/{conversation_id}")).body

    assert created["conversation_url"] == f"{client.sandbox.url}/c/{conversation_id}?t={token}"
    assert read["conversation_url"] == created["conversation_url"]
    assert "meeting_token" not in read
    assert client.sandbox.rooms.get(conversation_id).admits(token)


async def test_a_chat_has_no_address(client: Any) -> None:
    created = await create(client, chat=True, require_auth=True)

    assert "conversation_url" not in created
    assert created["status"] == "active"


async def test_test_mode_is_over_at_once_and_costs_nothing(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], credits=1, max_conversations=1))
    created, *_ = tests = [await create(client, test_mode=True) for _ in range(3)]
    client.sandbox.advance(4_000)
    read = (await client.get(f"/conversations/{created['conversation_id']}?verbose=true")).body

    assert [each["status"] for each in tests] == ["ended"] * 3
    assert read["events"] == []
    assert client.sandbox.credits_left == 1
    assert client.sandbox.active_conversation_ids == ()
    assert (await client.post("/conversations", CALL)).status == 200


async def test_without_credits_no_conversation_starts(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], credits=2))
    statuses = [(await client.post("/conversations", CALL)).status for _ in range(3)]
    refused = await client.post("/conversations", CALL)

    assert statuses == [200, 200, 402]
    assert refused.body == {"message": "The user is out of conversational credits."}
    assert (client.sandbox.credits_left, len(client.sandbox.conversation_ids)) == (0, 2)


async def test_only_so_many_may_be_active_at_once(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], max_conversations=2, credits=5))
    first, _ = [await create(client) for _ in range(2)]
    refused = await client.post("/conversations", CALL)
    await client.post(f"/conversations/{first['conversation_id']}/end", {})
    admitted = await client.post("/conversations", CALL)

    assert (refused.status, refused.body) == (400, {"message": "User has reached maximum concurrent conversations"})
    assert admitted.status == 200
    assert client.sandbox.credits_left == 2


async def test_a_wrong_request_costs_nothing(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], credits=1))
    refused = await client.post("/conversations", {"persona_id": "p404"})

    assert refused.status == 400
    assert client.sandbox.credits_left == 1


async def test_lists_come_in_pages_from_one_with_the_newest_first(client: Any) -> None:
    created = [(await create(client))["conversation_id"] for _ in range(25)]
    first = await client.get("/conversations")
    pages = [await ids(client, page=page, limit=10) for page in (1, 2, 3, 4)]

    assert first.body["total_count"] == 25
    assert [each["conversation_id"] for each in first.body["data"]] == pages[0]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [each for page in pages for each in page] == created[::-1]


async def test_lists_can_be_of_one_status(client: Any) -> None:
    over, active = [(await create(client))["conversation_id"] for _ in range(2)]
    test = (await create(client, test_mode=True))["conversation_id"]
    await client.post(f"/conversations/{over}/end", {})
    listed = await client.get("/conversations", params={"status": "active"})

    assert await ids(client, status="active") == [active]
    assert await ids(client, status="ended") == [test, over]
    assert listed.body["total_count"] == 1
    assert (await client.get("/conversations", params={"status": "paused"})).status == 400


@pytest.mark.parametrize(("end_body", "body"), [("status", {"status": "ended"}), ("object", {}), ("empty", None)])
async def test_an_end_is_answered_in_one_of_three_ways(connect: Connect, end_body: Any, body: Any) -> None:
    client = await connect(Sandbox(personas=[ONE], end_body=end_body))
    created = await create(client)
    ended = await client.send("POST", f"/conversations/{created['conversation_id']}/end")

    assert (ended.status, ended.body) == (200, body)
    assert (await client.get(f"/conversations/{created['conversation_id']}")).body["status"] == "ended"


@pytest.mark.parametrize("which", ["unknown", "ended", "test", "deleted"])
async def test_what_does_not_go_on_cannot_be_ended(client: Any, which: str) -> None:
    created = await create(client, test_mode=which == "test")
    path = f"/conversations/{created['conversation_id']}"
    if which == "ended":
        await client.post(f"{path}/end", {})
    if which == "deleted":
        await client.delete(path)
    reply = await client.post("/conversations/c404/end" if which == "unknown" else f"{path}/end", {})

    assert (reply.status, reply.body) == (400, {"error": "Invalid conversation_id"})


@pytest.mark.parametrize("hard", [True, False])
async def test_a_deleted_one_cannot_be_found(client: Any, hard: bool) -> None:
    created = await create(client)
    path = f"/conversations/{created['conversation_id']}"
    deleted = await client.delete(f"{path}?hard=true" if hard else path)
    again = await client.delete(path)

    assert (deleted.status, deleted.body) == (204, None)
    assert (again.status, (await client.get(path)).status) == (400, 400)
    assert await ids(client) == []
    assert bool(client.sandbox.conversation_ids) is not hard
    assert client.sandbox.active_conversation_ids == ()


async def test_what_is_deleted_softly_ended_because_its_room_is_gone(client: Any) -> None:
    created = await create(client)
    await client.delete(f"/conversations/{created['conversation_id']}")
    stored = client.sandbox.stored(created["conversation_id"], resource="conversations")

    assert (stored["status"], stored["shutdown_reason"]) == ("ended", "daily_room_has_been_deleted")


async def test_an_error_creates_nothing_and_a_lost_answer_something(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[ONE], faults=Faults()))
    client.sandbox.script([503, "garble"])
    refused = await client.post("/conversations", CALL)
    after_error = client.sandbox.active_conversation_ids
    lost = await client.post("/conversations", CALL)

    assert (refused.status, after_error) == (503, ())
    assert lost.status == 200
    assert len(client.sandbox.active_conversation_ids) == 1


async def test_requests_are_counted_by_the_names_of_the_methods(client: Any) -> None:
    path = f"/conversations/{(await create(client))['conversation_id']}"
    await client.get("/conversations")
    await client.get(path)
    await client.post(f"{path}/send-app-message", {"event_type": "x"})
    await client.get(f"{path}/canvas/interactions")
    await client.post(f"{path}/canvas/interactions", {})
    await client.post(f"{path}/end", {})
    await client.delete(path)

    assert dict.fromkeys(client.sandbox.stats().requests, 1) == client.sandbox.stats().requests
    assert set(client.sandbox.stats().requests) == {
        "create_conversation",
        "list_conversations",
        "get_conversation",
        "send_app_message",
        "list_canvas_interactions",
        "record_canvas_interaction",
        "end_conversation",
        "delete_conversation",
    }
