"""Memory stores: what personas remember of participants."""

from types import MappingProxyType

from tavus_async.sandbox.answers import message
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.endpoints import make_delete, make_get, make_list
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.memory_stores import endpoints, learning, pinned

__all__ = ["MEMORY_STORE_RESOURCE"]

MEMORY_STORE_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="memory_stores",
        noun="memory_store",
        id_prefix="ms",
        unknown=message("Memory store not found", 404),
        incoming=endpoints.FROM_PERSONA,
        view=endpoints.as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/memory-stores": make_list(
                "memory_stores", first_page=0, matches=endpoints.is_asked_for, summary=endpoints.as_listed
            ),
            "POST /v2/memory-stores": endpoints.create_memory_store,
            "GET /v2/memory-stores/{memory_store_id}": make_get("memory_stores", "memory_store"),
            "DELETE /v2/memory-stores/{memory_store_id}": make_delete("memory_stores", "memory_store"),
            "GET /v2/memory-stores/{memory_store_id}/pinned": pinned.list_pinned_memories,
            "POST /v2/memory-stores/{memory_store_id}/pinned": pinned.add_pinned_memory,
            "PATCH /v2/memory-stores/{memory_store_id}/pinned/{memory_id}": pinned.update_pinned_memory,
            "DELETE /v2/memory-stores/{memory_store_id}/pinned/{memory_id}": pinned.delete_pinned_memory,
            "GET /v2/memory-stores/{memory_store_id}/learned": learning.get_learned_memory,
            "DELETE /v2/memory-stores/{memory_store_id}/learned/timeline": learning.delete_learned_timeline,
        }
    ),
)
