"""What Tavus refuses in a set of objectives, as far as it is known."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["ITEM_FIELDS", "items_of", "problems"]

_OBJECTIVE_CHOICES = {"confirmation_mode": ("auto", "manual"), "modality": ("verbal", "visual", "audio")}
_LONGEST_TEXTS = {
    "objective_name": 100,
    "objective_prompt": 10_000,
    "next_required_objective": 100,
    "callback_url": 2_048,
}
_ALLOWED_NAME = re.compile(r"[A-Za-z0-9_]*")
_MOST_OBJECTIVES, _MOST_VARIABLES, _LONGEST_SET_NAME = 50, 50, 100
_NO_ROOT = "Objective chain must have exactly one root (an objective not referenced by any other)"

ITEM_FIELDS = (*_LONGEST_TEXTS, *_OBJECTIVE_CHOICES, "output_variables", "next_conditional_objectives", "tool_call")
"""The fields of one objective."""


def items_of(document: JsonObject) -> list[JsonObject]:
    """Return the objectives of a set; of what are none, nothing."""
    items = document.get("data")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule that a set breaks, in the order of the rules."""
    given, items = document.get("data"), items_of(document)
    if not isinstance(given, list) or not items or len(items) < len(given):
        return ["data must be a list of objectives, with at least one"]
    found: list[str] = []
    name = document.get("name")
    if name is not None and (not isinstance(name, str) or len(name) > _LONGEST_SET_NAME):
        found.append(f"name must have at most {_LONGEST_SET_NAME} characters")
    if len(items) > _MOST_OBJECTIVES:
        found.append(f"data must contain at most {_MOST_OBJECTIVES} items")
    for item in items:
        found += _of_one(item)
    found += _of_the_chain(items, has_loops=document.get("allow_loops") is True)
    return found


def _of_one(item: JsonObject) -> Iterator[str]:
    for field in ("objective_name", "objective_prompt"):
        if not item.get(field):
            yield f"{field} is required"
    for field, longest in _LONGEST_TEXTS.items():
        value = item.get(field)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            yield f"{field} must be a string of at most {longest} characters"
    name = item.get("objective_name")
    if isinstance(name, str) and name and not _ALLOWED_NAME.fullmatch(name):
        yield "objective_name must contain only letters, numbers, and underscores"
    for field, choices in _OBJECTIVE_CHOICES.items():
        if item.get(field) not in (None, "", *choices):
            yield f"{field} must be one of: {', '.join(choices)}"
    yield from _of_its_parts(item)


def _of_its_parts(item: JsonObject) -> Iterator[str]:
    variables = item.get("output_variables")
    if variables is not None and (not isinstance(variables, list) or len(variables) > _MOST_VARIABLES):
        yield f"output_variables must be a list of at most {_MOST_VARIABLES} items"
    for field in ("next_conditional_objectives", "tool_call"):
        if item.get(field) is not None and not isinstance(item[field], dict):
            yield f"{field} must be an object"
    if item.get("next_required_objective") and item.get("next_conditional_objectives"):
        yield "An objective may have either next_required_objective or next_conditional_objectives, not both"


def _of_the_chain(items: Sequence[JsonObject], *, has_loops: bool) -> Iterator[str]:
    names = [str(item.get("objective_name")) for item in items]
    if any(count > 1 for count in Counter(names).values()):
        yield "objective_name must be unique"
    referenced: set[str] = set()
    for name, item in zip(names, items, strict=True):
        following = {*_next_names(item)}
        if unknown := sorted(following - {*names}):
            yield f"Objective {name} references unknown objective {unknown[0]}"
        if name in following:
            yield f"Objective {name} cannot reference itself"
        referenced |= following
    if not has_loops and len({*names} - referenced) != 1:
        yield _NO_ROOT


def _next_names(item: JsonObject) -> Iterator[str]:
    required: Json = item.get("next_required_objective")
    if isinstance(required, str) and required:
        yield required
    conditional = item.get("next_conditional_objectives")
    if isinstance(conditional, dict):
        yield from conditional
