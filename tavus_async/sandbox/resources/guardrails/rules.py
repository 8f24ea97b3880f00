"""What Tavus refuses in a guardrail, and in a set of them, as far as it is known."""

from collections.abc import Iterator

from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["problems", "set_problems"]

_MODALITIES = ("verbal", "visual", "audio")
_NAMES = ("guardrail_name", "guardrail_prompt")
_MOST_TAGS = 32


def problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule that a guardrail breaks, in the order of the rules."""
    return [*_of_one(document)]


def set_problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule that a set of guardrails breaks, in the order of the rules."""
    items = document.get("data")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return ["data must be a list of guardrails"]
    name = document.get("name")
    found = [] if name is None or isinstance(name, str) else ["name must be a string"]
    return found + [problem for item in items if isinstance(item, dict) for problem in _of_one(item)]


def _of_one(item: JsonObject) -> Iterator[str]:
    for name in _NAMES:
        if not item.get(name):
            yield f"{name} is required"
    for name in (*_NAMES, "callback_url"):
        if item.get(name) is not None and not isinstance(item[name], str):
            yield f"{name} must be a string"
    if item.get("modality") not in (None, "", *_MODALITIES):
        yield f"modality must be one of: {', '.join(_MODALITIES)}"
    if item.get("tool_call") is not None and not isinstance(item["tool_call"], dict):
        yield "tool_call must be an object"
    if item.get("app_message") not in (None, True, False):
        yield "app_message must be a boolean"
    if not _are_tags(item.get("tags")):
        yield f"tags must be a list of at most {_MOST_TAGS} strings"


def _are_tags(tags: Json) -> bool:
    if tags is None:
        return True
    return isinstance(tags, list) and len(tags) <= _MOST_TAGS and all(isinstance(tag, str) and tag for tag in tags)
