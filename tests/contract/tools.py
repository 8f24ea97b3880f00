"""Everything that a session can ask about tools, and about those of a persona."""

from typing import Any

import attrs

from tavus_async import AsyncSession
from tavus_async.models import Tool

AUTH = {"type": "hmac", "secret": "a-long-secret"}
DRAFTS: tuple[dict[str, Any], ...] = (
    {"name": "add_to_cart", "description": "Add.", "parameters": {"type": "object", "properties": {"id": {}}}},
    {"name": "see_card", "description": "See.", "origin": "vision", "delivery": {"app_message": True}},
    {
        "name": "score",
        "description": "Score.",
        "trigger_type": "post_call",
        "delivery": {"api": {"url": "https://shop.example/score", "auth": AUTH}},
    },
)
FILTERS: tuple[dict[str, Any], ...] = ({}, {"tool_type": "all", "sort": "desc"}, {"name_or_uuid": "score"})


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Make tools of all kinds, and do everything to them that can be done."""
    if not later:
        return
    for draft in DRAFTS:
        created = await ask(session.create_tool, draft)
        tool = await ask(session.get_tool, getattr(created, "tool_id", "t0"))
        if not isinstance(tool, Tool):
            continue
        await ask(session.update_tool, tool, attrs.evolve(tool, tags=("a",)))
        await ask(session.update_tool, tool.tool_id, {"delivery": tool.delivery, "description": "Else."})
    for filters in FILTERS:
        await ask(session.list_tools_page, page=1, limit=2, **filters)
        await ask(collect, session, **filters)
    found = await ask(session.find_tools, "score")
    persona = await ask(session.create_persona, {"persona_name": "Tooled", "system_prompt": "x"})
    for tool in found:
        await ask(session.attach_tools, persona.persona_id, [tool.tool_id, "end_call"])
        await ask(session.list_persona_tools, persona.persona_id)
        await ask(session.detach_tool, persona.persona_id, tool.tool_id)
        await ask(session.detach_tool, persona.persona_id, tool.tool_id)
        await ask(session.delete_tool, tool.tool_id)
    await ask(session.get_tool, "t0")
    await ask(session.delete_tool, "end_call")


async def collect(session: AsyncSession, **filters: Any) -> list[Tool]:
    return [tool async for tool in session.list_tools(**filters)]
