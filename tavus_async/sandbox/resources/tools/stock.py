"""The tools that Tavus has itself."""

from tavus_async.sandbox.json import JsonObject

__all__ = ["TOOL_STOCK"]

TOOL_STOCK: tuple[JsonObject, ...] = (
    {
        "tool_id": "end_call",
        "name": "end_call",
        "description": "Ends the conversation.",
        "parameters": {"type": "object", "properties": {"reason": {"type": "string"}}},
        "delivery": {"app_message": True},
        "origin": "llm",
        "trigger_type": "in_call",
        "on_call": "silent",
        "on_resolve": "fire_and_forget",
        "static_filler": None,
        "tags": [],
        "is_system_tool": True,
        "owner_id": None,
        "created_at": "2026-05-01T00:00:00",
        "updated_at": "2026-05-01T00:00:00",
    },
)
