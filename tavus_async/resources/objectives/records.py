"""Objectives, and sets of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from tavus_async._records.fields import ALIASES, link, nested, opaque, schema_of
from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record
from tavus_async._settings.checks import of_kind
from tavus_async.errors import InvalidRequestError

# Editors offer the literals; any other string does as well.
ConfirmationMode = Literal["auto", "manual"] | str
ObjectiveModality = Literal["verbal", "visual", "audio"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ObjectiveFields(Record):
    """What an objective consists of."""

    objective_name: str | None = None
    """By which the others of its set name it: letters, digits and `_`, at most 100."""
    objective_prompt: str | None = None
    """What is to be achieved; at most 10,000 characters."""
    confirmation_mode: ConfirmationMode | None = None
    """Who says that it is achieved: `auto`, the language model (default); `manual`, the program in the call."""
    output_variables: Sequence[str] | None = None
    """Names of what is to be learned, which the event of its completion gives values to; at most 50."""
    modality: ObjectiveModality | None = None
    """By what it is achieved: `verbal`, what is said (default), `visual`, what is seen, or `audio`, what is heard."""
    next_required_objective: str | None = None
    """Name of the one that follows; excludes *next_conditional_objectives*."""
    next_conditional_objectives: JsonObject | None = opaque()
    """Names of those that may follow, each with the condition for it; excludes *next_required_objective*."""
    callback_url: str | None = link(hides_path=True)
    """Where its completion is told; it may be empty."""
    tool_call: JsonObject | None = opaque()
    """A tool that is called when it is achieved; known from Tavus' own command line."""
    allow_loops: bool | None = None
    """Whether the objectives may lead back to one another, so that none need be the first; of a set."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Objective(ObjectiveFields):
    """One objective of a set: `Objective(objective_name="ask_budget", objective_prompt="Ask what they can spend.")`.

    Source: https://docs.tavus.io/sections/conversational-video-interface/persona/objectives
    """

    objectives_id: str | None = None
    """Id of its set, if the server repeats it."""
    uuid: str | None = None
    """An id of its own; undocumented."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ObjectiveSet(ObjectiveFields):
    """A set of objectives as the server tells of it: with all of them in *data*, or, as lists do, the fields of one.

    *objectives* has them either way. A persona works towards the set that its `objectives_id` names.
    Source: https://docs.tavus.io/api-reference/objectives/get-objective
    """

    objectives_id: str = attrs.field(metadata={ALIASES: ()})
    """What `get_objective_set` and a persona's `objectives_id` take; where an answer has none, what was asked for."""
    name: str | None = None
    """Display name, which need not be unique."""
    objectives_name: str | None = None
    """The same, as lists and the answer to a create call it."""
    data: Sequence[Objective] | None = nested(None)
    """All its objectives; None in lists, and in the answer to a create."""
    status: str | None = None
    """`active`, in the answer to a create."""
    uuid: str | None = None
    """Its id, or a second one; undocumented."""
    owner_id: int | None = None
    """Number of its owner; undocumented."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """The objectives that are known of it, in order: those in *data*, or the one that it has the fields of."""
        if self.data is not None:
            return tuple(self.data)
        if self.objective_prompt is None:
            return ()
        return (Objective(**{name: getattr(self, name) for name in schema_of(ObjectiveFields).names}),)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ObjectiveSetDraft(Record):
    """A set of objectives to be created: `ObjectiveSetDraft(name="intake", data=[Objective(...), ...])`.

    One objective is the first, and each other one is named by another as what follows it. Fields that are None are not
    sent. `extra` is sent along, for fields that this class does not know yet.
    Source: https://docs.tavus.io/api-reference/objectives/create-objectives
    """

    _is_draft = True

    name: str | None = None
    """Display name, at most 100 characters. By a unique one it can be found again, should the answer get lost."""
    data: Sequence[Objective] | None = nested(None)
    """The objectives, from 1 to 50, as records or as mappings."""
    allow_loops: bool | None = None
    """Whether they may lead back to one another, so that none need be the first; known from Tavus' command line."""

    @classmethod
    def of(cls, objective_set: "ObjectiveSet | ObjectiveSetDraft") -> "ObjectiveSetDraft":
        """Return the draft of a variation, without what the server adds: read the set by its id, to have all of it.

        Raises InvalidRequestError for what is no set of objectives.
        """
        of_kind("objective_set", objective_set, (ObjectiveSet, ObjectiveSetDraft), error=InvalidRequestError)
        own = dict.fromkeys(name for name in schema_of(Objective).names if name not in schema_of(ObjectiveFields).names)
        found = objective_set.objectives if isinstance(objective_set, ObjectiveSet) else objective_set.data or ()
        return cls(
            name=objective_set.name,
            data=tuple(attrs.evolve(each, **own) for each in found),
            allow_loops=objective_set.allow_loops,
        )
