"""What is read of a replica, and that nothing of it is lost or shown that should not be."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from tavus_async import InvalidRequestError, UnknownFieldWarning
from tavus_async.models import Replica, ReplicaDraft, ReplicaProperties
from tests.support.fields import names_of
from tests.support.given_back import differences

BODY: dict[str, Any] = {
    "replica_id": "r90bbd427f71",
    "replica_name": "Zoë",
    "status": "completed",
    "training_progress": "100/100",
    "error_message": "",
    "replica_type": "user",
    "model_name": "phoenix-4",
    "thumbnail_video_url": "https://cdn.example/r90bbd427f71/thumb.mp4?X-Amz-Signature=abcdef0123456789",
    "thumbnail_image_url": "https://cdn.example/r90bbd427f71/thumb.jpg",
    "default_voice_id": "v0a1b2c3d4e5f",
    "original_voice_id": "v000000000001",
    "tags": ["casual", {"tag_name": "warm"}],
    "finetune_status": "completed",
    "is_recommended": True,
    "observations": {"hair": "brown"},
    "replica_uuid": "u-1",
    "created_at": "2024-01-24T07:14:03.327Z",
    "updated_at": "2024-01-24T07:14:03.327000Z",
}
RENAMED = {
    "replica_id": "face_id",
    "replica_name": "face_name",
    "replica_type": "face_type",
    "replica_uuid": "face_uuid",
}
DRAFT: dict[str, Any] = {
    "replica_name": "Zoë",
    "train_video_url": "https://bucket.example/train.mp4?X-Amz-Signature=abcdef0123456789",
    "consent_video_url": "https://bucket.example/consent.mp4?token=fedcba9876543210",
    "train_image_url": "https://bucket.example/face.png?token=00112233445566",
    "auto_fix_training_image": True,
    "voice_name": "anna",
    "default_voice_id": "v0a1b2c3d4e5f",
    "model_name": "phoenix-4",
    "callback_url": "https://app.example/hooks/7d41c0ffee9b7d41c0ffee9b",
    "properties": {"background_green_screen": True},
}


class TestReplica:
    def test_every_field_that_tavus_names_has_an_attribute(self) -> None:
        replica = Replica.from_dict(BODY)
        plain = set(BODY) - {"tags", "created_at", "updated_at"}

        assert {name: getattr(replica, name) for name in plain} == {name: BODY[name] for name in plain}
        assert set(names_of(replica)) == set(BODY)
        assert (replica.extra, differences(BODY, replica.to_dict())) == ({}, [])

    def test_a_face_fills_the_same_fields_and_is_given_back_as_one(self) -> None:
        body = {RENAMED.get(name, name): value for name, value in BODY.items()}
        replica = Replica.from_dict(body)

        assert replica == Replica.from_dict(BODY)
        assert differences(body, replica.to_dict()) == []

    def test_of_both_names_the_older_wins_and_the_other_is_kept(self) -> None:
        body = {"replica_id": "r1", "face_id": "r2", "replica_name": "Ann", "face_name": "Bob"}
        with pytest.warns(UnknownFieldWarning):
            replica = Replica.from_dict(body)

        assert (replica.replica_id, replica.replica_name) == ("r1", "Ann")
        assert replica.extra == {"face_id": "r2", "face_name": "Bob"}
        assert replica.to_dict() == body

    def test_an_id_is_all_that_a_replica_needs(self) -> None:
        assert Replica.from_dict({"face_id": "r1"}) == Replica(replica_id="r1")
        assert Replica(replica_id="r1").to_dict() == {"replica_id": "r1"}
        assert Replica(replica_id="r1").tag_names == ()
        with pytest.raises(InvalidRequestError, match="a Replica needs replica_id"):
            Replica.from_dict({"replica_name": "Ann"})

    @pytest.mark.parametrize(
        ("tags", "names"),
        [
            (["warm", "calm"], ("warm", "calm")),
            ([{"tag_name": "warm"}, {"tag_name": "calm", "id": 5}], ("warm", "calm")),
            (["warm", {"tag_name": "calm"}, {"name": "x"}, {"tag_name": 5}], ("warm", "calm")),
            ([], ()),
            (None, ()),
        ],
    )
    def test_tags_come_as_texts_or_as_objects(self, tags: Any, names: tuple[str, ...]) -> None:
        replica = Replica.from_dict({"replica_id": "r1", "tags": tags})

        assert replica.tag_names == names
        assert differences({"replica_id": "r1", "tags": tags}, replica.to_dict()) == []

    def test_links_show_no_signature(self) -> None:
        replica = Replica.from_dict(BODY)

        assert "abcdef0123456789" not in f"{replica!r}{dict(replica)}{pickle.dumps(replica)!r}"
        assert replica.thumbnail_video_url == BODY["thumbnail_video_url"]

    def test_what_a_foreign_word_means_is_told(self) -> None:
        replica: Any = Replica(replica_id="r1", replica_name="Ann")

        with pytest.raises(AttributeError, match="replica_name"):
            _ = replica.face_name


class TestDraft:
    def test_every_field_that_a_create_takes_has_an_attribute(self) -> None:
        draft = ReplicaDraft.from_dict(DRAFT)

        assert set(names_of(ReplicaDraft)) == set(DRAFT)
        assert draft.properties == ReplicaProperties(background_green_screen=True)
        assert (draft.extra, draft.to_dict()) == ({}, DRAFT)

    def test_the_links_to_a_person_show_no_secret(self) -> None:
        draft = ReplicaDraft.from_dict(DRAFT)
        shown = f"{draft!r}{dict(draft)}{pickle.dumps(draft)!r}"
        secrets = ["abcdef0123456789", "fedcba9876543210", "00112233445566", "7d41c0ffee9b7d41c0ffee9b"]

        assert [secret for secret in secrets if secret in shown] == []

    def test_a_field_of_tomorrow_is_told_and_sent(self) -> None:
        with pytest.warns(UnknownFieldWarning, match="knows no properties.hat"):
            draft = ReplicaDraft.from_dict({"train_video_url": "https://a.example/a.mp4", "properties": {"hat": True}})

        assert draft.to_dict()["properties"] == {"hat": True}


class TestRealBodies:
    def test_each_is_read_and_given_back(self, shared_reference: Path) -> None:
        answers, requests = 0, 0
        for path in sorted((shared_reference / "bodies" / "faces").glob("*.json")):
            body = json.loads(path.read_text(encoding="utf-8"))["body"]
            for item in next((body[name] for name in ("data", "faces") if name in body), [body]):
                is_answer = "face_id" in item or "replica_id" in item
                record: Any = (Replica if is_answer else ReplicaDraft).from_dict(item)
                answers, requests = answers + is_answer, requests + (not is_answer)

                assert (path.name, record.extra, differences(item, record.to_dict())) == (path.name, {}, [])
                assert [repr(record), hash(record), pickle.dumps(record)]

        assert answers >= 9
        assert requests >= 5
