"""The resources of Tavus that the sandbox has: one module or folder each, registered here."""

from collections.abc import Mapping

from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.request import Endpoint
from tavus_async.sandbox.resources import personas

__all__ = ["RESOURCES"]

RESOURCES: tuple[tuple[ResourceDefinition, Mapping[str, Endpoint]], ...] = ((personas.DEFINITION, personas.ENDPOINTS),)
"""For each resource, what its objects are like, and its endpoints by route templates."""
