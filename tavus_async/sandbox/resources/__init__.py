"""The resources of Tavus that the sandbox has: one module or folder each, registered here."""

from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.conversations import CONVERSATION_RESOURCE
from tavus_async.sandbox.resources.deployments import DEPLOYMENT_RESOURCE
from tavus_async.sandbox.resources.documents import DOCUMENT_RESOURCE
from tavus_async.sandbox.resources.guardrails import GUARDRAIL_RESOURCE, GUARDRAIL_SET_RESOURCE
from tavus_async.sandbox.resources.memory_stores import MEMORY_STORE_RESOURCE
from tavus_async.sandbox.resources.objectives import OBJECTIVE_RESOURCE
from tavus_async.sandbox.resources.personas import PERSONA_RESOURCE
from tavus_async.sandbox.resources.pronunciation_dictionaries import DICTIONARY_RESOURCE
from tavus_async.sandbox.resources.replicas import REPLICA_RESOURCE
from tavus_async.sandbox.resources.skills import SKILL_RESOURCE
from tavus_async.sandbox.resources.tools import TOOL_RESOURCE
from tavus_async.sandbox.resources.videos import VIDEO_RESOURCE
from tavus_async.sandbox.resources.voices import VOICE_RESOURCE

__all__ = ["RESOURCES"]

RESOURCES: tuple[Registration, ...] = (
    PERSONA_RESOURCE,
    CONVERSATION_RESOURCE,
    REPLICA_RESOURCE,
    VOICE_RESOURCE,
    VIDEO_RESOURCE,
    TOOL_RESOURCE,
    SKILL_RESOURCE,
    DEPLOYMENT_RESOURCE,
    GUARDRAIL_RESOURCE,
    GUARDRAIL_SET_RESOURCE,
    OBJECTIVE_RESOURCE,
    DICTIONARY_RESOURCE,
    DOCUMENT_RESOURCE,
    MEMORY_STORE_RESOURCE,
)
