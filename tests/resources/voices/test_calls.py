"""What is sent for voices, and what is refused before."""

import json
from typing import Any

import attrs
import pytest

from tavus_async import Call, DecodeError, InvalidRequestError, calls
from tavus_async.models import Voice, VoiceDraft

AUDIO = "https://bucket.example/ana.mp3"
BEFORE = Voice(voice_id="v1", voice_name="Ana", description="Warm", tags=("warm",), status="started")


def sent(call: Call[Any]) -> Any:
    return json.loads(call.body or b"null")


class TestReading:
    def test_both_vocabularies_have_one_path(self) -> None:
        call = calls.get_voice("v 1")

        assert (call.path, call.renamed_path, call.spelled(renamed=True)) == ("/v2/voices/v%201", None, call)

    @pytest.mark.parametrize("name", ["data", "voices"])
    def test_a_list_may_have_items_of_both_shapes(self, name: str) -> None:
        items = [{"voice_id": "v1", "tags": ["a"]}, {"voice_name": "anna", "tags": [{"tag_name": "a"}]}]
        page = calls.list_voices_page().decode(json.dumps({name: items, "total_count": 2}).encode())

        assert [voice.voice_id for voice in page] == ["v1", ""]
        assert [voice.tag_names for voice in page] == [("a",), ("a",)]
        assert [voice.to_dict() for voice in page] == items
        assert page.total_count == 2

    @pytest.mark.parametrize("item", [5, "anna", None, []])
    def test_an_item_is_an_object(self, item: Any) -> None:
        with pytest.raises(DecodeError, match=r"\$\.data\[0\]"):
            calls.list_voices_page().decode(json.dumps({"data": [item]}).encode())

    def test_one_voice_has_an_id(self) -> None:
        with pytest.raises(DecodeError):
            calls.get_voice("v1").decode(b'{"voice_name": "anna"}')

    def test_filters_are_sent_if_they_are_given(self) -> None:
        call = calls.list_voices_page(page=2, limit=5, search="an", tag="warm", source="all", sort="desc")

        assert call.query == (
            ("limit", "5"),
            ("page", "2"),
            ("search", "an"),
            ("tag", "warm"),
            ("source", "all"),
            ("sort", "desc"),
        )
        assert calls.list_voices_page().query == (("limit", "10"), ("page", "1"))
        with pytest.raises(InvalidRequestError, match="sort must be one of asc, desc"):
            calls.list_voices_page(sort="name")


class TestCreate:
    def test_a_draft_is_sent_as_it_is_and_at_most_once(self) -> None:
        call = calls.create_voice(VoiceDraft(voice_name="Ana", audio_url=AUDIO, description=""))

        assert (call.method, call.path) == ("POST", "/v2/voices")
        assert sent(call) == {"voice_name": "Ana", "audio_url": AUDIO, "description": ""}
        assert (call.repeatable, call.creates) == (False, "Ana")
        assert "find_voices('Ana')" in call.recovery

    @pytest.mark.parametrize(
        ("draft", "problem"),
        [
            ({"audio_url": AUDIO}, "a voice needs voice_name"),
            ({"audio_url": AUDIO, "voice_name": " "}, "a voice needs voice_name"),
            ({"voice_name": "Ana"}, "a voice needs audio_url"),
            ({"voice_name": "a" * 256, "audio_url": AUDIO}, "voice_name must have at most 255 characters"),
            ({"voice_name": "a", "audio_url": AUDIO + "a" * 2048}, "audio_url must have at most 2,048 characters"),
            ({"voice_name": "a", "audio_url": AUDIO, "description": "a" * 1001}, "at most 1,000 characters"),
            ({"voice_name": 5, "audio_url": AUDIO}, "wrong type: voice_name"),
            (5, "draft must be a VoiceDraft, not an int"),
        ],
    )
    def test_what_is_certain_to_be_refused_is_not_sent(self, draft: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.create_voice(draft)

    def test_the_longest_texts_are_sent(self) -> None:
        draft = {"voice_name": "a" * 255, "audio_url": AUDIO.ljust(2048, "a"), "description": "a" * 1000}

        assert sent(calls.create_voice(draft)) == draft


class TestUpdate:
    def test_what_differs_between_two_records_is_sent_and_what_the_server_sets_is_not(self) -> None:
        after = attrs.evolve(BEFORE, description=None, tags=[], status="completed")
        call = calls.update_voice(BEFORE, after)

        assert (call.method, call.path) == ("PATCH", "/v2/voices/v1")
        assert sent(call) == {"description": None, "tags": []}

    def test_none_clears_the_description_and_nothing_else(self) -> None:
        assert sent(calls.update_voice("v1", {"description": None})) == {"description": None}
        for after in ({"voice_name": None}, {"voice_name": ""}, {"tags": None}):
            with pytest.raises(InvalidRequestError, match="neither cleared nor left blank"):
                calls.update_voice("v1", after)

    def test_of_equal_records_the_voice_is_read(self) -> None:
        call = calls.update_voice(BEFORE, attrs.evolve(BEFORE, status="completed"))

        assert (call.method, call.path) == ("GET", "/v2/voices/v1")

    def test_one_without_an_id_cannot_be_changed(self) -> None:
        older = Voice(voice_name="anna")

        with pytest.raises(InvalidRequestError, match="voice_id is empty"):
            calls.update_voice(older, attrs.evolve(older, voice_name="Anna"))
