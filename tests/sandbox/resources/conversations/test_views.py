"""What reading a conversation shows."""

from typing import Any

from tavus_async.sandbox.resources.conversations.views import (
    addressed,
    as_created,
    as_read,
    persona_id,
    replica_id,
    speaks_pal,
)
from tavus_async.sandbox.vocabulary import Vocabulary

STORED: dict[str, Any] = {
    "conversation_id": "c1",
    "status": "active",
    "persona_id": "p1",
    "replica_id": "r1",
    "meeting_token": "t",
    "conversational_context": "Be brief.",
    "created_at": "once",
    "updated_at": "later",
}


def test_the_token_is_told_once_at_the_create() -> None:
    assert as_created(STORED)["meeting_token"] == "t"
    assert "meeting_token" not in as_read(STORED, Vocabulary.PERSONA)


def test_what_was_asked_for_is_not_told_again() -> None:
    for shown in (as_created(STORED), as_read(STORED, Vocabulary.PERSONA)):
        assert "conversational_context" not in shown


def test_words_do_not_depend_on_who_asks() -> None:
    assert as_read(STORED, Vocabulary.PAL) == as_read(STORED, Vocabulary.PERSONA)


def test_ids_are_found_by_either_name() -> None:
    pal = {"pal_id": "p2", "face_id": "r2"}

    assert (persona_id(STORED), replica_id(STORED), speaks_pal(STORED)) == ("p1", "r1", False)
    assert (persona_id(pal), replica_id(pal), speaks_pal(pal)) == ("p2", "r2", True)
    assert (persona_id({}), replica_id({})) == ("", "")


def test_the_address_has_the_token_of_a_private_room_and_a_chat_has_none() -> None:
    public = {name: value for name, value in STORED.items() if name != "meeting_token"}

    assert addressed(STORED, "http://h")["conversation_url"] == "http://h/c/c1?t=t"
    assert addressed(public, "http://h")["conversation_url"] == "http://h/c/c1"
    assert "conversation_url" not in addressed({**STORED, "chat": True}, "http://h")
