"""Voices: Tavus' stock, and what is made of recordings."""

from types import MappingProxyType

from tavus_async.sandbox.answers import message
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.endpoints import make_get, make_merge
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.voices import endpoints
from tavus_async.sandbox.resources.voices.stock import VOICE_STOCK

__all__ = ["VOICE_RESOURCE"]

VOICE_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="voices",
        noun="voice",
        id_prefix="v",
        unknown=message("Voice not found", 404),
        view=endpoints.as_read,
    ),
    stock=VOICE_STOCK,
    endpoints=MappingProxyType(
        {
            "GET /v2/voices": endpoints.list_voices,
            "POST /v2/voices": endpoints.create_voice,
            "GET /v2/voices/{voice_id}": make_get("voices", "voice"),
            "PATCH /v2/voices/{voice_id}": make_merge(
                "voices", "voice", fields=("voice_name", "description", "tags"), problems=endpoints.problems
            ),
            "DELETE /v2/voices/{voice_id}": endpoints.delete_voice,
        }
    ),
)
