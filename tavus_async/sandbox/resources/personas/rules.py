"""What Tavus refuses in a persona, as far as it is known; everything else is accepted and kept."""

from collections.abc import Mapping
from types import MappingProxyType

from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["INVALID_REPLICA", "problems", "too_many"]

INVALID_REPLICA = "Invalid replica_uuid"

_LEVELS = ("low", "medium", "high")

# Each set is everything that any version of the API documented or answered with, old values included:
# stored personas still carry them, and clients still send them.
_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "pipeline_mode": ("full", "echo", "speech-to-speech"),
        "disclosure_type": ("always", "auto", "off"),
        "layers.perception.perception_model": ("raven-0", "raven-1", "raven-2", "basic", "off"),
        "layers.perception.emotion_recognition": ("auto", "full", "limited"),
        "layers.stt.stt_engine": (
            *("tavus-auto", "tavus-parakeet", "tavus-soniox", "tavus-whisper", "tavus-deepgram-medical"),
            *("tavus-advanced", "tavus-turbo"),
        ),
        "layers.stt.participant_pause_sensitivity": _LEVELS,
        "layers.stt.participant_interrupt_sensitivity": _LEVELS,
        "layers.tts.tts_engine": ("cartesia", "elevenlabs", "playht", "azure", "tavus-auto"),
        "layers.conversational_flow.turn_detection_model": (
            *("sparrow-0", "sparrow-1", "sparrow-2", "time-based", "timebased"),
        ),
        "layers.conversational_flow.turn_taking_patience": _LEVELS,
        "layers.conversational_flow.turn_commitment": _LEVELS,
        "layers.conversational_flow.replica_interruptibility": _LEVELS,
        "layers.conversational_flow.active_listening": ("off", *_LEVELS),
        "layers.conversational_flow.voice_isolation": ("off", "near", "far"),
        "layers.conversational_flow.idle_engagement": ("off", "patient", "eager"),
        "layers.conversational_flow.idle_end_behavior": ("wait", "end_conversation"),
    }
)
_MOST_IDS = 50


def problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule that a stored *document* breaks, in the order of the rules."""
    found: list[str] = []
    layers = document.get("layers")
    if layers is not None and not isinstance(layers, dict):
        found.append("layers must be an object")
    if not document.get("system_prompt") and document.get("pipeline_mode") in (None, "", "full"):
        found.append("system_prompt is required")
    if _is_no_replica(document.get("default_replica_id")):
        found.append(INVALID_REPLICA)
    found += too_many(document)
    for path, choices in _CHOICES.items():
        # Empty strings and nulls mean "not set" in stored personas.
        if _at(document, path) not in (None, "", *choices):
            found.append(f"{path} must be one of: {', '.join(choices)}")
    return found


def too_many(document: JsonObject) -> list[str]:
    """Return one sentence for each list of ids in *document* that is too long."""
    lists = {name: document.get(name) for name in ("tool_ids", "guardrail_ids")}
    return [
        f"{name} must contain at most {_MOST_IDS} items"
        for name, ids in lists.items()
        if isinstance(ids, list) and len(ids) > _MOST_IDS
    ]


def _is_no_replica(value: Json) -> bool:
    # Ids are opaque, so only what can be none at all is refused.
    return value is not None and (not isinstance(value, str) or value != "".join(value.split()))


def _at(document: JsonObject, path: str) -> Json:
    value: Json = document
    for key in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value
