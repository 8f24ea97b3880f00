"""The skills that there are."""

from tavus_async.sandbox.json import JsonObject

__all__ = ["SKILL_STOCK"]

SKILL_STOCK: tuple[JsonObject, ...] = (
    {
        "skill_id": "internet_search",
        "display_name": "Internet Search",
        "description": "Searches the web during a conversation.",
        "tool_names": ["internet_search"],
    },
    {
        "skill_id": "memory",
        "display_name": "Memory",
        "description": "Remembers participants from one conversation to the next.",
        "tool_names": [],
    },
    {
        "skill_id": "presentation",
        "display_name": "Presentation",
        "description": "Walks participants through slides and images.",
        "tool_names": ["show_slide"],
    },
    {
        "skill_id": "magic_canvas",
        "display_name": "Magic Canvas",
        "description": "Shows questions, calendars, charts and images during a conversation.",
        "tool_names": ["canvas.question", "canvas.text", "canvas.chart"],
    },
)
"""Skills that belong to Tavus, as all of them do."""
