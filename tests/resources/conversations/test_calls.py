"""The requests for conversations, made without a socket: what is sent, what is refused before, how answers are read."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from tavus_async import (
    Call,
    Conversation,
    ConversationDraft,
    DecodeError,
    InvalidRequestError,
    Persona,
    Secret,
    UnknownFieldWarning,
    calls,
    interactions,
    patch,
)
from tavus_async.models import CanvasInteraction, CanvasInteractionDraft, ConversationProperties
from tavus_async.resources.conversations.calls import LONGEST_ID, MESSAGE_LIMIT

NO_IDS: list[Any] = ["", "..", ".", "a\n", None, 5]
DRAFT = ConversationDraft(
    persona_id="p1",
    replica_id="r1",
    conversation_name="Intake",
    callback_url="https://app.example/hooks",
    properties=ConversationProperties(max_call_duration=900, languages=["en", "de"]),
)
INTERACTION: dict[str, Any] = {
    "interaction_id": "ci_1",
    "tool_call_id": "call_1",
    "component": "canvas.question",
    "component_version": "v1",
    "type": "submit",
    "value": {"selected_option_ids": ["opt_2"], "skipped": False},
}


def sent(call: Call[Any], *, renamed: bool = False) -> Any:
    """The JSON value of a call's body, in the names before or since the rename."""
    return json.loads(call.spelled(renamed=renamed).body or b"null")


