"""The endpoints of tools, and of those of a persona: https://docs.tavus.io/api-reference/tools"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from tavus_async._records.immutable import is_sequence, thaw
from tavus_async._records.reading import make_record
from tavus_async._records.secrets import Hidden, hidden
from tavus_async._settings.checks import describe, of_kind
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.call import Call, decode_nothing, encode
from tavus_async._wire.path import quote_id
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._attached import attached_path
from tavus_async.resources._filters import OWNERS, SORTS, check_words
from tavus_async.resources.tools.records import PersonaTool, Tool, ToolDraft
from tavus_async.resources.tools.rules import check_tool

TOOLS = Resource(path="/v2/tools", record=Tool, id_name="tool_id", list_keys=("data", "tools"))
# Those of a persona have been listed without ids.
PERSONA_TOOLS = Resource(path="/v2/tools", record=PersonaTool, id_name="tool_id", lists_id=False)
MOST_ATTACHED: Final = 50
"""Tools that are attached at once at most."""
SERVERS_OWN: Final = frozenset({"created_at", "updated_at", "owner_id", "is_system_tool"})
"""Set by the server alone; that they differ between two readings is no change to make."""


def get_tool(tool_id: str) -> Call[Tool]:
    """Get Tool: https://docs.tavus.io/api-reference/tools/get-tool"""
    return TOOLS.get(tool_id)


@forget_refused
def list_tools_page(
    *,
    page: int = 1,
    limit: int = 25,
    tool_type: str | None = None,
    name_or_uuid: str | None = None,
    sort: str | None = None,
) -> Call[Page[Tool]]:
    """List Tools: https://docs.tavus.io/api-reference/tools/list-tools"""
    check_words("tool_type", tool_type, OWNERS)
    check_words("sort", sort, SORTS)
    if name_or_uuid is not None:
        of_kind("name_or_uuid", name_or_uuid, str, error=InvalidRequestError)
    return TOOLS.list_page(page=page, limit=limit, type=tool_type, name_or_uuid=name_or_uuid, sort=sort)


def create_tool(draft: ToolDraft | Mapping[str, Any]) -> Call[Tool]:
    """Create Tool: https://docs.tavus.io/api-reference/tools/create-tool"""
    draft = hidden(draft, texts=True)
    draft = as_draft(ToolDraft, draft)
    call = TOOLS.create(draft, Tool, name=draft.name, find="find_tools")
    check_tool(draft, is_whole=True)
    return call


@forget_refused
def update_tool(before: Tool | str, after: Tool | Mapping[str, Any]) -> Call[Tool]:
    """Update Tool: https://docs.tavus.io/api-reference/tools/update-tool"""
    after = hidden(after, texts=True)
    call = TOOLS.merge(before, after, without=SERVERS_OWN, needed=frozenset({"name", "description"}))
    _, changes = TOOLS.changes_between(before, after, SERVERS_OWN)
    held = Hidden(changes)
    del changes
    check_tool(make_record(Tool, thaw(held.given)), is_whole=False)
    return call


def delete_tool(tool_id: str) -> Call[None]:
    """Delete Tool: https://docs.tavus.io/api-reference/tools/delete-tool"""
    return TOOLS.delete(tool_id)


def list_persona_tools(persona_id: str) -> Call[tuple[PersonaTool, ...]]:
    """List PAL Tools: https://docs.tavus.io/api-reference/pal-tools/list-pal-tools"""
    at = attached_path(persona_id, "tools")
    return attrs.evolve(PERSONA_TOOLS.list_all(at.path), renamed_path=at.renamed_path)


@forget_refused
def attach_tools(persona_id: str, tool_ids: Sequence[str]) -> Call[None]:
    """Attach Tools To PAL: https://docs.tavus.io/api-reference/pal-tools/attach-tools-to-pal"""
    at = attached_path(persona_id, "tools")
    if not is_sequence(tool_ids):
        raise InvalidRequestError(f"tool_ids must be a sequence of ids, not {describe(tool_ids)}")
    if not 1 <= len(tool_ids) <= MOST_ATTACHED:
        raise InvalidRequestError(f"tool_ids must be 1 to {MOST_ATTACHED} ids, not {len(tool_ids)}")
    for tool_id in tool_ids:
        quote_id(tool_id, name="tool_id")
    return Call(
        method="POST",
        path=at.path,
        renamed_path=at.renamed_path,
        body=encode({"tool_ids": list(tool_ids)}),
        decode=decode_nothing,
        repeatable=True,  # what is attached already stays as it is
        changes=at.persona,
    )


def detach_tool(persona_id: str, tool_id: str) -> Call[None]:
    """Detach Tool From PAL: https://docs.tavus.io/api-reference/pal-tools/detach-tool-from-pal"""
    at = attached_path(persona_id, "tools", tool_id=tool_id)
    return Call(method="DELETE", path=at.path, renamed_path=at.renamed_path, decode=decode_nothing, changes=at.persona)
