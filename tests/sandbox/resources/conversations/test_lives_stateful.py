"""Many conversations at once, whatever people, requests and time do to them."""

import json
from typing import Any

from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from hypothesis.strategies import booleans, floats, integers, sampled_from

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.answers import Answer, RefusalError
from tavus_async.sandbox.json import load
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.conversations import CONVERSATION_RESOURCE
from tavus_async.sandbox.vocabulary import Vocabulary

ONE = {"persona_id": "p1", "persona_name": "One", "system_prompt": "x", "default_replica_id": "r1"}
ORDER = [
    "system.pal_joined",
    "system.replica_joined",
    "system.shutdown",
    "application.transcription_ready",
    "application.perception_analysis",
]
CREDITS, AT_ONCE = 12, 4
REASONS = {
    "participant_absent_timeout reached",
    "participant_left_timeout reached",
    "max_call_duration reached",
    "end_conversation_endpoint_hit",
    "daily_room_has_been_deleted",
}


class Lives(RuleBasedStateMachine):
    """Requests, people and time, in any order."""

    conversations = Bundle("conversations")
    people = Bundle("people")

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(personas=[ONE], credits=CREDITS, max_conversations=AT_ONCE)
        self.sandbox._account.url = "http://sandbox"
        self.started = 0

    def ask(self, template: str, conversation_id: str = "", body: Any = None, **query: str) -> Answer:
        request = Request(
            params={"conversation_id": conversation_id},
            query=query,
            vocabulary=Vocabulary.PERSONA,
            body=json.dumps(body).encode(),
            envelope=False,
        )
        try:
            return CONVERSATION_RESOURCE.endpoints[template](self.sandbox._account, request)
        except RefusalError as refusal:
            return refusal.answer

    @rule(target=conversations, left=integers(0, 30), test=booleans())
    def create(self, left: int, test: bool) -> str:
        active, credits_left = len(self.sandbox.active_conversation_ids), self.sandbox.credits_left
        properties = {"participant_left_timeout": left, "max_call_duration": 500}
        body = {"persona_id": "p1", "test_mode": test, "properties": properties}
        answer = self.ask("POST /v2/conversations", body=body)
        expected = 200 if test else 402 if not credits_left else 400 if active >= AT_ONCE else 200
        assert answer.status == expected
        if answer.status != 200:
            return ""
        self.started += not test
        created: Any = answer.body
        return str(created["conversation_id"])

    @rule(target=people, conversation_id=conversations)
    def join(self, conversation_id: str) -> tuple[str, str]:
        room = self.sandbox.rooms.get_active(conversation_id)
        return (conversation_id, room.join("Ada")) if room is not None else ("", "")

    @rule(person=people, text=sampled_from(["Yes.", "And then?", "One two three four five six seven."]))
    def say(self, person: tuple[str, str], text: str) -> None:
        room = self.sandbox.rooms.get_active(person[0])
        if room is not None and person[1] in room.participants:
            room.say(person[1], text)

    @rule(person=consumes(people))
    def leave(self, person: tuple[str, str]) -> None:
        room = self.sandbox.rooms.get_active(person[0])
        if room is not None and person[1] in room.participants:
            room.leave(person[1])

    @rule(seconds=floats(0, 700))
    def wait(self, seconds: float) -> None:
        self.sandbox.advance(seconds)

    @rule(conversation_id=conversations, kind=sampled_from(["echo", "respond", "interrupt", "sensitivity"]))
    def send(self, conversation_id: str, kind: str) -> None:
        is_active = conversation_id in self.sandbox.active_conversation_ids
        body = {"event_type": f"conversation.{kind}", "properties": {"text": "Again."}}
        answer = self.ask("POST /v2/conversations/{conversation_id}/send-app-message", conversation_id, body)
        assert answer.status == (200 if is_active else 400)

    @rule(conversation_id=conversations)
    def end(self, conversation_id: str) -> None:
        is_active = conversation_id in self.sandbox.active_conversation_ids
        answer = self.ask("POST /v2/conversations/{conversation_id}/end", conversation_id)
        assert answer.status == (200 if is_active else 400)

    @rule(conversation_id=consumes(conversations), hard=sampled_from(["true", "false"]))
    def delete(self, conversation_id: str, hard: str) -> None:
        answer = self.ask("DELETE /v2/conversations/{conversation_id}", conversation_id, hard=hard)
        assert answer.status == (204 if conversation_id else 400)
        assert self.ask("GET /v2/conversations/{conversation_id}", conversation_id).status == 400

    @invariant()
    def credits_are_spent_on_what_was_started(self) -> None:
        assert self.sandbox.credits_left == CREDITS - self.started

    @invariant()
    def what_goes_on_is_what_is_listed_as_active(self) -> None:
        answer = self.ask("GET /v2/conversations", status="active", limit="100")
        listed: Any = load(answer.payload.decode())
        assert {each["conversation_id"] for each in listed["data"]} == set(self.sandbox.active_conversation_ids)
        assert len(self.sandbox.active_conversation_ids) <= AT_ONCE

    @invariant()
    def every_conversation_tells_its_life_in_order(self) -> None:
        for conversation_id in self.sandbox.conversation_ids:
            stored = self.sandbox.stored(conversation_id, resource="conversations")
            kinds = [str(event["event_type"]) for event in self.sandbox.events(conversation_id)]
            is_active = conversation_id in self.sandbox.active_conversation_ids
            assert kinds == sorted(set(kinds), key=ORDER.index)
            assert (stored["status"] == "active") is is_active
            assert is_active or stored.get("test_mode") or stored["shutdown_reason"] in REASONS
            assert ("system.shutdown" in kinds) is not (is_active or bool(stored.get("test_mode")))

    @invariant()
    def messages_are_numbered_without_a_gap(self) -> None:
        for conversation_id in self.sandbox.conversation_ids:
            room = self.sandbox.rooms.get(conversation_id)
            numbers = [message["seq"] for message in room.messages] if room is not None else []
            assert numbers == list(range(1, len(numbers) + 1))

    def teardown(self) -> None:
        # Everybody goes home in the end, so nothing is left that would cost money.
        self.sandbox.advance(4_000)
        assert self.sandbox.active_conversation_ids == ()
        self.every_conversation_tells_its_life_in_order()


TestLives = Lives.TestCase
TestLives.settings = settings(stateful_step_count=40)
