"""Replicas in the sandbox, as a plain HTTP client meets them, by both names."""

from typing import Any

import pytest

VIDEO = "https://bucket.example/train.mp4"
IMAGE = "https://bucket.example/face.png"
STOCK = "r4067604db72"
both_paths = pytest.mark.parametrize(("path", "word"), [("/replicas", "replica"), ("/faces", "face")])


async def create(client: Any, **body: Any) -> str:
    """A new replica, and its id."""
    reply = await client.post("/replicas", {"train_video_url": VIDEO, **body})
    assert reply.status == 200
    return str(reply.body["replica_id"])


@both_paths
async def test_a_create_is_answered_with_id_and_status(client: Any, path: str, word: str) -> None:
    created = await client.post(path, {f"{word}_name": "Ann", "train_video_url": VIDEO})
    read = await client.get(f"{path}/{created.body[f'{word}_id']}")

    assert (created.status, set(created.body), created.body["status"]) == (200, {f"{word}_id", "status"}, "started")
    assert read.body == {
        f"{word}_id": created.body[f"{word}_id"],
        f"{word}_name": "Ann",
        f"{word}_type": "user",
        "status": "started",
        "training_progress": "0/100",
        "error_message": None,
        "model_name": "phoenix-4",
        "default_voice_id": None,
        "original_voice_id": None,
        "tags": [],
        "created_at": read.body["created_at"],
        "updated_at": read.body["updated_at"],
    }


async def test_both_names_are_one_store(client: Any) -> None:
    replica_id = await create(client, replica_name="Ann")
    face = (await client.get(f"/faces/{replica_id}")).body
    await client.send("PATCH", f"/faces/{replica_id}", json={"face_name": "Bob"})

    assert face["face_name"] == "Ann"
    assert (await client.get(f"/replicas/{replica_id}")).body["replica_name"] == "Bob"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Either train_video_url or train_image_url must be provided."),
        ({"replica_name": "Ann", "train_video_url": ""}, "Either train_video_url or train_image_url must be provided."),
        ({"train_video_url": VIDEO, "train_image_url": IMAGE}, "Only one of train_video_url and train_image_url"),
        ({"train_image_url": IMAGE}, "voice_name is required when train_image_url is provided."),
        ({"train_video_url": "train.mp4"}, "train_video_url must be a valid URL"),
        ({"train_video_url": 5}, "train_video_url must be a valid URL"),
        ({"train_video_url": VIDEO, "consent_video_url": "ftp://a.example/a"}, "consent_video_url must be a valid URL"),
        ({"train_video_url": VIDEO, "replica_name": 5}, "replica_name must be a string"),
        ({"train_video_url": VIDEO, "model_name": "phoenix-9"}, "model_name must be one of: phoenix-2, phoenix-3"),
    ],
)
async def test_a_create_that_makes_no_sense_is_refused(client: Any, body: dict[str, Any], words: str) -> None:
    before = len(client.sandbox.ids("replicas"))
    reply = await client.post("/faces", body)

    assert reply.status == 400
    assert reply.body["error"].startswith(words)
    assert len(client.sandbox.ids("replicas")) == before


class TestLists:
    @pytest.mark.parametrize(
        ("path", "query", "count"),
        [
            ("/replicas", {}, 8),
            ("/replicas", {"verbose": "true"}, 8),
            ("/replicas", {"replica_type": "user"}, 2),
            ("/faces", {"face_type": "user"}, 2),
            ("/faces", {"replica_type": "system"}, 6),
            ("/faces", {"face_ids": f"{STOCK},r0"}, 1),
            ("/replicas", {"replica_ids": STOCK}, 1),
            ("/replicas", {"model_name": "phoenix-4"}, 4),
            ("/replicas", {"model_name": "phoenix-4", "replica_type": "user"}, 1),
        ],
    )
    async def test_filters_leave_what_fits(self, client: Any, path: str, query: dict[str, str], count: int) -> None:
        await create(client)
        await create(client, model_name="phoenix-3")
        reply = await client.get(path, params={"limit": 100, **query})

        assert (reply.status, set(reply.body)) == (200, {"data", "total_count"})
        assert (len(reply.body["data"]), reply.body["total_count"]) == (count, count)

    async def test_they_come_in_pages(self, client: Any) -> None:
        pages = [(await client.get("/faces", params={"limit": 4, "page": page})).body["data"] for page in (1, 2, 3)]

        assert [len(page) for page in pages] == [4, 2, 0]
        assert {"face_id", "face_name", "face_type"} <= set(pages[0][0])

    async def test_the_recommended_ones_come_first_if_they_are_asked_for(self, client: Any) -> None:
        plain = (await client.get("/faces")).body["data"]
        sorted_ones = (await client.get("/faces", params={"sort": "recommended"})).body["data"]

        assert [face["is_recommended"] for face in sorted_ones] == [True] * 3 + [False] * 3
        assert sorted(face["face_id"] for face in plain) == sorted(face["face_id"] for face in sorted_ones)

    async def test_another_type_is_refused(self, client: Any) -> None:
        assert (await client.get("/faces", params={"face_type": "mine"})).status == 400


