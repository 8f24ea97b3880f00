"""Which endpoint a request means.

Endpoints are registered by templates such as `GET /v2/{personas}/{persona_id}`. A `{word}` of `PATH_WORDS` stands for
that word in either vocabulary; any other `{name}` takes one segment of the path. Words go before names.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from urllib.parse import unquote

from attrs import define, field, frozen

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, message
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.request import Endpoint, Request
from tavus_async.sandbox.vocabulary import PATH_WORDS, Vocabulary

__all__ = ["Route", "Router"]

_NO_ERRORS: Mapping[int, Answer] = MappingProxyType({})


@frozen(kw_only=True)
class Route:
    """What a method and a template of paths mean, in one vocabulary."""

    name: str
    """That of the endpoint's function, or "wrong method" or "unknown"."""
    endpoint: Endpoint = field(repr=False)
    """What answers."""
    params: tuple[str, ...] = ()
    """The names that the template has for parts of the path."""
    vocabulary: Vocabulary = Vocabulary.PERSONA
    """That of the path."""
    needs_key: bool = True
    """Whether the API key is asked for."""
    errors: Mapping[int, Answer] = field(default=_NO_ERRORS, repr=False)
    """How it words errors of these statuses."""


@define
class _Node:
    """A segment that templates share; the child at None takes any other segment."""

    children: "dict[str | None, _Node]" = field(factory=dict[str | None, "_Node"])
    routes: dict[str, Route] = field(factory=dict[str, Route])


class Router:
    """Finds the endpoint of a request by its method and path."""

    def __init__(self, resources: Iterable[Registration]) -> None:
        self._root = _Node()
        for resource in resources:
            for template in resource.endpoints:
                for vocabulary in Vocabulary:
                    self._add(template, resource, vocabulary)

    def find(self, method: str, raw_path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route of *method* on the percent-encoded *raw_path*, and the decoded parts of it by their names.

        A trailing slash makes no difference.
        """
        node, values = self._root, list[str]()
        for segment in raw_path.removesuffix("/").split("/"):
            child = node.children.get(segment)
            if child is None:
                child = node.children.get(None)
                if child is None:
                    return _UNKNOWN, {}
                values.append(unquote(segment) if "%" in segment else segment)
            node = child
        route = node.routes.get(method)
        if route is None:
            return _wrong_method(node.routes) if node.routes else _UNKNOWN, {}
        return route, dict(zip(route.params, values, strict=True))

    def _add(self, template: str, resource: Registration, vocabulary: Vocabulary) -> None:
        method, path = template.split(" ")
        node, params = self._root, list[str]()
        for segment in path.split("/"):
            key: str | None = segment
            if segment.startswith("{"):
                name = segment.strip("{}")
                key = PATH_WORDS[name][vocabulary] if name in PATH_WORDS else None
                if key is None:
                    params.append(name)
            node = node.children.setdefault(key, _Node())
        endpoint = resource.endpoints[template]
        route = Route(
            name=endpoint.__name__,
            endpoint=endpoint,
            params=tuple(params),
            vocabulary=vocabulary,
            needs_key=template not in resource.keyless,
            errors=resource.errors.get(template, _NO_ERRORS),
        )
        # A path without words that differ is the same in both vocabularies, and counts as the first's.
        node.routes.setdefault(method, route)


def _answer(answer: Answer, _account: Account, _request: Request) -> Answer:
    return answer


def _wrong_method(allowed: Iterable[str]) -> Route:
    refused = message("Method not allowed", 405, headers={"Allow": ", ".join(allowed)})
    return Route(name="wrong method", endpoint=partial(_answer, refused))


_UNKNOWN = Route(name="unknown", endpoint=partial(_answer, message("Not found", 404)))
