"""The endpoints as pure functions: each returns the `Call` that `AsyncSession.send` and `send_each` carry out.

```python
from tavus_async import calls

async for outcome in session.send_each(calls.delete_persona, ids):
    ...
```

`session.x(…)` is `session.send(calls.x(…))`. `Call.json` makes the call for an endpoint that has no function here.
"""

from tavus_async._wire.call import Call
from tavus_async.resources.conversations.calls import (
    create_conversation,
    delete_conversation,
    end_conversation,
    get_conversation,
    list_canvas_interactions,
    list_conversations_page,
    record_canvas_interaction,
    send_app_message,
)
from tavus_async.resources.documents.calls import (
    create_document,
    delete_document,
    get_document,
    list_document_chunks_page,
    list_document_tags_page,
    list_documents_page,
    recrawl_document,
    update_document,
)
from tavus_async.resources.memory_stores.calls import (
    add_pinned_memory,
    create_memory_store,
    delete_learned_timeline,
    delete_memory_store,
    delete_pinned_memory,
    get_learned_memory,
    get_memory_store,
    list_memory_stores_page,
    list_pinned_memories,
    update_pinned_memory,
)
from tavus_async.resources.personas.calls import (
    create_persona,
    delete_persona,
    get_persona,
    list_personas_page,
    patch_persona,
)
from tavus_async.resources.replicas.calls import (
    create_replica,
    delete_replica,
    get_replica,
    list_replicas_page,
    rename_replica,
    update_replica,
)
from tavus_async.resources.voices.calls import create_voice, delete_voice, get_voice, list_voices_page, update_voice

__all__ = [
    "Call",
    "add_pinned_memory",
    "create_conversation",
    "create_document",
    "create_memory_store",
    "create_persona",
    "create_replica",
    "create_voice",
    "delete_conversation",
    "delete_document",
    "delete_learned_timeline",
    "delete_memory_store",
    "delete_persona",
    "delete_pinned_memory",
    "delete_replica",
    "delete_voice",
    "end_conversation",
    "get_conversation",
    "get_document",
    "get_learned_memory",
    "get_memory_store",
    "get_persona",
    "get_replica",
    "get_voice",
    "list_canvas_interactions",
    "list_conversations_page",
    "list_document_chunks_page",
    "list_document_tags_page",
    "list_documents_page",
    "list_memory_stores_page",
    "list_personas_page",
    "list_pinned_memories",
    "list_replicas_page",
    "list_voices_page",
    "patch_persona",
    "record_canvas_interaction",
    "recrawl_document",
    "rename_replica",
    "send_app_message",
    "update_document",
    "update_pinned_memory",
    "update_replica",
    "update_voice",
]
