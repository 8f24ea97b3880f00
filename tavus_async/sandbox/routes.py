"""Paths and methods: which endpoint a request means, in which vocabulary."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import unquote

from attrs import frozen

from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["Kind", "Route", "find"]


class Kind(StrEnum):
    """What a request asks for; the values are the keys of `SandboxStats.requests`."""

    GET = "get"
    LIST = "list"
    CREATE = "create"
    PATCH = "patch"
    DELETE = "delete"
    PUBLISH = "publish"
    LIST_TOOLS = "list tools"
    ATTACH_TOOLS = "attach tools"
    DETACH_TOOL = "detach tool"
    LIST_SKILLS = "list skills"
    REPLACE_SKILLS = "replace skills"
    GET_SKILL = "get skill"
    PUT_SKILL = "put skill"
    PATCH_SKILL = "patch skill"
    DELETE_SKILL = "delete skill"
    WRONG_METHOD = "wrong method"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Route:
    """What a path and a method mean."""

    kind: Kind
    vocabulary: Vocabulary = Vocabulary.PERSONA
    persona_id: str = ""
    item_id: str = ""
    """The id of the tool or skill."""
    allowed: tuple[str, ...] = ()
    """The methods that the path knows, for a 405."""


_FAMILIES = MappingProxyType({vocabulary.value: vocabulary for vocabulary in Vocabulary})
_ALL = MappingProxyType({"GET": Kind.LIST, "POST": Kind.CREATE})
_ONE = MappingProxyType({"GET": Kind.GET, "PATCH": Kind.PATCH, "DELETE": Kind.DELETE})
_PARTS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "publish": MappingProxyType({"POST": Kind.PUBLISH}),
        "tools": MappingProxyType({"GET": Kind.LIST_TOOLS, "POST": Kind.ATTACH_TOOLS}),
        "skills": MappingProxyType({"GET": Kind.LIST_SKILLS, "PUT": Kind.REPLACE_SKILLS}),
    }
)
_ITEMS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "tools": MappingProxyType({"DELETE": Kind.DETACH_TOOL}),
        "skills": MappingProxyType(
            {
                "GET": Kind.GET_SKILL,
                "PUT": Kind.PUT_SKILL,
                "PATCH": Kind.PATCH_SKILL,
                "DELETE": Kind.DELETE_SKILL,
            }
        ),
    }
)
_UNKNOWN = Route(kind=Kind.UNKNOWN)


def find(method: str, raw_path: str) -> Route:
    """Return the route of *method* on the percent-encoded *raw_path*, with or without a trailing slash."""
    parts = raw_path.removesuffix("/").split("/")
    if len(parts) < 3 or parts[0] or parts[1] != "v2":  # noqa: PLR2004
        return _UNKNOWN
    vocabulary = _FAMILIES.get(parts[2])
    if vocabulary is None:
        return _UNKNOWN
    persona_id, item_id = "", ""
    methods: Mapping[str, Kind] | None
    match parts[3:]:
        case []:
            methods = _ALL
        case [persona_id]:
            methods = _ONE
        case [persona_id, part]:
            methods = _PARTS.get(part)
        case [persona_id, part, item_id]:
            methods = _ITEMS.get(part)
        case _:
            methods = None
    if methods is None:
        return _UNKNOWN
    if method not in methods:
        return Route(kind=Kind.WRONG_METHOD, allowed=tuple(methods))
    return Route(kind=methods[method], vocabulary=vocabulary, persona_id=unquote(persona_id), item_id=unquote(item_id))
