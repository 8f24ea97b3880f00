"""A Tavus server in your own process: `Sandbox`, with the `Faults` it can be told to have.

For development and tests. Nothing in it leaves this machine, unless its `Callbacks` are told to.
"""

from tavus_async.sandbox.answers import Answer
from tavus_async.sandbox.callbacks import Callbacks, Delivery
from tavus_async.sandbox.faults import Faults
from tavus_async.sandbox.rooms import Room, RoomError
from tavus_async.sandbox.server import Sandbox
from tavus_async.sandbox.stats import SandboxStats, ServedRequest

__all__ = ["Answer", "Callbacks", "Delivery", "Faults", "Room", "RoomError", "Sandbox", "SandboxStats", "ServedRequest"]
