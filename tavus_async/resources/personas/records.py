"""A persona (since mid-2026 also called PAL)."""

from datetime import datetime
from typing import Any, Literal

import attrs

from tavus_async._records.fields import ALIASES, named, nested, opaque, schema_of
from tavus_async._records.record import Record
from tavus_async._settings.checks import of_kind
from tavus_async.errors import InvalidRequestError
from tavus_async.resources.personas.layers import Layers, Strings

# Editors offer the literals; any other string does as well.
PipelineMode = Literal["full", "echo", "speech-to-speech"] | str
DisclosureType = Literal["always", "auto", "off"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PersonaFields(Record):
    """What a persona consists of, apart from what the server adds."""

    persona_name: str | None = named("pal_name")
    """Display name. Also spelled `pal_name`."""
    system_prompt: str | None = None
    """Instructions for the language model, needed in mode `full`; best under 5,000 tokens, at most 32,000."""
    pipeline_mode: PipelineMode | None = None
    """`full` (default), `echo` (speaks what it is sent and nothing else) or `speech-to-speech`."""
    context: str | None = None
    """Background for the language model; deprecated, still accepted."""
    greeting: str | None = None
    """First words of a conversation; may be empty."""
    default_replica_id: str | None = named("default_face_id")
    """Replica for conversations that name none; may be empty. Also spelled `default_face_id`."""
    layers: Layers = nested(Layers(wire_names=None))
    """Settings of each stage of the pipeline."""
    document_ids: Strings | None = None
    """Documents that it knows in all conversations."""
    document_tags: Strings | None = None
    """Tags: every document with one of them is known as well."""
    objectives_id: str | None = None
    """Set of objectives that conversations work towards."""
    guardrails_id: str | None = None
    """Set of guardrails, legacy; see *guardrail_ids*."""
    guardrail_ids: Strings | None = None
    """Single guardrails, at most 50."""
    guardrail_tags: Strings | None = None
    """Tags: every guardrail with one of them applies as well."""
    tool_ids: Strings | None = None
    """Tools that it may call, at most 50."""
    skills: Any = opaque()
    """Skills attached, such as `internet_search`; an object or a list."""
    memories: Strings | None = None
    """Known from Tavus' own command line; undocumented."""
    languages: Strings | None = None
    """Language codes, such as `en`."""
    disclosure_type: DisclosureType | None = None
    """Whether it discloses that it is an AI: `always`, `off`, or `auto` by the conversation's `policy`."""
    verbal_disclosure: str | None = None
    """The disclosure as it is spoken."""
    visual_disclosure: str | None = None
    """The disclosure as it is shown."""
    is_template: bool | None = None
    """Whether others are to be made from it; undocumented."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Persona(PersonaFields):
    """A persona as the server stores it, whichever of its names for things it used.

    `persona_id` is filled from `pal_id`, `default_replica_id` from `default_face_id`, and so on;
    `to_dict()` gives each back under the name that it came with.
    Source: https://docs.tavus.io/api-reference/personas/get-persona
    """

    persona_id: str = attrs.field(metadata={ALIASES: ("pal_id",)})
    """Opaque: of no fixed length or alphabet. Also spelled `pal_id`."""
    conferencing_email: str | None = None
    """E-mail address of its meeting identity; may be missing though there is one."""
    is_draft: bool | None = None
    """Whether it is an unpublished draft; undocumented."""
    uuid: str | None = None
    """A second id; undocumented."""
    owner_id: int | None = None
    """Number of its owner; undocumented."""
    session_id: str | None = None
    """Seen in stored personas; undocumented."""
    source_template_id: str | None = None
    """Id of the template that it was made from; undocumented."""
    registration_id: int | None = None
    """Seen in stored personas; undocumented."""
    pal_settings_id: int | None = None
    """Seen in stored personas; undocumented."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


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
        Raises InvalidRequestError for what is no persona.
        """
        of_kind("persona", persona, (Persona, PersonaDraft), error=InvalidRequestError)
        return cls(**{name: getattr(persona, name) for name in schema_of(cls).names})


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CreatedPersona(Record):
    """What the server says of a persona that it has just created."""

    persona_id: str = attrs.field(metadata={ALIASES: ("pal_id",)})
    """What `get_persona` and conversations take. Also spelled `pal_id`."""
    persona_name: str | None = named("pal_name")
    """As it was sent."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    conferencing_email: str | None = None
    """E-mail address of its meeting identity, if it has one."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PublishedPersona(Record):
    """What the server says of a persona that it has just published.

    Source: https://docs.tavus.io/api-reference/pals/publish-pal
    """

    status: str | None = None
    """`success`."""
    persona_id: str | None = named("pal_id")
    """The live persona that was published. Also spelled `pal_id`."""
    persona_name: str | None = named("pal_name")
    """Its name as it is live. Also spelled `pal_name`."""
    system_prompt: str | None = None
    """Its instructions as they are live."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class UsernameCheck(Record):
    """Whether a name is free for a persona's meeting identity."""

    available: bool | None = None
    """Whether it is free."""
    reason: str | None = None
    """Why it is not, in Tavus' words."""
