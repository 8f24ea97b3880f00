"""What all events have in common: the envelope, what is in it, and what makes two bodies one event."""

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar, overload

import attrs

from tavus_async._records.fields import LATE, OPAQUE, instance_dict, link
from tavus_async._records.hooks import (
    structure_any,
    structure_bool,
    structure_int,
    structure_number,
    structure_object,
    structure_text,
)
from tavus_async._records.immutable import EMPTY, JsonObject
from tavus_async._records.record import Record
from tavus_async._records.timestamp import Instant
from tavus_async.resources.conversations.identity import digest, old_type

T = TypeVar("T")

WITHIN = "(within)"
"""The name under which an event's instance dict holds the id of the conversation that it is listed with."""

# Guardrails have a name that is not documented, but for this part of it.
GUARDRAIL = "guardrail"


class Detail(Generic[T]):
    """Something that an event tells: found in its properties or, where a receiver has hoisted them, beside them.

    It is None where it is not told, or where it is of another type than expected; `properties` has it as it came.
    """

    def __init__(self, read: Callable[[Any, Any], T], names: tuple[str, ...]) -> None:
        self.read = read
        self.names = names

    @overload
    def __get__(self, event: None, owner: type) -> "Detail[T]": ...
    @overload
    def __get__(self, event: "Event", owner: type) -> T | None: ...
    def __get__(self, event: "Event | None", owner: type) -> "Detail[T] | T | None":
        """Return what the event tells."""
        if event is None:
            return self
        for holder in (event.properties, event.extra):
            for name in self.names:
                value = holder.get(name)
                if value is None:
                    continue
                try:
                    return self.read(value, None)
                except (TypeError, ValueError):
                    continue
        return None


def text_field(*names: str) -> Detail[str]:
    """Declare a text that an event tells, under the first of these names that it has."""
    return Detail(structure_text, names)


def number_field(*names: str) -> Detail[float]:
    """Declare a number."""
    return Detail(structure_number, names)


def int_field(*names: str) -> Detail[int]:
    """Declare a whole number."""
    return Detail(structure_int, names)


def bool_field(*names: str) -> Detail[bool]:
    """Declare a boolean."""
    return Detail(structure_bool, names)


def object_field(*names: str) -> Detail[JsonObject]:
    """Declare a JSON object."""
    return Detail(structure_object, names)


def any_field(*names: str) -> Detail[Any]:
    """Declare a JSON value of any type."""
    return Detail(structure_any, names)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Event(Record):
    """Something that Tavus tells of: by a webhook, in a call, or afterwards with the conversation.

    What it tells are attributes of its class, as in `shutdown.shutdown_reason`; all of it is in *properties*.
    A class for an event that is not known here yet is picked up when it is defined:
    `class CallMoved(Event): event_types = ("system.call_moved",)`.
    Source: https://docs.tavus.io/sections/webhooks-and-callbacks
    """

    event_type: str | None = None
    """Such as `system.shutdown`; bodies about videos, replicas and documents have none."""
    message_type: str | None = None
    """`system`, `application`, `conversation` or `canvas`."""
    conversation_id: str | None = None
    """The conversation that this is about; None in what is listed with a conversation, and where it is about none."""
    webhook_url: str | None = link(hides_path=True)
    """Where Tavus sent this: the callback URL, of which what makes it unguessable is shown nowhere."""
    timestamp: Instant | None = None
    """When it happened."""
    seq: int | None = None
    """In a call: the number of the message, which grows."""
    turn_idx: int | None = None
    """In a call: the number of the turn."""
    inference_id: str | None = None
    """In a call: the id of the answer that is being spoken, or of what was heard."""
    properties: JsonObject = attrs.field(default=EMPTY, metadata={LATE: True, OPAQUE: True})
    """What it tells, as it came."""

    event_types: ClassVar[tuple[str, ...]] = ()
    """The names of such events."""

    _classes: ClassVar[dict[str, "type[Event]"]] = {}

    def __init_subclass__(cls) -> None:
        names = vars(cls).get("event_types", ())
        if isinstance(names, str):
            raise TypeError(f"{cls.__name__}.event_types must be a tuple of names, not a string")
        cls._classes.update({spelling: cls for name in names for spelling in (name, old_type(name))})

    @classmethod
    def _kind_of(cls, body: dict[str, Any]) -> "type[Event]":
        return class_of(body.get("event_type"))

    @property
    def identity(self) -> str:
        """A text that is equal for the same event delivered twice, in one process or another.

        Twins of the rename, such as `system.pal_joined` and `system.replica_joined`, are the same event; so is what
        is sent both into the call and to the webhook.
        """
        known = self._identified_by()
        if known is None or self._scope() is None:
            known = (self._content(),)
        return digest([self._name(), self._scope(), *known])

    def _name(self) -> str:
        """What such an event is called, whatever word it came under."""
        return self.event_types[0] if self.event_types else old_type(self.event_type or "")

    def _scope(self) -> str | None:
        """What the event is about: within it, `_identified_by` tells events apart."""
        within: str | None = instance_dict(self).get(WITHIN)
        return self.conversation_id or within or self.inference_id

    def _identified_by(self) -> tuple[Any, ...] | None:
        """What tells this from other events of its kind and scope; None if only all of its content does."""
        return None

    def _content(self) -> JsonObject:
        """All that is told, and when: at two moments the same may be told of two events.

        Of twins the moments may differ by as long as it takes to send two messages, but not what is being spoken.
        *seq* numbers messages, of which one event may have two, and counts only where nothing else does.
        """
        moment: list[Any] = [self.inference_id, self.turn_idx]
        if self.inference_id is None:
            moment += [self.timestamp.timestamp()] if self.timestamp is not None else [None, self.seq]
        return {**self._told(), "(moment)": moment}

    def _told(self) -> JsonObject:
        """All that the event tells beside its envelope, wherever it stands."""
        return {**self.extra, **self.properties}

    def _turn(self) -> tuple[str, Any]:
        """What tells in which turn of the conversation this happened, or, if it does not say so, when."""
        if self.inference_id is not None:
            return "inference", self.inference_id
        if self.turn_idx is not None:
            return "turn", self.turn_idx
        return ("at", self.timestamp.timestamp()) if self.timestamp is not None else ("message", self.seq)


def take_in(conversation: Any, events: Any) -> None:
    """Tell events that are listed with their conversation whose they are, as their bodies do not."""
    conversation_id = instance_dict(conversation).get("conversation_id")  # which one that is being refused has not
    for event in events:
        instance_dict(event)[WITHIN] = conversation_id


class UnknownEvent(Event):
    """An event that has no class here, such as one that Tavus has added since; `event_type` and `properties` tell."""


def class_of(event_type: object) -> type[Event]:
    """Return the class of events of this name, in whatever words it is spelled."""
    if not isinstance(event_type, str):
        return UnknownEvent
    known = Event._classes  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    found = known.get(event_type) or known.get(old_type(event_type))
    return found or known.get(GUARDRAIL if GUARDRAIL in event_type else "", UnknownEvent)
