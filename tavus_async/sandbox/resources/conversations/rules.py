"""What Tavus refuses in a new conversation, as far as it is known; everything else is accepted and kept."""

from collections.abc import Mapping
from types import MappingProxyType

from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["INVALID_REPLICA_ID", "is_elsewhere", "is_on", "problems"]

INVALID_REPLICA_ID = "Invalid replica_id"

_VOCABULARIES = (("persona_id", "replica_id"), ("pal_id", "face_id"))
_STRINGS = (
    *("persona_id", "replica_id", "pal_id", "face_id", "conversation_name", "conversational_context"),
    *("custom_greeting", "callback_url", "meeting_url", "modality"),
)
_FLAGS = ("audio_only", "chat", "test_mode", "require_auth", "dynamic_greeting")
_LISTS = ("memory_stores", "participant_tags", "document_ids", "document_tags")
_DURATIONS = ("max_call_duration", "participant_left_timeout", "participant_absent_timeout")
_ALLOWED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"document_retrieval_strategy": ("speed", "quality", "balanced"), "policy": ("eu",), "modality": ("text",)}
)
_STORES = ("s3", "gcs", "azure_blob")
_FEWEST_PARTICIPANTS = 2


def problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule that the body of a create breaks, in the order of the rules."""
    found: list[str] = []
    if all(any(document.get(name) is not None for name in words) for words in _VOCABULARIES):
        found.append("Use either persona_id and replica_id or pal_id and face_id, not both")
    found += [f"{name} must be a string" for name in _STRINGS if not _is(document.get(name), str)]
    found += [f"{name} must be a boolean" for name in _FLAGS if not _is_flag(document.get(name))]
    found += [f"{name} must be a list of strings" for name in _LISTS if not _is_list_of_texts(document.get(name))]
    for name, choices in _ALLOWED.items():
        if document.get(name) not in (None, "", *choices):
            found.append(f"{name} must be one of: {', '.join(choices)}")
    return found + _of_modes(document) + _of_properties(document.get("properties"))


def _of_modes(document: JsonObject) -> list[str]:
    found: list[str] = []
    chat = is_on(document.get("chat"))
    if chat and is_on(document.get("audio_only")):
        found.append("chat and audio_only cannot be used together")
    if document.get("modality") and not chat:
        found.append("modality can only be used with chat")
    most = document.get("max_participants")
    if most is not None and (type(most) is not int or most < _FEWEST_PARTICIPANTS):
        found.append(f"max_participants must be an integer, {_FEWEST_PARTICIPANTS} or more")
    tags = document.get("participant_tags")
    if isinstance(tags, list) and len(tags) != 1:
        found.append("participant_tags must contain exactly one tag")
    return found


def _of_properties(properties: Json) -> list[str]:
    if properties is None:
        return []
    if not isinstance(properties, dict):
        return ["properties must be an object"]
    found: list[str] = []
    for name in _DURATIONS:
        value = properties.get(name)
        if value is not None and (type(value) is not int or value < 0):
            found.append(f"properties.{name} must be an integer, 0 or more")
    storage = properties.get("recording_storage")
    if storage is not None and (not isinstance(storage, dict) or storage.get("provider") not in _STORES):
        found.append(f"properties.recording_storage.provider must be one of: {', '.join(_STORES)}")
    return found


def is_on(value: Json) -> bool:
    """Return whether a flag is set; texts are taken too, as one documented example writes them."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_elsewhere(document: JsonObject) -> bool:
    """Return whether people meet the persona in a meeting or a room of somebody else."""
    properties = document.get("properties")
    room = properties.get("livekit_ws_url") if isinstance(properties, dict) else None
    return bool(document.get("meeting_url") or room)


def _is(value: Json, kind: type) -> bool:
    return value is None or isinstance(value, kind)


def _is_flag(value: Json) -> bool:
    return _is(value, bool) or (isinstance(value, str) and value.lower() in {"true", "false"})


def _is_list_of_texts(value: Json) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))
