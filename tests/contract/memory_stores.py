"""Everything that a session can ask about memory stores, all of which is later than the published contract."""

from typing import Any

from tavus_async import AsyncSession


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Create a memory store, and do everything to it that can be done."""
    if not later:
        return
    personas = [each.persona_id for each in await session.list_personas_page(limit=1)]
    draft = {"persona_id": personas[0], "participant_tag": "ada", "pinned_memories": ["Likes tea"]}
    created = await ask(session.create_memory_store, draft)
    await ask(session.create_memory_store, draft)
    store_id = getattr(created, "memory_store_id", "ms0")
    await ask(session.get_memory_store, store_id)
    await ask(session.find_memory_stores, "ada", persona_id=personas[0])
    added = await ask(session.add_pinned_memory, store_id, "Is a pilot")
    await ask(session.update_pinned_memory, store_id, getattr(added, "memory_id", "pm0"), "Was a pilot")
    await ask(session.list_pinned_memories, store_id)
    await ask(session.delete_pinned_memory, store_id, getattr(added, "memory_id", "pm0"))
    for memory_type in (None, "profile", "timeline"):
        await ask(session.get_learned_memory, store_id, memory_type=memory_type)
    await ask(session.delete_learned_timeline, store_id)
    await ask(session.delete_memory_store, store_id)
    await ask(session.get_memory_store, store_id)
