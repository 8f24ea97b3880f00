"""Voices in the sandbox, as a plain HTTP client meets them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Callbacks, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
AUDIO = "https://bucket.example/ana.mp3"
MINUTES = 300.0


@pytest.fixture
async def still(connect: Connect) -> Any:
    """A client of a sandbox in which nobody is told of anything twice."""
    return await connect(Sandbox(callbacks=Callbacks(duplicates=0)))


async def create(client: Any, **body: Any) -> dict[str, Any]:
    reply = await client.post("/voices", {"voice_name": "Ana", "audio_url": AUDIO, **body})
    assert reply.status == 200
    created: dict[str, Any] = reply.body
    return created


async def test_a_voice_cannot_speak_at_once(still: Any) -> None:
    created = await create(still, description="Warm")
    still.sandbox.advance(MINUTES)
    ready = (await still.get(f"/voices/{created['voice_id']}")).body

    assert created == {
        "voice_id": created["voice_id"],
        "voice_name": "Ana",
        "description": "Warm",
        "voice_type": "user",
        "status": "started",
        "tags": [],
        "created_at": created["created_at"],
    }
    assert created["voice_id"].startswith("v")
    assert not created["created_at"].endswith("Z")
    assert ready == created | {"status": "completed"}


@pytest.mark.parametrize(
    "url", ["https://nowhere.invalid/ana.mp3", "https://bucket.example/ana.txt", "https://bucket.example/ana.mp3.zip"]
)
async def test_a_recording_that_cannot_be_used_is_an_error(still: Any, url: str) -> None:
    created = await create(still, audio_url=url)
    still.sandbox.advance(MINUTES)
    failed = (await still.get(f"/voices/{created['voice_id']}")).body

    assert "error_message" not in created
    assert (failed["status"], failed["error_message"]) == ("error", "The audio could not be processed.")


@pytest.mark.parametrize(
    "body",
    [
        {"voice_name": ""},
        {"voice_name": " "},
        {"voice_name": None},
        {"voice_name": "a" * 256},
        {"audio_url": None},
        {"audio_url": "ana.mp3"},
        {"audio_url": "https://[::1"},
        {"audio_url": AUDIO + "a" * 2048},
        {"description": "a" * 1001},
        {"description": 5},
    ],
)
async def test_a_create_that_makes_no_sense_is_refused(client: Any, body: dict[str, Any]) -> None:
    before = client.sandbox.ids("voices")
    reply = await client.post("/voices", {"voice_name": "Ana", "audio_url": AUDIO, **body})

    assert (reply.status, client.sandbox.ids("voices")) == (400, before)
    assert next(iter(body)) in reply.body["error"]


async def test_it_is_asked_for_by_an_id_of_its_own(client: Any) -> None:
    reply = await client.get("/voices/v0")

    assert (reply.status, reply.body) == (404, {"message": "Voice not found"})


class TestLists:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({}, ["anna", "carter", "gloria", "lucas", "rose"]),
            ({"sort": "desc"}, ["rose", "lucas", "gloria", "carter", "anna"]),
            ({"source": "all"}, ["Ana", "anna", "Bert", "carter", "gloria", "lucas", "rose"]),
            ({"source": "all", "search": "AN"}, ["Ana", "anna"]),
            ({"search": "zz"}, []),
            ({"tag": "WARM"}, ["anna"]),
            ({"tags": "warm,soft"}, ["anna", "rose"]),
            ({"source": "all", "tag": "old"}, ["Bert"]),
            ({"limit": "2", "page": "2"}, ["gloria", "lucas"]),
        ],
    )
    async def test_filters_leave_what_fits_by_name(self, client: Any, query: dict[str, str], names: list[str]) -> None:
        await create(client)
        client.sandbox.add({"voice_name": "Bert", "tags": [{"tag_name": "Old"}]}, resource="voices")
        reply = await client.get("/voices", params=query)

        assert [voice["voice_name"] for voice in reply.body["data"]] == names
        assert set(reply.body) == {"data", "total_count", "page", "limit"}

    async def test_the_command_line_counts_from_zero(self, client: Any) -> None:
        """Tavus' own asks for page 0 when it means the first."""
        reply = await client.get("/voices", params={"limit": 25, "page": 0, "tags": "stock"})

        assert (reply.body["total_count"], len(reply.body["data"])) == (5, 5)


