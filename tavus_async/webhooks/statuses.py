"""Callbacks about videos, replicas and documents: bodies without an event type, of what has changed itself.

Source: https://docs.tavus.io/sections/webhooks-and-callbacks
"""

from collections.abc import Mapping
from typing import Any, Final

from tavus_async._records.reading import make_record
from tavus_async.resources.conversations.envelope import Event, class_of, int_field, text_field
from tavus_async.resources.conversations.events import ToolCall, UnknownEvent, VoiceStatusChanged
from tavus_async.resources.documents.records import Document
from tavus_async.resources.replicas.records import Replica
from tavus_async.resources.videos.records import Video

# The names of ids by which bodies without an event type are known.
IDS: Final = ("video_id", "document_id", "replica_id", "face_id", "voice_id")


class StatusEvent(Event):
    """A callback about something that is no conversation: what has changed, as it is now."""

    status = text_field("status")
    """What it is now; see the class."""
    error_message = text_field("error_message")
    """What went wrong, with `error`."""


class VideoStatusChanged(StatusEvent):
    """A video is `ready`, or has failed with `error`."""

    video_id = text_field("video_id")
    """Which video."""

    @property
    def video(self) -> Video:
        """The video."""
        return make_record(Video, self.to_dict())

    def _scope(self) -> str | None:
        return self.video_id

    def _identified_by(self) -> tuple[Any, ...]:
        return (self.status,)  # a video is made once


class ReplicaStatusChanged(StatusEvent):
    """The training of a replica is `ready`, where `get_replica` says `completed`, or has failed with `error`."""

    replica_id = text_field("replica_id", "face_id")
    """Which replica; also spelled `face_id`."""

    @property
    def replica(self) -> Replica:
        """The replica, as far as the callback tells of it."""
        return make_record(Replica, self.to_dict())

    def _scope(self) -> str | None:
        return self.replica_id

    def _identified_by(self) -> tuple[Any, ...]:
        return (self.status,)  # a replica is trained once


class DocumentStatusChanged(StatusEvent):
    """A document is `ready`, or has failed with `error`."""

    document_id = text_field("document_id", "uuid")
    """Which document."""
    document_name = text_field("document_name")
    """Its name."""
    progress = int_field("progress")
    """How far it is, from 0 to 100."""

    @property
    def document(self) -> Document:
        """The document, as far as the callback tells of it."""
        return make_record(Document, self.to_dict())

    def _scope(self) -> str | None:
        return self.document_id

    def _identified_by(self) -> tuple[Any, ...]:
        told = self._told()  # a document may be crawled again
        return (self.status, self.progress, told.get("updated_at"))


def event_class(body: Mapping[str, Any]) -> type[Event]:
    """Return the class of what a webhook gets: by the event type, and by the ids in bodies that have none."""
    event_type = body.get("event_type")
    if event_type is not None:
        return class_of(event_type)
    named = {name for name in IDS if isinstance(body.get(name), str)}
    if "video_id" in named:
        return VideoStatusChanged
    if "document_id" in named:
        return DocumentStatusChanged
    if "status" in body and named & {"replica_id", "face_id"}:
        return ReplicaStatusChanged
    if "status" in body and "voice_id" in named:
        return VoiceStatusChanged
    # What Tavus posts to the API of a tool that is signed.
    return ToolCall if {"name", "arguments", "tool_call_id"} <= body.keys() else UnknownEvent
