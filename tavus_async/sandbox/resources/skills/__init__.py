"""Skills: Tavus' registry of them, and which of them a persona has."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.skills import attachments, registry
from tavus_async.sandbox.resources.skills.stock import SKILL_STOCK

__all__ = ["SKILL_RESOURCE"]

SKILL_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="skills", noun="skill", id_prefix="skill_", unknown=error("Unknown skill", 404), view=registry.as_read
    ),
    stock=SKILL_STOCK,
    endpoints=MappingProxyType(
        {
            "GET /v2/skills": registry.list_skills,
            "GET /v2/skills/{skill_id}": registry.get_skill,
            "GET /v2/{personas}/{persona_id}/skills": attachments.list_persona_skills,
            "PUT /v2/{personas}/{persona_id}/skills": attachments.replace_skills,
            "GET /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.get_persona_skill,
            "PUT /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.attach_skill,
            "PATCH /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.update_skill,
            "DELETE /v2/{personas}/{persona_id}/skills/{skill_id}": attachments.detach_skill,
        }
    ),
)
