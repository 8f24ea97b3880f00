"""The published contract as a judge: what in an exchange it does not allow, or does not know."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
import yaml  # type: ignore[import-untyped]
from hypothesis import strategies as st
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tavus_async.sandbox.resources import RESOURCES
from tavus_async.sandbox.vocabulary import PATH_WORDS, Vocabulary

Schema = dict[str, Any]

ALL, ONE = "/v2/personas", "/v2/personas/{persona_id}"
CONVERSATIONS, CONVERSATION = "/v2/conversations", "/v2/conversations/{conversation_id}"
END = f"{CONVERSATION}/end"
MESSAGE, CANVAS = f"{CONVERSATION}/send-app-message", f"{CONVERSATION}/canvas/interactions"
# What PALs are in the words of the contract, which is older.
OLDER_WORDS = {f"/v2/{names[Vocabulary.PAL]}": f"/v2/{names[Vocabulary.PERSONA]}" for names in PATH_WORDS.values()}
SERVER = "https://tavusapi.com"
TEXTS = st.text(max_size=20)
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXTS,
    "boolean": st.booleans(),
    "integer": st.integers(0, 100),
    "number": st.integers(0, 100) | st.floats(0, 1),
    "object": st.dictionaries(TEXTS, TEXTS, max_size=2),
    "array": st.lists(TEXTS, max_size=2),
}


def all_templates() -> tuple[str, ...]:
    """The paths of all endpoints that the sandbox has, words before names, in the words of the contract."""
    found = {endpoint.split(" ")[1] for resource in RESOURCES for endpoint in resource.endpoints}
    words = {f"{{{word}}}": names[Vocabulary.PERSONA] for word, names in PATH_WORDS.items()}
    plain = {"/".join(words.get(part, part) for part in path.split("/")) for path in found}
    return tuple(sorted(plain, key=lambda path: (path.count("{"), path)))


def shape(path: str) -> str:
    """A path without the names of what stands in it: the contract may have others."""
    return re.sub(r"\{[^/]*\}", "{}", path.rstrip("/"))


TEMPLATES = all_templates()


@attrs.frozen(kw_only=True)
class Exchange:
    """One request, and its answer."""

    method: str
    target: str
    """The path, with its query."""
    headers: Mapping[str, str]
    body: bytes
    status: int = 0
    answer_type: str = ""
    answer: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query)


@attrs.define
class Contract:
    """The part of the contract that is about what the sandbox has."""

    document: dict[str, Any] = attrs.field(repr=False)

    @cached_property
    def names(self) -> dict[str, str]:
        """What the contract calls each path, by its shape."""
        return {shape(name): name for name in self.document["paths"]}

    @classmethod
    def read(cls, path: Path) -> "Contract":
        # The loader in C, where there is one, reads in a tenth of the time.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe
        schemas = document["components"]["schemas"]
        known = set(map(shape, TEMPLATES))
        document["paths"] = {
            name.rstrip("/"): spelled_out(item, schemas)
            for name, item in document["paths"].items()
            if shape(name) in known
        }
        return cls(document)

    @cached_property
    def api(self) -> OpenAPI:
        return OpenAPI.from_dict(self.document)

    def operation(self, method: str, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.document["paths"][self.names[shape(template(path))]][method.lower()]
        return found

    def knows(self, method: str, path: str) -> bool:
        """Whether there is anything to judge by."""
        name = self.names.get(shape(template(path)))
        return name is not None and method.lower() in self.document["paths"][name]

    def request_schema(self, method: str, path: str) -> Schema:
        content: Any = self.operation(method, path).get("requestBody", {}).get("content", {})
        schema: Schema = content.get("application/json", {}).get("schema", {})
        return schema

    def answer_schema(self, method: str, path: str, status: int) -> Schema:
        answers = self.operation(method, path)["responses"]
        schema: Schema = answers.get(str(status), {}).get("content", {}).get("application/json", {}).get("schema", {})
        return schema

    def of_request(self, exchange: Exchange) -> Iterator[str]:
        """Name what the contract says against a request: `POST /v2/personas request: enum pipeline_mode`."""
        place = title(exchange, "request")
        if not self.knows(exchange.method, exchange.path):
            yield f"{place}: path"
            return
        if (word := newer_word(exchange.path)) is not None:
            yield f"{place}: path {word}"
        parameters = {one["name"] for one in self.operation(exchange.method, exchange.path).get("parameters", ())}
        yield from (f"{place}: query {name}" for name, _ in exchange.query if name not in parameters)
        yield from (f"{place}: {problem}" for problem in problems(self.api.iter_request_errors(self._asked(exchange))))
        schema = self.request_schema(exchange.method, exchange.path)
        yield from (f"{place}: unknown {name}" for name in unknown(load(exchange.body), schema))

    def of_answer(self, exchange: Exchange) -> Iterator[str]:
        """Name what the contract says against an answer: `GET /v2/personas 200: unknown data.greeting`."""
        place, body = title(exchange, str(exchange.status)), exchange.answer
        if not self.knows(exchange.method, exchange.path):
            return
        value = load(body)
        if (exchange.method, template(exchange.path), exchange.status) == ("GET", ONE, 200) and "data" not in value:
            yield f"{place}: bare"
            value = {"data": [value]}
            body = json.dumps(value).encode()
        answer = MockResponse(body, status_code=exchange.status, content_type=exchange.answer_type)
        found = self.api.iter_response_errors(self._asked(exchange), answer)
        yield from (f"{place}: {problem}" for problem in problems(found))
        schema = self.answer_schema(exchange.method, exchange.path, exchange.status)
        if schema:
            yield from (f"{place}: unknown {name}" for name in unknown(value, schema))
        elif value:
            yield f"{place}: body"

    @staticmethod
    def _asked(exchange: Exchange) -> MockRequest:
        return MockRequest(
            SERVER,
            exchange.method,
            older_path(exchange.path),
            args=dict(exchange.query),
            headers=dict(exchange.headers),
            data=exchange.body,
        )


def spelled_out(value: Any, schemas: Mapping[str, Any]) -> Any:
    """A part of the contract, with what it refers to in the place of each reference."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            return spelled_out(schemas[reference.rpartition("/")[2]], schemas)
        return {name: spelled_out(inner, schemas) for name, inner in value.items()}
    return [spelled_out(inner, schemas) for inner in value] if isinstance(value, list) else value


