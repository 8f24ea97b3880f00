"""The session's methods for skills, and for those of a persona."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tavus_async._records.secrets import hidden
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import Sends

if TYPE_CHECKING:
    from tavus_async.resources.skills import calls, records
else:
    calls, records = lazy_modules(__name__)


class Skills(Sends):
    """Reads Tavus' registry of skills, and attaches skills to personas; they count from the next conversation on."""

    async def list_skills(self, *, timeout: float | None = None) -> "tuple[records.Skill, ...]":
        """Return all skills that there are.

        Source: https://docs.tavus.io/api-reference/skills/list-skills
        """
        return await self.send(calls.list_skills(), timeout=timeout)

    async def get_skill(self, skill_id: str, *, timeout: float | None = None) -> "records.Skill":
        """Return one skill by its id, such as `presentation`.

        Raises NotFoundError for one that there is not.
        Source: https://docs.tavus.io/api-reference/skills/get-skill
        """
        return await self.send(calls.get_skill(skill_id), timeout=timeout)

    async def list_persona_skills(
        self, persona_id: str, *, timeout: float | None = None
    ) -> "Mapping[str, records.PersonaSkill]":
        """Return the skills that are attached to a persona, by their ids.

        Raises NotFoundError for a persona that the account does not have.
        Source: https://docs.tavus.io/api-reference/pal-skills/list-pal-skills
        """
        return await self.send(calls.list_persona_skills(persona_id), timeout=timeout)

    async def get_persona_skill(
        self, persona_id: str, skill_id: str, *, timeout: float | None = None
    ) -> "records.PersonaSkill":
        """Return one skill of a persona, with its config.

        Raises NotFoundError where it is not attached.
        Source: https://docs.tavus.io/api-reference/pal-skills/get-pal-skill
        """
        return await self.send(calls.get_persona_skill(persona_id, skill_id), timeout=timeout)

    async def attach_skill(
        self,
        persona_id: str,
        skill_id: str,
        config: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> "records.PersonaSkill":
        """Attach a skill to a persona; where it is attached already, its config is replaced.

        `await session.attach_skill(persona_id, "presentation", {"document_ids": [document_id]})`. None is for skills
        without settings. Raises InvalidRequestError for a presentation without documents; NotFoundError for a skill,
        or a persona, that there is not; BadRequestError for a config that the server does not take.
        Source: https://docs.tavus.io/api-reference/pal-skills/attach-skill-to-pal
        """
        config = hidden(config, texts=True)
        return await self.send(calls.attach_skill(persona_id, skill_id, config), timeout=timeout)

    async def update_skill(
        self, persona_id: str, skill_id: str, config: Mapping[str, Any], *, timeout: float | None = None
    ) -> "records.PersonaSkill":
        """Change single settings of a skill that is attached to a persona, and return it as it is then.

        What *config* names is replaced, None removes it, and the rest stays.
        Raises NotFoundError where it is not attached.
        Source: https://docs.tavus.io/api-reference/pal-skills/update-pal-skill
        """
        config = hidden(config, texts=True)
        return await self.send(calls.update_skill(persona_id, skill_id, config), timeout=timeout)

    async def detach_skill(self, persona_id: str, skill_id: str, *, timeout: float | None = None) -> None:
        """Detach a skill from a persona, its config with it.

        Raises NotFoundError where it is not attached; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/pal-skills/detach-skill-from-pal
        """
        await self.send(calls.detach_skill(persona_id, skill_id), timeout=timeout)

    async def replace_skills(
        self,
        persona_id: str,
        skills: "Mapping[str, records.PersonaSkill | Mapping[str, Any] | None]",
        *,
        timeout: float | None = None,
    ) -> "Mapping[str, records.PersonaSkill]":
        """Attach these skills to a persona and detach all others, and return what is attached then, by id.

        *skills* maps ids to `{"config": {...}}`, as the documentation has it, to None or `{}` for skills without
        settings, or to what `list_persona_skills()` gives: so one persona gets the skills of another.
        Raises InvalidRequestError for a presentation without documents; else as `attach_skill()` does.
        Source: https://docs.tavus.io/api-reference/pal-skills/replace-pal-skills
        """
        skills = hidden(skills, texts=True)
        return await self.send(calls.replace_skills(persona_id, skills), timeout=timeout)
