"""The endpoints of memory stores themselves; what is in one stands in `pinned` and `learning`."""

from types import MappingProxyType

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import create_object
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.memory_stores.pinned import new_memory
from tavus_async.sandbox.vocabulary import Names, Vocabulary, rename

FROM_PERSONA: Names = MappingProxyType({(): MappingProxyType({"persona_id": "pal_id"})})
"""The endpoints are younger than PALs, and answer in their words alone."""

_EXISTS = error("An active memory store already exists for this pal_id and participant_tag", 409)
_NO_MEMORIES = error("pinned_memories must be an array of non-empty strings")
_LISTED = ("memory_store_id", "pal_id", "participant_tag", "created_at", "updated_at")
_NOTHING_LEARNED: JsonObject = {"profile": {}, "timeline": {"recent_conversations": []}}


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it."""
    return document


def as_listed(_account: Account, _request: Request, stored: StoredObject) -> JsonObject:
    """Return what a list shows of a store: not what is in it."""
    return {name: value for name, value in stored.document().items() if name in _LISTED}


def is_asked_for(stored: StoredObject, request: Request) -> bool:
    """Return whether a store is of the PAL and of the participant that the query asks for."""
    document, query = stored.document(), request.query
    pal_id = query.get("pal_id") or query.get("persona_id")
    return all(
        not wanted or document.get(name) == wanted
        for name, wanted in (("pal_id", pal_id), ("participant_tag", query.get("participant_tag")))
    )


def create_memory_store(account: Account, request: Request) -> Answer:
    """Store a new memory store, unless the PAL has one for the participant."""
    body = rename(request.json_object(), FROM_PERSONA)
    pal_id, tag, memories = body.get("pal_id"), body.get("participant_tag"), body.get("pinned_memories")
    for name, value in (("pal_id", pal_id), ("participant_tag", tag)):
        if not isinstance(value, str) or not value.strip():
            return error(f"{name} is required")
    if memories is not None and not _are_memories(memories):
        return _NO_MEMORIES
    account.collections["personas"].find(str(pal_id))
    if find_store(account, str(pal_id), str(tag)) is not None:
        return _EXISTS
    texts = [str(each) for each in memories] if isinstance(memories, list) else []
    return Answer(body=add_store(account, str(pal_id), str(tag), texts).body(request.vocabulary))


def find_store(account: Account, pal_id: str, tag: str) -> StoredObject | None:
    """Return the store of a PAL for a participant, or None."""
    for store in account.collections["memory_stores"]:
        document = store.document()
        if (document.get("pal_id"), document.get("participant_tag")) == (pal_id, tag):
            return store
    return None


def add_store(account: Account, pal_id: str, tag: str, memories: list[str]) -> StoredObject:
    """Store a new memory store, with what is pinned in it from the start."""
    pinned: list[Json] = [new_memory(account, each) for each in memories]
    document: JsonObject = {"pal_id": pal_id, "participant_tag": tag, "pinned_memories": pinned}
    return create_object(account, "memory_stores", {**document, "learned_memory": _NOTHING_LEARNED})


def _are_memories(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value)
