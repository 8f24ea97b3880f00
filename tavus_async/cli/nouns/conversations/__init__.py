"""Conversations on the command line."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns, events, texts
from tavus_async.cli.screen.texts import Row

if TYPE_CHECKING:
    from tavus_async import Conversation


def age(conversation: "Conversation", now: datetime) -> str:
    """Return for how long there has been a conversation; "" where the server does not say."""
    when = conversation.created_at
    return texts.age((now - when).total_seconds()) if when else ""


def happened(conversation: "Conversation") -> Iterator[tuple[str, list[Row]]]:
    """Yield what happened in a conversation, if it was asked for."""
    if conversation.events:
        yield "events", [(events.moment(event), events.summary(event)) for event in conversation.events]


CONVERSATION_VIEW: Final = View(
    what="Conversations: video calls with a persona. They cost money until they have ended.",
    example="c123456789abcdef",
    options={
        "verbose": Advice(help="with what happened in it, and why it ended"),
        "status": Advice(choices=("active", "ended"), help="those alone (default: all)"),
        "hard": Advice(help="also what Tavus keeps of it (default: it is only hidden)"),
    },
    list_own="--status active",
    deletion="That does not end one that runs: conversations end does.",
    columns={
        "status": columns.field("status"),
        "persona": columns.field("persona_id"),
        "created (UTC)": columns.minute("created_at"),
    },
    first_fields=("status", "shutdown_reason"),
    sections=happened,
    folded=("events",),
)
