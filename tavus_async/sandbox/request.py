"""What an endpoint is given: a request, and the collections it works on."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import field, frozen

from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.collection import Collection
from tavus_async.sandbox.json import Json, JsonObject, parse
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["Collections", "Endpoint", "Request"]

_NOT_JSON = error("Request body is not valid JSON")
_NOT_AN_OBJECT = error("Request body must be a JSON object")


@frozen(kw_only=True)
class Request:
    """One request that got past the key, the rate limit and the faults."""

    params: Mapping[str, str]
    """The parts of the path that the template names, decoded."""
    query: Mapping[str, str]
    """The query string; of names that come twice, the first."""
    vocabulary: Vocabulary
    """That of the path."""
    body: bytes = field(repr=False)
    """The body as it came; empty for methods that have none."""
    envelope: bool
    """Whether a GET is answered with the documented `{"data": [object]}` instead of the bare object."""

    def json(self) -> Json:
        """Parse the body; raises `RefusalError` for what is no JSON."""
        try:
            return parse(self.body)
        except ValueError:
            raise RefusalError(_NOT_JSON) from None

    def json_object(self) -> JsonObject:
        """Parse the body; raises `RefusalError` for what is no JSON object."""
        value = self.json()
        if not isinstance(value, dict):
            raise RefusalError(_NOT_AN_OBJECT)
        return value


Collections: TypeAlias = Mapping[str, Collection]
"""All that a sandbox holds, by the names of the resources."""

Endpoint: TypeAlias = Callable[[Collections, Request], Answer]
"""Does the work of a request and returns its answer, at once. It may raise `RefusalError` instead."""
