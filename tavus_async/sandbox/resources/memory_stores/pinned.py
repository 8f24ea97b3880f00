"""What programs pin in a memory store."""

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, RefusalError, error, message
from tavus_async.sandbox.collection import StoredObject, timestamp
from tavus_async.sandbox.endpoints import find, save
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request

_UNKNOWN_MEMORY = message("Pinned memory not found", 404)
_NO_MEMORY = error("memory is required")


def new_memory(account: Account, text: str) -> JsonObject:
    """Return something to be pinned, with an id of its own."""
    now = timestamp()
    return {
        "memory_id": f"pm{account.dice.getrandbits(48):012x}",
        "memory": text,
        "created_at": now,
        "updated_at": now,
    }


def list_pinned_memories(account: Account, request: Request) -> Answer:
    """Return all that is pinned, in the order in which it was."""
    return Answer(body={"pinned_memories": [*_pinned(find(account, request, "memory_stores"))]})


def add_pinned_memory(account: Account, request: Request) -> Answer:
    """Pin one more."""
    store = find(account, request, "memory_stores")
    memory = new_memory(account, _text_of(request))
    _save(store, [*_pinned(store), memory])
    return Answer(body=memory)


def update_pinned_memory(account: Account, request: Request) -> Answer:
    """Replace the text of one, which keeps its id."""
    store = find(account, request, "memory_stores")
    known = _find(store, request)
    memory: JsonObject = {**known, "memory": _text_of(request), "updated_at": timestamp()}
    _save(store, [memory if each["memory_id"] == known["memory_id"] else each for each in _pinned(store)])
    return Answer(body=memory)


def delete_pinned_memory(account: Account, request: Request) -> Answer:
    """Delete one."""
    store = find(account, request, "memory_stores")
    known = _find(store, request)
    _save(store, [each for each in _pinned(store) if each["memory_id"] != known["memory_id"]])
    return NO_CONTENT


def _pinned(store: StoredObject) -> list[JsonObject]:
    pinned = store.document().get("pinned_memories")
    return [each for each in pinned if isinstance(each, dict)] if isinstance(pinned, list) else []


def _find(store: StoredObject, request: Request) -> JsonObject:
    for memory in _pinned(store):
        if memory.get("memory_id") == request.params["memory_id"]:
            return memory
    raise RefusalError(_UNKNOWN_MEMORY)


def _save(store: StoredObject, pinned: list[JsonObject]) -> None:
    memories: list[Json] = [*pinned]
    save(store, {**store.document(), "pinned_memories": memories})


def _text_of(request: Request) -> str:
    text = request.json_object().get("memory")
    if not isinstance(text, str) or not text.strip():
        raise RefusalError(_NO_MEMORY)
    return text