class TestChanges:
    async def test_fields_are_replaced_and_the_description_cleared(self, client: Any) -> None:
        voice_id = (await create(client, description="Warm"))["voice_id"]
        named = await client.send("PATCH", f"/voices/{voice_id}", json={"voice_name": "Ana v2", "tags": ["a", "b"]})
        cleared = await client.send("PATCH", f"/voices/{voice_id}", json={"description": None})

        assert (named.status, named.body["voice_name"], named.body["tags"]) == (200, "Ana v2", ["a", "b"])
        assert (named.body["description"], cleared.body["description"]) == ("Warm", None)
        assert cleared.body["voice_name"] == "Ana v2"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"status": "completed"},
            {"voice_name": None},
            {"voice_name": ""},
            {"tags": None},
            {"tags": ["a"] * 51},
            {"tags": ["a" * 65]},
            {"tags": [5]},
            {"description": "a" * 1001},
        ],
    )
    async def test_what_makes_no_sense_is_refused_as_a_whole(self, client: Any, body: dict[str, Any]) -> None:
        created = await create(client)
        reply = await client.send("PATCH", f"/voices/{created['voice_id']}", json=body)

        assert reply.status == 400
        assert (await client.get(f"/voices/{created['voice_id']}")).body == created

    async def test_stock_is_nobodys_to_change(self, client: Any) -> None:
        (stock, *_) = client.sandbox.ids("voices")

        assert (await client.send("PATCH", f"/voices/{stock}", json={"voice_name": "x"})).status == 404
        assert (await client.delete(f"/voices/{stock}")).status == 404


class TestDeletion:
    @pytest.mark.parametrize(
        ("resource", "body", "used_by"),
        [
            ("personas", {"layers": {"tts": {"voice_id": "v1"}}}, {"pals": 1, "faces": 0}),
            ("replicas", {"default_voice_id": "v1"}, {"pals": 0, "faces": 1}),
            ("replicas", {"original_voice_id": "v1"}, {"pals": 0, "faces": 1}),
            ("replicas", {"original_voice_id": "v1", "default_voice_id": "v1"}, {"pals": 0, "faces": 1}),
        ],
    )
    async def test_a_voice_in_use_stays(
        self, client: Any, resource: str, body: dict[str, Any], used_by: dict[str, int]
    ) -> None:
        client.sandbox.add({"voice_id": "v1", "voice_name": "Ana"}, resource="voices")
        client.sandbox.add(body, resource=resource)
        refused = await client.delete("/voices/v1")

        assert (refused.status, refused.body) == (409, {"error": "Voice is in use", "used_by": used_by})
        assert (await client.get("/voices/v1")).status == 200

    @pytest.mark.parametrize("layers", [{}, None, {"tts": None}, {"tts": {"voice_id": "v2"}}, {"tts": "v1"}])
    async def test_any_other_goes(self, client: Any, layers: Any) -> None:
        client.sandbox.add({"voice_id": "v1"}, resource="voices")
        client.sandbox.add({"layers": layers}, resource="personas")
        deleted = await client.delete("/voices/v1")

        assert (deleted.status, deleted.body, (await client.get("/voices/v1")).status) == (204, None, 404)

    async def test_a_deleted_replica_uses_none(self, client: Any) -> None:
        client.sandbox.add({"voice_id": "v1"}, resource="voices")
        replica_id = client.sandbox.add({"default_voice_id": "v1"}, resource="replicas")
        await client.delete(f"/replicas/{replica_id}")

        assert (await client.delete("/voices/v1")).status == 204


class TestCallbacks:
    @pytest.mark.parametrize(
        ("url", "told"),
        [
            (AUDIO, {"status": "completed"}),
            (
                "https://nowhere.invalid/a.mp3",
                {"status": "error", "error_message": "The audio could not be processed."},
            ),
        ],
    )
    async def test_the_end_is_told_as_an_event(self, still: Any, receiver: Any, url: str, told: dict[str, str]) -> None:
        voice_id = (await create(still, audio_url=url, callback_url=receiver.url))["voice_id"]
        still.sandbox.advance(MINUTES)
        await still.sandbox.drain_callbacks()
        (event,) = receiver.bodies

        assert event == {
            "event_type": "application.voice_status_changed",
            "message_type": "application",
            "timestamp": event["timestamp"],
            "webhook_url": receiver.url,
            "properties": {"voice_id": voice_id, "voice_name": "Ana", **told},
        }

    async def test_of_what_is_deleted_nothing_is_told(self, still: Any, receiver: Any) -> None:
        voice_id = (await create(still, callback_url=receiver.url))["voice_id"]
        await still.delete(f"/voices/{voice_id}")
        still.sandbox.advance(MINUTES)
        await still.sandbox.drain_callbacks()

        assert receiver.bodies == []
