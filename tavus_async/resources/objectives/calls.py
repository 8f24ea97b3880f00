"""The endpoints of objectives: https://docs.tavus.io/api-reference/objectives"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from tavus_async import patch
from tavus_async._records.secrets import hidden
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call, decode_any
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.resources._filters import OWNERS, SORT_WORDS, check_words
from tavus_async.resources.objectives.records import Objective, ObjectiveSet, ObjectiveSetDraft
from tavus_async.resources.objectives.rules import check_set

OBJECTIVES = Resource(
    path="/v2/objectives",
    record=ObjectiveSet,
    id_name="objectives_id",
    list_keys=("data", "objectives"),
    other_ids=("uuid",),
    has_parts=True,
)
# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN: Final = frozenset({"objectives_name", "status", "uuid", "owner_id", "created_at", "updated_at"})


def create_objective_set(draft: ObjectiveSetDraft | Mapping[str, Any]) -> Call[ObjectiveSet]:
    """Create Objectives: https://docs.tavus.io/api-reference/objectives/create-objectives"""
    draft = hidden(draft, texts=True)
    draft = as_draft(ObjectiveSetDraft, draft)
    first: Any = next(iter(draft.data or ()), None)
    # A set without a name is found by what lists show of it: its first objective.
    name = draft.name or (first.objective_name if isinstance(first, Objective) else None)
    call = OBJECTIVES.create(draft, ObjectiveSet, name=name, find="find_objective_sets")
    check_set(draft)
    return call


def validate_objective_set(draft: ObjectiveSetDraft | Mapping[str, Any]) -> Call[Any]:
    """Validate Objectives, as Tavus' own command line does: https://docs.tavus.io/api-reference/objectives"""
    draft = hidden(draft, texts=True)
    call: Call[Any] = create_objective_set(draft)
    return attrs.evolve(call, path=f"{call.path}/validate", decode=decode_any, repeatable=True, creates=None)


def get_objective_set(objectives_id: str) -> Call[ObjectiveSet]:
    """Get Objective: https://docs.tavus.io/api-reference/objectives/get-objective"""
    return OBJECTIVES.get(objectives_id)


@forget_refused
def list_objective_sets_page(
    *,
    page: int = 1,
    limit: int = 10,
    objective_type: str | None = None,
    name_or_uuid: str | None = None,
    sort: str | None = None,
) -> Call[Page[ObjectiveSet]]:
    """Get Objectives: https://docs.tavus.io/api-reference/objectives/get-objectives"""
    check_words("objective_type", objective_type, OWNERS)
    check_words("sort", sort, SORT_WORDS)
    return OBJECTIVES.list_page(page=page, limit=limit, type=objective_type, name_or_uuid=name_or_uuid, sort=sort)


def patch_objective_set(objectives_id: str, operations: Iterable[patch.Operation | Mapping[str, Any]]) -> Call[bool]:
    """Patch Objective: https://docs.tavus.io/api-reference/objectives/patch-objective"""
    operations = hidden(operations, texts=True)
    return OBJECTIVES.patch(objectives_id, operations)


def delete_objective_set(objectives_id: str) -> Call[None]:
    """Delete Objective: https://docs.tavus.io/api-reference/objectives/delete-objective"""
    return OBJECTIVES.delete(objectives_id)
