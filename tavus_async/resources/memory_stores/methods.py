"""The session's methods for memory stores."""

from collections.abc import AsyncIterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tavus_async._bulk.pages import walk
from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends
from tavus_async.resources.memory_stores.paging import count_as_server

if TYPE_CHECKING:
    from tavus_async.resources.memory_stores import calls, records
else:
    calls, records = lazy_modules(__name__)


class MemoryStores(Sends):
    """Creates, reads, lists and deletes memory stores, pins memories in them, and reads what was learned."""

    async def create_memory_store(
        self, draft: "records.MemoryStoreDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.MemoryStore":
        """Create what a persona remembers of a participant, so that memories can be pinned before they first talk.

        Else a conversation creates it, by its *participant_tags*. There is one for each persona and participant: a
        second one is refused. *draft* may be a mapping. It is never sent twice where the first may have worked: a lost
        answer raises AmbiguousOutcomeError, and `find_memory_stores(error.name)` tells.
        Raises InvalidRequestError for a draft without a persona_id or a participant_tag.
        Source: https://docs.tavus.io/api-reference/memory-stores/create-memory-store
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_memory_store(draft), timeout=timeout)

    async def get_memory_store(self, memory_store_id: str, *, timeout: float | None = None) -> "records.MemoryStore":
        """Return one memory store by its id, with what was pinned and what was learned.

        Raises NotFoundError for an id that nobody has, PermissionDeniedError for that of another account.
        Source: https://docs.tavus.io/api-reference/memory-stores/get-memory-store
        """
        return await self.send(calls.get_memory_store(memory_store_id), timeout=timeout)

    async def list_memory_stores(
        self,
        *,
        persona_id: str | None = None,
        participant_tag: str | None = None,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> AsyncIterator["records.MemoryStore"]:
        """Iterate over the memory stores, each once: all, or those of a persona, of a participant, or of both.

        How Tavus counts the pages of this list, if it has any, is not documented: whichever way it is, none is missed.
        *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/memory-stores/list-memory-stores
        """

        async def read_page(page: int | None) -> "Page[records.MemoryStore]":
            return await self.list_memory_stores_page(
                page=page, limit=page_size, persona_id=persona_id, participant_tag=participant_tag, timeout=timeout
            )

        id_of = attrgetter(calls.MEMORY_STORES.id_name)
        counted = count_as_server(read_page, id_of=id_of)
        async for store in walk(counted, id_of=id_of, page_size=page_size, first_page=0):
            yield store

    async def list_memory_stores_page(
        self,
        *,
        page: int | None = None,
        limit: int = 10,
        persona_id: str | None = None,
        participant_tag: str | None = None,
        timeout: float | None = None,
    ) -> "Page[records.MemoryStore]":
        """Return one page of at most *limit* memory stores: of all, or of those of a persona and of a participant.

        From what number pages are counted is not documented: None is the first. Raises InvalidRequestError for a page
        below 0 and a limit below 1.
        Source: https://docs.tavus.io/api-reference/memory-stores/list-memory-stores
        """
        call = calls.list_memory_stores_page(
            page=page, limit=limit, persona_id=persona_id, participant_tag=participant_tag
        )
        return await self.send(call, timeout=timeout)

    async def find_memory_stores(
        self, participant_tag: str, *, persona_id: str | None = None, timeout: float | None = None
    ) -> "list[records.MemoryStore]":
        """Return the memory stores of a participant: one for each persona, or that of *persona_id* alone.

        After an AmbiguousOutcomeError, `find_memory_stores(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("participant_tag", participant_tag, str, error=InvalidRequestError)
        found = self.list_memory_stores(persona_id=persona_id, participant_tag=participant_tag, timeout=timeout)
        return [store async for store in found]

    async def delete_memory_store(self, memory_store_id: str, *, timeout: float | None = None) -> None:
        """Delete a memory store with all that is in it.

        Raises NotFoundError where there is none, PermissionDeniedError for that of another account.
        Source: https://docs.tavus.io/api-reference/memory-stores/delete-memory-store
        """
        await self.send(calls.delete_memory_store(memory_store_id), timeout=timeout)

    async def list_pinned_memories(
        self, memory_store_id: str, *, timeout: float | None = None
    ) -> "tuple[records.PinnedMemory, ...]":
        """Return all that is pinned in a memory store.

        Source: https://docs.tavus.io/api-reference/memory-stores/list-pinned-memories
        """
        return await self.send(calls.list_pinned_memories(memory_store_id), timeout=timeout)

    async def add_pinned_memory(
        self, memory_store_id: str, memory: str, *, timeout: float | None = None
    ) -> "records.PinnedMemory":
        """Pin something to be remembered, such as "Prefers concise answers", and return it with its id.

        It is never sent twice where the first may have worked: a lost answer raises AmbiguousOutcomeError, and
        `list_pinned_memories()` tells. Raises InvalidRequestError for an empty text.
        Source: https://docs.tavus.io/api-reference/memory-stores/create-pinned-memory
        """
        return await self.send(calls.add_pinned_memory(memory_store_id, memory), timeout=timeout)

    async def update_pinned_memory(
        self, memory_store_id: str, memory_id: str, memory: str, *, timeout: float | None = None
    ) -> "records.PinnedMemory":
        """Replace the text of something pinned, which keeps its id.

        Source: https://docs.tavus.io/api-reference/memory-stores/update-pinned-memory
        """
        return await self.send(calls.update_pinned_memory(memory_store_id, memory_id, memory), timeout=timeout)

    async def delete_pinned_memory(self, memory_store_id: str, memory_id: str, *, timeout: float | None = None) -> None:
        """Delete something pinned.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/memory-stores/delete-pinned-memory
        """
        await self.send(calls.delete_pinned_memory(memory_store_id, memory_id), timeout=timeout)

    async def get_learned_memory(
        self, memory_store_id: str, *, memory_type: "calls.MemoryType | None" = None, timeout: float | None = None
    ) -> "records.LearnedMemory":
        """Return what was learned in conversations: the `profile`, the `timeline`, or, by default, both.

        It is empty until the first conversation has been thought over, which the webhook
        `application.memory_consolidation` tells.
        Source: https://docs.tavus.io/api-reference/memory-stores/get-learned-memory
        """
        return await self.send(calls.get_learned_memory(memory_store_id, memory_type=memory_type), timeout=timeout)

    async def delete_learned_timeline(self, memory_store_id: str, *, timeout: float | None = None) -> None:
        """Forget what has happened in conversations, and keep the profile and what is pinned.

        Source: https://docs.tavus.io/api-reference/memory-stores/delete-learned-timeline
        """
        await self.send(calls.delete_learned_timeline(memory_store_id), timeout=timeout)
