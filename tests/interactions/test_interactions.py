import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

import tavus_async
from tavus_async import WebhookError, interactions, webhooks
from tavus_async.resources.conversations import events

UTTERANCE = {
    "message_type": "conversation",
    "event_type": "conversation.utterance",
    "inference_id": "i1",
    "properties": {"role": "pal", "speech": "Hi."},
}


@pytest.mark.parametrize("message", [UTTERANCE, json.dumps(UTTERANCE), json.dumps(UTTERANCE).encode()])
def test_a_message_is_read_however_a_room_gives_it(message: Any) -> None:
    event = interactions.parse(message)

    assert isinstance(event, interactions.Utterance)
    assert event.speech == "Hi."
    assert event.to_dict() == UTTERANCE


def test_webhooks_know_the_same_events() -> None:
    assert type(webhooks.parse(UTTERANCE)) is interactions.Utterance
    assert webhooks.parse(UTTERANCE).identity == interactions.parse(UTTERANCE).identity


def test_every_name_is_listed_once_and_leads_somewhere() -> None:
    assert interactions.__all__ == sorted(interactions.__all__)
    assert all(getattr(interactions, name) for name in interactions.__all__)


def test_every_message_can_be_reached_by_the_door() -> None:
    kinds = {name for name in events.__all__ if issubclass(getattr(events, name), events.Message)}

    assert kinds <= set(interactions.__all__)
    assert tavus_async.interactions is interactions


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("", "empty"),
        (b"", "empty"),
        ("hello", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[]", "a list"),
        ("5", "a int"),
        ("null", "a NoneType"),
        (None, "a NoneType"),
        ([], "a list"),
        ("[" * 100_000, "nested more than 200 levels deep"),
        ('{"a": 1e400}', "a number that no float can hold"),
        ("{" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_object_is_no_event(message: Any, words: str) -> None:
    with pytest.raises(WebhookError, match=words):
        interactions.parse(message)


def test_an_error_does_not_show_the_message() -> None:
    with pytest.raises(WebhookError) as caught:
        interactions.parse('{"api_key": "hunter2-hunter2"')

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_mapping_that_holds_itself_is_no_event() -> None:
    circle: dict[str, Any] = {}
    circle["self"] = circle

    with pytest.raises(WebhookError, match="holds itself"):
        interactions.parse(circle)


def test_a_mapping_is_copied() -> None:
    body = {"event_type": "conversation.utterance", "properties": {"speech": "Hi."}}
    event = interactions.parse(body)
    body["properties"]["speech"] = "Bye."  # type: ignore[index]

    assert event.properties == {"speech": "Hi."}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON))
def test_any_object_is_an_event_and_loses_nothing(body: dict[str, Any]) -> None:
    event = interactions.parse(json.dumps(body))

    assert event.identity == interactions.parse(body).identity
    assert event.to_dict() == body


def test_every_real_message_is_read(shared_reference: Path) -> None:
    found = [
        interactions.parse(json.dumps(json.loads(path.read_text(encoding="utf-8"))["body"]))
        for path in sorted((shared_reference / "bodies" / "interactions").glob("*.json"))
    ]

    assert len(found) > 20
    assert not [event for event in found if isinstance(event, interactions.UnknownEvent)]
