"""Everything that a session can ask about guardrails, of both generations."""

from typing import Any

import attrs

from tavus_async import AsyncSession, patch
from tavus_async.models import Guardrail, GuardrailSet

RULE: dict[str, Any] = {
    "guardrail_name": "no_prices",
    "guardrail_prompt": "Never name a price.",
    "modality": "visual",
    "callback_url": "https://app.example/guardrails",
}
ONE = RULE | {"app_message": False, "tags": ["sales"], "tool_call": {"name": "flag"}}
SETS: tuple[dict[str, Any], ...] = ({"name": "sales", "data": [RULE, RULE]}, {"data": [RULE]})
OPERATIONS = (
    patch.replace("/data/0/guardrail_name", "no_money"),
    patch.copy("/data/0/guardrail_name", "/data/0/guardrail_prompt"),
    patch.remove("/data/0/callback_url"),
    patch.remove("/data/7"),
)


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Create guardrails alone and in sets, and do everything to them that can be done."""
    for draft in SETS:
        await with_set(ask, session, draft)
    await ask(session.list_guardrail_sets_page, page=1, limit=3)
    await ask(session.find_guardrail_sets, "sales")
    if later:
        await with_one(ask, session)
        await ask(session.list_guardrail_sets_page, guardrail_type="all", name_or_uuid="sa", sort="descending")
        await ask(session.list_guardrail_sets_page, verbose=True)
    for unknown_id in ("g0", "nobody"):
        await ask(session.get_guardrail_set, unknown_id)
        await ask(session.patch_guardrail_set, unknown_id, [OPERATIONS[0]])
        await ask(session.delete_guardrail_set, unknown_id)


async def with_set(ask: Any, session: AsyncSession, draft: dict[str, Any]) -> None:
    created = await ask(session.create_guardrail_set, draft)
    guardrails_id = getattr(created, "guardrails_id", "g0")
    found = await ask(session.get_guardrail_set, guardrails_id)
    if isinstance(found, GuardrailSet) and found.data:
        first = attrs.evolve(found.data[0], guardrail_prompt="Never name a price or a discount.")
        await ask(session.update_guardrail_set, found, attrs.evolve(found, data=[first, *found.data[1:]]))
    for operation in (*OPERATIONS, patch.test("/data/0/modality", "visual")):
        await ask(session.patch_guardrail_set, guardrails_id, [operation])
    await ask(session.delete_guardrail_set, guardrails_id)
    await ask(session.delete_guardrail_set, guardrails_id)


async def with_one(ask: Any, session: AsyncSession) -> None:
    created = await ask(session.create_guardrail, ONE)
    guardrail_id = getattr(created, "guardrail_id", "g0")
    found = await ask(session.get_guardrail, guardrail_id)
    await ask(session.get_guardrail, guardrail_id, verbose=True)
    if isinstance(found, Guardrail):
        await ask(session.update_guardrail, found, attrs.evolve(found, tags=["web"], app_message=True))
    await ask(session.patch_guardrail, guardrail_id, [patch.replace("/guardrail_prompt", "Never.")])
    for filters in ({}, {"verbose": True, "tags": ["web"], "guardrail_type": "all", "sort": "descending"}):
        await ask(session.list_guardrails_page, page=1, limit=3, **filters)
    await ask(session.list_guardrails_page, name_or_uuid="no")
    await ask(session.find_guardrails, "no_prices")
    await ask(session.list_guardrail_tags_page, search="w")
    await ask(session.delete_guardrail, guardrail_id)
    await ask(session.get_guardrail, guardrail_id)
