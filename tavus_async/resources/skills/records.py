"""A skill: a capability made by Tavus, and what it is for one persona."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from tavus_async._records.fields import opaque
from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record

# Editors offer the literals; any other string does as well.
SkillId = Literal["internet_search", "memory", "presentation", "magic_canvas"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Skill(Record):
    """A skill of Tavus' registry.

    Source: https://docs.tavus.io/api-reference/skills/get-skill
    """

    skill_id: SkillId
    """What `get_skill` and `attach_skill` take: such as `presentation`, `magic_canvas`, `internet_search`, `memory`."""
    display_name: str | None = None
    """What people call it."""
    description: str | None = None
    """What it does."""
    tool_names: Sequence[str] | None = None
    """Tools that the persona can call by it."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PersonaSkill(Record):
    """A skill as it is attached to a persona.

    Source: https://docs.tavus.io/api-reference/pal-skills/get-pal-skill
    """

    skill_id: SkillId
    """Which skill it is."""
    config: JsonObject | None = opaque()
    """How it is configured: empty for skills without settings.

    `presentation` has `document_ids`, `slides_trigger` (`on_demand` or `walk_the_deck`) and `prompt`; `magic_canvas`
    has `components`, of which each can be `{"enabled": false}`, and `usage_guidance`.
    """
    attached_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""
