"""Guardrails: single ones, and sets of the older generation, both under one path."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.guardrails import endpoints

__all__ = ["GUARDRAIL_RESOURCE", "GUARDRAIL_SET_RESOURCE"]

_UNKNOWN, _MALFORMED = error("Guardrails not found", 404), error("Invalid guardrails_id")

GUARDRAIL_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="guardrails",
        noun="guardrail",
        id_prefix="g",
        unknown=_UNKNOWN,
        malformed=_MALFORMED,
        view=endpoints.as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/guardrails": endpoints.list_guardrails,
            "POST /v2/guardrails": endpoints.create_guardrail,
            "GET /v2/guardrails/tags": endpoints.list_guardrail_tags,
            "GET /v2/guardrails/{guardrail_id}": endpoints.get_guardrail,
            "PATCH /v2/guardrails/{guardrail_id}": endpoints.patch_guardrail,
            "DELETE /v2/guardrails/{guardrail_id}": endpoints.delete_guardrail,
        }
    ),
)

GUARDRAIL_SET_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="guardrail-sets",
        noun="guardrails",
        id_prefix="g",
        unknown=_UNKNOWN,
        malformed=_MALFORMED,
        view=endpoints.set_as_read,
    ),
    endpoints=MappingProxyType({}),  # those of single guardrails are those of sets as well
)
