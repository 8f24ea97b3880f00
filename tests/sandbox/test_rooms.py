"""Rooms: who is there, and what everybody gets."""

import asyncio
import random
from typing import Any

import pytest

from tavus_async.sandbox import Room, RoomError
from tavus_async.sandbox.clock import Clock
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.rooms import Rooms


def make_room(clock: Clock | None = None, **settings: Any) -> Room:
    defaults: dict[str, Any] = {"conversation_id": "c1", "persona_name": "Nora", "greeting": "Hi.", "replica_id": "r1"}
    return Room(clock=clock or Clock(), dice=random.Random(0), **(defaults | settings))


def kinds(room: Room) -> list[Any]:
    return [message["event_type"] for message in room.messages]


def spoken(room: Room) -> list[tuple[str, str]]:
    return [(line.role, line.content) for line in room.lines]


class Watcher:
    """Writes down what a room tells its observer."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def persona_joined(self) -> None:
        self.seen.append("persona")

    def participant_joined(self) -> None:
        self.seen.append("joined")

    def participant_left(self) -> None:
        self.seen.append("left")

    def room_ended(self, reason: str) -> None:
        self.seen.append(reason)


def test_the_persona_tells_of_its_coming_by_both_names() -> None:
    room = make_room()
    room.bring_persona()

    assert kinds(room) == ["conversation.joined", "system.pal_joined", "system.replica_joined"]
    assert [message["properties"] for message in room.messages][1:] == [{"face_id": "r1"}, {"replica_id": "r1"}]
    assert room.messages[1]["message_type"] == "system"


@pytest.mark.parametrize("persona_is_first", [True, False])
def test_the_persona_greets_once_it_is_not_alone(persona_is_first: bool) -> None:
    clock = Clock()
    room = make_room(clock)
    if persona_is_first:
        room.bring_persona()
        clock.advance(10)
        assert spoken(room) == []
        room.join("Ada")
    else:
        room.join("Ada")
        clock.advance(10)
        assert spoken(room) == []
        room.bring_persona()
    clock.advance(10)
    room.join("Bo")
    clock.advance(10)

    assert spoken(room) == [("assistant", "Hi.")]


def test_who_speaks_before_the_persona_is_there_is_answered_after_its_greeting() -> None:
    clock = Clock()
    room = make_room(clock)
    room.say(room.join("Ada"), "Anybody there?")
    clock.advance(10)
    alone = spoken(room)
    room.bring_persona()
    clock.advance(10)

    assert alone == [("user", "Anybody there?")]
    assert spoken(room)[1:] == [("assistant", "Hi."), ("assistant", "You said: Anybody there?")]
    assert [line.seconds_from_start for line in room.lines][:2] == [0.0, 0.0]


def test_messages_are_counted_from_one_and_name_their_conversation() -> None:
    room = make_room()
    room.bring_persona()
    room.join("Ada")

    assert [message["seq"] for message in room.messages] == list(range(1, len(room.messages) + 1))
    assert all(message["conversation_id"] == "c1" for message in room.messages)


def test_only_the_newest_messages_are_kept() -> None:
    room = make_room()
    for number in range(1_500):
        room.send({"event_type": "app.note", "number": number})

    assert len(room.messages) == 1_000
    assert (room.messages[0]["seq"], room.messages[-1]["seq"]) == (501, 1_500)


def test_who_joins_is_told_of_with_a_name() -> None:
    room = make_room()
    participant_id = room.join("Ada")

    assert dict(room.participants) == {participant_id: "Ada"}
    assert room.messages[0]["properties"] == {"role": "user", "id": participant_id, "name": "Ada"}


def test_who_left_can_say_nothing_and_leave_no_more() -> None:
    room = make_room()
    participant_id = room.join("Ada")
    room.leave(participant_id)

    with pytest.raises(RoomError, match="no participant"):
        room.say(participant_id, "Hello?")
    with pytest.raises(RoomError, match="no participant"):
        room.leave(participant_id)
    assert kinds(room)[-1] == "conversation.left"


def test_a_private_room_needs_its_token() -> None:
    room = make_room(token="secret", token_lasts=300.0)
    refused = [None, "", "wrong", "sécret"]

    for token in refused:
        with pytest.raises(RoomError, match="private"):
            room.join("Eve", token)
    assert [room.admits(token) for token in [*refused, "secret"]] == [False] * 4 + [True]
    assert room.join("Ada", "secret") in room.participants
    assert room.is_private
    assert "secret" not in repr(room)


def test_a_token_expires() -> None:
    clock = Clock()
    room = make_room(clock, token="secret", token_lasts=300.0)
    clock.advance(301)

    with pytest.raises(RoomError, match="expired"):
        room.join("Ada", "secret")


def test_the_persona_counts_as_one_participant() -> None:
    room = make_room(max_participants=2)
    first = room.join("Ada")

    with pytest.raises(RoomError, match="full"):
        room.join("Bo")
    room.leave(first)
    assert room.join("Bo") in room.participants


def test_a_closed_room_lets_nothing_happen_and_can_be_read() -> None:
    clock = Clock()
    room = make_room(clock)
    room.bring_persona()
    participant_id = room.join("Ada")
    clock.advance(10)
    room.say(participant_id, "Bye.")
    room.end("end_conversation_endpoint_hit")
    told = len(room.messages)
    clock.advance(10)

    for act in (
        lambda: room.join("Bo"),
        lambda: room.say(participant_id, "?"),
        lambda: room.respond("?"),
        lambda: room.emit("app.note", {}),
    ):
        with pytest.raises(RoomError, match="ended"):
            act()
    room.end("again")
    room.bring_persona()
    assert (room.status, len(room.messages)) == ("ended", told)
    assert room.messages[-1]["properties"] == {
        "replica_id": "r1",
        "shutdown_reason": "end_conversation_endpoint_hit",
    }
    assert spoken(room)[-1] == ("user", "Bye.")


@pytest.mark.parametrize("value", ["", None, 7, b"text"])
def test_words_must_be_words(value: Any) -> None:
    room = make_room()
    participant_id = room.join("Ada")

    for act in (
        lambda: room.join(value),
        lambda: room.say(participant_id, value),
        lambda: room.respond(value),
        lambda: room.emit(value, {}),
    ):
        with pytest.raises(RoomError, match="must be a text"):
            act()
    assert len(room.messages) == 1


def test_its_observer_is_told_of_everything() -> None:
    watcher = Watcher()
    room = make_room(observer=watcher)
    room.bring_persona()
    room.bring_persona()
    room.leave(room.join("Ada"))
    room.end("done")
    room.end("again")

    assert watcher.seen == ["persona", "joined", "left", "done"]


def test_messages_for_the_persona_are_not_broadcast() -> None:
    room = make_room()
    room.bring_persona()
    told = len(room.messages)
    context: JsonObject = {"event_type": "conversation.overwrite_llm_context", "properties": {"context": "New."}}
    room.send(context)
    room.send({"event_type": "app.note", "properties": {"text": "Hello, everybody."}})

    assert list(room.received) == [context]
    assert kinds(room)[told:] == ["app.note"]


def test_messages_wait_for_the_persona() -> None:
    clock = Clock()
    room = make_room(clock)
    room.send({"event_type": "conversation.echo", "properties": {"text": "One."}})
    room.send({"event_type": "conversation.echo", "properties": {"text": "Two."}})
    clock.advance(10)
    before = spoken(room)
    room.bring_persona()
    clock.advance(10)

    assert before == []
    assert spoken(room) == [("assistant", "One."), ("assistant", "Two.")]


def test_a_message_to_respond_is_heard_as_a_person() -> None:
    clock = Clock()
    room = make_room(clock)
    room.bring_persona()
    room.send({"event_type": "conversation.respond", "properties": {"text": "What is new?"}})
    clock.advance(10)

    assert spoken(room) == [("user", "What is new?"), ("assistant", "You said: What is new?")]


@pytest.mark.parametrize("properties", [None, {}, {"text": 7}, "text", ["text"]])
def test_a_message_without_words_changes_nothing(properties: Any) -> None:
    room = make_room()
    room.bring_persona()
    room.send({"event_type": "conversation.respond", "properties": properties})
    room.send({"event_type": "conversation.echo", "properties": properties})

    assert spoken(room) == []
    assert len(room.received) == 2


def test_what_only_a_persona_could_do_can_be_made_to_happen() -> None:
    room = make_room()
    room.emit("conversation.tool_call", {"name": "book", "arguments": "{}", "tool_call_id": "call_1"})

    assert room.messages[-1]["event_type"] == "conversation.tool_call"
    assert room.messages[-1]["message_type"] == "conversation"


async def test_who_waits_for_news_gets_them() -> None:
    room = make_room()
    waiting = asyncio.ensure_future(room.changed(0))
    await asyncio.sleep(0)
    assert not waiting.done()
    room.bring_persona()
    await waiting

    await room.changed(2)
    ending = asyncio.ensure_future(room.changed(len(room.messages)))
    await asyncio.sleep(0)
    room.end("done")
    await ending
    await room.changed(10_000)


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    room = make_room()
    waiting = asyncio.ensure_future(room.changed(0))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    room.bring_persona()

    assert waiting.cancelled()
    assert not room._watchers


def test_a_chat_takes_turns_and_keeps_its_answers() -> None:
    clock = Clock()
    room = make_room(clock, greeting="", replies=["First.", "Second."])
    room.bring_persona()
    room.respond("a")
    room.respond("b")
    none_yet = room.take_reply()
    clock.advance(10)

    assert none_yet is None
    assert [room.take_reply() for _ in range(3)] == ["First.", "Second.", None]
    assert list(room.participants.values()) == ["chat"]


def test_rooms_that_ended_are_kept_for_some_time() -> None:
    rooms = Rooms()
    for number in range(1_201):
        room = make_room(conversation_id=f"c{number}")
        rooms.open(room)
        if number:
            room.end("done")
            rooms.close(room)

    assert (len(rooms), rooms.active) == (1_001, ("c0",))
    assert rooms.get("c200") is None
    assert rooms.get("c1200") is not None
    assert rooms.get_active("c1200") is None
