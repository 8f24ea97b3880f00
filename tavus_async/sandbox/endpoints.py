"""Which function answers which kind of request."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tavus_async.sandbox.answers import Answer, message
from tavus_async.sandbox.collection import Store
from tavus_async.sandbox.resources.personas import attachments, endpoints as personas
from tavus_async.sandbox.resources.personas.endpoints import Call
from tavus_async.sandbox.routes import Kind

__all__ = ["answer"]


def answer(store: Store, call: Call) -> Answer:
    """Do the work of *call* and return its answer; it never waits."""
    return _ENDPOINTS[call.route.kind](store, call)


def _wrong_method(_store: Store, call: Call) -> Answer:
    refused = message("Method not allowed", 405)
    return Answer(status=405, body=refused.body, headers={"Allow": ", ".join(call.route.allowed)})


def _unknown(_store: Store, _call: Call) -> Answer:
    return message("Not found", 404)


_Endpoint = Callable[[Store, Call], Answer]
_ENDPOINTS: Mapping[Kind, _Endpoint] = MappingProxyType(
    {
        Kind.GET: personas.get,
        Kind.LIST: personas.list_,
        Kind.CREATE: personas.create,
        Kind.PATCH: personas.patch,
        Kind.DELETE: personas.delete,
        Kind.PUBLISH: personas.publish,
        Kind.LIST_TOOLS: attachments.list_tools,
        Kind.ATTACH_TOOLS: attachments.attach_tools,
        Kind.DETACH_TOOL: attachments.detach_tool,
        Kind.LIST_SKILLS: attachments.list_skills,
        Kind.REPLACE_SKILLS: attachments.replace_skills,
        Kind.GET_SKILL: attachments.get_skill,
        Kind.PUT_SKILL: attachments.put_skill,
        Kind.PATCH_SKILL: attachments.patch_skill,
        Kind.DELETE_SKILL: attachments.delete_skill,
        Kind.WRONG_METHOD: _wrong_method,
        Kind.UNKNOWN: _unknown,
    }
)
