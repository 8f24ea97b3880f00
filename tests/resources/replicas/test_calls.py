"""What is sent for replicas, in the words of both vocabularies, and what is refused before."""

import json
from typing import Any

import attrs
import pytest

from tavus_async import Call, InvalidRequestError, calls
from tavus_async.models import Replica, ReplicaDraft, ReplicaProperties

VIDEO = "https://bucket.example/train.mp4"
IMAGE = "https://bucket.example/face.png"


def sent(call: Call[Any], *, renamed: bool = False) -> Any:
    return json.loads(call.spelled(renamed=renamed).body or b"null")


class TestReading:
    def test_a_face_is_a_replica_at_another_path(self) -> None:
        call = calls.get_replica("r 1")

        assert (call.path, call.renamed_path, call.query) == ("/v2/replicas/r%201", "/v2/faces/r%201", ())
        assert calls.get_replica("r1", verbose=True).query == (("verbose", "true"),)

    @pytest.mark.parametrize("name", ["data", "replicas", "faces"])
    def test_a_list_may_lie_under_any_of_its_names(self, name: str) -> None:
        body = json.dumps({name: [{"face_id": "r1", "face_name": "Ann"}]}).encode()
        page = calls.list_replicas_page().decode(body)

        assert page.items == (Replica(replica_id="r1", replica_name="Ann"),)
        assert page.total_count is None

    def test_filters_are_spelled_as_the_path_is(self) -> None:
        call = calls.list_replicas_page(
            page=2, limit=5, verbose=True, replica_type="system", replica_ids=["r1", "r2"], model_name="phoenix-4"
        )
        start = (("limit", "5"), ("page", "2"), ("verbose", "true"))

        assert call.query == (
            *start,
            ("replica_type", "system"),
            ("replica_ids", "r1,r2"),
            ("model_name", "phoenix-4"),
        )
        assert call.spelled(renamed=True).query == (
            *start,
            ("face_type", "system"),
            ("face_ids", "r1,r2"),
            ("model_name", "phoenix-4"),
        )
        assert calls.list_replicas_page(replica_ids=[], sort="recommended").query == (
            ("limit", "10"),
            ("page", "1"),
            ("sort", "recommended"),
        )

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"page": 0}, "page must be a whole number from 1 up"),
            ({"replica_type": "mine"}, "replica_type must be one of user, system"),
            ({"replica_ids": ["r1,r2"]}, "none can have a comma in it"),
            ({"replica_ids": [5]}, "replica_ids must be a list of texts"),
            ({"replica_ids": 5}, "replica_ids must be a list of texts"),
            ({"verbose": "no"}, "verbose must be a bool"),
        ],
    )
    def test_a_filter_that_makes_no_sense_is_refused(self, arguments: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.list_replicas_page(**arguments)


class TestCreate:
    def test_a_draft_goes_in_the_names_of_the_path(self) -> None:
        draft = ReplicaDraft(
            replica_name="Ann",
            train_video_url=VIDEO,
            properties=ReplicaProperties(background_green_screen=False),
        )
        call = calls.create_replica(draft)
        rest = {"train_video_url": VIDEO, "properties": {"background_green_screen": False}}

        assert (call.method, call.path, call.renamed_path) == ("POST", "/v2/replicas", "/v2/faces")
        assert sent(call) == {"replica_name": "Ann", **rest}
        assert sent(call, renamed=True) == {"face_name": "Ann", **rest}
        assert (call.repeatable, call.creates) == (False, "Ann")
        assert "find_replicas('Ann')" in call.recovery

    @pytest.mark.parametrize("voice", [{"voice_name": "anna"}, {"default_voice_id": "v1"}])
    def test_an_image_needs_a_voice_by_name_or_by_id(self, voice: dict[str, str]) -> None:
        assert sent(calls.create_replica({"train_image_url": IMAGE, **voice})) == {"train_image_url": IMAGE, **voice}

    @pytest.mark.parametrize(
        ("draft", "problem"),
        [
            ({"replica_name": "Ann"}, "a train_video_url or a train_image_url, one of the two"),
            ({"train_video_url": "", "train_image_url": ""}, "one of the two"),
            ({"train_video_url": VIDEO, "train_image_url": IMAGE, "voice_name": "anna"}, "one of the two"),
            ({"train_image_url": IMAGE}, "a replica of an image needs a voice"),
            ({"train_image_url": IMAGE, "voice_name": ""}, "a replica of an image needs a voice"),
            ({"train_video_url": 5}, "wrong type: train_video_url"),
            ({"train_video_url": "https://a.example/a.mp4?token=***"}, "shown without its secret: train_video_url"),
            ("r1", "draft must be a ReplicaDraft, not a str"),
        ],
    )
    def test_what_is_certain_to_be_refused_is_not_sent(self, draft: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.create_replica(draft)

    @pytest.mark.parametrize(
        "body", [{"replica_id": "r1", "status": "started"}, {"face_id": "r1", "status": "started"}]
    )
    def test_the_answer_is_a_replica_that_is_being_trained(self, body: dict[str, str]) -> None:
        answer = calls.create_replica({"train_video_url": VIDEO}).decode(json.dumps(body).encode())

        assert answer == Replica(replica_id="r1", status="started")


class TestUpdate:
    BEFORE = Replica(
        replica_id="r1", replica_name="Ann", default_voice_id="v2", original_voice_id="v1", status="started"
    )

    def test_what_differs_between_two_records_is_sent_and_what_the_server_sets_is_not(self) -> None:
        after = attrs.evolve(self.BEFORE, replica_name="Bob", status="completed", training_progress="100/100")
        call = calls.update_replica(self.BEFORE, after)

        assert (call.method, call.path, call.renamed_path) == ("PATCH", "/v2/replicas/r1", "/v2/faces/r1")
        assert (sent(call), sent(call, renamed=True)) == ({"replica_name": "Bob"}, {"face_name": "Bob"})

    def test_a_mapping_is_sent_as_it_is(self) -> None:
        call = calls.update_replica("r1", {"face_name": "Bob", "default_voice_id": "v1"})

        assert sent(call) == {"replica_name": "Bob", "default_voice_id": "v1"}
        assert sent(call, renamed=True) == {"face_name": "Bob", "default_voice_id": "v1"}

    def test_of_equal_records_the_replica_is_read(self) -> None:
        call = calls.update_replica(self.BEFORE, attrs.evolve(self.BEFORE, status="completed"))

        assert (call.method, call.path, call.reads) == ("GET", "/v2/replicas/r1", None)

    def test_the_answer_tells_less_than_a_replica_has(self) -> None:
        body = {"face_id": "r1", "face_name": "Bob", "default_voice_id": None, "original_voice_id": "v1"}
        answer = calls.update_replica("r1", {"replica_name": "Bob"}).decode(json.dumps(body).encode())

        assert answer == Replica(replica_id="r1", replica_name="Bob", original_voice_id="v1")

    @pytest.mark.parametrize(
        "after",
        [
            {"replica_name": None},
            {"face_name": " "},
            {"default_voice_id": None},
            {"default_voice_id": ""},
            attrs.evolve(BEFORE, default_voice_id=None),
        ],
    )
    def test_neither_name_nor_voice_can_be_taken_away(self, after: Any) -> None:
        before = self.BEFORE if isinstance(after, Replica) else "r1"

        with pytest.raises(InvalidRequestError, match="neither cleared nor left blank"):
            calls.update_replica(before, after)

    def test_another_one_is_refused(self) -> None:
        with pytest.raises(InvalidRequestError, match="two replicas: their replica_id differs"):
            calls.update_replica(self.BEFORE, attrs.evolve(self.BEFORE, replica_id="r2"))


def test_the_older_endpoint_renames_and_does_nothing_else() -> None:
    call = calls.rename_replica("r1", "Bob")

    assert (call.method, call.path, call.renamed_path) == ("PATCH", "/v2/replicas/r1/name", "/v2/faces/r1/name")
    assert (sent(call), sent(call, renamed=True)) == ({"replica_name": "Bob"}, {"face_name": "Bob"})
    with pytest.raises(InvalidRequestError, match="replica_name is blank"):
        calls.rename_replica("r1", " ")


def test_a_hard_delete_has_to_be_meant() -> None:
    wrong: Any = "no"

    assert calls.delete_replica("r1").query == ()
    assert calls.delete_replica("r1", hard=True).query == (("hard", "true"),)
    assert calls.delete_replica("r1").renamed_path == "/v2/faces/r1"
    with pytest.raises(InvalidRequestError, match="hard must be a bool"):
        calls.delete_replica("r1", hard=wrong)
