"""Two vocabularies for one thing: personas with replicas, and PALs with faces.

The store speaks the first. What comes in is translated to it, what goes out at `/v2/pals` is translated back.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from attrs import evolve

from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.json_patch import Operation, Pointer

__all__ = ["FLOW", "Vocabulary", "stored_document", "stored_operation", "stored_pointer", "told_document"]

FLOW = ("layers", "conversational_flow")


class Vocabulary(Enum):
    """Which names an answer uses; the path decides: `/v2/personas` or `/v2/pals`."""

    PERSONA = "personas"
    PAL = "pals"


_STORED_TOP = MappingProxyType(
    {"pal_id": "persona_id", "pal_name": "persona_name", "default_face_id": "default_replica_id"}
)
_STORED_FLOW = MappingProxyType(
    {"pal_interruptibility": "replica_interruptibility", "face_interruptibility": "replica_interruptibility"}
)
_PAL_TOP = MappingProxyType({stored: told for told, stored in _STORED_TOP.items()})
_PAL_FLOW = MappingProxyType({"replica_interruptibility": "pal_interruptibility"})


def stored_document(document: JsonObject) -> JsonObject:
    """Return *document* in the store's names; where both names are given, the store's own wins."""
    return _renamed(document, _STORED_TOP, _STORED_FLOW)


def told_document(document: JsonObject, vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* in the names of *vocabulary*."""
    if vocabulary is Vocabulary.PERSONA:
        return document
    return _renamed(document, _PAL_TOP, _PAL_FLOW)


def stored_pointer(pointer: Pointer) -> Pointer:
    """Return *pointer* with every name that differs between the vocabularies as the store has it."""
    if pointer and pointer[0] in _STORED_TOP:
        return (_STORED_TOP[pointer[0]], *pointer[1:])
    depth = len(FLOW)
    if pointer[:depth] == FLOW and len(pointer) > depth and pointer[depth] in _STORED_FLOW:
        return (*FLOW, _STORED_FLOW[pointer[depth]], *pointer[depth + 1 :])
    return pointer


def stored_operation(operation: Operation) -> Operation:
    """Return a patch's *operation* in the store's names, its value included."""
    path, value = stored_pointer(operation.path), operation.value
    if isinstance(value, dict):
        if path == ():
            value = stored_document(value)
        elif path == FLOW[:1]:
            value = _with_flow(value, _STORED_FLOW)
        elif path == FLOW:
            value = _keys(value, _STORED_FLOW)
    return evolve(operation, path=path, source=stored_pointer(operation.source), value=value)


def _renamed(document: JsonObject, top: Mapping[str, str], flow: Mapping[str, str]) -> JsonObject:
    renamed = _keys(document, top)
    layers = renamed.get(FLOW[0])
    if isinstance(layers, dict):
        renamed[FLOW[0]] = _with_flow(layers, flow)
    return renamed


def _with_flow(layers: JsonObject, names: Mapping[str, str]) -> JsonObject:
    flow: Json = layers.get(FLOW[1])
    return {**layers, FLOW[1]: _keys(flow, names)} if isinstance(flow, dict) else layers


def _keys(mapping: JsonObject, names: Mapping[str, str]) -> JsonObject:
    renamed: JsonObject = {}
    for key, value in mapping.items():
        new = names.get(key, key)
        if new == key or new not in mapping:
            renamed[new] = value
    return renamed
