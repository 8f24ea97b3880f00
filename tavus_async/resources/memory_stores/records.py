"""A memory store: what one persona remembers of one participant, pinned by a program or learned in conversations."""

from collections.abc import Sequence
from datetime import datetime

import attrs

from tavus_async._records.fields import ALIASES, LATE, named, nested, opaque
from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record

Strings = Sequence[str]


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PinnedMemory(Record):
    """Something to be remembered, as a program wrote it.

    Source: https://docs.tavus.io/api-reference/memory-stores/list-pinned-memories
    """

    memory_id: str | None = None
    """What `update_pinned_memory` and `delete_pinned_memory` take; opaque."""
    memory: str | None = None
    """What is remembered."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RememberedConversation(Record):
    """What is remembered of one conversation."""

    conversation_id: str | None = None
    """Which conversation, if the server tells."""
    summary: str | None = None
    """What it was about."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class MemoryTimeline(Record):
    """What has happened, conversation by conversation."""

    recent_conversations: Sequence[RememberedConversation] | None = nested(None)
    """The newest first."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LearnedMemory(Record):
    """What was learned in conversations; empty until the first one has been thought over.

    Source: https://docs.tavus.io/api-reference/memory-stores/get-learned-memory
    """

    profile: JsonObject | None = opaque()
    """Who the participant is: an object of no fixed shape."""
    timeline: MemoryTimeline = nested(MemoryTimeline(wire_names=None))
    """What has happened."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class MemoryStore(Record):
    """A memory store as the server tells of it.

    Source: https://docs.tavus.io/api-reference/memory-stores/get-memory-store
    """

    memory_store_id: str
    """Opaque: of no fixed length or alphabet."""
    persona_id: str | None = named("pal_id")
    """Who remembers. Also spelled `pal_id`."""
    participant_tag: str | None = None
    """Who is remembered: what a conversation gives in its *participant_tags*."""
    pinned_memories: Sequence[PinnedMemory] | None = attrs.field(
        default=None, metadata={LATE: True, ALIASES: ("pinned",)}
    )
    """What programs wrote. Also spelled `pinned`."""
    learned_memory: LearnedMemory | None = attrs.field(default=None, metadata={LATE: True, ALIASES: ("learned",)})
    """What was learned in conversations. Also spelled `learned`."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class MemoryStoreDraft(Record):
    """A memory store to be created: `MemoryStoreDraft(persona_id=..., participant_tag=...)`.

    It needs both. `extra` is sent along, for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/memory-stores/create-memory-store
    """

    _is_draft = True

    persona_id: str | None = named("pal_id")
    """Who is to remember. Sent as `pal_id` in any case."""
    participant_tag: str | None = None
    """Who is to be remembered, in a text of yours."""
    pinned_memories: Strings | None = None
    """What is to be remembered from the start."""
