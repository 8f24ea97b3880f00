"""The endpoints of tools themselves; which of them a persona has stands in `attachments`."""

from tavus_async.sandbox import json_patch
from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject, timestamp
from tavus_async.sandbox.endpoints import BAD_PATCH, NOT_MODIFIED, find_owned, read_operations
from tavus_async.sandbox.json import Json, JsonObject, same
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.tools.rules import problems
from tavus_async.sandbox.resources.tools.secrets import with_kept_secrets

_FIXED_IN_TOOLS = ("tool_id", "is_system_tool", "owner_id", "created_at", "updated_at")
_OWNER = 1


def is_wanted(tool: StoredObject, request: Request) -> bool:
    """Return whether a tool is of the type that a query asks for, the account's own by default, and of its name."""
    kind, wanted = request.query.get("type") or "user", request.query.get("name_or_uuid", "").lower()
    if kind not in {"user", "system", "all"}:
        raise RefusalError(error("type must be one of: user, system, all"))
    name = str(tool.document().get("name", "")).lower()
    return (kind == "all" or tool.is_system == (kind == "system")) and (wanted in name or wanted == tool.id.lower())


def create_tool(account: Account, request: Request) -> Answer:
    """Store a new tool."""
    given = _own(request.json_object())
    perceives, now = given.get("origin") in ("vision", "audio"), _now()
    document: JsonObject = {
        "tool_id": account.collections["tools"].new_id(),
        "owner_id": _OWNER,
        "parameters": {},
        "origin": "llm",
        "trigger_type": "in_call",
        "on_call": None if perceives else "generate_filler",
        "on_resolve": "fire_and_forget",
        "static_filler": None,
        "tags": [],
        **{name: value for name, value in given.items() if value is not None},
        "delivery": _delivery(given.get("delivery")),
        "is_system_tool": False,
        "created_at": now,
        "updated_at": now,
    }
    if wrong := problems(document):
        return error(wrong[0])
    return Answer(body=account.collections["tools"].add(document).body(request.vocabulary))


def update_tool(account: Account, request: Request) -> Answer:
    """Replace the fields that a plain object has, or apply a JSON Patch, all of it or nothing."""
    tool = find_owned(account, request, "tools")
    before, sent = tool.document(), request.json()
    after = {**before, **_own(sent)} if isinstance(sent, dict) else _patched(tool, request)
    after = with_kept_secrets(before, {**after, "delivery": _delivery(after.get("delivery"))})
    if wrong := [problem for problem in problems(after) if problem not in problems(before)]:
        return error(wrong[0])
    if isinstance(sent, list) and same(before, after):
        return NOT_MODIFIED
    tool.replace({**after, "updated_at": _now()})
    return Answer(body=tool.body(request.vocabulary))


def _own(body: JsonObject) -> JsonObject:
    return {name: value for name, value in body.items() if name not in _FIXED_IN_TOOLS}


def _delivery(given: Json) -> Json:
    """Return how calls are delivered, with what Tavus adds to that."""
    if given is None:
        return {"app_message": True}
    api = given.get("api") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(api, dict):
        return given
    return {"app_message": False, **given, "api": {"method": "POST", "timeout": 10, **api}}


def _patched(tool: StoredObject, request: Request) -> JsonObject:
    before = tool.document()
    try:
        after = json_patch.apply(tool.document(), read_operations(request))
    except json_patch.PatchApplyError:
        raise RefusalError(BAD_PATCH) from None
    if not isinstance(after, dict) or any(not same(after.get(name), before.get(name)) for name in _FIXED_IN_TOOLS):
        raise RefusalError(BAD_PATCH)
    return after


def _now() -> str:
    # Tools are the one resource whose times name neither a zone nor a fraction.
    return timestamp()[: len("2026-05-15T10:30:00")]
