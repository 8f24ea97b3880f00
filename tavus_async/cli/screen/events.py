"""What Tavus tells of conversations, as short lines for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from tavus_async.cli.jsons import is_list, is_object
from tavus_async.cli.screen import texts
from tavus_async.cli.screen.output import one_line
from tavus_async.cli.screen.texts import STARS
from tavus_async.models import Event, holds_secrets


def moment(event: Event) -> str:
    """Return the time of day at which an event happened, in UTC; "" where it does not say."""
    return f"{event.timestamp:%H:%M:%S}" if event.timestamp else ""


def summary(event: Event) -> str:
    """Say in a line what an event is and tells."""
    return " ".join(filter(None, [one_line(event.event_type or "(no type)"), details(event.properties)]))


def details(properties: Mapping[str, Any]) -> str:
    """Say in brief what properties there are."""
    return texts.cut(", ".join(pairs(properties)))


def pairs(properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield names with their values, of what is long or nested the names alone, and no secrets."""
    for name, value in properties.items():
        if holds_secrets(name):
            text = STARS
        elif is_object(value) or is_list(value):
            text = f"({len(value)})"
        else:
            text = texts.brief(value)
        yield one_line(f"{name} {text}")
