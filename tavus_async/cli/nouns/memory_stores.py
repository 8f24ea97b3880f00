"""Memory stores on the command line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns, texts
from tavus_async.cli.screen.texts import Row

if TYPE_CHECKING:
    from tavus_async.models import MemoryStore


def memories(store: "MemoryStore") -> Iterator[tuple[str, list[Row]]]:
    """Yield what is kept of a participant: what somebody has pinned."""
    if store.pinned_memories:
        yield "pinned memories", [(each.memory_id or "", texts.brief(each.memory)) for each in store.pinned_memories]


MEMORY_STORE_VIEW: Final = View(
    what="Memory stores: what a persona remembers of a participant.",
    example="ms1a2b3c4d5e",
    title="participant_tag",
    columns={
        "persona": columns.field("persona_id"),
        "pinned": columns.size("pinned_memories"),
        "created (UTC)": columns.minute("created_at"),
    },
    sections=memories,
    folded=("pinned_memories",),
)
