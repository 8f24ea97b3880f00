"""What is promised of every record there is: whatever a server sends, nothing raises, and nothing is lost."""

import json
import pickle
from typing import Any

import pytest

from tavus_async import models
from tavus_async._records.fields import schema_of
from tavus_async._records.json import loads
from tavus_async._records.reading import make_record
from tavus_async.models import Record
from tests.support.given_back import differences

RECORDS = sorted(
    (
        each
        for name in models.__all__
        if isinstance(each := getattr(models, name), type) and issubclass(each, Record) and each is not Record
    ),
    key=lambda record: record.__name__,
)
LINK = "https://h.test/p?token=t0ken-of-mine"
# Each as a server may send it: of the wrong type for nearly every field, or empty, or of another time.
VALUES: list[Any] = [
    None,
    "",
    "text",
    "********",
    0,
    -1,
    1.5,
    1e300,
    True,
    "false",
    [],
    [None, 5, "x"],
    [{"a": 1, "b": [{}]}],
    {},
    {"a": {"b": [1, None, {"c": ""}]}, "id": 5},
    LINK,
    "2026-11-26T12:00:00",
    "Tue, 24 Jun 2025 07:01:57 GMT",
]


def body_with(record: type[Record], name: str, value: Any) -> dict[str, Any]:
    """A body with the ids that a record needs, a field of this value, and one that nobody knows."""
    return {**dict.fromkeys(schema_of(record).required, "x1"), "news": [{"of": None}], name: value}


def names_of(record: type[Record]) -> list[str]:
    """Every name that a body may have for a field that need not be there."""
    schema = schema_of(record)
    return [alias for alias, name in schema.own_names.items() if name not in schema.required]


def test_there_are_many() -> None:
    assert {"Persona", "Conversation", "Layers"} <= {record.__name__ for record in RECORDS}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_whatever_a_field_holds_the_body_is_given_back(record: type[Record]) -> None:
    lost = {
        (name, repr(value)): found
        for name in names_of(record)
        for value in VALUES
        if (found := differences(body := body_with(record, name, value), read(record, body).to_dict()))
    }

    assert lost == {}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_it_is_equal_after_a_pickle_and_can_be_shown(record: type[Record]) -> None:
    for name in names_of(record):
        for value in VALUES:
            made = read(record, body_with(record, name, value))
            pickled = pickle.dumps(made)

            if value == LINK:
                is_link = schema_of(record).own_names[name] in schema_of(record).masks
                assert not is_link or "t0ken-of-mine" not in f"{made!r}{pickled!r}{made.to_dict(secrets=False)}"
            else:
                assert repr(pickle.loads(pickled)) == repr(made)  # noqa: S301 (it was written a moment ago)
            assert hash(made) == hash(read(record, body_with(record, name, value)))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_both_names_of_a_field_at_once_lose_nothing(record: type[Record]) -> None:
    schema = schema_of(record)
    for own, new in schema.new_names.items():
        for values in (("a", "b"), (5, "b"), ("a", None), (None, "b")):
            body = {**dict.fromkeys(schema.required, "x1"), own: values[0], new: values[1]}
            if own in schema.required and not isinstance(values[0], str):
                continue

            assert differences(body, read(record, body).to_dict()) == []


def read(record: type[Record], body: dict[str, Any]) -> Record:
    """A record as it is made of an answer."""
    return make_record(record, loads(json.dumps(body).encode()))
