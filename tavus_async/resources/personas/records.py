"""A persona (since mid-2026 also called PAL)."""

from datetime import datetime
from typing import Any

import attrs

from tavus_async._records.fields import ALIASES, named, nested, opaque, schema_of
from tavus_async._records.record import Record
from tavus_async.resources.personas.layers import Layers, Strings


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PersonaFields(Record):
    """What a persona consists of, apart from what the server adds."""

    persona_name: str | None = named("pal_name")
    system_prompt: str | None = None
    pipeline_mode: str | None = None
    context: str | None = None
    greeting: str | None = None
    default_replica_id: str | None = named("default_face_id")
    layers: Layers = nested(Layers(wire_names=None))
    document_ids: Strings | None = None
    document_tags: Strings | None = None
    objectives_id: str | None = None
    guardrails_id: str | None = None
    guardrail_ids: Strings | None = None
    guardrail_tags: Strings | None = None
    tool_ids: Strings | None = None
    skills: Any = opaque()
    memories: Strings | None = None
    languages: Strings | None = None
    disclosure_type: str | None = None
    verbal_disclosure: str | None = None
    visual_disclosure: str | None = None
    is_template: bool | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Persona(PersonaFields):
    """A persona as the server stores it, whichever of its names for things it used.

    `persona_id` is filled from `pal_id`, `default_replica_id` from `default_face_id`, and so on;
    `to_dict()` gives each back under the name that it came with.
    Source: https://docs.tavus.io/api-reference/personas/get-persona
    """

    persona_id: str = attrs.field(metadata={ALIASES: ("pal_id",)})
    conferencing_email: str | None = None
    is_draft: bool | None = None
    uuid: str | None = None
    owner_id: int | None = None
    session_id: str | None = None
    source_template_id: str | None = None
    registration_id: int | None = None
    pal_settings_id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PersonaDraft(PersonaFields):
    """A persona to be created: `session.create_persona(PersonaDraft(persona_name=..., system_prompt=...))`.

    Fields that are None are not sent. In the mode `full`, which is the server's default, a *system_prompt* is needed.
    `extra` is sent along, for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/personas/create-persona
    """

    _is_draft = True

    @classmethod
    def of(cls, persona: Persona) -> "PersonaDraft":
        """Return the draft of a variation: `attrs.evolve(PersonaDraft.of(persona), greeting="Hi")`.

        It has the persona's settings, without what the server adds to them, without unknown fields of the persona
        itself, and without secrets, which the server shows masked: set those anew.
        """
        return cls(**{name: getattr(persona, name) for name in schema_of(cls).names})


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CreatedPersona(Record):
    """What the server says of a persona that it has just created."""

    persona_id: str = attrs.field(metadata={ALIASES: ("pal_id",)})
    persona_name: str | None = named("pal_name")
    created_at: datetime | None = None
    conferencing_email: str | None = None
