"""The credentials in a tool: shown masked, and kept where a change leaves them out."""

from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["TOOL_MASK", "as_read", "auth_of", "with_kept_secrets"]

TOOL_MASK = "********"
SECRET_FIELDS = ("token", "password", "value", "secret", "client_secret")


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it."""
    auth = auth_of(document)
    return _with_auth(document, {name: TOOL_MASK if name in SECRET_FIELDS else value for name, value in auth.items()})


def with_kept_secrets(before: JsonObject, after: JsonObject) -> JsonObject:
    """Return what a tool is to be, with the credentials of *before* that *after* leaves out."""
    old, new = auth_of(before), auth_of(after)
    if not new or old.get("type") != new.get("type"):
        return after
    kept = {name: value for name, value in old.items() if name in SECRET_FIELDS and name not in new}
    return _with_auth(after, {**new, **kept})


def auth_of(document: JsonObject) -> JsonObject:
    """Return how a tool authenticates; empty where it does not."""
    value: Json = document
    for name in ("delivery", "api", "auth"):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _with_auth(document: JsonObject, auth: JsonObject) -> JsonObject:
    delivery = document.get("delivery")
    api = delivery.get("api") if isinstance(delivery, dict) else None
    if not auth or not isinstance(delivery, dict) or not isinstance(api, dict):
        return document
    changed: JsonObject = {**delivery, "api": {**api, "auth": auth}}
    return {**document, "delivery": changed}
