"""The endpoints of videos, as another client meets them."""

from typing import Any

import pytest

DRAFT = {"replica_id": "r1", "script": "Hello."}


async def create(client: Any, **body: Any) -> str:
    reply = await client.post("/videos", DRAFT | body)
    assert reply.status == 200
    return str(reply.body["video_id"])


async def test_a_create_answers_what_there_is_to_tell(client: Any) -> None:
    reply = await client.post("/videos", DRAFT | {"video_name": "Sales"})
    video = reply.body

    assert (reply.status, list(video)) == (200, ["video_id", "video_name", "status", "hosted_url", "created_at"])
    assert (video["video_name"], video["status"]) == ("Sales", "queued")
    assert video["created_at"].endswith(" GMT")
    assert video["hosted_url"] == f"{client.sandbox.url}/videos/{video['video_id']}"


async def test_reading_tells_more(client: Any) -> None:
    video_id = await create(client, properties={"start_with_wave": False}, face_id="r9")
    video = (await client.get(f"/videos/{video_id}")).body

    assert video["data"] == {"script": "Hello.", "start_with_wave": False}
    assert video["video_name"].startswith("replica_id: r1 - ")
    assert {video[name] for name in ("download_url", "stream_url")} == {None}
    assert (video["replica_id"], video["generation_progress"], video["status_details"]) == ("r1", "0/100", "")


async def test_thumbnails_are_told_to_those_who_ask(client: Any) -> None:
    video_id = await create(client)
    client.sandbox.advance(120)
    plain, verbose = [(await client.get(f"/videos/{video_id}{query}")).body for query in ("", "?verbose=true")]

    assert verbose.keys() - plain.keys() == {"still_image_thumbnail_url", "gif_thumbnail_url"}


async def test_pages_are_counted_from_0_and_the_newest_come_first(client: Any) -> None:
    ids = [await create(client) for _ in range(12)]
    first, second, third = [(await client.get(f"/videos?page={page}")).body for page in (0, 1, 2)]

    assert [video["video_id"] for page in (first, second) for video in page["data"]] == ids[::-1]
    assert (first["total_count"], third["data"]) == (12, [])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"replica_id": None}, "Invalid replica_id"),
        ({"replica_id": "no id"}, "Invalid replica_id"),
        ({"script": ""}, "Either script or audio_url must be provided."),
        ({"audio_url": "https://a.example/a.mp3"}, "Only one of script and audio_url can be provided."),
        ({"script": 5}, "script must be a string"),
        ({"callback_url": "nowhere"}, "callback_url must be a valid URL"),
        ({"fast": "yes"}, "fast must be a boolean"),
        ({"transparent_background": True}, "transparent_background is only supported when fast is true."),
        ({"properties": []}, "properties must be an object"),
        (
            {"properties": {"background_scroll_type": "x"}},
            "properties.background_scroll_type must be one of: human, smooth",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(client: Any, body: dict[str, Any], text: str) -> None:
    reply = await client.post("/videos", DRAFT | body)

    assert (reply.status, reply.body) == (400, {"error": text})
    assert client.sandbox.ids("videos") == ()


async def test_a_replica_that_was_deleted_speaks_no_more(client: Any) -> None:
    replica = client.sandbox.add({"replica_name": "Ann", "status": "completed"}, resource="replicas")
    await client.delete(f"/replicas/{replica}")

    assert (await client.post("/videos", DRAFT | {"replica_id": replica})).body == {"error": "Invalid replica_id"}


async def test_a_name_can_be_changed(client: Any) -> None:
    video_id = await create(client)
    reply = await client.send("PATCH", f"/videos/{video_id}/name", json={"video_name": "Later"})
    blank = await client.send("PATCH", f"/videos/{video_id}/name", json={"video_name": " "})

    assert (reply.status, reply.body) == (200, None)
    assert (await client.get(f"/videos/{video_id}")).body["video_name"] == "Later"
    assert (blank.status, blank.body) == (400, {"error": "video_name is required"})


async def test_what_is_deleted_is_marked_and_listed_no_more(client: Any) -> None:
    video_id = await create(client)
    client.sandbox.advance(120)
    reply = await client.delete(f"/videos/{video_id}")
    video = (await client.get(f"/videos/{video_id}?verbose=true")).body

    assert reply.status == 200
    assert (video["status"], video["download_url"], video["gif_thumbnail_url"]) == ("deleted", None, None)
    assert (await client.get("/videos")).body == {"data": [], "total_count": 0}
    assert (await client.delete(f"/videos/{video_id}")).status == 400
    assert (await client.send("PATCH", f"/videos/{video_id}/name", json={"video_name": "x"})).status == 400


async def test_what_is_deleted_for_good_is_gone(client: Any) -> None:
    video_id = await create(client)
    await client.delete(f"/videos/{video_id}?hard=true")
    reply = await client.get(f"/videos/{video_id}")

    assert (reply.status, reply.body) == (400, {"error": "Invalid video_id"})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_id_that_is_nobodys_is_unknown(client: Any, method: str) -> None:
    reply = await client.send(method, "/videos/v0")

    assert (reply.status, reply.body) == (400, {"error": "Invalid video_id"})
