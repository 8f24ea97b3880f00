"""Everything that a session can ask about pronunciation dictionaries."""

from typing import Any

import attrs

from tavus_async import AsyncSession, patch
from tavus_async.models import PronunciationDictionary

RULE: dict[str, Any] = {
    "text": "Tavus",
    "pronunciation": "TAH-vus",
    "type": "alias",
    "case_sensitive": True,
    "word_boundaries": False,
}
OTHER = {"text": "CVI", "pronunciation": "see-vee-eye", "type": "ipa"}
DRAFTS: tuple[dict[str, Any], ...] = ({"name": "brands", "rules": [RULE, OTHER]}, {"name": "empty"})
LATER_DRAFTS: tuple[dict[str, Any], ...] = ({"name": "sounds", "rules": [OTHER | {"alphabet": "ipa"}]},)
OPERATIONS = (
    patch.replace("/name", "all"),
    patch.add("/rules", [RULE]),
    patch.test("/name", "all"),
    patch.replace("/rules", [RULE, RULE]),
    patch.remove("/rules/0"),
)


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Create dictionaries of all kinds, and do everything to them that can be done."""
    for draft in (*DRAFTS, *(LATER_DRAFTS if later else ())):
        created = await ask(session.create_pronunciation_dictionary, draft)
        dictionary_id = getattr(created, "pronunciation_dictionary_id", "pd_0")
        found = await ask(session.get_pronunciation_dictionary, dictionary_id)
        if isinstance(found, PronunciationDictionary):
            after = attrs.evolve(found, name="changed", rules=(found.rules or ())[:1])
            await ask(session.update_pronunciation_dictionary, found, after)
        for operation in OPERATIONS:
            await ask(session.patch_pronunciation_dictionary, dictionary_id, [operation])
        for sort in (None, "asc", "desc"):
            await ask(session.list_pronunciation_dictionaries_page, page=0, limit=3, sort=sort)
        await ask(session.find_pronunciation_dictionaries, "all")
        await ask(session.delete_pronunciation_dictionary, dictionary_id)
        await ask(session.delete_pronunciation_dictionary, dictionary_id)
    await ask(session.get_pronunciation_dictionary, "pd_0")
    await ask(session.patch_pronunciation_dictionary, "pd_0", [OPERATIONS[0]])