def newer_word(path: str) -> str | None:
    """How a path begins that is spelled in the words of PALs; None for one that is not."""
    return next((word for word in OLDER_WORDS if path == word or path.startswith(f"{word}/")), None)


def older_path(path: str) -> str:
    """A path in the words of the contract."""
    word = newer_word(path)
    return path if word is None else path.replace(word, OLDER_WORDS[word], 1)


def template(path: str) -> str:
    """The path as the contract writes it, with the name of what stands in it."""
    parts = older_path(path).rstrip("/").split("/")
    for known in TEMPLATES:
        names = known.split("/")
        if len(names) == len(parts) and all(map(fits, names, parts)):
            return known
    raise LookupError(path)


def fits(name: str, part: str) -> bool:
    """Whether a part of a path is what the contract has there: the same, or the name of anything."""
    return name.startswith("{") or name == part


def title(exchange: Exchange, part: str) -> str:
    return f"{exchange.method} {template(exchange.path)} {part}"


def load(body: bytes) -> Any:
    return json.loads(body) if body else {}


def problems(errors: Iterable[Exception]) -> Iterator[str]:
    """Name what the library has found: the rule and the place, for a body; else the kind of error."""
    for error in errors:
        inner = getattr(error.__cause__, "schema_errors", None)
        if inner is None:
            yield type(error.__cause__ or error).__name__
        else:
            yield from (f"{one.validator} {dotted(one.absolute_path)}".rstrip() for one in inner)


def dotted(path: Iterable[Any]) -> str:
    """Spell the way to a field; places in lists are left out."""
    return ".".join(key for key in path if isinstance(key, str))


def unknown(value: Any, schema: Schema, path: tuple[Any, ...] = ()) -> Iterator[str]:
    """Name the fields of a body that the schema does not list; an object without a list is free."""
    properties = dict(schema.get("properties", {}))
    for choice in schema.get("oneOf", ()):
        properties |= choice.get("properties", {})
    if isinstance(value, dict) and properties:
        for name, inner in value.items():
            if name in properties:
                yield from unknown(inner, properties[name], (*path, name))
            else:
                yield dotted((*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from unknown(inner, schema.get("items", {}), path)


def fields(schema: Schema, path: tuple[Any, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every field that the schema lists, as the way to it; list items are not counted as steps."""
    for name, inner in schema.get("properties", {}).items():
        yield (*path, name)
        yield from fields(inner, (*path, name))
    if "items" in schema:
        yield from fields(schema["items"], path)


def example(schema: Schema) -> Any:
    """What somebody would answer who has nothing but the contract."""
    if "example" in schema:
        return schema["example"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: example(inner) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"])] if "items" in schema else []
        case kind:
            return {"boolean": True, "integer": 1, "number": 1.0}.get(str(kind), "")


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Everything that the schema allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object" and schema.get("properties"):
        every = {name: values(one) for name, one in schema["properties"].items()}
        needed = {name: every.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional=every)
    if kind == "array" and schema.get("items"):
        return st.lists(values(schema["items"]), max_size=2)
    return st.integers(schema["minimum"], 100) if "minimum" in schema else PLAIN[kind or "string"]