class TestCreate:
    def test_it_posts_what_the_draft_says(self) -> None:
        call = calls.create_conversation(DRAFT)

        assert (call.method, call.path, call.query, call.repeatable) == ("POST", "/v2/conversations", (), False)
        assert sent(call) == {
            "persona_id": "p1",
            "replica_id": "r1",
            "conversation_name": "Intake",
            "callback_url": "https://app.example/hooks",
            "properties": {"max_call_duration": 900, "languages": ["en", "de"]},
        }
        assert (call.creates, call.recovery) == ("Intake", "await session.find_conversations('Intake') tells")
        assert calls.create_conversation({"pal_id": "p1"}).recovery == "the list tells"

    def test_in_the_other_vocabulary_the_path_is_the_same(self) -> None:
        call = calls.create_conversation(DRAFT)

        assert call.spelled(renamed=True).path == call.path
        assert sent(call, renamed=True) == {
            "pal_id": "p1",
            "face_id": "r1",
            **{name: value for name, value in sent(call).items() if name not in {"persona_id", "replica_id"}},
        }

    @pytest.mark.parametrize("renamed", [False, True])
    def test_either_vocabulary_is_written_and_one_alone_sent(self, renamed: bool) -> None:
        old, new = {"persona_id": "p1", "replica_id": "r1"}, {"pal_id": "p1", "face_id": "r1"}

        for draft in (old, new):
            assert sent(calls.create_conversation(draft), renamed=renamed) == (new if renamed else old)

    @pytest.mark.parametrize("fields", [{"persona_id": "p1"}, {"replica_id": "r1"}, {"face_id": "r1"}])
    def test_a_persona_or_a_replica_is_enough(self, fields: dict[str, Any]) -> None:
        assert calls.create_conversation(fields).body

    @pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
    @pytest.mark.parametrize(
        ("fields", "rule"),
        [
            ({}, "a conversation needs a persona_id or a replica_id"),
            ({"conversation_name": "x"}, "needs a persona_id or a replica_id"),
            ({"persona_id": "", "replica_id": ""}, "needs a persona_id or a replica_id"),
            ({"personaId": "p1"}, "needs a persona_id or a replica_id"),
            ({"persona_id": "p1", "chat": True, "audio_only": True}, "is in chat or audio_only, not both"),
            ({"persona_id": "p1", "chat": "true", "audio_only": "true"}, "is in chat or audio_only, not both"),
            ({"persona_id": "p1", "max_participants": 1}, "counts the persona too: it must be 2 or more"),
            ({"persona_id": "p1", "max_participants": -5}, "it must be 2 or more"),
            ({"persona_id": 5}, "wrong type: persona_id"),
            ({"persona_id": "p1", "max_participants": "2"}, "wrong type: max_participants"),
            ({"persona_id": "p1", "max_participants": True}, "wrong type: max_participants"),
            ({"persona_id": "p1", "chat": "yes"}, "wrong type: chat"),
            ({"persona_id": "p1", "document_ids": "d1"}, "wrong type: document_ids"),
            ({"persona_id": "p1", "properties": []}, "wrong type: properties"),
            ({"persona_id": "p1", "properties": {"max_call_duration": "900"}}, "properties.max_call_duration"),
            ({"persona_id": "p1", "llm": {1, 2}}, "cannot be written as JSON"),
            ({"persona_id": "p1", "llm": float("nan")}, "cannot be written as JSON"),
            ({"persona_id": "p1", "pal_id": "p2"}, "other values under second names for fields: pal_id"),
        ],
    )
    def test_what_is_refused_for_certain_is_not_sent(self, fields: dict[str, Any], rule: str) -> None:
        with pytest.raises(InvalidRequestError) as caught:
            calls.create_conversation(fields)

        assert rule in str(caught.value)

    @pytest.mark.parametrize("name", ["chat", "audio_only"])
    @pytest.mark.parametrize("off", [False, "false", None])
    def test_what_is_off_excludes_nothing(self, name: str, off: Any) -> None:
        fields: dict[str, Any] = {"persona_id": "p1", "chat": True, "audio_only": True, name: off}

        assert calls.create_conversation(fields).body
        assert calls.create_conversation(ConversationDraft(**fields)).body

    def test_the_rules_hold_for_drafts_that_were_made_in_code(self) -> None:
        wrong: Any = "2"
        with pytest.raises(InvalidRequestError, match="wrong type: max_participants"):
            calls.create_conversation(attrs.evolve(DRAFT, max_participants=wrong))
        with pytest.raises(InvalidRequestError, match="2 or more"):
            calls.create_conversation(attrs.evolve(DRAFT, max_participants=1))

    @pytest.mark.parametrize("draft", [None, "p1", ["p1"], 5, Persona(persona_id="p1"), Conversation])
    def test_what_is_no_draft_is_refused(self, draft: Any) -> None:
        with pytest.raises(InvalidRequestError, match="draft must be a ConversationDraft, not "):
            calls.create_conversation(draft)

    def test_a_field_that_is_not_known_is_told_and_sent(self) -> None:
        with pytest.warns(UnknownFieldWarning, match="did you mean custom_greeting"):
            call = calls.create_conversation({"persona_id": "p1", "custom_greting": "Hi"})

        assert sent(call) == {"persona_id": "p1", "custom_greting": "Hi"}

    def test_every_field_of_a_draft_is_sent_by_its_name(self) -> None:
        fields: dict[str, Any] = {
            "persona_id": "p1",
            "replica_id": "r1",
            "conversation_name": "n",
            "conversational_context": "c",
            "custom_greeting": "g",
            "dynamic_greeting": True,
            "callback_url": "https://app.example",
            "audio_only": False,
            "chat": True,
            "modality": "text",
            "meeting_url": "https://meet.example/a",
            "test_mode": True,
            "require_auth": True,
            "max_participants": 2,
            "memory_stores": ["m"],
            "participant_tags": ["t"],
            "document_ids": [],
            "document_tags": ["d"],
            "document_retrieval_strategy": "balanced",
            "policy": "eu",
            "llm": {"model": "x"},
            "properties": {"language": "multilingual", "recording_storage": {"provider": "s3", "bucket_name": "b"}},
        }
        assert set(fields) == set(ConversationDraft._schema.names)
        assert sent(calls.create_conversation(fields)) == fields
        assert sent(calls.create_conversation(ConversationDraft(**fields))) == fields

    @pytest.mark.parametrize(
        "answer", ['{"conversation_id": "c9", "new": 1}', '{"data": {"conversation_id": "c9", "new": 1}}']
    )
    def test_the_answer_is_a_conversation(self, answer: str) -> None:
        created = calls.create_conversation(DRAFT).decode(answer.encode())

        assert created == Conversation(conversation_id="c9", extra={"new": 1})

    @pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b'{"conversation_id": 5}', b'{"conversation_url": "x"}'])
    def test_an_answer_without_an_id_cannot_be_read(self, answer: bytes) -> None:
        with pytest.raises(DecodeError):
            calls.create_conversation(DRAFT).decode(answer)


