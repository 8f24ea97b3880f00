"""What Tavus refuses in the config of a skill, in the words of its validator."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tavus_async.sandbox.answers import RefusalError, error
from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["check_config"]

_CONFIG_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "internet_search": (),
        "memory": (),
        "presentation": ("document_ids", "slides_trigger", "prompt"),
        "magic_canvas": ("components", "scheduling_embed", "usage_guidance"),
    }
)
_TRIGGERS = ("on_demand", "walk_the_deck")


def check_config(skill_id: str, config: JsonObject) -> None:
    """Raise `RefusalError` for a config that a skill does not take; one that was added to the sandbox takes any."""
    wrong = dict(_problems(skill_id, config)) if skill_id in _CONFIG_FIELDS else {}
    if wrong:
        raise RefusalError(error(f"Bad Request: {wrong}"))


def _problems(skill_id: str, config: JsonObject) -> Iterator[tuple[str, list[str]]]:
    for name in config:
        if name not in _CONFIG_FIELDS[skill_id]:
            yield name, ["Unknown field."]
    if skill_id == "presentation":
        if "document_ids" not in config:
            yield "document_ids", ["Missing data for required field."]
        elif not _are_texts(config["document_ids"]):
            yield "document_ids", ["Not a valid list."]
        if config.get("slides_trigger", _TRIGGERS[0]) not in _TRIGGERS:
            yield "slides_trigger", [f"Must be one of: {', '.join(_TRIGGERS)}."]
    if skill_id == "magic_canvas" and not isinstance(config.get("components", {}), dict):
        yield "components", ["Not a valid mapping type."]


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
