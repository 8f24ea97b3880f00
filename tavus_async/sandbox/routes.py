"""Which endpoint a request means.

Endpoints are registered by templates such as `GET /v2/{personas}/{persona_id}`. A `{word}` of `PATH_WORDS` stands for
that word in either vocabulary; any other `{name}` takes one segment of the path. Words go before names.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from urllib.parse import unquote

from attrs import define, field, frozen

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, message
from tavus_async.sandbox.request import Endpoint, Request
from tavus_async.sandbox.vocabulary import PATH_WORDS, Vocabulary

__all__ = ["Route", "Router"]


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


@define
class _Node:
    """A segment that templates share; the child at None takes any other segment."""

    children: "dict[str | None, _Node]" = field(factory=dict[str | None, "_Node"])
    routes: dict[str, Route] = field(factory=dict[str, Route])


class Router:
    """Finds the endpoint of a request by its method and path; those of the templates in *keyless* need no key."""

    def __init__(self, endpoints: Mapping[str, Endpoint], *, keyless: Iterable[str] = ()) -> None:
        self._root = _Node()
        self._keyless = frozenset(keyless)
        for template, endpoint in endpoints.items():
            for vocabulary in Vocabulary:
                self._add(template, endpoint, vocabulary)

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

    def _add(self, template: str, endpoint: Endpoint, vocabulary: Vocabulary) -> None:
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
        route = Route(
            name=endpoint.__name__,
            endpoint=endpoint,
            params=tuple(params),
            vocabulary=vocabulary,
            needs_key=template not in self._keyless,
        )
        # A path without words that differ is the same in both vocabularies, and counts as the first's.
        node.routes.setdefault(method, route)


def _answer(answer: Answer, _account: Account, _request: Request) -> Answer:
    return answer


def _wrong_method(allowed: Iterable[str]) -> Route:
    refused = message("Method not allowed", 405, headers={"Allow": ", ".join(allowed)})
    return Route(name="wrong method", endpoint=partial(_answer, refused))


_UNKNOWN = Route(name="unknown", endpoint=partial(_answer, message("Not found", 404)))
