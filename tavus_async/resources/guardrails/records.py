"""Guardrails, and sets of them, which are of the older generation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import attrs

from tavus_async._records.fields import ALIASES, link, nested, opaque, schema_of
from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record
from tavus_async._settings.checks import of_kind
from tavus_async.errors import InvalidRequestError

# Editors offer the literals; any other string does as well.
GuardrailModality = Literal["verbal", "visual", "audio"] | str
GuardrailType = Literal["user", "system"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class GuardrailFields(Record):
    """What a guardrail consists of."""

    guardrail_name: str | None = None
    """Letters, digits and `_`."""
    guardrail_prompt: str | None = None
    """What the persona must never do, or must always do."""
    modality: GuardrailModality | None = None
    """By what a breach is noticed: `verbal`, what is said (default), `visual`, what is seen, or `audio`."""
    callback_url: str | None = link(hides_path=True)
    """Where a breach is told; it may be empty."""
    tool_call: JsonObject | None = opaque()
    """A tool that is called at a breach; answers leave out an empty one."""
    app_message: bool | None = None
    """Whether a breach is told in the call as well; default true."""
    tags: Sequence[str] | None = None
    """By these a persona can have several at once (`guardrail_tags`); at most 32."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Guardrail(GuardrailFields):
    """A guardrail as the server tells of it. A persona has it by `guardrail_ids`, or by `guardrail_tags`.

    Source: https://docs.tavus.io/api-reference/guardrails/get-guardrail
    """

    guardrail_id: str = attrs.field(metadata={ALIASES: ()})
    """What `get_guardrail` and a persona's `guardrail_ids` take; where an answer has none, its *uuid*."""
    guardrail_type: GuardrailType | None = None
    """`user` for one of the account's own, `system` for Tavus'; only verbose."""
    persona_refs: Any = opaque()
    """The personas that have it; only verbose."""
    status: str | None = None
    """`active`, in the answer to a create."""
    guardrails_id: str | None = None
    """Its id as some answers call it."""
    uuid: str | None = None
    """Its id, or a second one; undocumented."""
    owner_id: int | None = None
    """Number of its owner; undocumented."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class GuardrailDraft(GuardrailFields):
    """A guardrail to be created: `GuardrailDraft(guardrail_name="no_prices", guardrail_prompt="Never name a price.")`.

    It needs both. Fields that are None are not sent. `extra` is sent along, for fields that this class does not know
    yet. Source: https://docs.tavus.io/api-reference/guardrails/create-guardrails
    """

    _is_draft = True

    @classmethod
    def of(cls, guardrail: "Guardrail | LegacyGuardrail | GuardrailDraft") -> "GuardrailDraft":
        """Return the draft of a variation, without what the server adds; of one in a set too, to make it a single one.

        Raises InvalidRequestError for what is no guardrail.
        """
        kinds = (Guardrail, LegacyGuardrail, GuardrailDraft)
        of_kind("guardrail", guardrail, kinds, error=InvalidRequestError)
        return cls(**{name: getattr(guardrail, name) for name in schema_of(cls).names})


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LegacyGuardrail(GuardrailFields):
    """A guardrail of a set, which is of the older generation; it has no id.

    Source: https://docs.tavus.io/api-reference/guardrails/create-guardrails
    """

    guardrails_name: str | None = None
    """What *guardrail_name* was called earlier."""
    guardrails_prompt: str | None = None
    """What *guardrail_prompt* was called earlier."""
    guardrails_id: str | None = None
    """Id of its set, if the server repeats it."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class GuardrailSet(GuardrailFields):
    """A set of guardrails, of the older generation, as the server tells of it: with all of them in *data*.

    It may have the fields of one instead; *guardrails* has them either way. Lists tell its id and its times alone. A
    persona has the set that its `guardrails_id` names.
    Source: https://docs.tavus.io/api-reference/guardrails/get-guardrail
    """

    guardrails_id: str = attrs.field(metadata={ALIASES: ()})
    """What `get_guardrail_set` and a persona's `guardrails_id` take; where an answer has none, what was asked for."""
    name: str | None = None
    """Display name, which need not be unique."""
    guardrails_name: str | None = None
    """The same, as lists and the answer to a create call it."""
    data: Sequence[LegacyGuardrail] | None = nested(None)
    """All its guardrails; None in lists, and in the answer to a create."""
    status: str | None = None
    """`active`, in the answer to a create."""
    guardrail_type: GuardrailType | None = None
    """`user` for one of the account's own, `system` for Tavus'; only verbose."""
    persona_refs: Any = opaque()
    """The personas that have it; only verbose."""
    guardrail_id: str | None = None
    """Its id as some answers may call it."""
    uuid: str | None = None
    """Its id, or a second one; undocumented."""
    owner_id: int | None = None
    """Number of its owner; undocumented."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""

    @property
    def guardrails(self) -> tuple[LegacyGuardrail, ...]:
        """The guardrails that are known of it, in order: those in *data*, or the one that it has the fields of."""
        if self.data is not None:
            return tuple(self.data)
        if self.guardrail_prompt is None:
            return ()
        return (LegacyGuardrail(**{name: getattr(self, name) for name in schema_of(GuardrailFields).names}),)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class GuardrailSetDraft(Record):
    """A set of guardrails to be created, of the older generation; `GuardrailDraft` is what new programs need.

    Fields that are None are not sent. `extra` is sent along, for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/guardrails/create-guardrails
    """

    _is_draft = True

    name: str | None = None
    """Display name. By a unique one it can be found again, should the answer get lost."""
    data: Sequence[LegacyGuardrail] | None = nested(None)
    """The guardrails, as records or as mappings, each with a name and a prompt."""

    @classmethod
    def of(cls, guardrail_set: "GuardrailSet | GuardrailSetDraft") -> "GuardrailSetDraft":
        """Return the draft of a variation, without what the server adds: read the set by its id, to have all of it.

        Raises InvalidRequestError for what is no set of guardrails.
        """
        of_kind("guardrail_set", guardrail_set, (GuardrailSet, GuardrailSetDraft), error=InvalidRequestError)
        found = guardrail_set.guardrails if isinstance(guardrail_set, GuardrailSet) else guardrail_set.data or ()
        own = dict.fromkeys(("guardrails_id", "created_at", "updated_at"))
        return cls(name=guardrail_set.name, data=tuple(attrs.evolve(each, **own) for each in found))
