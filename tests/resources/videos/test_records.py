"""What is read of a video, and that nothing of it is lost or shown that should not be."""

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tavus_async import InvalidRequestError, UnknownFieldWarning
from tavus_async.models import Video, VideoDraft, VideoProperties, VideoSource
from tests.support.fields import names_of
from tests.support.given_back import differences

BODY: dict[str, Any] = {
    "video_id": "1e30440cf9",
    "video_name": "For Zoë",
    "status": "ready",
    "status_details": "Your request has processed successfully!",
    "error_details": "",
    "generation_progress": "100/100",
    "data": {"script": "Hello.", "audio_url": "https://a.example/a.mp3?sig=00112233445566", "start_with_wave": True},
    "replica_id": "r79e1c033f",
    "hosted_url": "https://tavus.video/1e30440cf9",
    "download_url": "https://stream.example/high.mp4?token=abcdef0123456789",
    "stream_url": "https://stream.example/high.m3u8",
    "background_url": "https://yourwebsite.example/",
    "background_source_url": "https://bucket.example/b.mp4?X-Amz-Signature=fedcba9876543210",
    "still_image_thumbnail_url": "https://image.example/a.jpg",
    "gif_thumbnail_url": "https://image.example/a.gif",
    "created_at": "Tue, 24 Jun 2025 07:01:57 GMT",
    "updated_at": "2024-08-28 15:27:40.824457",
}
DRAFT: dict[str, Any] = {
    "replica_id": "r79e1c033f",
    "script": "Hello.",
    "audio_url": "https://a.example/a.mp3?sig=00112233445566",
    "video_name": "For Zoë",
    "background_url": "https://yourwebsite.example/",
    "background_source_url": "https://bucket.example/b.mp4?X-Amz-Signature=fedcba9876543210",
    "callback_url": "https://app.example/hooks/7d41c0ffee9b7d41c0ffee9b",
    "fast": True,
    "transparent_background": True,
    "watermark_image_url": "https://bucket.example/w.png",
    "watermark_url": "https://bucket.example/w.png",
    "properties": {
        "background_scroll": True,
        "background_scroll_type": "smooth",
        "background_scroll_depth": "bottom",
        "background_scroll_return": "halt",
        "start_with_wave": False,
    },
}
SECRETS = ["abcdef0123456789", "fedcba9876543210", "00112233445566", "7d41c0ffee9b7d41c0ffee9b"]


class TestVideo:
    def test_every_field_that_tavus_names_has_an_attribute(self) -> None:
        video = Video.from_dict(BODY)
        plain = set(BODY) - {"data", "created_at", "updated_at"}

        assert {name: getattr(video, name) for name in plain} == {name: BODY[name] for name in plain}
        assert set(names_of(video)) == set(BODY)
        assert (video.extra, differences(BODY, video.to_dict())) == ({}, [])
        assert video.data == VideoSource(**BODY["data"])

    def test_times_come_in_all_the_ways_that_tavus_writes_them(self) -> None:
        video = Video.from_dict(BODY)

        assert video.created_at == datetime(2025, 6, 24, 7, 1, 57, tzinfo=UTC)
        assert video.updated_at == datetime(2024, 8, 28, 15, 27, 40, 824457, tzinfo=UTC)

    def test_a_face_is_a_replica(self) -> None:
        body = {"video_id": "v1", "face_id": "r1"}

        assert Video.from_dict(body).replica_id == "r1"
        assert Video.from_dict(body).to_dict() == body

    def test_an_id_is_all_that_a_video_needs(self) -> None:
        assert Video.from_dict({"video_id": "v1"}).to_dict() == {"video_id": "v1"}
        assert Video(video_id="v1").data.script is None
        with pytest.raises(InvalidRequestError, match="a Video needs video_id"):
            Video.from_dict({"video_name": "For Zoë"})

    def test_no_link_shows_what_is_secret_in_it(self) -> None:
        video = Video.from_dict(BODY)
        shown = f"{video!r}{dict(video)}{pickle.dumps(video)!r}{video.to_dict(secrets=False)}"

        assert [secret for secret in SECRETS if secret in shown] == []
        assert video.download_url == BODY["download_url"]


class TestDraft:
    def test_every_field_that_a_create_takes_has_an_attribute(self) -> None:
        draft = VideoDraft.from_dict(DRAFT)

        assert set(names_of(VideoDraft)) == set(DRAFT)
        assert set(names_of(VideoProperties)) == set(DRAFT["properties"])
        assert (draft.extra, draft.to_dict()) == ({}, DRAFT)

    def test_no_link_shows_what_is_secret_in_it(self) -> None:
        draft = VideoDraft.from_dict(DRAFT)
        shown = f"{draft!r}{dict(draft)}{pickle.dumps(draft)!r}"

        assert [secret for secret in SECRETS if secret in shown] == []

    def test_a_field_of_tomorrow_is_told_and_sent(self) -> None:
        with pytest.warns(UnknownFieldWarning, match="knows no hat"):
            draft = VideoDraft.from_dict({"replica_id": "r1", "hat": True})

        assert draft.to_dict() == {"replica_id": "r1", "hat": True}


class TestRealBodies:
    def test_each_is_read_and_given_back(self, shared_reference: Path) -> None:
        answers, requests = 0, 0
        for path in sorted((shared_reference / "bodies" / "videos").glob("*.json")):
            body = json.loads(path.read_text(encoding="utf-8"))["body"]
            if "lipsync_name" in body:
                continue  # of another endpoint
            for item in body["data"] if isinstance(body.get("data"), list) else [body]:
                is_answer = "video_id" in item
                record: Any = (Video if is_answer else VideoDraft).from_dict(item)
                answers, requests = answers + is_answer, requests + (not is_answer)

                assert (path.name, record.extra, differences(item, record.to_dict())) == (path.name, {}, [])
                assert [repr(record), hash(record), pickle.dumps(record)]

        assert answers >= 6
        assert requests >= 3
