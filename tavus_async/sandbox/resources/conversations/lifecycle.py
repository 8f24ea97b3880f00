"""The life of a conversation: who has to come by when, why it ends, and what is told of it."""

import random
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from attrs import define, field

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.clock import Timer
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.resources.conversations import transcripts, views
from tavus_async.sandbox.resources.conversations.rules import is_elsewhere, is_on
from tavus_async.sandbox.resources.memory_stores.learning import learn
from tavus_async.sandbox.rooms import Room

__all__ = ["DEFAULT_ABSENCE", "LiveConversation", "post_event", "start"]

# All in seconds of the sandbox's clock.
_UNTIL_THE_PERSONA_JOINS = 1.0
DEFAULT_ABSENCE = 300
_DEFAULTS: Mapping[str, int] = MappingProxyType(
    {"participant_absent_timeout": DEFAULT_ABSENCE, "participant_left_timeout": 0, "max_call_duration": 3600}
)
_UNTIL_THE_TRANSCRIPT = (60.0, 90.0)
_UNTIL_THE_RECORDING = (90.0, 120.0)
_UNTIL_PERCEPTION = (120.0, 180.0)
_UNTIL_IT_IS_LEARNED = 150.0


def start(account: Account, stored: StoredObject, room: Room, *, persona: JsonObject) -> None:
    """Let the conversation that is *stored* live in *room*, with *persona*, from now on."""
    live = LiveConversation(account=account, stored=stored, room=room, persona=persona)
    room.observer = live
    account.rooms.open(room)
    live.start()


def post_event(
    account: Account, stored: StoredObject, event_type: str, message_type: str, properties: JsonObject
) -> None:
    """Keep an event of a conversation for those who ask, and post it to the `callback_url`."""
    if stored.internal.get("is_gone"):
        return
    document = stored.document()
    event: JsonObject = {
        "event_type": event_type,
        "timestamp": transcripts.written(account.clock.time()),
        "properties": properties,
    }
    events = stored.internal.setdefault("events", [])
    if isinstance(events, list):
        events.append(event)
    url = document.get("callback_url")
    if isinstance(url, str) and url:
        body: JsonObject = {"conversation_id": stored.id, "webhook_url": url, "message_type": message_type, **event}
        account.callbacks.post(url, body, subject_id=stored.id)


