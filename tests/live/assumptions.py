"""What the SDK assumes of Tavus, in the order of `docs/contract.md`."""

from tests.live.conversations import conversations
from tests.live.personas import personas

ASSUMPTIONS = [*personas.found, *conversations.found]
