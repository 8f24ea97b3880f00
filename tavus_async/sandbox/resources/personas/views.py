"""What reading a persona shows: secrets masked, the LLM's defaults left out, names as the path has them."""

from collections.abc import Mapping
from types import MappingProxyType

from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.resources.personas.names import TO_PAL
from tavus_async.sandbox.vocabulary import Vocabulary, rename

__all__ = ["as_read", "masked"]

_LLM_DEFAULTS: Mapping[str, Json] = MappingProxyType({"model": "tavus-gemma-4", "speculative_inference": True})
_ASTERISKS = "********"
_LONG_ENOUGH_FOR_A_TAIL = 12


def as_read(document: JsonObject, vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it; *document* itself is left alone."""
    layers = document.get("layers")
    if isinstance(layers, dict):
        shown: JsonObject = {name: _layer(name, layer) for name, layer in layers.items()}
        document = {**document, "layers": shown}
    return document if vocabulary is Vocabulary.PERSONA else rename(document, TO_PAL)


def masked(secret: str) -> str:
    """Return asterisks, with the last four characters of a secret long enough to spare them."""
    if not secret:
        return ""
    return _ASTERISKS + (secret[-4:] if len(secret) >= _LONG_ENOUGH_FOR_A_TAIL else "")


def _layer(name: str, layer: Json) -> Json:
    if not isinstance(layer, dict):
        return layer
    shown = dict(layer)
    if name == "llm":
        for key, default in _LLM_DEFAULTS.items():
            if key in shown and shown[key] == default and type(shown[key]) is type(default):
                del shown[key]
    secret = shown.get("api_key")
    if isinstance(secret, str):
        shown["api_key"] = masked(secret)
    return shown
