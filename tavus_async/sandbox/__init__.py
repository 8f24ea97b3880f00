"""A Tavus server in your own process: `Sandbox`, with the `Faults` it can be told to have.

For development and tests. Nothing in it leaves this machine.
"""

from tavus_async.sandbox.answers import Answer
from tavus_async.sandbox.faults import Faults
from tavus_async.sandbox.server import Sandbox
from tavus_async.sandbox.stats import SandboxStats

__all__ = ["Answer", "Faults", "Sandbox", "SandboxStats"]
