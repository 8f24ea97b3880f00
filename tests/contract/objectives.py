"""Everything that a session can ask about objectives."""

from typing import Any

import attrs

from tavus_async import AsyncSession, patch
from tavus_async.models import ObjectiveSet

GREET: dict[str, Any] = {
    "objective_name": "greet",
    "objective_prompt": "Greet them.",
    "confirmation_mode": "manual",
    "output_variables": ["name"],
    "modality": "verbal",
    "next_conditional_objectives": {"ask": "if they are in no hurry", "close": "else"},
    "callback_url": "https://app.example/objectives",
}
ASK = {"objective_name": "ask", "objective_prompt": "Ask.", "next_required_objective": "close", "modality": "visual"}
CLOSE = {"objective_name": "close", "objective_prompt": "Say goodbye."}
DRAFTS: tuple[dict[str, Any], ...] = ({"data": [GREET, ASK, CLOSE]}, {"data": [CLOSE]})
LATER_DRAFTS: tuple[dict[str, Any], ...] = (
    {
        "name": "loop",
        "allow_loops": True,
        "data": [CLOSE | {"next_required_objective": "ask", "tool_call": {"name": "note"}}, ASK],
    },
)
OPERATIONS = (
    patch.replace("/objective_prompt", "Greet them well."),
    patch.add("/data/0/output_variables", ["first_name", "last_name"]),
    patch.copy("/data/0/objective_prompt", "/data/0/callback_url"),
    patch.remove("/callback_url"),
    patch.replace("/data/0/tool_call", {"name": "note"}),
    patch.remove("/data"),
)


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Create sets of objectives of all kinds, and do everything to them that can be done."""
    for draft in (*DRAFTS, *(LATER_DRAFTS if later else ())):
        created = await ask(session.create_objective_set, draft)
        objectives_id = getattr(created, "objectives_id", "o0")
        found = await ask(session.get_objective_set, objectives_id)
        if isinstance(found, ObjectiveSet) and found.data:
            first = attrs.evolve(found.data[0], objective_prompt="Greet them kindly.")
            await ask(session.update_objective_set, found, attrs.evolve(found, data=[first, *found.data[1:]]))
        for operation in (*OPERATIONS, OPERATIONS[0]):
            await ask(session.patch_objective_set, objectives_id, [operation])
        await ask(session.list_objective_sets_page, page=1, limit=3)
        await ask(session.find_objective_sets, "greet")
        if later:
            await ask(session.validate_objective_set, draft)
            await ask(session.list_objective_sets_page, objective_type="all", name_or_uuid="lo", sort="descending")
        await ask(session.delete_objective_set, objectives_id)
        await ask(session.delete_objective_set, objectives_id)
    for objectives_id in ("o0", "nobody"):
        await ask(session.get_objective_set, objectives_id)
        await ask(session.patch_objective_set, objectives_id, [OPERATIONS[0]])
        await ask(session.delete_objective_set, objectives_id)
