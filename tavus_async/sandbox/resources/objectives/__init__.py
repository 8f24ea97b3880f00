"""Objectives, in sets."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.endpoints import make_delete, make_list, make_patch
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.objectives import endpoints
from tavus_async.sandbox.resources.objectives.rules import problems

__all__ = ["OBJECTIVE_RESOURCE"]

OBJECTIVE_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="objectives",
        noun="objectives",
        id_prefix="o",
        unknown=error("Objective not found", 404),
        malformed=error("Invalid objectives_id"),
        view=endpoints.as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/objectives": make_list(
                "objectives", plural="objective_sets", matches=endpoints.is_asked_for, summary=endpoints.as_listed
            ),
            "POST /v2/objectives": endpoints.create_objective_set,
            "POST /v2/objectives/validate": endpoints.validate_objective_set,
            "GET /v2/objectives/{objectives_id}": endpoints.get_objective_set,
            "PATCH /v2/objectives/{objectives_id}": make_patch(
                "objectives",
                "objective_set",
                problems=problems,
                prepare=endpoints.within_the_set,
                answer=endpoints.answer_patch,
            ),
            "DELETE /v2/objectives/{objectives_id}": make_delete("objectives", "objective_set"),
        }
    ),
)
