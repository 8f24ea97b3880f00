"""What Tavus tells of conversations and other things, as short lines for people."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import tavus_async
from tavus_async.cli.characters import one_line
from tavus_async.cli.jsons import is_list, is_object
from tavus_async.cli.screen import texts
from tavus_async.cli.screen.texts import STARS

if TYPE_CHECKING:
    from tavus_async.models import Event

# What stands elsewhere in a line, and what says nothing to people.
ENVELOPE: Final = (
    "event_type",
    "message_type",
    "conversation_id",
    "webhook_url",
    "timestamp",
    "seq",
    "turn_idx",
    "inference_id",
    "properties",
)


def line(event: "Event") -> str:
    """Say in a line when something happened, where, and what."""
    parts = (moment(event), one_line(event.conversation_id or ""), summary(event))
    return "  ".join(filter(None, parts))


def moment(event: "Event") -> str:
    """Return the time of day at which an event happened, in UTC; "" where it does not say."""
    return f"{event.timestamp:%H:%M:%S}" if event.timestamp else ""


def summary(event: "Event") -> str:
    """Say what an event is, and what it tells."""
    body = event.to_dict(secrets=False)
    told = {name: value for name, value in body.items() if name not in ENVELOPE} | dict(event.properties)
    return "  ".join(filter(None, [one_line(event.event_type or type(event).__name__), details(told)]))


def details(told: Mapping[str, Any]) -> str:
    """Say in brief what there is, by name."""
    return texts.cut(", ".join(pairs(told)))


def pairs(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield names with their values; of lists and objects only how long they are, and no secrets."""
    for name, value in told.items():
        if tavus_async.models.holds_secrets(name):
            text = STARS
        elif is_object(value) or is_list(value):
            text = f"({len(value)})"
        else:
            text = texts.brief(value)
        yield one_line(f"{name} {text}")
