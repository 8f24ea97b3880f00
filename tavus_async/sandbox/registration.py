"""What a resource is registered as."""

from collections.abc import Mapping

from attrs import field, frozen

from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.request import Endpoint

__all__ = ["Registration"]


@frozen(kw_only=True)
class Registration:
    """One resource of the sandbox."""

    definition: ResourceDefinition
    """What its objects are like."""
    endpoints: Mapping[str, Endpoint] = field(repr=False)
    """Its endpoints by route templates."""
    keyless: frozenset[str] = frozenset()
    """The templates of those that need no API key."""
