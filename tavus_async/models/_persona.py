"""A persona (since mid-2026 also called PAL)."""

from datetime import datetime
from typing import Any

import attrs

from tavus_async.models._layers import Layers, Strings
from tavus_async.models._record import Record, named, opaque


@attrs.frozen(kw_only=True, repr=False)
class Persona(Record):
    """A persona as the server stores it, whichever of its names for things it used.

    `persona_id` is filled from `pal_id`, `default_replica_id` from `default_face_id`, and so on;
    `to_dict()` gives each back under the name that it came with.
    Source: https://docs.tavus.io/api-reference/personas/get-persona
    """

    persona_id: str = attrs.field(metadata={"aliases": ("pal_id",)})
    persona_name: str | None = named("pal_name")
    system_prompt: str | None = None
    pipeline_mode: str | None = None
    context: str | None = None
    greeting: str | None = None
    default_replica_id: str | None = named("default_face_id")
    layers: Layers = Layers.absent()
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
    conferencing_email: str | None = None
    is_template: bool | None = None
    is_draft: bool | None = None
    uuid: str | None = None
    owner_id: int | None = None
    session_id: str | None = None
    source_template_id: str | None = None
    registration_id: int | None = None
    pal_settings_id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
