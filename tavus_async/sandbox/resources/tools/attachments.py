"""The endpoints of the tools that are attached to a persona."""

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, error
from tavus_async.sandbox.endpoints import find, find_owned, save
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.vocabulary import Vocabulary

_MOST_TOOLS = 50
_UNKNOWN_TOOL = error("Invalid tool_id")
_NO_IDS = error(f"tool_ids must be a list of 1 to {_MOST_TOOLS} ids")
_TOO_MANY_TOOLS = error(f"tool_ids must contain at most {_MOST_TOOLS} items")
_NOT_ATTACHED = error("Bad Request. Tool not attached to this PAL")


def list_persona_tools(account: Account, request: Request) -> Answer:
    """Return the attached tools: a bare array for a persona, `{"data": [...]}` for a PAL."""
    tool_ids = _tool_ids(find(account, request, "personas").document())
    found = (account.collections["tools"].get(str(tool_id)) for tool_id in tool_ids)
    tools: list[Json] = [tool.view(request.vocabulary) for tool in found if tool is not None]
    return Answer(body=tools if request.vocabulary is Vocabulary.PERSONA else {"data": tools})


def attach_tools(account: Account, request: Request) -> Answer:
    """Attach the tools of `{"tool_ids": [...]}` that are not attached yet, and return all that are then."""
    persona = find_owned(account, request, "personas")
    wanted = request.json_object().get("tool_ids")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= _MOST_TOOLS:
        return _NO_IDS
    if not all(isinstance(tool_id, str) and account.collections["tools"].get(tool_id) for tool_id in wanted):
        return _UNKNOWN_TOOL
    document = persona.document()
    tool_ids = list(dict.fromkeys([str(tool_id) for tool_id in [*_tool_ids(document), *wanted]]))
    if len(tool_ids) > _MOST_TOOLS:
        return _TOO_MANY_TOOLS
    save(persona, {**document, "tool_ids": [*tool_ids]})
    return list_persona_tools(account, request)


def detach_tool(account: Account, request: Request) -> Answer:
    """Detach one tool."""
    persona = find_owned(account, request, "personas")
    document, detached = persona.document(), request.params["tool_id"]
    tool_ids = _tool_ids(document)
    if detached not in tool_ids:
        return _NOT_ATTACHED
    save(persona, {**document, "tool_ids": [tool_id for tool_id in tool_ids if tool_id != detached]})
    return NO_CONTENT


def _tool_ids(document: JsonObject) -> list[Json]:
    tool_ids = document.get("tool_ids")
    return tool_ids if isinstance(tool_ids, list) else []
