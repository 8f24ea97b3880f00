"""What reading a conversation shows."""

from collections.abc import Mapping

from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.resources.conversations.rules import is_on
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["addressed", "as_created", "as_read", "as_read_verbosely", "persona_id", "replica_id", "speaks_pal"]

_SHOWN = (
    *("conversation_id", "conversation_name", "conversation_url", "callback_url", "status"),
    *("replica_id", "face_id", "persona_id", "pal_id", "created_at", "updated_at"),
)


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it: in the words of the request that created it, whatever is asked."""
    return {name: document[name] for name in _SHOWN if name in document}


def addressed(document: JsonObject, url: str) -> JsonObject:
    """Return *document* with the address of its room under the base *url*; a chat has none."""
    if is_on(document.get("chat")):
        return document
    token = document.get("meeting_token")
    query = f"?t={token}" if token else ""
    return {**document, "conversation_url": f"{url}/c/{document['conversation_id']}{query}"}


def as_created(document: JsonObject) -> JsonObject:
    """Return what the answer to a create tells."""
    return {name: value for name, value in document.items() if name in {*_SHOWN, "meeting_token"} - {"updated_at"}}


def as_read_verbosely(stored: StoredObject) -> JsonObject:
    """Return what a verbose GET shows: the events too, and why the conversation ended."""
    document = stored.document()
    verbose = as_read(document, Vocabulary.PERSONA)
    if "shutdown_reason" in document:
        verbose["shutdown_reason"] = document["shutdown_reason"]
    events: Json = stored.internal.get("events", [])
    return {**verbose, "events": events}


def speaks_pal(document: Mapping[str, Json]) -> bool:
    """Return whether *document* has the words of PALs and faces."""
    return "pal_id" in document or "face_id" in document


def persona_id(document: Mapping[str, Json]) -> str:
    """Return the id of the persona, or an empty text."""
    return str(document.get("persona_id") or document.get("pal_id") or "")


def replica_id(document: Mapping[str, Json]) -> str:
    """Return the id of the replica, or an empty text."""
    return str(document.get("replica_id") or document.get("face_id") or "")
