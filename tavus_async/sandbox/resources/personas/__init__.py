"""Personas, which are PALs in the other vocabulary, with the tools and skills attached to them."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.personas import attachments, endpoints
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
            "GET /v2/{personas}/{persona_id}": endpoints.get_persona,
            "PATCH /v2/{personas}/{persona_id}": endpoints.patch_persona,
            "DELETE /v2/{personas}/{persona_id}": endpoints.delete_persona,
            "POST /v2/{personas}/{persona_id}/publish": endpoints.publish_persona,
            "GET /v2/{personas}/{persona_id}/tools": attachments.list_persona_tools,
            "POST /v2/{personas}/{persona_id}/tools": attachments.attach_tools,
            "DELETE /v2/{personas}/{persona_id}/tools/{tool_id}": attachments.detach_tool,
            "GET /v2/{personas}/{persona_id}/skills": attachments.list_persona_skills,
            "PUT /v2/{personas}/{persona_id}/skills": attachments.replace_skills,
            "GET /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.get_persona_skill,
            "PUT /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.attach_skill,
            "PATCH /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.update_skill,
            "DELETE /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.detach_skill,
        }
    ),
)
