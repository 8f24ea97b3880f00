"""The endpoints of deployments: https://docs.tavus.io/api-reference/deployments"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from tavus_async import patch
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import display, is_text, of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call, joined
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._filters import SORTS, check_words
from tavus_async.resources.deployments.records import Deployment, DeploymentDraft

DEPLOYMENTS = Resource(
    path="/v2/deployments",
    # They came with the rename, so all that is sent is in the names since then.
    renamed_path="/v2/deployments",
    renamed_filters={"persona_id": "pal_id"},
    record=Deployment,
    id_name="deployment_id",
    list_keys=("deployments", "data"),
    lists_id=False,
    first_page=0,
    adds=True,
)
SERVERS_OWN: Final = frozenset(
    {
        "created_at",
        "updated_at",
        "has_password",
        "thumbnail_video_url",
        "thumbnail_image_url",
        "replica_thumbnail_video_url",
        "usage_total",
        "usage_today",
    }
)
"""Set by the server alone; that they differ between two readings is no change to make."""


def get_deployment(deployment_id: str) -> Call[Deployment]:
    """Get Deployment: https://docs.tavus.io/api-reference/deployments/get-deployment"""
    return attrs.evolve(DEPLOYMENTS.get(deployment_id), adopt_headers=with_etag)


@forget_refused
def list_deployments_page(
    *,
    page: int = 0,
    limit: int = 20,
    persona_id: str | None = None,
    name: str | None = None,
    status: str | Sequence[str] | None = None,
    channel: str | Sequence[str] | None = None,
    sort: str | None = None,
    include_thumbnails: bool | None = None,
) -> Call[Page[Deployment]]:
    """List Deployments: https://docs.tavus.io/api-reference/deployments/list-deployments"""
    check_words("sort", sort, SORTS)
    for argument, value, kind in (
        ("persona_id", persona_id, str),
        ("name", name, str),
        ("include_thumbnails", include_thumbnails, bool),
    ):
        if value is not None:
            of_kind(argument, value, kind, error=InvalidRequestError)
    call = DEPLOYMENTS.list_page(
        page=page,
        limit=limit,
        persona_id=persona_id,
        name=name,
        status=joined("status", status),
        channel=joined("channel", channel),
        sort=sort,
        include_thumbnails=include_thumbnails,
    )
    return call.spelled(renamed=True)


def create_deployment(draft: DeploymentDraft | Mapping[str, Any]) -> Call[Deployment]:
    """Create Deployment: https://docs.tavus.io/api-reference/deployments/create-deployment"""
    draft = hidden(draft, texts=True)
    draft = as_draft(DeploymentDraft, draft)
    call = DEPLOYMENTS.create(draft, Deployment, name=draft.name, find="find_deployments")
    missing = [name for name in ("persona_id", "channel") if not getattr(draft, name)]
    if missing:
        raise InvalidRequestError(f"a deployment needs a {' and a '.join(missing)}")
    check_limits(draft)
    return attrs.evolve(call.spelled(renamed=True), adopt_headers=with_etag)


@forget_refused
def patch_deployment(
    deployment_id: str,
    operations: Iterable[patch.Operation | Mapping[str, Any]],
    *,
    etag: str | None = None,
) -> Call[bool]:
    """Patch Deployment: https://docs.tavus.io/api-reference/deployments/patch-deployment"""
    operations = hidden(operations, texts=True)
    call = DEPLOYMENTS.patch(deployment_id, operations).spelled(renamed=True)
    if etag is None:
        return call
    if not is_text(etag) or not etag:
        raise InvalidRequestError(f"etag must be a text, as Deployment.etag is, not {display(etag)}")
    return attrs.evolve(call, headers=(("If-Match", etag),))


def delete_deployment(deployment_id: str) -> Call[None]:
    """Delete Deployment: https://docs.tavus.io/api-reference/deployments/delete-deployment"""
    return DEPLOYMENTS.delete(deployment_id)


def with_etag(deployment: Deployment, headers: Mapping[str, str]) -> Deployment:
    """Return a deployment with what the answer's headers tell of its state."""
    etag = headers.get("ETag")
    return attrs.evolve(deployment, etag=etag) if etag else deployment


def check_limits(draft: DeploymentDraft) -> None:
    """Validate that no limit is below 1; InvalidRequestError for one that is."""
    for name, value in draft.limits.to_dict().items():
        if type(value) is int and value < 1:
            raise InvalidRequestError(f"limits.{name} must be 1 or more, not {value}")
