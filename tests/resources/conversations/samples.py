"""What the endpoints of conversations are given by tests that go over all endpoints."""

from typing import Any

from tavus_async import ConversationDraft
from tavus_async.models import CanvasInteractionDraft

SAMPLES: dict[str, dict[str, Any]] = {
    "create_conversation": {"draft": ConversationDraft(persona_id="p1")},
    "list_conversations_page": {"status": "active"},
    "record_canvas_interaction": {
        "draft": CanvasInteractionDraft(
            interaction_id="i1", tool_call_id="t1", component="canvas.text", component_version="v1", type="submit"
        )
    },
    "send_app_message": {"message": {"event_type": "conversation.interrupt"}},
}
