"""Everything that a session can ask about skills, and about those of a persona."""

from typing import Any

from tavus_async import AsyncSession


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Attach skills to a persona, and do everything to them that can be done."""
    if not later:
        return
    await ask(session.list_skills)
    await ask(session.get_skill, "presentation")
    await ask(session.get_skill, "my_skill")
    persona = await ask(session.create_persona, {"persona_name": "Skilled", "system_prompt": "x"})
    await ask(session.attach_skill, persona.persona_id, "presentation", {"document_ids": ["d1"]})
    await ask(session.attach_skill, persona.persona_id, "memory", {"size": 5})
    await ask(session.update_skill, persona.persona_id, "presentation", {"prompt": "Go."})
    await ask(session.get_persona_skill, persona.persona_id, "presentation")
    skills = await ask(session.list_persona_skills, persona.persona_id)
    await ask(session.detach_skill, persona.persona_id, "presentation")
    await ask(session.detach_skill, persona.persona_id, "presentation")
    await ask(session.replace_skills, persona.persona_id, {**skills, "memory": None})
    await ask(session.list_persona_skills, "p0")
