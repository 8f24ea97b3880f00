"""What the endpoints of tools are given by tests that go over all endpoints."""

from typing import Any

from tavus_async.models import ToolDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "create_tool": {"draft": ToolDraft(name="lookup_order", description="Find an order.")},
    "list_tools_page": {"tool_type": "all", "name_or_uuid": "lookup", "sort": "desc"},
    "update_tool": {"before": "x 1", "after": {"tags": ["shop"]}},
    "attach_tools": {"tool_ids": ["end_call", "t1"]},
}
