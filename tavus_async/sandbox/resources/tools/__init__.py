"""Tools: Tavus' own and the account's, and which of them a persona has."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.endpoints import make_delete, make_get, make_list
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.tools import attachments, endpoints
from tavus_async.sandbox.resources.tools.secrets import as_read
from tavus_async.sandbox.resources.tools.stock import TOOL_STOCK

__all__ = ["TOOL_RESOURCE"]

TOOL_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="tools", noun="tool", id_prefix="t", unknown=error("Invalid tool_id"), view=as_read
    ),
    stock=TOOL_STOCK,
    endpoints=MappingProxyType(
        {
            "GET /v2/tools": make_list("tools", limit=25, matches=endpoints.is_wanted),
            "POST /v2/tools": endpoints.create_tool,
            "GET /v2/tools/{tool_id}": make_get("tools", "tool"),
            "PATCH /v2/tools/{tool_id}": endpoints.update_tool,
            "DELETE /v2/tools/{tool_id}": make_delete("tools", "tool"),
            "GET /v2/{personas}/{persona_id}/tools": attachments.list_persona_tools,
            "POST /v2/{personas}/{persona_id}/tools": attachments.attach_tools,
            "DELETE /v2/{personas}/{persona_id}/tools/{tool_id}": attachments.detach_tool,
        }
    ),
)