class TestChanges:
    @both_paths
    async def test_name_and_voice_are_changed_and_told(self, client: Any, path: str, word: str) -> None:
        replica_id = await create(client)
        one = await client.send("PATCH", f"{path}/{replica_id}", json={f"{word}_name": "Bob"})
        both = await client.send(
            "PATCH", f"{path}/{replica_id}", json={f"{word}_name": "Cleo", "default_voice_id": "v1", "status": "x"}
        )

        assert one.body == {
            f"{word}_id": replica_id,
            f"{word}_name": "Bob",
            "default_voice_id": None,
            "original_voice_id": None,
        }
        assert (both.status, both.body["default_voice_id"], both.body[f"{word}_name"]) == (200, "v1", "Cleo")
        assert client.sandbox.stored(replica_id, resource="replicas")["status"] == "started"

    @pytest.mark.parametrize(
        "body",
        [{}, {"face_name": None}, {"face_name": " "}, {"default_voice_id": ""}, {"default_voice_id": 5}, {"x": 1}],
    )
    async def test_neither_can_be_taken_away(self, client: Any, body: dict[str, Any]) -> None:
        replica_id = await create(client, replica_name="Ann")
        reply = await client.send("PATCH", f"/faces/{replica_id}", json=body)

        assert reply.status == 400
        assert client.sandbox.stored(replica_id, resource="replicas")["replica_name"] == "Ann"

    @both_paths
    async def test_the_older_path_renames_without_a_word(self, client: Any, path: str, word: str) -> None:
        replica_id = await create(client)
        reply = await client.send("PATCH", f"{path}/{replica_id}/name", json={f"{word}_name": "Bob"})
        refused = await client.send("PATCH", f"{path}/{replica_id}/name", json={})

        assert (reply.status, reply.body, refused.status) == (200, None, 400)
        assert client.sandbox.stored(replica_id, resource="replicas")["replica_name"] == "Bob"


class TestDeletion:
    async def test_what_is_deleted_is_hidden_and_404(self, client: Any) -> None:
        replica_id = await create(client)
        deleted = await client.delete(f"/faces/{replica_id}")
        listed = await client.get("/faces", params={"face_type": "user"})
        read, again = await client.get(f"/faces/{replica_id}"), await client.delete(f"/faces/{replica_id}")

        assert (deleted.status, deleted.body, listed.body["total_count"]) == (200, None, 0)
        assert (read.status, again.status) == (404, 404)

    async def test_of_what_is_deleted_hard_nothing_is_left(self, client: Any) -> None:
        replica_id = await create(client, replica_name="Ann")
        await client.delete(f"/faces/{replica_id}")
        hard = await client.delete(f"/faces/{replica_id}?hard=true")
        read, again = await client.get(f"/faces/{replica_id}"), await client.delete(f"/faces/{replica_id}?hard=true")

        assert hard.status == 200
        assert (read.status, read.body) == (again.status, again.body) == (400, {"error": "Invalid replica_id"})
        assert client.sandbox.stored(replica_id, resource="replicas") == {"replica_id": replica_id}

    @pytest.mark.parametrize("query", ["", "?hard=true"])
    async def test_no_conversation_can_have_it_any_more(self, client: Any, query: str) -> None:
        replica_id = await create(client)
        before = await client.post("/conversations", {"replica_id": replica_id})
        await client.delete(f"/replicas/{replica_id}{query}")
        after = await client.post("/conversations", {"face_id": replica_id})

        assert (before.status, after.status) == (200, 400)
        assert after.body == {"error": "Invalid replica_id"}


class TestStock:
    async def test_it_is_there_from_the_start_and_belongs_to_tavus(self, client: Any) -> None:
        read = await client.get(f"/faces/{STOCK}")
        changed = await client.send("PATCH", f"/faces/{STOCK}", json={"face_name": "Mine"})
        deleted = await client.delete(f"/faces/{STOCK}?hard=true")

        assert (read.body["face_type"], read.body["status"]) == ("system", "completed")
        assert (await client.get(f"/voices/{read.body['default_voice_id']}")).status == 200
        assert (changed.body, deleted.body) == ({"error": "Invalid replica_id"},) * 2

    @pytest.mark.parametrize("replica_id", [STOCK, "r-that-nobody-stored"])
    async def test_personas_and_conversations_take_any_replica(self, client: Any, replica_id: str) -> None:
        persona = {"system_prompt": "Be kind.", "default_replica_id": replica_id}
        created = (await client.post("/personas", persona)).body["persona_id"]

        assert (await client.post("/conversations", {"persona_id": created})).status == 200


async def test_what_is_added_without_a_check_is_shown(client: Any) -> None:
    replica_id = client.sandbox.add({"face_name": "Ann", "tags": [{"tag_name": "a"}]}, resource="replicas")
    changed = await client.send("PATCH", f"/replicas/{replica_id}", json={"replica_name": "Bob"})

    assert (await client.get(f"/faces/{replica_id}")).body == {
        "face_id": replica_id,
        "face_name": "Bob",
        "tags": [{"tag_name": "a"}],
    }
    assert (changed.status, changed.body["default_voice_id"]) == (200, None)
