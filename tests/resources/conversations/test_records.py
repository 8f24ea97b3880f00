"""What is read of a conversation, whatever the server sends, and that nothing of it is lost."""

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_async import Conversation, ConversationDraft, Page, Secret, calls, webhooks
from tavus_async._records.reading import plain_kind
from tavus_async.models import CanvasInteraction, CanvasInteractionDraft, ConversationProperties, RecordingStorage
from tests.support.fields import names_of
from tests.support.given_back import differences

URL = "https://tavus.daily.co/c1"
WHEN = datetime(2026, 8, 11, 23, 2, 10, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "conversation_id": "c1f0a2b3c4d5e6f7",
    "conversation_name": "Zoë, intake",
    "conversation_url": URL,
    "status": "ended",
    "persona_id": "p1fec29e7f23",
    "replica_id": "r90bbd427f71",
    "callback_url": "",
    "meeting_token": "eyJ.a-b_c",
    "meeting_url": "https://zoom.example/j/1?pwd=abc",
    "shutdown_reason": "participant_left_timeout reached",
}
RENAMED = {"persona_id": "pal_id", "replica_id": "face_id"}
SHUTDOWN = {"event_type": "system.shutdown", "properties": {"shutdown_reason": "max_call_duration reached"}}
READY = {
    "event_type": "application.transcription_ready",
    "timestamp": "2026-08-11T23:05:01.000000Z",
    "properties": {"transcript": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi."}]},
}


def conversation(body: dict[str, Any]) -> Conversation:
    """The record of an answer with this body."""
    whole = {"conversation_id": "c1"} | body
    return calls.get_conversation(whole["conversation_id"], verbose=True).decode(json.dumps(whole).encode())


def plain(value: Any) -> Any:
    return value.reveal() if isinstance(value, Secret) else value


class TestFields:
    def test_every_field_has_its_attribute(self) -> None:
        record = conversation(FIELDS)

        assert {name: plain(getattr(record, name)) for name in FIELDS} == FIELDS
        assert record.extra == {}
        assert set(names_of(record)) == set(FIELDS) | {"created_at", "updated_at", "events"}

    def test_every_new_name_fills_the_field_of_the_old_one(self) -> None:
        body = {RENAMED.get(name, name): value for name, value in FIELDS.items()}
        record = conversation(body)

        assert record == conversation(FIELDS)
        assert record.to_dict() == body

    def test_of_both_names_the_older_wins_and_the_other_is_kept(self) -> None:
        body = {"conversation_id": "c1", "pal_id": "p2", "persona_id": "p1", "face_id": "r2", "replica_id": "r1"}
        record = conversation(body)

        assert (record.persona_id, record.replica_id) == ("p1", "r1")
        assert record.extra == {"pal_id": "p2", "face_id": "r2"}
        assert record.to_dict() == body

    def test_an_id_is_all_that_a_conversation_needs(self) -> None:
        record = conversation({})

        assert record.to_dict() == {"conversation_id": "c1"}
        assert record == Conversation(conversation_id="c1")
        assert {name for name in names_of(record) if getattr(record, name) is not None} == {"conversation_id"}
        assert (record.join_url, record.end_reason, record.transcript) == (None, None, None)
        with pytest.raises(TypeError, match="needs conversation_id"):
            Conversation()  # type: ignore[call-arg]

    def test_empty_texts_are_what_was_sent(self) -> None:
        body = {name: "" for name in FIELDS if name != "conversation_id"} | {"conversation_id": "c1"}
        record = conversation(body)

        assert record.to_dict() == body
        assert (record.callback_url, record.join_url, record.end_reason) == ("", "", None)
        assert not record.meeting_token

    @pytest.mark.parametrize(
        "text",
        [
            "2026-08-11T23:02:10Z",
            "2026-08-11T23:02:10.000000Z",
            "2026-08-11T23:02:10",
            "2026-08-11 23:02:10.000000",
            "2026-08-12T01:02:10+02:00",
            "Tue, 11 Aug 2026 23:02:10 GMT",
        ],
    )
    def test_timestamps_are_instants_in_every_spelling(self, text: str) -> None:
        record = conversation({"created_at": text, "updated_at": text, "events": [SHUTDOWN | {"timestamp": text}]})
        body = {"conversation_id": "c1", "created_at": text, "updated_at": text}

        assert record.created_at == record.updated_at == WHEN
        assert record.events is not None
        assert record.events[0].timestamp == WHEN
        assert differences(body | {"events": [SHUTDOWN | {"timestamp": text}]}, record.to_dict()) == []

    @pytest.mark.parametrize("text", ["", "<string>", "yesterday", "2026-13-01T00:00:00Z", 1779475657.84, False])
    def test_what_is_no_timestamp_is_kept(self, text: Any) -> None:
        record = conversation({"created_at": text})

        assert record.created_at is None
        assert record.extra == {"created_at": text}
        assert record.to_dict() == {"conversation_id": "c1", "created_at": text}

    def test_the_moment_of_an_event_may_be_a_number(self) -> None:
        event = SHUTDOWN | {"timestamp": 1779475657.84}
        record = conversation({"events": [event]})

        assert record.events is not None
        assert record.events[0].timestamp == datetime.fromtimestamp(1779475657, UTC) + timedelta(seconds=0.84)
        assert record.to_dict()["events"] == [event]

    def test_words_of_tomorrow_are_read(self) -> None:
        assert conversation({"status": "paused"}).status == "paused"


WRONG: list[Any] = [5, 1.5, True, "text", [], [1], ["a"], {}, {"a": 1}, [[]], [None], [{"a": [1]}], {"b": {"c": None}}]


@pytest.mark.parametrize("kind", [Conversation, ConversationProperties, RecordingStorage, CanvasInteraction])
@pytest.mark.parametrize("value", WRONG, ids=str)
@pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
def test_whatever_stands_in_a_field_nothing_raises_and_nothing_is_lost(kind: Any, value: Any) -> None:
    needed = {name: "id" for name in ("conversation_id", "interaction_id") if name in names_of(kind)}
    for name in [*kind._schema.own_names, "a_new_field"]:
        body = {name: value} | needed
        record = kind.from_dict(body)

        assert differences(body, record.to_dict()) == []
        assert record == kind.from_dict(record.to_dict())
        assert hash(record) == hash(copy.deepcopy(record))
        assert [repr(record), dict(record), pickle.dumps(record), record.extra]
        for each in names_of(kind):
            getattr(record, each)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
EVENT = st.fixed_dictionaries(
    {},
    optional={
        "event_type": st.sampled_from([SHUTDOWN["event_type"], READY["event_type"], "system.new"]) | JSON,
        "timestamp": JSON,
        "properties": st.dictionaries(
            st.sampled_from(["transcript", "shutdown_reason", "reason", "analysis"]), JSON, max_size=2
        )
        | JSON,
        "webhook_url": JSON,
    },
)
NAMES = st.sampled_from(
    [*Conversation._schema.own_names, "x", "extra", "_wire_names", "__dict__", "(unread)", "events (later)"]
)
BODIES = st.dictionaries(NAMES, JSON | st.lists(EVENT | JSON, max_size=3), max_size=6)


@given(BODIES)
def test_no_body_is_too_strange(body: dict[str, Any]) -> None:
    body = {"conversation_id": "c1"} | {name: value for name, value in body.items() if name != "conversation_id"}
    record = conversation(body)

    assert differences(body, record.to_dict()) == []
    assert [repr(record), vars(record), hash(record), pickle.dumps(record)]
    assert isinstance(record.join_url, str | None)
    assert isinstance(record.end_reason, str | None)
    assert isinstance(record.transcript, tuple | None)


class TestRealBodies:
    @staticmethod
    def bodies(folder: Path, *names: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every object that was sent or received, and each item of a list."""
        for name in names:
            for path in sorted((folder / "bodies" / name).glob("*.json")):
                body = json.loads(path.read_text(encoding="utf-8"))["body"]
                for item in body["data"] if isinstance(body.get("data"), list) else [body]:
                    yield f"{name}/{path.name}", item

    @pytest.mark.parametrize("names", [["conversations"], ["canvas", "errors"]])
    def test_each_is_read_as_a_conversation_and_given_back(self, shared_reference: Path, names: list[str]) -> None:
        lost: dict[str, list[str]] = {}
        for name, item in self.bodies(shared_reference, *names):
            body = {"conversation_id": "c0"} | item
            record = conversation(body)
            lost[name] = differences(body, record.to_dict())
            assert [repr(record), hash(record), pickle.dumps(record), record.join_url, record.end_reason]

        assert len(lost) > 25
        assert {name: found for name, found in lost.items() if found} == {}

    def test_nothing_of_a_conversation_is_unknown(self, shared_reference: Path) -> None:
        answers = [item for _, item in self.bodies(shared_reference, "conversations") if "conversation_id" in item]

        assert len(answers) > 10
        assert {name for item in answers for name in conversation(item).extra} <= {"created_at"}

    def test_each_request_is_a_draft(self, shared_reference: Path) -> None:
        requests = [item for _, item in self.bodies(shared_reference, "conversations")
                    if "conversation_id" not in item and {"pal_id", "persona_id"} & item.keys()]  # fmt: skip

        assert len(requests) > 10
        assert [item for item in requests if ConversationDraft.from_dict(item).to_dict() != item] == []
        assert [item for item in requests if ConversationDraft.from_dict(item).extra] == []

    def test_each_interaction_is_one(self, shared_reference: Path) -> None:
        found = [item for _, item in self.bodies(shared_reference, "canvas") if "interaction_id" in item]
        read = [CanvasInteraction.from_dict(item) for item in found]

        assert len(found) > 1
        assert [differences(item, each.to_dict()) for item, each in zip(found, read, strict=True)] == [
            [] for _ in found
        ]
        assert [each.extra for each in read] == [{} for _ in read]


class TestJoinUrl:
    @pytest.mark.parametrize(
        ("url", "joined"),
        [
            (URL, f"{URL}?t=eyJ.a-b_c"),
            (f"{URL}?", f"{URL}?t=eyJ.a-b_c"),
            (f"{URL}?lang=de", f"{URL}?lang=de&t=eyJ.a-b_c"),
            (f"{URL}#start", f"{URL}?t=eyJ.a-b_c#start"),
            (f"{URL}?lang=de#start", f"{URL}?lang=de&t=eyJ.a-b_c#start"),
            (f"{URL}?t=another", f"{URL}?t=another"),
            (f"{URL}?lang=de&t=another", f"{URL}?lang=de&t=another"),
            ("https://[no address", "https://[no address?t=eyJ.a-b_c"),
            ("", ""),
            (None, None),
        ],
    )
    def test_it_has_the_token_once(self, url: str | None, joined: str | None) -> None:
        assert conversation({"conversation_url": url, "meeting_token": "eyJ.a-b_c"}).join_url == joined

    @pytest.mark.parametrize("token", [None, "", "***", "********c0de", "eyJ***"])
    def test_without_a_token_that_counts_it_is_the_url(self, token: str | None) -> None:
        assert conversation({"conversation_url": URL, "meeting_token": token}).join_url == URL

    @pytest.mark.parametrize(("token", "query"), [("a b&c=d#e", "a%20b%26c%3Dd%23e"), ("é", "%C3%A9")])
    def test_a_token_is_quoted(self, token: str, query: str) -> None:
        assert conversation({"conversation_url": URL, "meeting_token": token}).join_url == f"{URL}?t={query}"

    def test_a_token_of_ones_own_is_taken_too(self) -> None:
        token: Any = "mine"

        assert Conversation(conversation_id="c1", conversation_url=URL, meeting_token=token).join_url == f"{URL}?t=mine"


class TestEndReason:
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({}, None),
            ({"shutdown_reason": "a"}, "a"),
            ({"shutdown_reason": "a", "events": [SHUTDOWN]}, "a"),
            ({"events": [SHUTDOWN]}, "max_call_duration reached"),
            ({"shutdown_reason": "", "events": [SHUTDOWN]}, "max_call_duration reached"),
            ({"shutdown_reason": 5, "events": [SHUTDOWN]}, "max_call_duration reached"),
            ({"events": [{"event_type": "system.shutdown", "properties": {"reason": "b"}}]}, "b"),
            ({"events": [{"event_type": "system.shutdown"}]}, None),
            ({"events": [{"event_type": "system.shutdown", "properties": None}, READY]}, None),
            ({"events": []}, None),
            ({"events": "none"}, None),
        ],
    )
    def test_it_is_told_by_the_conversation_or_by_its_event(self, body: dict[str, Any], reason: str | None) -> None:
        assert conversation(body).end_reason == reason


class TestEvents:
    def test_they_are_typed_and_in_order(self) -> None:
        joined = [{"event_type": f"system.{name}_joined", "properties": {}} for name in ("pal", "replica")]
        record = conversation({"events": [*joined, SHUTDOWN, READY, {"event_type": "system.tomorrow", "x": 1}]})

        assert [type(event).__name__ for event in record.events or ()] == [
            "ReplicaJoined",
            "ReplicaJoined",
            "Shutdown",
            "TranscriptionReady",
            "UnknownEvent",
        ]

    def test_the_last_of_a_kind_is_found(self) -> None:
        later = {"event_type": "system.shutdown", "properties": {"shutdown_reason": "later"}}
        record = conversation({"events": [SHUTDOWN, later, READY]})
        found = record.find_event(webhooks.Shutdown)

        assert found is not None
        assert found.shutdown_reason == "later"
        assert record.events is not None
        assert record.find_event(webhooks.Event) == record.events[-1]
        assert record.find_event(webhooks.RecordingReady) is None

    @pytest.mark.parametrize("body", [{}, {"events": None}, {"events": []}, {"events": {"a": 1}}, {"events": [None]}])
    def test_where_there_are_none_none_is_found(self, body: dict[str, Any]) -> None:
        assert conversation(body).find_event(webhooks.Event) is None
        assert conversation(body).transcript is None

    def test_the_transcript_is_that_of_its_event(self) -> None:
        transcript = conversation({"events": [SHUTDOWN, READY]}).transcript

        assert transcript is not None
        assert [turn.role for turn in transcript] == ["system", "user"]
        assert transcript.text == "user: Hi."

    @pytest.mark.parametrize("properties", [{}, {"transcript": None}, {"transcript": "x"}, {"transcript": [5, None]}])
    def test_an_event_without_turns_is_a_transcript_without_turns(self, properties: dict[str, Any]) -> None:
        record = conversation({"events": [{"event_type": READY["event_type"], "properties": properties}]})

        assert record.transcript == ()

    def test_nobody_can_change_them(self) -> None:
        record = conversation({"events": [READY]})
        events: Any = record.events
        with pytest.raises(TypeError):
            events[0].properties["transcript"].append({})
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            record.status = "ended"  # type: ignore[misc]

        assert record.to_dict()["events"] == [READY | {"timestamp": "2026-08-11T23:05:01Z"}]


class TestPages:
    ITEMS: ClassVar = [{"conversation_id": "c1"}, {"conversation_id": "c2", "pal_id": "p1"}]

    @staticmethod
    def page(body: Any) -> Page[Conversation]:
        return calls.list_conversations_page().decode(json.dumps(body).encode())

    @pytest.mark.parametrize("key", ["data", "conversations"])
    def test_a_page_is_read_under_either_name(self, key: str) -> None:
        page = self.page({key: self.ITEMS, "total_count": 7, "later": 1})

        assert ([one.conversation_id for one in page], page.total_count) == (["c1", "c2"], 7)
        assert page.items[1].persona_id == "p1"

    def test_so_is_a_bare_list(self) -> None:
        assert (len(self.page(self.ITEMS)), self.page(self.ITEMS).total_count) == (2, None)


def words_of(kind: Any) -> dict[str, tuple[str, ...]]:
    """The words that editors offer for the fields of a record."""
    parts = {name: [hint, *get_args(hint)] for name, hint in get_type_hints(kind).items()}
    return {name: get_args(part) for name, some in parts.items() for part in some if get_origin(part) is Literal}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Conversation, {"status"}),
        (ConversationDraft, {"modality", "document_retrieval_strategy", "policy"}),
        (RecordingStorage, {"provider"}),
        (CanvasInteractionDraft, {"type"}),
    ],
)
def test_words_are_offered_and_any_other_is_taken(kind: Any, names: set[str]) -> None:
    hints = get_type_hints(kind)
    needed = {"conversation_id": "c1"} if kind is Conversation else {}

    assert set(words_of(kind)) == names
    for name in names:
        assert plain_kind(hints[name]) is str
        assert getattr(kind.from_dict({name: "tavus-2031"} | needed), name) == "tavus-2031"
