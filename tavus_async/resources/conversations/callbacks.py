"""What Tavus tells of a conversation by webhook, and again in the conversation itself once it has ended.

Source: https://docs.tavus.io/sections/webhooks-and-callbacks
"""

from typing import Any

from tavus_async._records.fields import stored
from tavus_async._records.immutable import JsonObject
from tavus_async.resources.conversations.envelope import Event, any_field, number_field, object_field, text_field
from tavus_async.resources.conversations.transcript import Transcript, read_arguments, read_transcript

REACHED = " reached"
TRANSCRIPT_KEY = "transcript (read)"


class ReplicaJoined(Event):
    """The replica has joined the call; sent twice, as `system.replica_joined` and as `system.pal_joined`."""

    event_types = ("system.replica_joined", "system.pal_joined")

    replica_id = text_field("replica_id", "face_id")
    """Which replica; also spelled `face_id`."""

    def _identified_by(self) -> tuple[Any, ...]:
        return (self.replica_id,)


class Shutdown(Event):
    """The conversation has ended."""

    event_types = ("system.shutdown",)

    shutdown_reason = text_field("shutdown_reason", "reason")
    """Why, such as `participant_left_timeout reached`; see `has_reason`."""
    replica_id = text_field("replica_id", "face_id")
    """The replica that was in it."""

    def has_reason(self, reason: str) -> bool:
        """Return whether this is why it ended, as in `has_reason("max_call_duration")`.

        Compared is how it begins: Tavus writes some reasons with ` reached` behind them and without, and puts more
        words behind others.
        """
        return (self.shutdown_reason or "").startswith(reason.removesuffix(REACHED))

    def _identified_by(self) -> tuple[Any, ...]:
        return ()  # a conversation ends once


class TranscriptionReady(Event):
    """The transcript of an ended conversation."""

    event_types = ("application.transcription_ready",)

    replica_id = text_field("replica_id", "face_id")
    """The replica that was in it."""
    _items = any_field("transcript")

    @property
    def transcript(self) -> Transcript:
        """What was said, turn by turn, prompts included; empty where none came."""
        kept = stored(self)
        found: Transcript | None = kept.get(TRANSCRIPT_KEY)
        if found is None:
            found = kept[TRANSCRIPT_KEY] = read_transcript(self._items)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        stored(self).pop(TRANSCRIPT_KEY, None)  # it is made anew of the properties
        return super().__reduce__()

    def _identified_by(self) -> tuple[Any, ...]:
        return ()  # there is one for a conversation


class RecordingReady(Event):
    """The recording has been stored where the conversation said."""

    event_types = ("application.recording_ready",)

    bucket_name = text_field("bucket_name")
    """The bucket that it is in."""
    s3_key = text_field("s3_key")
    """Its key in that bucket: no URL."""
    duration = number_field("duration")
    """Seconds."""
    storage_provider = text_field("storage_provider")
    """`s3`, `gcs` or `azure_blob`."""
    storage_uri = text_field("storage_uri")
    """Where it is, such as `s3://bucket/key`."""

    def _identified_by(self) -> tuple[Any, ...] | None:
        # Of `s3://bucket/key`, the key: there may be either spelling, or both.
        key = self.s3_key or (self.storage_uri or "").partition("://")[2].partition("/")[2]
        return (key,) if key else None


class RecordingCopyFailed(Event):
    """The recording could not be stored where the conversation said; Tavus keeps it for about 30 days."""

    event_types = ("application.recording_copy_failed",)

    error_message = text_field("error_message")
    """What went wrong."""
    error_code = text_field("error_code")
    """What went wrong, as a word; not always there."""

    def _identified_by(self) -> tuple[Any, ...]:
        return (self._told(),)


class PerceptionAnalysis(Event):
    """What was seen during the conversation; sent to the webhook, and into the call under either of two names."""

    event_types = ("application.perception_analysis", "conversation.perception_analysis")

    analysis = text_field("analysis")
    """The summary, in Markdown."""

    def _identified_by(self) -> tuple[Any, ...] | None:
        return None if self.analysis is None else (self.analysis,)


class PerceptionUnavailable(Event):
    """There is no analysis of what was seen."""

    event_types = ("application.perception_unavailable",)

    reason = text_field("reason")
    """Why, such as `no_vision_history`."""

    def _identified_by(self) -> tuple[Any, ...]:
        return (self.reason,)


class PostCallActionExecuted(Event):
    """A tool that is called after conversations has been called."""

    event_types = ("application.post_call_action_executed",)

    tool_id = text_field("tool_id")
    """Which tool."""
    tool_name = text_field("tool_name")
    """Its name."""
    status = text_field("status")
    """`success` or `error`."""
    request = object_field("request")
    """What was sent, in its `body`; see *arguments*."""
    response = any_field("response")
    """What was answered."""

    @property
    def arguments(self) -> JsonObject | None:
        """What was sent, as an object; None where it is none. It is there when the sending has failed, too."""
        return read_arguments(self.request.get("body")) if self.request else None

    def _identified_by(self) -> tuple[Any, ...] | None:
        named = self.tool_id or self.tool_name
        return (named, self.status, self.arguments) if named else None


class MemoryConsolidation(Event):
    """What was learned in the conversation has been put into memory; what this tells is undocumented."""

    event_types = ("application.memory_consolidation",)

    def _identified_by(self) -> tuple[Any, ...]:
        return (self._told(),)


class RavenMemoryEvidence(Event):
    """What was seen in the conversation and is kept in memory; undocumented."""

    event_types = ("application.raven_memory_evidence",)

    analysis = text_field("analysis")
    """What was seen."""

    def _identified_by(self) -> tuple[Any, ...]:
        return (self._told(),)


class VoiceStatusChanged(Event):
    """A voice is ready, or has failed; this is about no conversation."""

    event_types = ("application.voice_status_changed",)

    voice_id = text_field("voice_id")
    """Which voice."""
    voice_name = text_field("voice_name")
    """Its name."""
    status = text_field("status")
    """`started`, `completed` or `error`."""
    error_message = text_field("error_message")
    """What went wrong, with `error`."""

    def _scope(self) -> str | None:
        return self.voice_id

    def _identified_by(self) -> tuple[Any, ...]:
        return (self.status, self.voice_name, self.error_message)


class CanvasInteractionRecorded(Event):
    """Somebody has used a component of the canvas: answered a question, picked a date."""

    event_types = ("canvas.interaction",)

    interaction_id = text_field("interaction_id")
    """Its id, which is the same when it is recorded again."""
    tool_call_id = text_field("tool_call_id")
    """The call of the tool that showed the component."""
    component = text_field("component")
    """Which component, such as `canvas.question`."""
    component_version = text_field("component_version")
    """`v1`."""
    type = text_field("type")
    """`submit`, `skip`, `dismiss`, `clear`, `error` or `heartbeat`."""
    value = any_field("value")
    """What was entered; its shape is the component's."""
    metadata = object_field("metadata")
    """What the page has added."""

    def _identified_by(self) -> tuple[Any, ...] | None:
        return (self.interaction_id,) if self.interaction_id else None
