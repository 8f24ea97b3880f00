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
from tavus_async.resources.guardrails.calls import (
    create_guardrail,
    create_guardrail_set,
    delete_guardrail,
    delete_guardrail_set,
    get_guardrail,
    get_guardrail_set,
    list_guardrail_sets_page,
    list_guardrail_tags_page,
    list_guardrails_page,
    patch_guardrail,
    patch_guardrail_set,
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
from tavus_async.resources.objectives.calls import (
    create_objective_set,
    delete_objective_set,
    get_objective_set,
    list_objective_sets_page,
    patch_objective_set,
    validate_objective_set,
)
from tavus_async.resources.personas.calls import (
    create_persona,
    delete_persona,
    get_persona,
    list_personas_page,
    patch_persona,
)
from tavus_async.resources.pronunciation_dictionaries.calls import (
    create_pronunciation_dictionary,
    delete_pronunciation_dictionary,
    get_pronunciation_dictionary,
    list_pronunciation_dictionaries_page,
    patch_pronunciation_dictionary,
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
    "create_guardrail",
    "create_guardrail_set",
    "create_memory_store",
    "create_objective_set",
    "create_persona",
    "create_pronunciation_dictionary",
    "create_replica",
    "create_voice",
    "delete_conversation",
    "delete_document",
    "delete_guardrail",
    "delete_guardrail_set",
    "delete_learned_timeline",
    "delete_memory_store",
    "delete_objective_set",
    "delete_persona",
    "delete_pinned_memory",
    "delete_pronunciation_dictionary",
    "delete_replica",
    "delete_voice",
    "end_conversation",
    "get_conversation",
    "get_document",
    "get_guardrail",
    "get_guardrail_set",
    "get_learned_memory",
    "get_memory_store",
    "get_objective_set",
    "get_persona",
    "get_pronunciation_dictionary",
    "get_replica",
    "get_voice",
    "list_canvas_interactions",
    "list_conversations_page",
    "list_document_chunks_page",
    "list_document_tags_page",
    "list_documents_page",
    "list_guardrail_sets_page",
    "list_guardrail_tags_page",
    "list_guardrails_page",
    "list_memory_stores_page",
    "list_objective_sets_page",
    "list_personas_page",
    "list_pinned_memories",
    "list_pronunciation_dictionaries_page",
    "list_replicas_page",
    "list_voices_page",
    "patch_guardrail",
    "patch_guardrail_set",
    "patch_objective_set",
    "patch_persona",
    "patch_pronunciation_dictionary",
    "record_canvas_interaction",
    "recrawl_document",
    "rename_replica",
    "send_app_message",
    "update_document",
    "update_pinned_memory",
    "update_replica",
    "update_voice",
    "validate_objective_set",
]
