"""An attribute that a record does not have: under another of its names, the error tells the one that it has here."""

import copy
import pickle
from typing import Any

import pytest

from tavus_async import Persona
from tavus_async._records.fields import schema_of
from tavus_async._records.reading import make_record
from tavus_async.models import Record
from tests.records.test_from_dict import RECORDS, needed

OTHER_NAMES = [
    pytest.param(kind, alias, name, id=f"{kind.__name__}.{alias}")
    for kind in RECORDS
    for alias, name in schema_of(kind).own_names.items()
    if alias != name
]


def called(kind: type[Record], alias: str, name: str) -> Record:
    """A record of which one field came by another name, with a value that fits: a text, a list or an object."""
    others = {each: value for each, value in needed(kind).items() if each != name}
    values: tuple[Any, ...] = ("x", [{}], {})
    made = [make_record(kind, others | {alias: value}) for value in values]
    return next(record for record in made if alias not in record.extra)


def test_there_are_other_names() -> None:
    assert len(OTHER_NAMES) > 8


@pytest.mark.parametrize(("kind", "alias", "name"), OTHER_NAMES)
def test_another_name_is_an_error_that_tells_the_one_here(kind: type[Record], alias: str, name: str) -> None:
    record: Any = called(kind, alias, name)
    with pytest.raises(AttributeError) as caught:
        getattr(record, alias)

    assert str(caught.value) == f"a {kind.__name__} has no attribute {alias!r}: its name here is {name}"
    assert (caught.value.name, caught.value.obj) == (alias, record)
    assert getattr(record, name) is not None
    assert not hasattr(record, alias)
    assert getattr(record, alias, "default") == "default"
    assert alias not in dir(record)


@pytest.mark.parametrize(
    "kind", [kind for kind in RECORDS if "_kind_of" not in vars(kind)], ids=lambda kind: kind.__name__
)
def test_nonsense_is_an_error_without_a_hint(kind: type[Record]) -> None:
    record: Any = kind.from_dict(needed(kind))
    for name in ("nonsense", "__nonsense__", "_private", "to_json", "keys", "__len__", "__fspath__"):
        with pytest.raises(AttributeError) as caught:
            getattr(record, name)

        assert str(caught.value) == f"a {kind.__name__} has no attribute {name!r}"
        assert not hasattr(record, name)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_nothing_else_is_disturbed(kind: type[Record]) -> None:
    record = kind.from_dict(needed(kind))

    assert copy.copy(record) is copy.deepcopy(record) is record
    assert pickle.loads(pickle.dumps(record)) == record  # noqa: S301
    assert set(schema_of(kind).names) <= set(dir(record))
    assert not callable(record)


def test_a_record_that_is_not_finished_does_not_ask_without_end() -> None:
    unfinished = object.__new__(Persona)
    with pytest.raises(AttributeError, match="no attribute 'x'"):
        unfinished.x  # type: ignore[attr-defined]  # noqa: B018 (asked for its own sake)


def test_a_class_has_no_other_names() -> None:
    with pytest.raises(AttributeError):
        Persona.pal_id  # type: ignore[attr-defined]  # noqa: B018 (asked for its own sake)
