"""The endpoints of replicas, also called faces: https://docs.tavus.io/api-reference/faces"""

from collections.abc import Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call, joined
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._filters import check_words
from tavus_async.resources._processing import Processing
from tavus_async.resources._waiting import Waitable
from tavus_async.resources.replicas.records import Replica, ReplicaDraft

REPLICAS = Resource(
    path="/v2/replicas",
    renamed_path="/v2/faces",
    record=Replica,
    id_name="replica_id",
    list_keys=("data", "replicas", "faces"),
    renamed_filters={"replica_type": "face_type", "replica_ids": "face_ids"},
)
PROCESSING = Processing(
    noun="replica",
    id_of=attrgetter("replica_id"),
    ready=frozenset({"completed", "ready"}),
    failed=frozenset({"error"}),
)
REPLICA_TYPES = ("user", "system")
# Set by the server alone; that they differ between two readings is no change to make.
SERVERS_OWN = frozenset(
    {
        *("status", "training_progress", "error_message", "finetune_status", "is_recommended", "observations"),
        *("thumbnail_video_url", "thumbnail_image_url", "original_voice_id", "created_at", "updated_at"),
    }
)
REPLICA_NEEDS = frozenset({"replica_name", "default_voice_id"})
"""What can be changed, and not be taken away."""


def get_replica(replica_id: str, *, verbose: bool = False) -> Call[Replica]:
    """Get Face: https://docs.tavus.io/api-reference/faces/get-face"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    return REPLICAS.get(replica_id, verbose=verbose or None)


@forget_refused
def list_replicas_page(
    *,
    page: int = 1,
    limit: int = 10,
    verbose: bool = False,
    replica_type: str | None = None,
    replica_ids: Sequence[str] | None = None,
    model_name: str | None = None,
    sort: str | None = None,
) -> Call[Page[Replica]]:
    """List Faces: https://docs.tavus.io/api-reference/faces/get-faces"""
    of_kind("verbose", verbose, bool, error=InvalidRequestError)
    check_words("replica_type", replica_type, REPLICA_TYPES)
    return REPLICAS.list_page(
        page=page,
        limit=limit,
        verbose=verbose or None,
        replica_type=replica_type,
        replica_ids=joined("replica_ids", replica_ids),
        model_name=model_name,
        sort=sort,
    )


def create_replica(draft: ReplicaDraft | Mapping[str, Any]) -> Call[Replica]:
    """Create Face: https://docs.tavus.io/api-reference/faces/create-face"""
    draft = hidden(draft, texts=True)
    draft = as_draft(ReplicaDraft, draft)
    call = REPLICAS.create(draft, Replica, name=draft.replica_name, find="find_replicas")
    check_draft(draft)
    return call


def check_draft(draft: ReplicaDraft) -> None:
    """Validate what the server refuses for certain; InvalidRequestError with the rule."""
    if bool(draft.train_video_url) is bool(draft.train_image_url):
        raise InvalidRequestError("a replica is trained with a train_video_url or a train_image_url, one of the two")
    if draft.train_image_url and not (draft.voice_name or draft.default_voice_id):
        raise InvalidRequestError("a replica of an image needs a voice: its voice_name, or a default_voice_id")


def update_replica(before: Replica | str, after: Replica | Mapping[str, Any]) -> Call[Replica]:
    """Update Face: https://docs.tavus.io/api-reference/faces/update-face"""
    after = hidden(after, texts=True)
    return REPLICAS.merge(before, after, without=SERVERS_OWN, needed=REPLICA_NEEDS)


def rename_replica(replica_id: str, replica_name: str) -> Call[None]:
    """Rename Replica: https://docs.tavus.io/api-reference/phoenix-replica-model/patch-replica-name"""
    return REPLICAS.rename(replica_id, replica_name, field="replica_name")


def delete_replica(replica_id: str, *, hard: bool = False) -> Call[None]:
    """Delete Face: https://docs.tavus.io/api-reference/faces/delete-face"""
    of_kind("hard", hard, bool, error=InvalidRequestError)  # of "no", too much would be lost
    return REPLICAS.delete(replica_id, hard=hard or None)


WAITABLE = Waitable(
    resource=REPLICAS,
    processing=PROCESSING,
    get=get_replica,
    list_page=partial(list_replicas_page, replica_type="user"),
)
