"""The rooms in which conversations happen: who is there, and every message that all of them get."""

import asyncio
import hmac
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, Protocol

from attrs import define, field

from tavus_async._settings.checks import display
from tavus_async.sandbox.clock import Clock
from tavus_async.sandbox.dialogue import Dialogue, SpokenLine
from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["Room", "RoomError", "RoomObserver", "Rooms"]

_KEPT_MESSAGES = 1_000
_KEPT_ENDED_ROOMS = 1_000


class RoomError(Exception):
    """The room does not let this happen; the text says why."""


class RoomObserver(Protocol):
    """Whoever has to know when people come and go."""

    def persona_joined(self) -> None:
        """Note that the persona is in the room."""

    def participant_joined(self) -> None:
        """Note that a participant came."""

    def participant_left(self) -> None:
        """Note that a participant went."""

    def room_ended(self, reason: str) -> None:
        """Note that the room is closed."""


@define(kw_only=True, eq=False)
class Room:
    """One room: it is open until its conversation ends, and can be read afterwards."""

    conversation_id: str
    """Whose room it is."""
    persona_name: str = ""
    """How the persona is called here."""
    greeting: str = ""
    """What the persona says first, once it and a participant are there; nothing if it is empty."""
    persona_id: str = ""
    """The id of the persona, and its id as a participant."""
    replica_id: str = ""
    """The face of the persona."""
    max_participants: int | None = None
    """How many may be in the room, the persona included; None is no limit."""
    observer: RoomObserver | None = field(default=None, repr=False)
    """Who is told of what happens."""
    _token: str | None = field(alias="token", default=None, repr=False)
    _token_lasts: float = field(alias="token_lasts", default=0.0, repr=False)
    _replies: Iterable[str] = field(alias="replies", default=(), repr=False)
    _clock: Clock = field(alias="clock", repr=False)
    _dice: random.Random = field(alias="dice", repr=False)
    _status: Literal["active", "ended"] = field(init=False, default="active")
    _opened: float = field(init=False, repr=False)
    _dialogue: Dialogue = field(init=False, repr=False)
    _has_persona: bool = field(init=False, default=False)
    _has_greeted: bool = field(init=False, default=False, repr=False)
    _messages: deque[JsonObject] = field(
        init=False, factory=lambda: deque[JsonObject](maxlen=_KEPT_MESSAGES), repr=False
    )
    _seq: int = field(init=False, default=0)
    _watchers: set[asyncio.Future[None]] = field(init=False, factory=set[asyncio.Future[None]], repr=False)
    _participants: dict[str, str] = field(init=False, factory=dict[str, str], repr=False)
    _waiting: list[JsonObject] = field(init=False, factory=list[JsonObject], repr=False)
    _received: deque[JsonObject] = field(
        init=False, factory=lambda: deque[JsonObject](maxlen=_KEPT_MESSAGES), repr=False
    )

    def __attrs_post_init__(self) -> None:
        self._opened = self._clock.now()
        replies: Iterator[str] = iter(self._replies)
        self._dialogue = Dialogue(broadcast=self._broadcast, clock=self._clock, dice=self._dice, replies=replies)

    @property
    def status(self) -> Literal["active", "ended"]:
        """Return whether the conversation goes on."""
        return self._status

    @property
    def is_private(self) -> bool:
        """Return whether joining needs the meeting token."""
        return self._token is not None

    @property
    def participants(self) -> Mapping[str, str]:
        """Return the names of those who are in the room by their ids, without the persona."""
        return MappingProxyType(dict(self._participants))

    @property
    def messages(self) -> Sequence[JsonObject]:
        """Return the newest 1,000 messages that were broadcast, each with its `seq`, counted from 1."""
        return tuple(self._messages)

    @property
    def received(self) -> Sequence[JsonObject]:
        """Return the newest 1,000 messages that were sent to the persona alone."""
        return tuple(self._received)

    @property
    def lines(self) -> Sequence[SpokenLine]:
        """Return what was said, in turns."""
        return self._dialogue.lines

    async def changed(self, after: int) -> None:
        """Wait until there is a message whose `seq` is above *after*, or the conversation has ended."""
        while self._seq <= after and self._status == "active":
            watcher = asyncio.get_running_loop().create_future()
            self._watchers.add(watcher)
            try:
                await watcher
            finally:
                self._watchers.discard(watcher)

    def admits(self, token: str | None) -> bool:
        """Return whether *token* opens the room, as long as it is valid; a room that is not private opens to all."""
        return self._token is None or hmac.compare_digest((token or "").encode(), self._token.encode())

    def join(self, name: str, token: str | None = None) -> str:
        """Let a participant in and return its id.

        Raises `RoomError` where the conversation has ended, the room is full, or a private one is asked for without
        its *token*, or with one that has expired.
        """
        self._check_open()
        _check_text("name", name)
        if not self.admits(token):
            raise RoomError("this room is private: joining it needs the meeting token")
        if self._token is not None and self._clock.now() - self._opened > self._token_lasts:
            raise RoomError("the meeting token has expired")
        if self.max_participants is not None and len(self._participants) + 2 > self.max_participants:
            raise RoomError(f"the room is full: {self.max_participants} participants, the persona included")
        return self._let_in(name)

    def say(self, participant_id: str, text: str) -> None:
        """Let a participant say *text*, which the persona answers; raises `RoomError` for who is not there."""
        self._check_present(participant_id)
        _check_text("text", text)
        self._dialogue.hear(text)

    def leave(self, participant_id: str) -> None:
        """Let a participant go; raises `RoomError` for who is not there."""
        self._check_present(participant_id)
        name = self._participants.pop(participant_id)
        self._broadcast("conversation.left", {"role": "user", "id": participant_id, "name": name})
        self._tell(lambda observer: observer.participant_left())

    def respond(self, text: str) -> None:
        """Put *text* to the persona as a person's turn whose answer `take_reply` returns; with it, a person is there.

        Raises `RoomError` where the conversation has ended.
        """
        self._check_open()
        _check_text("text", text)
        if not self._participants:
            self._let_in("chat")
        self._dialogue.hear(text, is_staged=True)

    def take_reply(self) -> str | None:
        """Return and remove the next answer to `respond`, or None while there is none."""
        return self._dialogue.take_reply()

    def bring_persona(self) -> None:
        """Let the persona join: it gets the messages that wait for it, and greets who is there."""
        if self._status == "ended" or self._has_persona:
            return
        self._has_persona = True
        joined: JsonObject = {"role": "pal", "id": self.persona_id, "name": self.persona_name}
        self._broadcast("conversation.joined", joined)
        self._broadcast("system.pal_joined", {"face_id": self.replica_id}, message_type="system")
        self._broadcast("system.replica_joined", {"replica_id": self.replica_id}, message_type="system")
        self._tell(lambda observer: observer.persona_joined())
        self._greet()
        self._dialogue.start()
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._act_on(message)

    def send(self, message: JsonObject) -> None:
        """Give *message* to the persona alone if it is meant for it, otherwise to everybody in the room."""
        if message.get("event_type") not in _DIRECTED:
            self._append(message)
        elif self._has_persona:
            self._act_on(message)
        else:
            self._waiting.append(message)

    def emit(self, event_type: str, properties: Mapping[str, Json]) -> None:
        """Broadcast an event as if it came from the persona, such as a tool call; raises `RoomError` after the end."""
        self._check_open()
        _check_text("event_type", event_type)
        self._broadcast(event_type, dict(properties))

    def end(self, reason: str) -> None:
        """Close the room; once it is closed, do nothing."""
        if self._status == "ended":
            return
        self._dialogue.stop()
        self._waiting.clear()
        self._participants.clear()
        self._status = "ended"
        shutdown: JsonObject = {"replica_id": self.replica_id, "shutdown_reason": reason}
        self._broadcast("system.shutdown", shutdown, message_type="system")
        self._tell(lambda observer: observer.room_ended(reason))

    def _let_in(self, name: str) -> str:
        participant_id = f"{self._dice.getrandbits(64):016x}"
        self._participants[participant_id] = name
        self._broadcast("conversation.joined", {"role": "user", "id": participant_id, "name": name})
        self._tell(lambda observer: observer.participant_joined())
        self._greet()
        return participant_id

    def _greet(self) -> None:
        if self.greeting and self._has_persona and self._participants and not self._has_greeted:
            self._has_greeted = True
            self._dialogue.speak(self.greeting, first=True)

    def _act_on(self, message: JsonObject) -> None:
        self._received.append(message)
        properties = message.get("properties")
        text = properties.get("text") if isinstance(properties, dict) else None
        match message.get("event_type"):
            case "conversation.respond" if isinstance(text, str):
                self._dialogue.hear(text)
            case "conversation.echo" if isinstance(text, str):
                self._dialogue.speak(text)
            case "conversation.interrupt":
                self._dialogue.interrupt()
            case _:
                # What the others change is in the persona's head, where a sandbox has nothing.
                pass

    def _broadcast(
        self,
        event_type: str,
        properties: JsonObject,
        *,
        message_type: str = "conversation",
        turn: int | None = None,
        inference_id: str | None = None,
    ) -> None:
        message: JsonObject = {"message_type": message_type, "event_type": event_type, "timestamp": self._clock.time()}
        if turn is not None:
            message["turn_idx"] = turn
        if inference_id is not None:
            message["inference_id"] = inference_id
        self._append({**message, "properties": properties})

    def _append(self, message: JsonObject) -> None:
        self._seq += 1
        self._messages.append({**message, "conversation_id": self.conversation_id, "seq": self._seq})
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)

    def _tell(self, tell: Callable[[RoomObserver], None]) -> None:
        if self.observer is not None:
            tell(self.observer)

    def _check_open(self) -> None:
        if self._status == "ended":
            raise RoomError("the conversation has ended")

    def _check_present(self, participant_id: str) -> None:
        self._check_open()
        if participant_id not in self._participants:
            raise RoomError(f"there is no participant {display(participant_id)} in the room")


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise RoomError(f"{name} must be a text, and not empty, not {display(value)}")


