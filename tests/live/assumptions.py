"""What the SDK assumes of Tavus, in the order of `docs/contract.md`."""

from tests.live.conversations import conversations
from tests.live.personas import personas
from tests.live.replicas import replicas
from tests.live.voices import voices

ASSUMPTIONS = [*personas.found, *conversations.found, *replicas.found, *voices.found]
