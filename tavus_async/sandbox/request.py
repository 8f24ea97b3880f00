"""What an endpoint is given: a request, and the account it works on."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import field, frozen

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_HEADERS, TOO_LARGE, Answer, RefusalError, error
from tavus_async.sandbox.json import Json, JsonObject, TooManyValuesError, parse
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["Endpoint", "Request"]

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
    address: str = ""
    """That of the client."""
    envelope: bool
    """Whether a GET is answered with the documented `{"data": [object]}` instead of the bare object."""
    headers: Mapping[str, str] = field(default=NO_HEADERS, repr=False)
    """The headers by name, in any case."""

    def json(self) -> Json:
        """Parse the body; raises `RefusalError` for what is no JSON."""
        try:
            return parse(self.body)
        except TooManyValuesError:
            raise RefusalError(TOO_LARGE) from None
        except ValueError:
            raise RefusalError(_NOT_JSON) from None

    def json_object(self) -> JsonObject:
        """Parse the body; raises `RefusalError` for what is no JSON object."""
        value = self.json()
        if not isinstance(value, dict):
            raise RefusalError(_NOT_AN_OBJECT)
        return value


Endpoint: TypeAlias = Callable[[Account, Request], Answer]
"""Does the work of a request and returns its answer, at once. It may raise `RefusalError` instead."""
