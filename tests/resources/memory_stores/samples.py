"""What the endpoints of memory stores are given by tests that go over all endpoints."""

from typing import Any

from tavus_async.models import MemoryStoreDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "add_pinned_memory": {"memory": "Uses the Pro plan"},
    "create_memory_store": {"draft": MemoryStoreDraft(persona_id="p1", participant_tag="user_1")},
    "get_learned_memory": {"memory_type": "profile"},
    "list_memory_stores_page": {"persona_id": "p1", "participant_tag": "user_1"},
    "update_pinned_memory": {"memory": "Uses the Free plan"},
}
