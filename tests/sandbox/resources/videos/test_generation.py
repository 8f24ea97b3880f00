"""How a video comes to be ready, or fails, and who is told."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Callbacks, Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
DRAFT = {"replica_id": "r1", "script": "Hello."}


@pytest.fixture
async def still(connect: Connect) -> Any:
    """A client of a sandbox in which nobody is told of anything twice."""
    return await connect(Sandbox(callbacks=Callbacks(duplicates=0)))


async def create(client: Any, **body: Any) -> str:
    return str((await client.post("/videos", {**DRAFT, **body})).body["video_id"])


async def read(client: Any, video_id: str) -> Any:
    return (await client.get(f"/videos/{video_id}")).body


async def test_it_waits_is_generated_and_is_ready(still: Any) -> None:
    video_id = await create(still)
    seen = []
    for _ in range(5):
        video = await read(still, video_id)
        seen.append((video["status"], video["generation_progress"], video["download_url"] is None))
        still.sandbox.advance(17)

    assert seen == [
        ("queued", "0/100", True),
        ("generating", "0/100", True),
        ("generating", "37/100", True),
        ("generating", "74/100", True),
        ("ready", "100/100", False),
    ]
    assert (await read(still, video_id))["status_details"] == "Your request has processed successfully!"


async def test_it_waits_for_a_replica_that_is_still_trained(still: Any) -> None:
    replica = (await still.post("/replicas", {"train_video_url": "https://a.example/a.mp4"})).body["replica_id"]
    video_id = await create(still, replica_id=replica)

    still.sandbox.advance(3 * 3600)
    assert (await read(still, video_id))["status"] == "queued"
    still.sandbox.advance(3600)
    assert (await read(still, video_id))["status"] == "ready"


async def test_it_fails_with_a_replica_that_has_failed(still: Any) -> None:
    replica = still.sandbox.add({"replica_name": "Ann", "status": "error"}, resource="replicas")
    video_id = await create(still, replica_id=replica)
    still.sandbox.advance(60)

    assert (await read(still, video_id))["status_details"] == "The replica failed to train."


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"script": "error: There is no light."}, "There is no light."),
        ({"script": "Error:"}, "An error occurred while generating your video."),
        (
            {"script": None, "audio_url": "https://nowhere.invalid/a.mp3"},
            "There was an issue downloading your audio file.",
        ),
        ({"background_url": "https://nowhere.invalid/"}, "There was an issue downloading your background website."),
    ],
)
async def test_a_draft_can_bring_about_an_error(still: Any, body: dict[str, Any], reason: str) -> None:
    video_id = await create(still, **body)
    still.sandbox.advance(120)
    video = await read(still, video_id)

    assert (video["status"], video["download_url"]) == ("error", None)
    assert video["status_details"].startswith(reason)
    assert video["error_details"] == video["status_details"]


async def test_what_is_rendered_quickly_has_less(still: Any) -> None:
    video_id = await create(still, fast=True, transparent_background=True)
    still.sandbox.advance(120)
    video = (await still.get(f"/videos/{video_id}?verbose=true")).body

    assert video["stream_url"] is None
    assert "gif_thumbnail_url" not in video
    assert f"{video_id}/high.webm?" in video["download_url"]


@pytest.mark.parametrize("hard", ["", "?hard=true"])
async def test_what_is_deleted_meanwhile_is_not_made(still: Any, receiver: Any, hard: str) -> None:
    ids = [await create(still, callback_url=receiver.url) for _ in range(2)]
    await still.delete(f"/videos/{ids[0]}{hard}")
    still.sandbox.advance(20)
    await still.delete(f"/videos/{ids[1]}{hard}")
    still.sandbox.advance(120)
    await still.sandbox.drain_callbacks()

    assert receiver.bodies == []


@pytest.mark.parametrize(("script", "status"), [("Hello.", "ready"), ("error: No.", "error")])
async def test_the_end_is_told(still: Any, receiver: Any, script: str, status: str) -> None:
    video_id = await create(still, script=script, callback_url=receiver.url)
    still.sandbox.advance(120)
    await still.sandbox.drain_callbacks()
    (body,) = receiver.bodies

    assert (body["video_id"], body["status"]) == (video_id, status)
    assert body["error_details"] == ("No." if status == "error" else None)
    assert "event_type" not in body
    assert len(body["created_at"]) == len("2024-08-28 15:27:40.824457")
