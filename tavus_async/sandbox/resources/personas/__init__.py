"""Personas, which are PALs in the other vocabulary."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.personas import endpoints
from tavus_async.sandbox.resources.personas.names import FROM_PAL
from tavus_async.sandbox.resources.personas.views import as_read

__all__ = ["PERSONA_RESOURCE"]

PERSONA_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="personas",
        noun="persona",
        id_prefix="p",
        unknown=error("Invalid persona_id"),
        incoming=FROM_PAL,
        view=as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/{personas}": endpoints.list_personas,
            "POST /v2/{personas}": endpoints.create_persona,
            "GET /v2/{personas}/check-username": endpoints.check_username,
            "GET /v2/{personas}/{persona_id}": endpoints.get_persona,
            "PATCH /v2/{personas}/{persona_id}": endpoints.patch_persona,
            "DELETE /v2/{personas}/{persona_id}": endpoints.delete_persona,
            "POST /v2/{personas}/{persona_id}/publish": endpoints.publish_persona,
        }
    ),
)