# What goes to the persona alone; all else is relayed to everybody.
_DIRECTED = frozenset(
    {
        "conversation.append_llm_context",
        "conversation.echo",
        "conversation.interrupt",
        "conversation.overwrite_llm_context",
        "conversation.respond",
        "conversation.sensitivity",
        "conversation.set_emotion",
        "conversation.tool_result",
    }
)


@define(eq=False)
class Rooms:
    """The rooms of all conversations that go on, and of the newest 1,000 that have ended."""

    _active: dict[str, Room] = field(init=False, factory=dict[str, Room], repr=False)
    _ended: dict[str, Room] = field(init=False, factory=dict[str, Room], repr=False)

    def __len__(self) -> int:
        return len(self._active) + len(self._ended)

    @property
    def active(self) -> tuple[str, ...]:
        """Return the ids of the conversations that go on, in order of creation."""
        return tuple(self._active)

    def get(self, conversation_id: str) -> Room | None:
        """Return the room of a conversation, or None."""
        return self._active.get(conversation_id) or self._ended.get(conversation_id)

    def get_active(self, conversation_id: str) -> Room | None:
        """Return the room of a conversation that goes on, or None."""
        return self._active.get(conversation_id)

    def open(self, room: Room) -> None:
        """Keep the room of a conversation that begins."""
        self._active[room.conversation_id] = room

    def close(self, room: Room) -> None:
        """Keep the room of a conversation that has ended, for some time."""
        self._active.pop(room.conversation_id, None)
        self._ended[room.conversation_id] = room
        if len(self._ended) > _KEPT_ENDED_ROOMS:
            del self._ended[next(iter(self._ended))]

    def remove(self, conversation_id: str) -> None:
        """Forget the room of a conversation that has ended."""
        self._ended.pop(conversation_id, None)
