"""What is learned in conversations: who somebody is, and what has happened."""

from collections.abc import Sequence

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import find, save
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.memory_stores.endpoints import add_store, find_store

_PARTS = ("profile", "timeline")
_NO_TYPE = error(f"type must be one of: {', '.join(_PARTS)}")
_MOST_CONVERSATIONS = 20
_MOST_WORDS = 30


def get_learned_memory(account: Account, request: Request) -> Answer:
    """Return what was learned, or the part of it that the query asks for."""
    learned = _learned(find(account, request, "memory_stores"))
    wanted = request.query.get("type")
    if wanted and wanted not in _PARTS:
        return _NO_TYPE
    return Answer(body={name: learned.get(name) for name in _PARTS if wanted in {None, "", name}})


def delete_learned_timeline(account: Account, request: Request) -> Answer:
    """Forget what has happened."""
    store = find(account, request, "memory_stores")
    _save(store, {**_learned(store), "timeline": {"recent_conversations": []}})
    return NO_CONTENT


def open_store(account: Account, persona_id: str, tags: Json) -> None:
    """Make sure that a persona has a store for the participant of a new conversation, whose tag is the only one."""
    tag = _tag_of(tags)
    if persona_id and tag and find_store(account, persona_id, tag) is None:
        add_store(account, persona_id, tag, [])


def learn(
    account: Account, persona_id: str, tags: Json, *, conversation_id: str, said: Sequence[str]
) -> JsonObject | None:
    """Put what a participant *said* in a conversation into the store; return what is told of it, None without one."""
    tag = _tag_of(tags)
    store = find_store(account, persona_id, tag) if tag else None
    if store is None:
        return None
    learned = _learned(store)
    timeline = learned.get("timeline")
    recent = timeline.get("recent_conversations") if isinstance(timeline, dict) else None
    summary = f"The participant said: {_shortened(' '.join(said))}" if said else "The participant listened."
    newest: JsonObject = {"conversation_id": conversation_id, "summary": summary}
    conversations: list[Json] = [newest, *(recent if isinstance(recent, list) else [])]
    profile: JsonObject = {"participant": {"tag": tag, "conversations": len(conversations)}}
    if said:
        profile["last_words"] = _shortened(said[-1])
    _save(store, {"profile": profile, "timeline": {"recent_conversations": conversations[:_MOST_CONVERSATIONS]}})
    return {"memory_store_id": store.id, "pal_id": persona_id, "participant_tag": tag}


def _learned(store: StoredObject) -> JsonObject:
    learned = store.document().get("learned_memory")
    return learned if isinstance(learned, dict) else {}


def _save(store: StoredObject, learned: JsonObject) -> None:
    save(store, {**store.document(), "learned_memory": learned})


def _tag_of(tags: Json) -> str:
    return str(tags[0]) if isinstance(tags, list) and len(tags) == 1 else ""


def _shortened(text: str) -> str:
    words = text.split()
    return " ".join(words[:_MOST_WORDS]) + (" …" if len(words) > _MOST_WORDS else "")
