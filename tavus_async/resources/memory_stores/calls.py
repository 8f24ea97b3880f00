"""The endpoints of memory stores: https://docs.tavus.io/api-reference/memory-stores"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, get_args

import attrs

from tavus_async._records.json import is_object, load
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import is_text
from tavus_async._settings.refused import forget_refused
from tavus_async._values import Page
from tavus_async._wire.answers import Reader, kind_of, reader
from tavus_async._wire.call import Call, decode_nothing, query_pairs
from tavus_async._wire.resource import Resource, as_draft
from tavus_async.errors import DecodeError, InvalidRequestError
from tavus_async.resources._filters import check_words
from tavus_async.resources.memory_stores.records import (
    LearnedMemory,
    MemoryStore,
    MemoryStoreDraft,
    PinnedMemory,
)

MEMORY_STORES = Resource(
    path="/v2/memory-stores",
    renamed_path="/v2/memory-stores",  # of which the bodies are spelled anew, and not the path
    record=MemoryStore,
    id_name="memory_store_id",
    list_keys=("data", "memory_stores"),
    first_page=0,
)
PINNED = Resource(
    path="/v2/memory-stores/pinned-memories",  # beneath a store, whose id is yet to come
    record=PinnedMemory,
    id_name="memory_id",
    list_keys=("pinned_memories", "data"),
)
MemoryType = Literal["profile", "timeline"]
SERVERS_OWN = frozenset({"created_at", "updated_at"})


def create_memory_store(draft: MemoryStoreDraft | Mapping[str, Any]) -> Call[MemoryStore]:
    """Create Memory Store: https://docs.tavus.io/api-reference/memory-stores/create-memory-store"""
    draft = hidden(draft, texts=True)
    draft = as_draft(MemoryStoreDraft, draft)
    call = MEMORY_STORES.create(draft, MemoryStore, name=draft.participant_tag, find="find_memory_stores")
    missing = [name for name in ("persona_id", "participant_tag") if not (getattr(draft, name) or "").strip()]
    if missing:
        raise InvalidRequestError(f"a memory store needs {' and '.join(missing)}")
    return call.spelled(renamed=True)  # the endpoint is younger than the rename, and knows no other name


def get_memory_store(memory_store_id: str) -> Call[MemoryStore]:
    """Get Memory Store: https://docs.tavus.io/api-reference/memory-stores/get-memory-store"""
    return MEMORY_STORES.get(memory_store_id)


@forget_refused
def list_memory_stores_page(
    *, page: int | None = None, limit: int = 10, persona_id: str | None = None, participant_tag: str | None = None
) -> Call[Page[MemoryStore]]:
    """List Memory Stores: https://docs.tavus.io/api-reference/memory-stores/list-memory-stores"""
    call = MEMORY_STORES.list_page(page=page or 0, limit=limit, pal_id=persona_id, participant_tag=participant_tag)
    if page is not None:
        return call
    return attrs.evolve(call, query=tuple(pair for pair in call.query if pair[0] != "page"))


def delete_memory_store(memory_store_id: str) -> Call[None]:
    """Delete Memory Store: https://docs.tavus.io/api-reference/memory-stores/delete-memory-store"""
    return MEMORY_STORES.delete(memory_store_id)


def pinned_in(memory_store_id: str) -> tuple[Resource[PinnedMemory], str]:
    """Return the resource of what is pinned in a store, and the store's own path, which changes with it."""
    path, _ = MEMORY_STORES.item_path(memory_store_id)
    return attrs.evolve(PINNED, path=f"{path}/pinned"), path


def list_pinned_memories(memory_store_id: str) -> Call[tuple[PinnedMemory, ...]]:
    """List Pinned Memories: https://docs.tavus.io/api-reference/memory-stores/list-pinned-memories"""
    pinned, _ = pinned_in(memory_store_id)
    return pinned.list_all()


@forget_refused
def add_pinned_memory(memory_store_id: str, memory: str) -> Call[PinnedMemory]:
    """Create Pinned Memory: https://docs.tavus.io/api-reference/memory-stores/create-pinned-memory"""
    pinned, path = pinned_in(memory_store_id)
    call = pinned.create(PinnedMemory(memory=checked_memory(memory)), PinnedMemory)
    recovery = f"await session.list_pinned_memories({memory_store_id!r}) tells"
    return attrs.evolve(call, changes=path, recovery=recovery)


@forget_refused
def update_pinned_memory(memory_store_id: str, memory_id: str, memory: str) -> Call[PinnedMemory]:
    """Update Pinned Memory: https://docs.tavus.io/api-reference/memory-stores/update-pinned-memory"""
    pinned, path = pinned_in(memory_store_id)
    call = pinned.merge(memory_id, {"memory": checked_memory(memory)}, without=SERVERS_OWN)
    return attrs.evolve(call, changes=path)


def checked_memory(memory: str) -> str:
    """Return what is to be remembered; InvalidRequestError for what is no text, or an empty one."""
    if not is_text(memory) or not memory.strip():
        raise InvalidRequestError("a memory must be a text, and not empty")
    return memory


def delete_pinned_memory(memory_store_id: str, memory_id: str) -> Call[None]:
    """Delete Pinned Memory: https://docs.tavus.io/api-reference/memory-stores/delete-pinned-memory"""
    pinned, path = pinned_in(memory_store_id)
    return attrs.evolve(pinned.delete(memory_id), changes=path)


@forget_refused
def get_learned_memory(memory_store_id: str, *, memory_type: MemoryType | None = None) -> Call[LearnedMemory]:
    """Get Learned Memory: https://docs.tavus.io/api-reference/memory-stores/get-learned-memory"""
    path, _ = MEMORY_STORES.item_path(memory_store_id)
    check_words("memory_type", memory_type, get_args(MemoryType))
    return Call(
        method="GET",
        path=f"{path}/learned",
        query=tuple(query_pairs({"type": memory_type})),
        decode=partial(decode_learned, reader(LearnedMemory)),
    )


def decode_learned(read: Reader[LearnedMemory], body: bytes) -> LearnedMemory:
    """Read what was learned, bare or in an envelope; DecodeError for anything that is no object."""
    value = load(body)
    if is_object(value) and not {"profile", "timeline"} & value.keys() and is_object(value.get("data")):
        value = value["data"]
    if not is_object(value):
        raise DecodeError(path="$", expected="an object with what was learned", got=kind_of(value))
    return read(value, None)


def delete_learned_timeline(memory_store_id: str) -> Call[None]:
    """Delete Learned Timeline: https://docs.tavus.io/api-reference/memory-stores/delete-learned-timeline"""
    path, _ = MEMORY_STORES.item_path(memory_store_id)
    return Call(method="DELETE", path=f"{path}/learned/timeline", decode=decode_nothing, changes=path)
