"""The endpoints of guardrails, of both generations: https://docs.tavus.io/api-reference/guardrails"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from tavus_async import patch
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import is_blank, of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call, joined
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._filters import OWNERS, SORT_WORDS, check_words
from tavus_async.resources._tags import Tags, list_tags_page
from tavus_async.resources.guardrails.records import Guardrail, GuardrailDraft, GuardrailSet, GuardrailSetDraft

PATH: Final = "/v2/guardrails"
GUARDRAILS = Resource(
    path=PATH,
    record=Guardrail,
    id_name="guardrail_id",
    list_keys=("data", "guardrails"),
    other_ids=("guardrails_id", "uuid"),
    adds=True,
    whole_fields=True,
)
GUARDRAIL_SETS = Resource(
    path=PATH,
    record=GuardrailSet,
    id_name="guardrails_id",
    list_keys=("data", "guardrails"),
    other_ids=("guardrail_id", "uuid"),
    has_parts=True,
    adds=True,
)
MOST_TAGS: Final = 32
# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN: Final = frozenset(
    {
        *("guardrail_id", "guardrails_id", "guardrails_name", "uuid", "owner_id", "status"),
        *("guardrail_type", "persona_refs", "created_at", "updated_at"),
    }
)


def create_guardrail(draft: GuardrailDraft | Mapping[str, Any]) -> Call[Guardrail]:
    """Create Guardrails, one: https://docs.tavus.io/api-reference/guardrails/create-guardrails"""
    draft = hidden(draft, texts=True)
    draft = as_draft(GuardrailDraft, draft)
    call = GUARDRAILS.create(draft, Guardrail, name=draft.guardrail_name, find="find_guardrails")
    if is_blank(draft.guardrail_name or "") or is_blank(draft.guardrail_prompt or ""):
        hint = ": create_guardrail_set takes a set of them" if "data" in draft.extra else ""
        raise InvalidRequestError(f"a guardrail needs a guardrail_name and a guardrail_prompt{hint}")
    tags = draft.tags or ()
    if len(tags) > MOST_TAGS or any(map(is_blank, tags)):
        raise InvalidRequestError(f"a guardrail has at most {MOST_TAGS} tags, and none of them is blank")
    return call


def get_guardrail(guardrail_id: str, *, verbose: bool = False) -> Call[Guardrail]:
    """Get Guardrails, one: https://docs.tavus.io/api-reference/guardrails/get-guardrail"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    return GUARDRAILS.get(guardrail_id, verbose=verbose or None)


@forget_refused
def list_guardrails_page(
    *,
    page: int = 1,
    limit: int = 10,
    guardrail_type: str | None = None,
    name_or_uuid: str | None = None,
    tags: Tags = None,
    sort: str | None = None,
    verbose: bool = False,
) -> Call[Page[Guardrail]]:
    """Get Guardrails, single ones: https://docs.tavus.io/api-reference/guardrails/get-guardrails"""
    check_words("guardrail_type", guardrail_type, OWNERS)
    check_words("sort", sort, SORT_WORDS)
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    return GUARDRAILS.list_page(
        page=page,
        limit=limit,
        legacy=False,
        type=guardrail_type,
        name_or_uuid=name_or_uuid,
        tags=joined("tags", tags),
        sort=sort,
        verbose=verbose or None,
    )


def list_guardrail_tags_page(*, page: int = 1, limit: int = 10, search: str | None = None) -> Call[Page[str]]:
    """List Guardrail Tags, as Tavus' own command line does: https://docs.tavus.io/api-reference/guardrails"""
    return list_tags_page(GUARDRAILS, page=page, limit=limit, search=search)


def patch_guardrail(guardrail_id: str, operations: Iterable[patch.Operation | Mapping[str, Any]]) -> Call[bool]:
    """Patch Guardrails, one: https://docs.tavus.io/api-reference/guardrails/patch-guardrails"""
    operations = hidden(operations, texts=True)
    return GUARDRAILS.patch(guardrail_id, operations)


def delete_guardrail(guardrail_id: str) -> Call[None]:
    """Delete Guardrails, one: https://docs.tavus.io/api-reference/guardrails/delete-guardrails"""
    return GUARDRAILS.delete(guardrail_id)


def create_guardrail_set(draft: GuardrailSetDraft | Mapping[str, Any]) -> Call[GuardrailSet]:
    """Create Guardrails, a set: https://docs.tavus.io/api-reference/guardrails/create-guardrails"""
    draft = hidden(draft, texts=True)
    draft = as_draft(GuardrailSetDraft, draft)
    call = GUARDRAIL_SETS.create(draft, GuardrailSet, name=draft.name, find="find_guardrail_sets")
    if not draft.data:
        hint = ": create_guardrail takes a single one" if "guardrail_name" in draft.extra else ""
        raise InvalidRequestError(f"a set needs guardrails, in data{hint}")
    for index, each in enumerate(draft.data):
        name, prompt = each.guardrail_name or each.guardrails_name, each.guardrail_prompt or each.guardrails_prompt
        if is_blank(name or "") or is_blank(prompt or ""):
            raise InvalidRequestError(f"data[{index}]: a guardrail needs a guardrail_name and a guardrail_prompt")
    return call


def get_guardrail_set(guardrails_id: str, *, verbose: bool = False) -> Call[GuardrailSet]:
    """Get Guardrails, one set: https://docs.tavus.io/api-reference/guardrails/get-guardrail"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    # Under one path, a single guardrail is read as another record: the two are not shared.
    return attrs.evolve(GUARDRAIL_SETS.get(guardrails_id, verbose=verbose or None), reads=None)


@forget_refused
def list_guardrail_sets_page(
    *,
    page: int = 1,
    limit: int = 10,
    guardrail_type: str | None = None,
    name_or_uuid: str | None = None,
    sort: str | None = None,
    verbose: bool = False,
) -> Call[Page[GuardrailSet]]:
    """Get Guardrails, all sets: https://docs.tavus.io/api-reference/guardrails/get-guardrails"""
    check_words("guardrail_type", guardrail_type, OWNERS)
    check_words("sort", sort, SORT_WORDS)
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    return GUARDRAIL_SETS.list_page(
        page=page,
        limit=limit,
        legacy=True,
        type=guardrail_type,
        name_or_uuid=name_or_uuid,
        sort=sort,
        verbose=verbose or None,
    )


def patch_guardrail_set(guardrails_id: str, operations: Iterable[patch.Operation | Mapping[str, Any]]) -> Call[bool]:
    """Patch Guardrails, a set: https://docs.tavus.io/api-reference/guardrails/patch-guardrails"""
    operations = hidden(operations, texts=True)
    return GUARDRAIL_SETS.patch(guardrails_id, operations)


def delete_guardrail_set(guardrails_id: str) -> Call[None]:
    """Delete Guardrails, a set: https://docs.tavus.io/api-reference/guardrails/delete-guardrails"""
    return GUARDRAIL_SETS.delete(guardrails_id)
