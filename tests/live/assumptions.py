"""What the SDK assumes of Tavus, in the order of `docs/contract.md`."""

from tests.live.conversations import conversations
from tests.live.deployments import deployments
from tests.live.documents import documents
from tests.live.guardrails import guardrails
from tests.live.memory_stores import memory_stores
from tests.live.objectives import objectives
from tests.live.personas import personas
from tests.live.pronunciation_dictionaries import dictionaries
from tests.live.replicas import replicas
from tests.live.skills import skills
from tests.live.tools import tools
from tests.live.videos import videos
from tests.live.voices import voices

ASSUMPTIONS = [
    *personas.found,
    *conversations.found,
    *replicas.found,
    *voices.found,
    *videos.found,
    *documents.found,
    *memory_stores.found,
    *tools.found,
    *skills.found,
    *deployments.found,
    *objectives.found,
    *guardrails.found,
    *dictionaries.found,
]
