"""Two vocabularies for one thing: personas with replicas, and PALs with faces.

Objects are stored in the first. What comes in is translated to it; what goes out under a PAL's path is translated
back. Each resource has its own tables of names, by the path of the object that has them.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from attrs import evolve

from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.json_patch import PatchOperation, Pointer

__all__ = ["PATH_WORDS", "Names", "Vocabulary", "rename", "rename_operation", "rename_pointer"]

Names: TypeAlias = Mapping[Pointer, Mapping[str, str]]


class Vocabulary(Enum):
    """Which names an answer uses; the path decides."""

    PERSONA = "persona"
    PAL = "pal"


PATH_WORDS: Mapping[str, Mapping[Vocabulary, str]] = MappingProxyType(
    {
        "personas": MappingProxyType({Vocabulary.PERSONA: "personas", Vocabulary.PAL: "pals"}),
        "replicas": MappingProxyType({Vocabulary.PERSONA: "replicas", Vocabulary.PAL: "faces"}),
    }
)
"""The words in paths that differ, by what route templates call them."""


def rename(document: JsonObject, names: Names, *, at: Pointer = ()) -> JsonObject:
    """Return *document*, which lies at the path *at*, with its keys renamed; what has the new name already wins."""
    here = names.get(at, {})
    renamed: JsonObject = {}
    for key, value in document.items():
        new = here.get(key, key)
        if new == key or new not in document:
            renamed[new] = value
    for key in {path[len(at)] for path in names if len(path) > len(at) and path[: len(at)] == at}:
        inner = renamed.get(key)
        if isinstance(inner, dict):
            renamed[key] = rename(inner, names, at=(*at, key))
    return renamed


def rename_pointer(pointer: Pointer, names: Names) -> Pointer:
    """Return *pointer* with its parts renamed."""
    renamed: Pointer = ()
    deepest = max(map(len, names), default=-1)
    for key in pointer[: deepest + 1]:
        renamed = (*renamed, names.get(renamed, {}).get(key, key))
    return renamed + pointer[deepest + 1 :]


def rename_operation(operation: PatchOperation, names: Names) -> PatchOperation:
    """Return the *operation* of a patch with its pointers and the keys of its value renamed."""
    path, value = rename_pointer(operation.path, names), operation.value
    new_value: Json = rename(value, names, at=path) if isinstance(value, dict) else value
    return evolve(operation, path=path, source=rename_pointer(operation.source, names), value=new_value)