def test_every_request_there_is_can_be_sent_as_it_is(shared_reference: Path) -> None:
    count = 0
    for path in sorted((shared_reference / "bodies" / "conversations").glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        if "conversation_id" not in found["body"] and {"pal_id", "persona_id"} & found["body"].keys():
            call = calls.create_conversation(found["body"])
            assert sent(call, renamed="pal_id" in found["body"]) == found["body"]
            count += 1

    assert count > 10


class TestGet:
    def test_it_asks_for_one(self) -> None:
        call = calls.get_conversation("c 1")

        assert (call.method, call.path, call.query, call.body) == ("GET", "/v2/conversations/c%201", (), None)
        assert call.spelled(renamed=True).path == call.path
        assert (call.repeatable, call.reads) == (True, "/v2/conversations/c%201")

    def test_verbose_is_said_only_if_wanted_and_such_reads_are_not_shared(self) -> None:
        call = calls.get_conversation("c1", verbose=True)

        assert (call.query, call.reads) == ((("verbose", "true"),), None)

    @pytest.mark.parametrize("envelope", ["%s", '{"data": %s}', '{"data": [{"conversation_id": "c0"}, %s]}'])
    def test_it_reads_every_envelope(self, envelope: str) -> None:
        answer = envelope % '{"conversation_id": "c1", "status": "ended"}'

        assert calls.get_conversation("c1").decode(answer.encode()).status == "ended"

    @pytest.mark.parametrize("conversation_id", NO_IDS)
    def test_what_cannot_be_an_id_is_refused(self, conversation_id: Any) -> None:
        for make in (calls.get_conversation, calls.end_conversation, calls.delete_conversation,
                     calls.list_canvas_interactions):  # fmt: skip
            with pytest.raises(InvalidRequestError, match="conversation_id"):
                make(conversation_id)
        with pytest.raises(InvalidRequestError, match="conversation_id"):
            calls.send_app_message(conversation_id, interactions.Interrupt())
        with pytest.raises(InvalidRequestError, match="conversation_id"):
            calls.record_canvas_interaction(conversation_id, INTERACTION)


class TestList:
    def test_it_asks_for_ten_of_the_first_page(self) -> None:
        call = calls.list_conversations_page()

        assert (call.method, call.path, call.body) == ("GET", "/v2/conversations", None)
        assert call.query == (("limit", "10"), ("page", "1"))
        assert call.spelled(renamed=True) == call

    @pytest.mark.parametrize("status", ["active", "ended"])
    def test_it_asks_for_what_it_is_told(self, status: str) -> None:
        call = calls.list_conversations_page(page=3, limit=100, status=status)

        assert call.query == (("limit", "100"), ("page", "3"), ("status", status))

    @pytest.mark.parametrize(
        "arguments",
        [{"page": 0}, {"page": True}, {"page": "1"}, {"limit": 0}, {"limit": None}, {"limit": 1.0}]
        + [{"status": status} for status in ("Active", "", "all", "started", 5)],
    )
    def test_it_refuses_what_makes_no_sense(self, arguments: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequestError, match=next(iter(arguments))):
            calls.list_conversations_page(**arguments)

    @pytest.mark.parametrize("body", [b"{}", b"5", b'{"data": {}}', b'{"data": [{"status": "active"}]}', b'["c1"]'])
    def test_what_is_no_list_of_conversations_cannot_be_read(self, body: bytes) -> None:
        with pytest.raises(DecodeError):
            calls.list_conversations_page().decode(body)


class TestEndAndDelete:
    def test_an_end_has_no_body_may_be_repeated_and_goes_first(self) -> None:
        call = calls.end_conversation("c 1")

        assert (call.method, call.path, call.body) == ("POST", "/v2/conversations/c%201/end", None)
        assert (call.repeatable, call.goes_first, call.changes) == (True, True, "/v2/conversations/c%201")

    @pytest.mark.parametrize("body", [b"", b"{}", b'{"status": "ended"}', b"<html>", b"null"])
    def test_whatever_is_answered_to_an_end_or_a_delete_it_is_nothing(self, body: bytes) -> None:
        for call in (calls.end_conversation("c1"), calls.delete_conversation("c1")):
            answer: Any = call.decode(body)
            assert answer is None

    def test_a_delete_is_soft_unless_it_is_told_to_be_hard(self) -> None:
        soft, hard = calls.delete_conversation("c1"), calls.delete_conversation("c1", hard=True)

        assert (soft.method, soft.path, soft.query) == ("DELETE", "/v2/conversations/c1", ())
        assert (hard.path, hard.query, hard.repeatable) == ("/v2/conversations/c1", (("hard", "true"),), True)

    @pytest.mark.parametrize("wrong", ["no", "false", 1, None])
    def test_what_is_neither_true_nor_false_is_refused(self, wrong: Any) -> None:
        with pytest.raises(InvalidRequestError, match="hard must be a bool"):
            calls.delete_conversation("c1", hard=wrong)
        with pytest.raises(InvalidRequestError, match="verbose must be a bool"):
            calls.get_conversation("c1", verbose=wrong)
        with pytest.raises(InvalidRequestError, match="force must be a bool"):
            calls.patch_persona("p1", [patch.remove("/greeting")], force=wrong)


class TestSendAppMessage:
    def test_a_message_is_sent_as_its_body(self) -> None:
        call = calls.send_app_message("c 1", interactions.Respond("What does it cost?"))

        assert (call.method, call.path) == ("POST", "/v2/conversations/c%201/send-app-message")
        assert sent(call) == {
            "message_type": "conversation",
            "event_type": "conversation.respond",
            "properties": {"text": "What does it cost?"},
        }
        assert (call.repeatable, call.refusals, call.changes) == (False, frozenset({502}), None)

    def test_so_is_a_mapping_whatever_it_is(self) -> None:
        message = {"event_type": "app.of-mine", "properties": {"deep": [1, {"a": None}]}, "later": True}

        assert sent(calls.send_app_message("c1", message)) == message

    @pytest.mark.parametrize(
        ("message", "problem"),
        [
            ({}, "a mapping with an event_type"),
            ({"event_type": 5}, "a mapping with an event_type"),
            ({"event_type": None}, "a mapping with an event_type"),
            ({"type": "conversation.echo"}, "a mapping with an event_type"),
            ([], "one of tavus_async.interactions, or a mapping"),
            ("conversation.interrupt", "one of tavus_async.interactions, or a mapping"),
            (None, "one of tavus_async.interactions, or a mapping"),
            (DRAFT, "one of tavus_async.interactions, or a mapping"),
            (interactions.Interrupt, "one of tavus_async.interactions, or a mapping"),
            ({"event_type": "a", "properties": {1, 2}}, "cannot be written as JSON"),
            ({"event_type": "a", "properties": float("inf")}, "cannot be written as JSON"),
        ],
    )
    def test_what_is_no_message_is_refused(self, message: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.send_app_message("c1", message)

    def test_what_a_message_holds_of_a_wrong_type_is_named(self) -> None:
        wrong: Any = ["c1"]
        with pytest.raises(InvalidRequestError, match="wrong type: conversation_id"):
            calls.send_app_message("c1", interactions.Event(event_type="a", conversation_id=wrong))

    @pytest.mark.parametrize("letter", ["x", "é", '"'])
    def test_it_may_be_as_long_as_the_server_takes_and_no_longer(self, letter: str) -> None:
        def message(length: int) -> dict[str, Any]:
            return {"event_type": "a", "properties": {"text": letter * length}}

        size = len(calls.send_app_message("c1", message(1)).body or b"")
        each = len(calls.send_app_message("c1", message(2)).body or b"") - size
        most = (MESSAGE_LIMIT - size) // each + 1

        assert MESSAGE_LIMIT - each < len(calls.send_app_message("c1", message(most)).body or b"") <= 65_536
        with pytest.raises(InvalidRequestError, match=r"must have at most 65,536 bytes, and this has 65,\d\d\d"):
            calls.send_app_message("c1", message(most + 1))

    def test_the_limit_holds_for_messages_of_ours(self) -> None:
        with pytest.raises(InvalidRequestError, match="at most 65,536 bytes, and this has 80,"):
            calls.send_app_message("c1", interactions.Echo("x" * 80_000))

    def test_a_secret_in_it_is_revealed_to_the_server_alone(self) -> None:
        call = calls.send_app_message("c1", {"event_type": "a", "properties": {"x": Secret("of-mine")}})

        assert sent(call)["properties"] == {"x": "of-mine"}
        assert call.secrets == (Secret("of-mine"),)
        assert "of-mine" not in repr(call)


class TestCanvas:
    def test_interactions_are_read_oldest_first_as_they_come(self) -> None:
        call = calls.list_canvas_interactions("c 1")
        read = call.decode(json.dumps({"data": [INTERACTION | {"later": 1}, {"interaction_id": "i2"}]}).encode())

        assert (call.method, call.path) == ("GET", "/v2/conversations/c%201/canvas/interactions")
        assert read == (
            CanvasInteraction(**INTERACTION, extra={"later": 1}),
            CanvasInteraction(interaction_id="i2"),
        )

    def test_a_bare_list_is_read_too(self) -> None:
        call = calls.list_canvas_interactions("c1")

        assert [one.interaction_id for one in call.decode(json.dumps([INTERACTION]).encode())] == ["ci_1"]
        assert call.decode(b'{"data": []}') == ()

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (b"{}", r"\$\.data"),
            (b'{"data": null}', r"\$\.data"),
            (b"5", r"\$"),
            (b"", r"\$"),
            (b"<html>", r"\$"),
            (b'{"data": [{"interaction_id": "i1"}, {}]}', r"\$\.data\[1\]"),
            (b'{"data": [{"interaction_id": 5}]}', r"\$\.data\[0\]"),
            (b'{"data": [{"interaction_id": "i1", "conversation_id": "c2"}]}', r"\$\.data\[0\]\.conversation_id"),
            (b'[{"interaction_id": "i1", "conversation_id": ["c1"]}]', r"\$\[0\]\.conversation_id"),
            (b'[["i1"]]', r"\$\[0\]"),
            (b"[null]", r"\$\[0\]"),
        ],
    )
    def test_what_is_no_list_of_interactions_cannot_be_read(self, body: bytes, path: str) -> None:
        with pytest.raises(DecodeError, match=rf"at {path}, got"):
            calls.list_canvas_interactions("c1").decode(body)

    def test_one_is_recorded_and_may_be_recorded_again(self) -> None:
        for draft in (INTERACTION, CanvasInteractionDraft(**INTERACTION)):
            call = calls.record_canvas_interaction("c1", draft)

            assert (call.method, call.path) == ("POST", "/v2/conversations/c1/canvas/interactions")
            assert sent(call) == INTERACTION
            assert (call.repeatable, call.changes) == (True, None)

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({"interaction_id": None}, "interaction_id must have 1 to 128 characters"),
            ({"interaction_id": ""}, "interaction_id must have 1 to 128 characters"),
            ({"interaction_id": "x" * 129}, "interaction_id must have 1 to 128 characters"),
            ({"tool_call_id": None}, "tool_call_id must have 1 to 128 characters"),
            ({"tool_call_id": "x" * 129}, "tool_call_id must have 1 to 128 characters"),
            ({"component": None}, "an interaction needs component"),
            ({"component": "", "type": None}, "an interaction needs component and type"),
            ({"component_version": None}, "an interaction needs component_version"),
            ({"type": 5}, "wrong type: type"),
            ({"interaction_id": ["i1"]}, "wrong type: interaction_id"),
        ],
    )
    def test_what_lacks_something_is_refused(self, change: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.record_canvas_interaction("c1", INTERACTION | change)
        if "wrong type" not in problem:
            with pytest.raises(InvalidRequestError, match=problem):
                calls.record_canvas_interaction("c1", CanvasInteractionDraft(**(INTERACTION | change)))

    def test_ids_may_be_as_long_as_the_server_takes(self) -> None:
        longest = {"interaction_id": "i" * LONGEST_ID, "tool_call_id": "t" * LONGEST_ID}

        assert sent(calls.record_canvas_interaction("c1", INTERACTION | longest)) == INTERACTION | longest

    @pytest.mark.parametrize("draft", [None, "i1", [INTERACTION], DRAFT])
    def test_what_is_no_interaction_is_refused(self, draft: Any) -> None:
        with pytest.raises(InvalidRequestError, match="draft must be a CanvasInteractionDraft"):
            calls.record_canvas_interaction("c1", draft)
