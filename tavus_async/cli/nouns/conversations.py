"""Conversations on the command line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from tavus_async import AsyncSession, Conversation, ConversationDraft, calls
from tavus_async.cli.noun import Keyword, Noun
from tavus_async.cli.screen import events, texts
from tavus_async.cli.screen.texts import Row


def created(conversation: Conversation) -> str:
    """Return the minute in which a conversation was created, in UTC."""
    when = conversation.created_at
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M}" if when else ""


def age(conversation: Conversation, now: datetime) -> str:
    """Return for how long there has been a conversation; "" where the server does not say."""
    when = conversation.created_at
    return texts.age((now - when).total_seconds()) if when else ""


def happened(conversation: Conversation) -> Iterator[tuple[str, list[Row]]]:
    """Yield what happened in a conversation, if it was asked for."""
    if conversation.events:
        yield "events", [(events.moment(event), events.summary(event)) for event in conversation.events]


CONVERSATION: Final = Noun(
    name="conversations",
    singular="conversation",
    what="Conversations: video calls with a persona. They cost money until they have ended.",
    example="c123456789abcdef",
    record=Conversation,
    draft=ConversationDraft,
    id_names=("conversation_id",),
    title_names=("conversation_name",),
    get=calls.get_conversation,
    list_all=AsyncSession.list_conversations,
    create=calls.create_conversation,
    delete=calls.delete_conversation,
    get_keywords=(Keyword(option="--verbose", name="verbose", help="with what happened in it, and why it ended"),),
    list_keywords=(
        Keyword(option="--status", name="status", choices=("active", "ended"), help="those alone (default: all)"),
    ),
    list_own="--status active",
    delete_keywords=(
        Keyword(option="--hard", name="hard", help="also what Tavus keeps of it (default: it is only hidden)"),
    ),
    deletion="That does not end one that runs: conversations end does.",
    columns={
        "status": lambda conversation: conversation.status,
        "persona": lambda conversation: conversation.persona_id,
        "created (UTC)": created,
    },
    first_fields=("status", "shutdown_reason"),
    sections=happened,
    folded=("events",),
)
