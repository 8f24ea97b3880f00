"""The training of replicas: its progress, its end, and who is told."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Callbacks, Sandbox
from tavus_async.sandbox.resources.replicas.failures import TRAINING_ERRORS
from tavus_async.sandbox.resources.replicas.training import failure

Connect = Callable[[Sandbox], Awaitable[Any]]
VIDEO = "https://bucket.example/train.mp4?X-Amz-Signature=abc"
IMAGE = "https://bucket.example/face.PNG"
HOUR = 3600.0


@pytest.fixture
async def still(connect: Connect) -> Any:
    """A client of a sandbox in which nobody is told of anything twice."""
    return await connect(Sandbox(callbacks=Callbacks(duplicates=0)))


async def train(client: Any, path: str = "/faces", **body: Any) -> str:
    reply = await client.post(path, body)
    assert reply.status == 200
    return str(reply.body.get("face_id") or reply.body["replica_id"])


async def test_it_goes_on_for_hours_and_ends(still: Any) -> None:
    face_id = await train(still, train_video_url=VIDEO, face_name="Ann")
    seen = []
    for _ in range(5):
        body = (await still.get(f"/faces/{face_id}")).body
        seen.append((body["status"], body["training_progress"]))
        still.sandbox.advance(HOUR)

    assert seen == [
        ("started", "0/100"),
        ("started", "28/100"),
        ("started", "57/100"),
        ("started", "85/100"),
        ("completed", "100/100"),
    ]


async def test_a_video_brings_its_voice_along(still: Any) -> None:
    face_id = await train(still, train_video_url=VIDEO, face_name="Ann")
    still.sandbox.advance(4 * HOUR)
    face = (await still.get(f"/faces/{face_id}")).body
    voice = (await still.get(f"/voices/{face['default_voice_id']}")).body

    assert face["default_voice_id"] == face["original_voice_id"]
    assert face["thumbnail_video_url"].startswith("https://")
    assert (voice["voice_name"], voice["voice_type"], voice["status"]) == ("Ann", "user", "completed")
    refused = await still.delete(f"/voices/{voice['voice_id']}")
    assert (refused.status, refused.body["used_by"]) == (409, {"pals": 0, "faces": 1})


@pytest.mark.parametrize(
    ("voice", "default"),
    [
        ({"voice_name": "ANNA"}, "v7d2f0a91c3e4"),
        ({"voice_name": "nobody"}, None),
        ({"default_voice_id": "v1"}, "v1"),
        ({"default_voice_id": "v1", "voice_name": "anna"}, "v1"),
    ],
)
async def test_an_image_has_the_voice_that_it_was_given(still: Any, voice: dict[str, str], default: str | None) -> None:
    face_id = await train(still, train_image_url=IMAGE, **voice)
    still.sandbox.advance(4 * HOUR)
    face = (await still.get(f"/faces/{face_id}")).body

    assert (face["status"], face["default_voice_id"], face["original_voice_id"]) == ("completed", default, default)


async def test_a_voice_that_was_set_meanwhile_stays(still: Any) -> None:
    face_id = await train(still, train_video_url=VIDEO)
    await still.send("PATCH", f"/faces/{face_id}", json={"default_voice_id": "v1"})
    still.sandbox.advance(4 * HOUR)
    face = (await still.get(f"/faces/{face_id}")).body

    assert face["default_voice_id"] == "v1"
    assert face["original_voice_id"] not in {"v1", None}


@pytest.mark.parametrize(
    ("draft", "kind"),
    [
        ({"train_video_url": "https://nowhere.invalid/a.mp4"}, "download_link"),
        ({"train_video_url": VIDEO, "consent_video_url": "https://a.b.invalid/c"}, "download_link"),
        ({"train_image_url": "https://nowhere.invalid/a.png"}, "download_link"),
        ({"train_video_url": "https://a.example/a.avi?x=.mp4"}, "video_format"),
        ({"train_video_url": VIDEO, "consent_video_url": "https://a.example/c.txt"}, "video_format"),
        ({"train_image_url": "https://a.example/a.tiff"}, "image_quality"),
        ({"train_video_url": "https://a.example/x/video_fps.mp4?token=1"}, "video_fps"),
        (
            {"train_video_url": VIDEO, "consent_video_url": "https://a.b/consent_phrase_mismatch"},
            "consent_phrase_mismatch",
        ),
    ],
)
async def test_what_cannot_be_used_fails_soon(still: Any, draft: dict[str, str], kind: str) -> None:
    face_id = await train(still, **draft, voice_name="anna")
    before = (await still.get(f"/faces/{face_id}")).body
    still.sandbox.advance(60)
    face = (await still.get(f"/faces/{face_id}")).body
    still.sandbox.advance(4 * HOUR)

    assert (before["status"], before["error_message"]) == ("started", None)
    assert (face["status"], face["training_progress"]) == ("error", "0/100")
    assert face["error_message"] == TRAINING_ERRORS[kind]
    assert (await still.get(f"/faces/{face_id}")).body == face


@pytest.mark.parametrize(
    "draft",
    [
        {"train_video_url": VIDEO},
        {"train_video_url": "https://a.example/a.MP4"},
        {"train_video_url": "https://a.example/without-an-ending"},
        {"train_video_url": "https://invalid.example/a.mp4", "consent_video_url": VIDEO},
        {"train_image_url": IMAGE},
    ],
)
def test_anything_else_can_be_used(draft: Any) -> None:
    assert failure(draft) is None


@pytest.mark.parametrize("kind", TRAINING_ERRORS)
def test_a_file_that_is_named_after_an_error_has_it(kind: str) -> None:
    reason = failure({"train_video_url": f"https://bucket.example/{kind}.mp4"})

    assert reason == TRAINING_ERRORS[kind]
    assert len({*TRAINING_ERRORS.values()}) == len(TRAINING_ERRORS)


class TestCallbacks:
    @pytest.mark.parametrize(("path", "word"), [("/faces", "face_id"), ("/replicas", "replica_id")])
    async def test_the_end_is_told_in_the_words_of_the_create(
        self, still: Any, receiver: Any, path: str, word: str
    ) -> None:
        replica_id = await train(still, path, train_video_url=VIDEO, callback_url=receiver.url)
        still.sandbox.advance(HOUR)
        await still.sandbox.drain_callbacks()
        early = list(receiver.bodies)
        still.sandbox.advance(4 * HOUR)
        await still.sandbox.drain_callbacks()

        assert (early, receiver.bodies) == ([], [{word: replica_id, "status": "ready"}])
        assert [each.subject_id for each in still.sandbox.deliveries] == [replica_id]

    async def test_a_failure_is_told_with_its_reason(self, still: Any, receiver: Any) -> None:
        url = "https://nowhere.invalid/a.mp4"
        face_id = await train(still, train_video_url=url, callback_url=receiver.url)
        still.sandbox.advance(4 * HOUR)
        await still.sandbox.drain_callbacks()
        face = (await still.get(f"/faces/{face_id}")).body

        assert receiver.bodies == [{"face_id": face_id, "status": "error", "error_message": face["error_message"]}]

    @pytest.mark.parametrize("query", ["", "?hard=true"])
    async def test_of_what_is_deleted_nothing_is_told(self, still: Any, receiver: Any, query: str) -> None:
        voices = still.sandbox.ids("voices")
        for url in (VIDEO, "https://nowhere.invalid/a.mp4"):
            face_id = await train(still, train_video_url=url, callback_url=receiver.url)
            await still.delete(f"/faces/{face_id}{query}")
        still.sandbox.advance(4 * HOUR)
        await still.sandbox.drain_callbacks()

        assert (receiver.bodies, still.sandbox.ids("voices")) == ([], voices)


async def test_speed_shortens_it(connect: Connect, eventually: Any) -> None:
    client = await connect(Sandbox(speed=1_000_000))
    face_id = await train(client, train_video_url=VIDEO)

    def status() -> object:
        return client.sandbox.stored(face_id, resource="replicas")["status"]

    await eventually(lambda: status() == "completed")
    assert status() == "completed"
