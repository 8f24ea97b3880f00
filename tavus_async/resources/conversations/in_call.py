"""What Tavus tells during a call, as app messages in its room.

Source: https://docs.tavus.io/sections/event-schemas
"""

from collections.abc import Sequence
from typing import Any

from tavus_async._records.hooks import WrongTypeError
from tavus_async._records.immutable import JsonObject, is_mapping, is_sequence
from tavus_async.resources.conversations.envelope import (
    GUARDRAIL,
    Detail,
    Event,
    any_field,
    bool_field,
    int_field,
    number_field,
    object_field,
    text_field,
)
from tavus_async.resources.conversations.identity import old_role, old_type
from tavus_async.resources.conversations.transcript import read_arguments

USER = "user"
REPLICA = "replica"


def read_objects(value: Any, _kind: Any) -> tuple[JsonObject, ...]:
    """Return a list of objects, which nobody can change already, as a tuple."""
    if not is_sequence(value) or not all(map(is_mapping, value)):
        raise WrongTypeError
    return tuple(value)


class SpeakerEvent(Event):
    """Something that one side does: *role* tells which, in the words before or since the rename."""

    role = text_field("role")
    """`user`, or `replica` or `pal`, which are the same; see *by_user* and *by_replica*."""

    @property
    def by_user(self) -> bool:
        """Whether it is a participant who does it."""
        return self._speaker() == USER

    @property
    def by_replica(self) -> bool:
        """Whether it is the replica, which is also called PAL, that does it."""
        return self._speaker() == REPLICA

    def _speaker(self) -> str | None:
        """The role in the old words; of events without one, that which stands in their name."""
        if self.role is not None:
            return old_role(self.role)
        words = old_type(self.event_type or "").split(".")
        return next((role for role in (USER, REPLICA) if role in words), None)


class Utterance(SpeakerEvent):
    """What one side has said; what a replica says comes twice, with the roles `replica` and `pal`."""

    event_types = ("conversation.utterance",)

    speech = text_field("speech")
    """The words."""
    interrupted = bool_field("interrupted", "is_interrupted")
    """Whether the speaker was interrupted; told only if so."""
    user_audio_analysis = any_field("user_audio_analysis")
    """How the user sounded, where perception is on."""
    user_visual_analysis = any_field("user_visual_analysis")
    """How the user looked, where perception is on."""

    def _identified_by(self) -> tuple[Any, ...]:
        # In one turn both may speak, and in one with little of an id the same side twice.
        return (self._speaker(), self._turn(), self.speech)


class UtteranceStreaming(SpeakerEvent):
    """What one side has said so far in its turn."""

    event_types = ("conversation.utterance.streaming",)

    speech = text_field("speech")
    """The words of the turn so far."""
    content_index = int_field("content_index")
    """Which part this is, counted from 0."""
    final = bool_field("final")
    """Whether no more words follow."""
    interrupted = bool_field("is_interrupted", "interrupted")
    """Whether the speaker was interrupted."""

    def _identified_by(self) -> tuple[Any, ...]:
        return (self._speaker(), self._turn(), self.content_index, self.final, self.speech)


class StartedSpeaking(SpeakerEvent):
    """One side begins to speak; the same is also sent under an older name that holds the role."""

    event_types = (
        "conversation.started_speaking",
        "conversation.replica.started_speaking",
        "conversation.user.started_speaking",
    )

    def _identified_by(self) -> tuple[Any, ...]:
        return (self._speaker(), self._turn())


class StoppedSpeaking(SpeakerEvent):
    """One side falls silent; the same is also sent under an older name that holds the role."""

    event_types = (
        "conversation.stopped_speaking",
        "conversation.replica.stopped_speaking",
        "conversation.user.stopped_speaking",
    )

    interrupted = bool_field("interrupted", "is_interrupted")
    """Whether the other side interrupted."""
    duration = number_field("duration")
    """Seconds for which it spoke; not told of users under the older name."""

    def _identified_by(self) -> tuple[Any, ...]:
        return (self._speaker(), self._turn())