@define(kw_only=True, eq=False)
class LiveConversation:
    """Watches the room of one conversation, and ends it when its time is over."""

    _account: Account = field(alias="account", repr=False)
    _stored: StoredObject = field(alias="stored")
    _room: Room = field(alias="room", repr=False)
    _persona: JsonObject = field(alias="persona", repr=False)
    _document: JsonObject = field(init=False, repr=False)
    _timers: dict[str, Timer] = field(init=False, factory=dict[str, Timer], repr=False)
    _began: float | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self._document = self._stored.document()

    def start(self) -> None:
        """Wait for the persona, and for somebody to talk to."""
        clock = self._account.clock
        self._timers["persona"] = clock.call_later(_UNTIL_THE_PERSONA_JOINS, self._room.bring_persona)
        # In a meeting or a room of somebody else, the sandbox cannot see who is there.
        if not is_elsewhere(self._document):
            self._end_after("participant_absent_timeout")

    def persona_joined(self) -> None:
        """Tell of it, by both names, and count the time of the call."""
        self._began = self._account.clock.now()
        self._end_after("max_call_duration")
        replica_id = self._room.replica_id
        self._post("system.pal_joined", "system", {"face_id": replica_id})
        self._post("system.replica_joined", "system", {"replica_id": replica_id})

    def participant_joined(self) -> None:
        """Stop waiting for one."""
        self._cancel("participant_absent_timeout", "participant_left_timeout")

    def participant_left(self) -> None:
        """Wait for the next if it was the last."""
        if not self._room.participants:
            self._end_after("participant_left_timeout")

    def room_ended(self, reason: str) -> None:
        """Store that the conversation is over and why, tell of it, and see to what comes after a call."""
        self._cancel(*self._timers)
        self._account.rooms.close(self._room)
        document, now = self._stored.document(), transcripts.written(self._account.clock.time())
        self._stored.replace({**document, "status": "ended", "shutdown_reason": reason, "updated_at": now})
        self._post("system.shutdown", "system", {**self._of_replica(), "shutdown_reason": reason})
        # A call in which nobody said anything has no aftermath.
        if self._room.lines:
            self._plan_aftermath(self._seconds())

    def _plan_aftermath(self, seconds: float) -> None:
        clock, dice = self._account.clock, self._account.dice
        ended_at = self._account.clock.time()
        clock.call_later(dice.uniform(*_UNTIL_THE_TRANSCRIPT), partial(self._tell_transcript, dice))
        if is_on(self._property("enable_recording")):
            where = transcripts.recording(self._properties(), self._stored.id, at=ended_at, seconds=seconds)
            act = partial(self._post, "application.recording_ready", "application", where)
            clock.call_later(dice.uniform(*_UNTIL_THE_RECORDING), act)
        clock.call_later(dice.uniform(*_UNTIL_PERCEPTION), partial(self._tell_perception, seconds))
        if self._document.get("participant_tags"):
            clock.call_later(_UNTIL_IT_IS_LEARNED, self._learn)

    def _learn(self) -> None:
        said = [line.content for line in self._room.lines if line.role == "user"]
        tags = self._document.get("participant_tags")
        learned = learn(self._account, self._room.persona_id, tags, conversation_id=self._stored.id, said=said)
        if learned is not None:
            self._post("application.memory_consolidation", "application", learned)

    def _tell_transcript(self, dice: random.Random) -> None:
        parts = (self._persona.get("system_prompt"), self._persona.get("context"))
        prompt = "\n\n".join(str(part) for part in (*parts, self._document.get("conversational_context")) if part)
        turns = transcripts.transcript(self._room.lines, prompt, dice)
        self._post("application.transcription_ready", "application", {**self._of_replica(), "transcript": turns})

    def _tell_perception(self, seconds: float) -> None:
        if self._sees():
            text = transcripts.analysis(self._room.lines, seconds)
            self._post("application.perception_analysis", "application", {"analysis": text})
        else:
            self._post("application.perception_unavailable", "application", {"reason": "no_vision_history"})

    def _post(self, event_type: str, message_type: str, properties: JsonObject) -> None:
        post_event(self._account, self._stored, event_type, message_type, properties)

    def _end_after(self, timeout: str) -> None:
        given = self._property(timeout)
        seconds = given if isinstance(given, int) else _DEFAULTS[timeout]
        end = partial(self._room.end, f"{timeout} reached")
        if seconds or timeout != "participant_left_timeout":
            self._timers[timeout] = self._account.clock.call_later(seconds, end)
        else:
            end()

    def _cancel(self, *names: str) -> None:
        for name in names:
            if name in self._timers:
                self._timers[name].cancel()

    def _sees(self) -> bool:
        layers = self._persona.get("layers")
        perception = layers.get("perception") if isinstance(layers, dict) else None
        model = perception.get("perception_model") if isinstance(perception, dict) else None
        is_blind = is_on(self._document.get("audio_only")) or is_on(self._document.get("chat"))
        return not is_blind and model not in {"off", "basic"}

    def _seconds(self) -> float:
        return 0.0 if self._began is None else self._account.clock.now() - self._began

    def _of_replica(self) -> JsonObject:
        name = "face_id" if views.speaks_pal(self._document) else "replica_id"
        return {name: self._room.replica_id}

    def _properties(self) -> JsonObject:
        properties = self._document.get("properties")
        return properties if isinstance(properties, dict) else {}

    def _property(self, name: str) -> Json:
        return self._properties().get(name)
