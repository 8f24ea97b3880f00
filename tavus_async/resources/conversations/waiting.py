"""What is waited for in conversations: events that come minutes after the end, and the transcript among them."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, cast

import attrs

from tavus_async._settings.checks import display, is_text
from tavus_async.errors import InvalidRequestError, ProcessingFailedError
from tavus_async.resources.conversations.events import (
    Event,
    PerceptionAnalysis,
    PerceptionUnavailable,
    TranscriptionReady,
)
from tavus_async.resources.conversations.records import Conversation

Kind = type[Event] | str
"""A kind of events: its class, or its `event_type`."""

# Seconds after the end in which events still come: one to three minutes, it is said.
GRACE = 300.0
# Why a conversation ends in which nobody has said anything: no transcript and no analysis will come.
NOBODY_CAME = ("participant_absent_timeout", "bot_could_not_join", "exception_encountered_during_conversation_startup")
EVENT_TYPE = re.compile(r"\w+(\.\w+)+")
AFTER_A_TALK = (TranscriptionReady, PerceptionAnalysis, PerceptionUnavailable)
USUAL_KINDS: tuple[tuple[Kind, ...], ...] = ((TranscriptionReady,), (PerceptionAnalysis, PerceptionUnavailable))
"""What an ended conversation has at last, where somebody has talked."""


@attrs.define(kw_only=True)
class EventWatch:
    """Decides whether a conversation has the events that are waited for, one of each group."""

    groups: Sequence[tuple[Kind, ...]]
    clock: Callable[[], float]
    _ended_at: float | None = None

    def look(self, conversation: Conversation) -> tuple[Event, ...] | None:
        """Return all events once there are those; ProcessingFailedError where they can no longer come."""
        events = tuple(conversation.events or ())
        missing = [group for group in self.groups if not any(is_one(event, group) for event in events)]
        if not missing:
            return events
        if conversation.status == "ended":
            now = self.clock()
            self._ended_at = now if self._ended_at is None else self._ended_at
            reason = conversation.end_reason or "no reason told"
            if has_no_talk(reason) and any(is_after_talk(group) for group in missing):
                raise failed(conversation, f"nobody talked in it ({reason})", reason, missing)
            if now - self._ended_at >= GRACE:
                raise failed(conversation, f"it ended {GRACE:.0f} s ago ({reason})", reason, missing)
        return None


def watch(kinds: Sequence[Kind | tuple[Kind, ...]]) -> EventWatch:
    """Return what waits for these kinds; InvalidRequestError for what is none."""
    groups = [kind if isinstance(kind, tuple) else (kind,) for kind in kinds] or list(USUAL_KINDS)
    kinds_given: list[Any] = [each for group in groups for each in group]
    for kind in kinds_given:
        is_type = is_text(kind) and EVENT_TYPE.fullmatch(kind)
        if not is_type and not (isinstance(kind, type) and issubclass(kind, Event)):
            shown = display(cast("object", kind))
            raise InvalidRequestError(f"a kind is a class of events or an event_type, not {shown}")
    return EventWatch(groups=groups, clock=asyncio.get_running_loop().time)


def is_one(event: Event, group: tuple[Kind, ...]) -> bool:
    """Return whether an event is of one of these kinds."""
    return any(event.event_type == kind if isinstance(kind, str) else isinstance(event, kind) for kind in group)


def is_after_talk(group: tuple[Kind, ...]) -> bool:
    """Return whether only a conversation in which somebody talked has these."""
    return all(kind in AFTER_A_TALK for kind in group)


def has_no_talk(reason: str) -> bool:
    """Return whether a conversation that ended for this reason has no transcript."""
    return reason.startswith(NOBODY_CAME)


def failed(
    conversation: Conversation, why: str, reason: str, missing: Sequence[tuple[Kind, ...]]
) -> ProcessingFailedError:
    """Return the error for events that can no longer come."""
    names = " and ".join(name_of(group[0]) for group in missing)
    message = f"the conversation {conversation.conversation_id} has no {names}: {why}"
    return ProcessingFailedError(message, value=conversation, reason=reason)


def name_of(kind: Kind) -> str:
    """Return what messages call a kind of events."""
    return kind if isinstance(kind, str) else kind.__name__
