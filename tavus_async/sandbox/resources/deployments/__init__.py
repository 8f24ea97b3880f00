"""Deployments: personas put where visitors find them, with what those visitors call without a key."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.endpoints import make_delete, make_list
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.deployments import endpoints, visits
from tavus_async.sandbox.resources.deployments.views import as_read

__all__ = ["DEPLOYMENT_RESOURCE"]

_VISITS = MappingProxyType(
    {
        "GET /v2/deployments/{deployment_id}/init": visits.get_deployment_init,
        "POST /v2/deployments/{deployment_id}/start": visits.start_deployment_conversation,
        "POST /v2/deployments/{deployment_id}/conversations/{conversation_id}/end": visits.end_deployment_conversation,
    }
)

DEPLOYMENT_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="deployments",
        noun="deployment",
        id_prefix="d",
        unknown=error("Deployment not found", 404),
        view=as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/deployments": make_list(
                "deployments",
                first_page=0,
                limit=20,
                items="deployments",
                total="total",
                tells_page=True,
                newest_first=True,
                matches=endpoints.is_wanted,
            ),
            "POST /v2/deployments": endpoints.create_deployment,
            "GET /v2/deployments/{deployment_id}": endpoints.get_deployment,
            "PATCH /v2/deployments/{deployment_id}": endpoints.patch_deployment,
            "DELETE /v2/deployments/{deployment_id}": make_delete("deployments", "deployment"),
            **_VISITS,
        }
    ),
    keyless=frozenset(_VISITS),
)
