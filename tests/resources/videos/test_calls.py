"""What is sent for videos, and what is refused before."""

import json
from typing import Any

import attrs
import pytest

from tavus_async import Call, InvalidRequestError, calls
from tavus_async.models import Video, VideoDraft

DRAFT = VideoDraft(replica_id="r1", script="Hello.")


def sent(call: Call[Any], *, renamed: bool = False) -> Any:
    return json.loads(call.spelled(renamed=renamed).body or b"null")


class TestReading:
    def test_one_is_asked_for_by_its_id(self) -> None:
        assert (calls.get_video("v 1").path, calls.get_video("v1").query) == ("/v2/videos/v%201", ())
        assert calls.get_video("v1", verbose=True).query == (("verbose", "true"),)
        assert calls.get_video("v1").reads == "/v2/videos/v1"

    def test_pages_are_counted_from_0(self) -> None:
        assert calls.list_videos_page().query == (("limit", "10"), ("page", "0"))
        with pytest.raises(InvalidRequestError, match="page must be a whole number from 0 up"):
            calls.list_videos_page(page=-1)

    @pytest.mark.parametrize("name", ["data", "videos"])
    def test_a_list_may_lie_under_any_of_its_names(self, name: str) -> None:
        body = json.dumps({name: [{"video_id": "v1", "status": "ready"}], "total_count": 1}).encode()

        assert calls.list_videos_page().decode(body).items == (Video(video_id="v1", status="ready"),)

    def test_nothing_of_a_path_has_been_renamed(self) -> None:
        made: list[Call[Any]] = [
            calls.get_video("v1"),
            calls.list_videos_page(),
            calls.create_video(DRAFT),
            calls.delete_video("v1"),
        ]

        assert [call.spelled(renamed=True).path for call in made] == [call.path for call in made]


class TestWriting:
    @pytest.mark.parametrize("renamed", [False, True])
    def test_a_replica_is_one_in_either_vocabulary(self, renamed: bool) -> None:
        call = calls.create_video({"face_id": "r1", "script": "Hello."})

        assert sent(call, renamed=renamed) == {"replica_id": "r1", "script": "Hello."}

    def test_a_create_is_found_by_its_name(self) -> None:
        call = calls.create_video(attrs.evolve(DRAFT, video_name="Sales"))

        assert (call.creates, call.repeatable) == ("Sales", False)
        assert call.recovery == "await session.find_videos('Sales') tells"

    @pytest.mark.parametrize(
        ("draft", "problem"),
        [
            ({"script": "Hello."}, "needs a replica_id"),
            ({"replica_id": "", "script": "Hello."}, "needs a replica_id"),
            ({"replica_id": "r1"}, "needs a script or an audio_url, and not both"),
            ({"replica_id": "r1", "script": " "}, "needs a script or an audio_url, and not both"),
            ({"replica_id": "r1", "script": "a", "audio_url": "https://a.example/"}, "and not both"),
            ({"replica_id": "r1", "script": "a", "transparent_background": True}, r"needs fast=True"),
            ({"replica_id": "r1", "script": 5}, "values of the wrong type: script"),
            (5, "draft must be a VideoDraft"),
        ],
    )
    def test_what_is_refused_for_certain_is_not_sent(self, draft: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.create_video(draft)

    def test_a_masked_link_is_not_sent(self) -> None:
        with pytest.raises(InvalidRequestError, match="shown without its secret"):
            calls.create_video({"replica_id": "r1", "audio_url": "https://a.example/a.mp3?sig=***"})

    def test_a_name_is_changed_at_a_path_of_its_own(self) -> None:
        call = calls.rename_video("v1", "Sales")

        assert (call.method, call.path, sent(call)) == ("PATCH", "/v2/videos/v1/name", {"video_name": "Sales"})
        assert not call.repeatable
        assert call.decode(b"") is call.decode(b"{}") is None

    def test_deleting_for_good_is_said_in_so_many_words(self) -> None:
        assert (calls.delete_video("v1").query, calls.delete_video("v1", hard=True).query) == ((), (("hard", "true"),))
        hard: Any = "no"
        with pytest.raises(InvalidRequestError, match="hard must be"):
            calls.delete_video("v1", hard=hard)
