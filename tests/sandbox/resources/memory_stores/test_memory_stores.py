"""Memory stores in the sandbox, as a plain HTTP client meets them: made, pinned to, and filled by conversations."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Callbacks, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
ONE = {"persona_id": "p1", "persona_name": "One", "system_prompt": "x", "default_replica_id": "r1"}
TWO = {"persona_id": "p2", "persona_name": "Two", "system_prompt": "x", "default_replica_id": "r1"}
NOTHING: dict[str, Any] = {"profile": {}, "timeline": {"recent_conversations": []}}


@pytest.fixture
async def client(connect: Connect) -> Any:
    return await connect(Sandbox(personas=[ONE, TWO], callbacks=Callbacks(duplicates=0)))


async def create(client: Any, tag: str = "ada", pal_id: str = "p1", *memories: str) -> str:
    """A new store, and its path."""
    body = {"pal_id": pal_id, "participant_tag": tag, "pinned_memories": list(memories)}
    reply = await client.post("/memory-stores", body)
    assert reply.status == 200, reply
    return f"/memory-stores/{reply.body['memory_store_id']}"


async def talk(client: Any, *said: str, **body: Any) -> str:
    """A conversation in which Ada says something, from its begin to long after its end, and its id."""
    made = (await client.post("/conversations", {"persona_id": "p1", **body})).body
    client.sandbox.advance(2)
    room = client.sandbox.rooms.get(made["conversation_id"])
    ada = room.join("Ada")
    for text in said:
        room.say(ada, text)
        client.sandbox.advance(10)
    room.leave(ada)
    client.sandbox.advance(600)
    return str(made["conversation_id"])


class TestStores:
    async def test_a_create_is_answered_with_the_store(self, client: Any) -> None:
        path = await create(client, "ada", "p1", "Likes tea", "Is a pilot")
        store = (await client.get(path)).body

        assert re.fullmatch(r"ms[0-9a-f]{11}", store["memory_store_id"])
        assert (store["pal_id"], store["participant_tag"]) == ("p1", "ada")
        assert [each["memory"] for each in store["pinned_memories"]] == ["Likes tea", "Is a pilot"]
        assert store["learned_memory"] == NOTHING
        assert store["created_at"] == store["updated_at"]

    @pytest.mark.parametrize(
        ("body", "status", "words"),
        [
            ({"participant_tag": "ada"}, 400, "pal_id is required"),
            ({"pal_id": "p1"}, 400, "participant_tag is required"),
            ({"pal_id": "p1", "participant_tag": " "}, 400, "participant_tag is required"),
            ({"pal_id": "p404", "participant_tag": "ada"}, 400, "Invalid persona_id"),
            ({"pal_id": "p1", "participant_tag": "ada", "pinned_memories": [""]}, 400, "pinned_memories must be"),
            ({"pal_id": "p1", "participant_tag": "ada", "pinned_memories": "x"}, 400, "pinned_memories must be"),
            ({"pal_id": "p1", "participant_tag": "bob"}, 409, "An active memory store already exists"),
        ],
    )
    async def test_what_is_wrong_is_refused(self, client: Any, body: Any, status: int, words: str) -> None:
        await create(client, "bob")
        reply = await client.post("/memory-stores", body)

        assert (reply.status, reply.body["error"].startswith(words)) == (status, True)

    async def test_a_store_that_is_gone_makes_room_for_another(self, client: Any) -> None:
        path = await create(client)
        gone = await client.delete(path)
        reply = await client.get(path)

        assert gone.status == 204
        assert (reply.status, reply.body) == (404, {"message": "Memory store not found"})
        assert await create(client) != path

    async def test_the_list_tells_whose_they_are_and_not_what_is_in_them(self, client: Any) -> None:
        for tag, pal_id in (("ada", "p1"), ("ada", "p2"), ("bob", "p1")):
            await create(client, tag, pal_id, "Likes tea")

        async def found(**query: str) -> list[tuple[str, str]]:
            stores = (await client.get("/memory-stores", params=query)).body["data"]
            return [(each["participant_tag"], each["pal_id"]) for each in stores]

        assert await found() == [("ada", "p1"), ("ada", "p2"), ("bob", "p1")]
        assert await found(participant_tag="ada") == [("ada", "p1"), ("ada", "p2")]
        assert await found(pal_id="p1") == [("ada", "p1"), ("bob", "p1")]
        assert await found(pal_id="p2", participant_tag="bob") == []
        assert "pinned_memories" not in (await client.get("/memory-stores")).body["data"][0]


class TestPinned:
    async def test_one_is_added_changed_and_deleted(self, client: Any) -> None:
        path = await create(client, "ada", "p1", "Likes tea")
        added = (await client.post(f"{path}/pinned", {"memory": "Is a pilot"})).body
        changed = await client.send("PATCH", f"{path}/pinned/{added['memory_id']}", json={"memory": "Was a pilot"})
        listed = (await client.get(f"{path}/pinned")).body["pinned_memories"]
        deleted = await client.delete(f"{path}/pinned/{added['memory_id']}")

        assert added["memory_id"].startswith("pm")
        assert (changed.status, changed.body["memory_id"]) == (200, added["memory_id"])
        assert [each["memory"] for each in listed] == ["Likes tea", "Was a pilot"]
        assert deleted.status == 204
        assert [each["memory"] for each in (await client.get(path)).body["pinned_memories"]] == ["Likes tea"]

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    async def test_an_unknown_one_is_not_found(self, client: Any, method: str) -> None:
        path = await create(client)
        reply = await client.send(method, f"{path}/pinned/pm0", json={"memory": "x"})

        assert (reply.status, reply.body) == (404, {"message": "Pinned memory not found"})

    @pytest.mark.parametrize("body", [{}, {"memory": ""}, {"memory": 5}])
    async def test_one_that_says_nothing_is_refused(self, client: Any, body: Any) -> None:
        path = await create(client)
        reply = await client.post(f"{path}/pinned", body)

        assert (reply.status, reply.body) == (400, {"error": "memory is required"})

    @pytest.mark.parametrize("rest", ["/pinned", "/learned"])
    async def test_of_an_unknown_store_there_are_none(self, client: Any, rest: str) -> None:
        assert (await client.get(f"/memory-stores/ms0{rest}")).status == 404


class TestLearned:
    async def test_a_conversation_makes_the_store_and_fills_it_when_it_is_over(
        self, client: Any, receiver: Any, eventually: Any
    ) -> None:
        conversation_id = await talk(client, "I fly planes.", participant_tags=["ada"], callback_url=receiver.url)
        store = (await client.get("/memory-stores?pal_id=p1&participant_tag=ada")).body["data"][0]
        learned = (await client.get(f"/memory-stores/{store['memory_store_id']}/learned")).body
        await eventually(lambda: "application.memory_consolidation" in receiver.kinds)
        told = next(body for body in receiver.bodies if body["event_type"] == "application.memory_consolidation")

        assert learned["timeline"]["recent_conversations"] == [
            {"conversation_id": conversation_id, "summary": "The participant said: I fly planes."}
        ]
        assert learned["profile"]["participant"] == {"tag": "ada", "conversations": 1}
        assert told["properties"]["memory_store_id"] == store["memory_store_id"]

    async def test_the_newest_conversation_comes_first(self, client: Any) -> None:
        path = await create(client)
        ids = [await talk(client, "Hello.", participant_tags=["ada"]) for _ in range(2)]
        timeline = (await client.get(f"{path}/learned?type=timeline")).body

        assert list(timeline) == ["timeline"]
        assert [each["conversation_id"] for each in timeline["timeline"]["recent_conversations"]] == ids[::-1]

    async def test_the_profile_can_be_asked_for_alone(self, client: Any) -> None:
        path = await create(client)

        assert (await client.get(f"{path}/learned?type=profile")).body == {"profile": {}}
        assert (await client.get(f"{path}/learned")).body == NOTHING
        assert (await client.get(f"{path}/learned?type=all")).status == 400

    async def test_the_timeline_is_forgotten_by_itself(self, client: Any) -> None:
        path = await create(client)
        await talk(client, "Hello.", participant_tags=["ada"])
        reply = await client.delete(f"{path}/learned/timeline")
        learned = (await client.get(f"{path}/learned")).body

        assert reply.status == 204
        assert learned["timeline"] == NOTHING["timeline"]
        assert learned["profile"] != NOTHING["profile"]

    @pytest.mark.parametrize("body", [{}, {"participant_tags": ["ada"], "test_mode": True}])
    async def test_without_a_tag_or_a_call_there_is_no_store(self, client: Any, body: Any) -> None:
        await client.post("/conversations", {"persona_id": "p1", **body})

        assert (await client.get("/memory-stores")).body["data"] == []

    async def test_a_store_that_was_deleted_meanwhile_learns_nothing(self, client: Any) -> None:
        path = await create(client)
        made = (await client.post("/conversations", {"persona_id": "p1", "participant_tags": ["ada"]})).body
        client.sandbox.advance(2)
        room = client.sandbox.rooms.get(made["conversation_id"])
        room.say(room.join("Ada"), "Hello.")
        await client.delete(path)
        client.sandbox.advance(7200)
        events = (await client.get(f"/conversations/{made['conversation_id']}?verbose=true")).body["events"]

        assert "application.transcription_ready" in {each["event_type"] for each in events}
        assert "application.memory_consolidation" not in {each["event_type"] for each in events}
        assert (await client.get("/memory-stores")).body["data"] == []
