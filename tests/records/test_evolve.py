"""`attrs.evolve` of every public record, whatever it was made of."""

import warnings
from typing import Any

import attrs
import pytest

from tavus_async import InvalidRequestError, interactions, models, webhooks
from tavus_async._records.fields import schema_of
from tavus_async._records.record import Record
from tests.support.leaks import leaks, make_secret_text

SECRET_TEXT = make_secret_text(40, "evolve")
RECORDS = {
    name: kind
    for module in (models, interactions, webhooks)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Record)
}
MESSAGES = [kind for kind in RECORDS.values() if issubclass(kind, interactions.Message)]


def read(kind: type[Record], body: dict[str, Any]) -> Record:
    """A record of a body with what its class needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind.from_dict({**dict.fromkeys(schema_of(kind).required, "x1"), **body})


@pytest.mark.parametrize("kind", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("body", [{}, {"unknown": {"deep": [1]}}, {"extra": 5, "wire_names": 3}], ids=len)
def test_a_record_that_was_read_evolves_into_the_same(kind: type[Record], body: dict[str, Any]) -> None:
    record = read(kind, body)
    assert attrs.evolve(record) == record
    assert attrs.evolve(record).to_dict() == record.to_dict()


@pytest.mark.parametrize("kind", RECORDS.values(), ids=RECORDS)
def test_unknown_fields_can_be_replaced(kind: type[Record]) -> None:
    assert attrs.evolve(read(kind, {"unknown": 1}), extra={"other": 2}).extra == {"other": 2}


@pytest.mark.parametrize("kind", MESSAGES, ids=[kind.__name__ for kind in MESSAGES])
def test_a_message_that_was_read_can_be_sent_to_another_conversation(kind: type[Record]) -> None:
    record = read(kind, {"event_type": "conversation.x", "properties": {"text": "Hi"}, "conversation_id": "c1"})
    changes: dict[str, Any] = {"conversation_id": "c2"}
    moved = attrs.evolve(record, **changes)
    assert (type(moved), moved.to_dict()) == (type(record), {**record.to_dict(), "conversation_id": "c2"})


def test_a_message_that_was_made_evolves() -> None:
    moved = attrs.evolve(interactions.Respond("Hi"), conversation_id="c2")
    assert moved.to_dict() == interactions.Respond("Hi", conversation_id="c2").to_dict()


def test_what_is_in_the_properties_is_no_field() -> None:
    changes: dict[str, Any] = {"text": "Ho"}
    with pytest.raises(TypeError, match=r"^attrs\.evolve changes fields, and text is one of the message's properties$"):
        attrs.evolve(interactions.Respond("Hi"), **changes)


def test_a_message_that_is_refused_shows_nothing_of_what_it_was_given() -> None:
    with pytest.raises(InvalidRequestError, match="status") as caught:
        interactions.ToolResult("t1", {"api_key": SECRET_TEXT}, status="")
    assert not leaks(caught.value)
