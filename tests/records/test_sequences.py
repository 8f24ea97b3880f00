"""Fields that hold sequences of records, and classes that stand for several."""

import pickle
from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from tavus_async._records.body import body_of
from tavus_async._records.fields import SECRET, named, nested
from tavus_async._records.immutable import JsonObject, keep
from tavus_async._records.reading import make_record
from tavus_async._records.record import Record, misfits
from tavus_async._records.secrets import Secret, make_secret
from tavus_async._records.unknown import UnknownFieldWarning


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Note(Record):
    """One note."""

    pitch: str | None = named("tone")
    """How high."""
    token: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """Who may play it."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Shape(Record):
    """A shape of some kind."""

    kind: str | None = None
    """Which."""

    @classmethod
    def _kind_of(cls, body: dict[str, Any]) -> "type[Shape]":
        return Circle if body.get("kind") == "circle" else Shape


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Circle(Shape):
    """A round one."""

    radius: float | None = None
    """How far from its centre."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Song(Record):
    """Notes, and shapes to look at."""

    _is_draft = True

    notes: Sequence[Note] | None = nested(None)
    """One after the other."""
    shapes: Sequence[Shape] | None = nested(None)
    """All at once."""


class TestReading:
    def test_a_list_of_objects_becomes_records(self) -> None:
        song = make_record(Song, {"notes": [{"tone": "c"}, {"pitch": "d", "length": 2}]})

        assert song.notes == (Note(pitch="c"), Note(pitch="d", extra={"length": 2}))

    def test_an_empty_list_is_an_empty_sequence(self) -> None:
        assert make_record(Song, {"notes": []}).notes == ()

    def test_the_body_is_given_back_as_it_came(self) -> None:
        body = {"notes": [{"tone": "c"}, {"pitch": 7}], "shapes": [{"kind": "circle", "radius": 1.5, "new": [1]}]}

        assert make_record(Song, body).to_dict() == body

    @pytest.mark.parametrize("wrong", ["c", 7, {"pitch": "c"}, [{"pitch": "c"}, "d"], [None], [[]]])
    def test_what_is_no_list_of_objects_is_kept_in_extra(self, wrong: Any) -> None:
        song = make_record(Song, {"notes": wrong})

        assert song.notes is None
        assert song.to_dict() == {"notes": wrong}

    def test_a_nested_record_of_the_wrong_type_does_not_lose_the_others(self) -> None:
        song = make_record(Song, {"notes": [{"pitch": 5}, {"pitch": "e"}]})

        assert song.notes is not None
        assert [note.extra for note in song.notes] == [{"pitch": 5}, {}]


class TestConstructing:
    def test_mappings_become_records(self) -> None:
        notes: Any = [{"pitch": "c"}, Note(pitch="d")]

        assert Song(notes=notes).notes == (Note(pitch="c"), Note(pitch="d"))

    def test_a_wrong_value_within_one_is_named(self) -> None:
        wrong: Any = [Note(), Note(pitch=5)]  # type: ignore[arg-type]

        assert misfits(Song(notes=wrong)) == ["notes[1].pitch"]

    def test_a_wrong_item_makes_the_whole_a_misfit(self) -> None:
        wrong: Any = [Note(), 5]

        assert misfits(Song(notes=wrong)) == ["notes"]

    def test_unknown_fields_within_are_told_with_their_place(self) -> None:
        with pytest.warns(UnknownFieldWarning, match=r"knows no notes\[1\]\.picth \(did you mean pitch\?\)"):
            Song.from_dict({"notes": [{}, {"picth": "c"}]})

    def test_either_vocabulary_reaches_the_body(self) -> None:
        song = Song(notes=[Note(pitch="c")])

        assert body_of(song, renamed=False) == {"notes": [{"pitch": "c"}]}
        assert body_of(song, renamed=True) == {"notes": [{"tone": "c"}]}


class TestSecrets:
    def test_a_callers_secret_within_one_is_sent(self) -> None:
        song = Song.from_dict({"notes": [{"token": "a-token"}]})

        assert body_of(song)["notes"][0]["token"] == "a-token"
        assert not body_of(song, secret=keep)["notes"][0]["token"].is_masked

    def test_a_servers_secret_within_one_is_masked(self) -> None:
        song = make_record(Song, {"notes": [{"token": "abc"}]})

        assert song.to_dict(secrets=False) == {"notes": [{"token": "***"}]}
        assert dict(song) == {"notes": [{"token": "***"}]}
        assert "abc" not in repr(song)

    def test_a_pickle_holds_none(self) -> None:
        song = make_record(Song, {"notes": [{"pitch": "c", "token": "abc"}]})

        pickled = pickle.dumps(song)

        assert b"abc" not in pickled
        assert pickle.loads(pickled).notes[0].pitch == "c"  # noqa: S301


class TestOneClassForSeveral:
    def test_a_body_is_read_as_the_class_that_it_is_of(self) -> None:
        assert make_record(Shape, {"kind": "circle", "radius": 2}) == Circle(kind="circle", radius=2)
        assert type(make_record(Shape, {"kind": "square"})) is Shape

    def test_so_is_each_item_of_a_sequence(self) -> None:
        song = make_record(Song, {"shapes": [{"kind": "circle"}, {"kind": "square"}]})

        assert song.shapes is not None
        assert [type(shape) for shape in song.shapes] == [Circle, Shape]

    def test_a_class_that_is_asked_for_is_not_exchanged(self) -> None:
        with pytest.warns(UnknownFieldWarning):
            assert type(Circle.from_dict({"kind": "square", "sides": 4})) is Circle

    def test_values_are_equal_hashable_and_pickled(self) -> None:
        one, two = (make_record(Song, {"shapes": [{"kind": "circle"}]}) for _ in range(2))

        assert one == two
        assert hash(one) == hash(two)
        assert pickle.loads(pickle.dumps(one)) == two  # noqa: S301


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Labelled(Record):
    """Something with labels, each of which is a text or an object."""

    labels: Sequence[str | JsonObject] | None = None
    """Its labels."""


@pytest.mark.parametrize("labels", [[], ["a"], [{"name": "a"}], ["a", {"name": {"of": ["b"]}}, {}, ""]])
def test_a_list_may_hold_texts_and_objects(labels: list[Any]) -> None:
    record = make_record(Labelled, {"labels": labels})

    assert record.labels == tuple(labels)
    assert record.to_dict() == {"labels": labels}
    assert record.extra == {}
    assert (hash(record), record) == (hash(Labelled(labels=labels)), Labelled(labels=labels))
    assert misfits(Labelled(labels=labels)) == []


@pytest.mark.parametrize("labels", ["a", {"a": 1}, [1], ["a", None], [["a"]], 5])
def test_of_anything_else_it_is_of_the_wrong_type(labels: Any) -> None:
    record = make_record(Labelled, {"labels": labels})

    assert (record.labels, record.to_dict()) == (None, {"labels": labels})
    assert misfits(Labelled(labels=labels)) == ["labels"]
