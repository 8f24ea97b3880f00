"""Replicas, which are faces in the other vocabulary."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.replicas import endpoints
from tavus_async.sandbox.resources.replicas.names import FROM_FACE
from tavus_async.sandbox.resources.replicas.stock import REPLICA_STOCK

__all__ = ["REPLICA_RESOURCE"]

REPLICA_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="replicas",
        noun="replica",
        id_prefix="r",
        unknown=error("Invalid replica_id"),
        incoming=FROM_FACE,
        view=endpoints.as_read,
    ),
    stock=REPLICA_STOCK,
    endpoints=MappingProxyType(
        {
            "GET /v2/{replicas}": endpoints.list_replicas,
            "POST /v2/{replicas}": endpoints.create_replica,
            "GET /v2/{replicas}/{replica_id}": endpoints.get_replica,
            "PATCH /v2/{replicas}/{replica_id}": endpoints.update_replica,
            "PATCH /v2/{replicas}/{replica_id}/name": endpoints.rename_replica,
            "DELETE /v2/{replicas}/{replica_id}": endpoints.delete_replica,
        }
    ),
)
