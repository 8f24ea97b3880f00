"""Conversations: made, joined, ended, and told of."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.conversations import canvas, endpoints, messages
from tavus_async.sandbox.resources.conversations.views import as_read

__all__ = ["CONVERSATION_RESOURCE"]

CONVERSATION_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="conversations",
        noun="conversation",
        id_prefix="c",
        unknown=error("Invalid conversation_id"),
        view=as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/conversations": endpoints.list_conversations,
            "POST /v2/conversations": endpoints.create_conversation,
            "GET /v2/conversations/{conversation_id}": endpoints.get_conversation,
            "DELETE /v2/conversations/{conversation_id}": endpoints.delete_conversation,
            "POST /v2/conversations/{conversation_id}/end": endpoints.end_conversation,
            "POST /v2/conversations/{conversation_id}/send-app-message": messages.send_app_message,
            "POST /v2/conversations/{conversation_id}/respond": messages.put_chat_turn,
            "GET /v2/conversations/{conversation_id}/respond": messages.get_chat_reply,
            "GET /v2/conversations/{conversation_id}/canvas/interactions": canvas.list_canvas_interactions,
            "POST /v2/conversations/{conversation_id}/canvas/interactions": canvas.record_canvas_interaction,
        }
    ),
    errors=MappingProxyType(
        {"POST /v2/conversations/{conversation_id}/send-app-message": messages.UNDELIVERED},
    ),
    keyless=frozenset({"POST /v2/conversations/{conversation_id}/canvas/interactions"}),
)
