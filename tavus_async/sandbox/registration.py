"""What a resource is registered as."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from tavus_async.sandbox.answers import Answer
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.request import Endpoint

__all__ = ["Registration"]

_NONE: Mapping[str, Mapping[int, Answer]] = MappingProxyType({})


@frozen(kw_only=True)
class Registration:
    """One resource of the sandbox."""

    definition: ResourceDefinition
    """What its objects are like."""
    endpoints: Mapping[str, Endpoint] = field(repr=False)
    """Its endpoints by route templates."""
    stock: tuple[JsonObject, ...] = field(default=(), repr=False)
    """What belongs to Tavus and is there from the start, with ids of its own."""
    keyless: frozenset[str] = frozenset()
    """The templates of those that need no API key."""
    errors: Mapping[str, Mapping[int, Answer]] = field(default=_NONE, repr=False)
    """By template and status: how an endpoint words the errors that faults make it answer."""