class ToolCall(Event):
    """The language model calls a tool: answer with a `ToolResult`."""

    event_types = ("conversation.tool_call",)

    name = text_field("name")
    """The tool."""
    arguments: Detail[str | JsonObject] = any_field("arguments")
    """As they came: a text that should be JSON; see *parsed_arguments*."""
    tool_call_id = text_field("tool_call_id")
    """What the `ToolResult` must name."""
    canvas_config = object_field("canvas_config")
    """What a page needs to show a component of the canvas, for tools that are one."""

    @property
    def parsed_arguments(self) -> JsonObject | None:
        """The arguments as an object; None where a model wrote what is none."""
        return read_arguments(self.arguments)

    def _scope(self) -> str | None:
        return super()._scope() or self.tool_call_id

    def _identified_by(self) -> tuple[Any, ...] | None:
        return (self.name, self.tool_call_id) if self.tool_call_id else None


class PerceptionToolCall(Event):
    """What was seen or heard calls a tool."""

    event_types = ("conversation.perception_tool_call",)

    modality = text_field("modality")
    """`vision` or `audio`."""
    name = text_field("name")
    """The tool."""
    arguments: Detail[str | JsonObject] = any_field("arguments")
    """As they came: a text that should be JSON, or an object; see *parsed_arguments*."""
    frames: Detail[Sequence[JsonObject]] = Detail(read_objects, ("frames",))
    """The pictures: each with `data` (base64) and `mime_type`, or with `uri`."""

    @property
    def parsed_arguments(self) -> JsonObject | None:
        """The arguments as an object; None where a model wrote what is none."""
        return read_arguments(self.arguments)


class ObjectiveEvent(Event):
    """Something that happens with an objective."""

    objective_name = text_field("objective_name")
    """Which objective."""
    output_variables = object_field("output_variables")
    """What was found out."""


class ObjectiveActivated(ObjectiveEvent):
    """The conversation now works towards an objective."""

    event_types = ("conversation.objective.activated",)


class ObjectivePending(ObjectiveEvent):
    """An objective waits for a `ConfirmObjective`."""

    event_types = ("conversation.objective.pending",)


class ObjectiveCompleted(ObjectiveEvent):
    """An objective is reached; sent into the call, and to the callback URL of the objective."""

    event_types = ("conversation.objective.completed",)

    def _identified_by(self) -> tuple[Any, ...] | None:
        # The callback has no turn, so what was found out has to tell one time from another.
        return (self.objective_name, self.output_variables or {}) if self.objective_name else None


class GuardrailTriggered(Event):
    """A guardrail has been hit; every event that has `guardrail` in its name is read as this."""

    event_types = (GUARDRAIL,)

    guardrail_name = text_field("guardrail_name", "guardrail")
    """Which guardrail."""
    guardrail_uuid = text_field("guardrail_uuid")
    """Its id."""
    reason = text_field("reason")
    """Why."""


class ParticipantEvent(SpeakerEvent):
    """Somebody comes or goes; *role* tells whether it is the replica."""


class ParticipantJoined(ParticipantEvent):
    """Somebody has joined; again, with the same id, after a lost connection."""

    event_types = ("conversation.joined",)


class ParticipantLeft(ParticipantEvent):
    """Somebody has left."""

    event_types = ("conversation.left",)


class ReplicaPresent(Event):
    """The replica is still there: a heartbeat, sent twice, under `system.replica_present` and `system.pal_present`."""

    event_types = ("system.replica_present", "system.pal_present")

    replica_id = text_field("replica_id", "face_id")
    """Which replica; also spelled `face_id`."""

    def _identified_by(self) -> tuple[Any, ...] | None:
        # Of the second in which it was sent: twins come one right after the other, the next ones after seconds.
        return None if self.timestamp is None else (self.replica_id, int(self.timestamp.timestamp()))
