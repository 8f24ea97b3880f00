"""What Tavus refuses in a tool, as far as it is documented; everything else is accepted and kept."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tavus_async.sandbox.json import Json, JsonObject, dump
from tavus_async.sandbox.resources.tools.secrets import TOOL_MASK, auth_of

__all__ = ["problems"]

_LONGEST_TOOL = 10_000
_MOST_SECONDS = 60
_TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TOOL_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "origin": ("llm", "vision", "audio"),
        "trigger_type": ("in_call", "post_call"),
        "on_call": ("generate_filler", "static_filler", "silent", "passthrough"),
        "on_resolve": ("generate_response", "response_in_result", "add_to_context", "fire_and_forget"),
    }
)
_HTTP_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_WITHOUT_BODY = ("GET", "HEAD", "DELETE")
_AUTH_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "none": (),
        "bearer": ("token",),
        "basic": ("username", "password"),
        "api_key": ("name", "value"),
        "hmac": ("secret",),
        "oauth2_client_credentials": ("token_url", "client_id", "client_secret"),
    }
)


def problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule that a *document* breaks, in the order of the rules."""
    return [*_of_texts(document), *_of_words(document), *_of_delivery(document), *_of_auth(auth_of(document))]


def _of_texts(document: JsonObject) -> Iterator[str]:
    name, description, parameters = (document.get(each) for each in ("name", "description", "parameters"))
    if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
        yield "name must match ^[a-zA-Z_][a-zA-Z0-9_]{0,63}$"
    if not isinstance(description, str) or not description:
        yield "description is required"
    elif len(description) + len(dump(parameters)) > _LONGEST_TOOL:
        yield f"description and parameters must be at most {_LONGEST_TOOL} characters"
    if not isinstance(parameters, dict):
        yield "parameters must be an object"
    if any(each.startswith("tavus_") for each in _declared(document)):
        yield "parameter names starting with tavus_ are reserved"


def _of_words(document: JsonObject) -> Iterator[str]:
    for name, choices in _TOOL_WORDS.items():
        if document.get(name) not in (None, *choices):
            yield f"{name} must be one of: {', '.join(choices)}"
    if document.get("origin") in ("vision", "audio"):
        if document.get("on_call") is not None or document.get("static_filler") is not None:
            yield "on_call and static_filler must be null for perception tools"
        if document.get("on_resolve") not in (None, "fire_and_forget"):
            yield "on_resolve must be fire_and_forget for perception tools"
    elif document.get("on_call") == "static_filler" and not document.get("static_filler"):
        yield "static_filler is required when on_call is static_filler"


def _of_delivery(document: JsonObject) -> Iterator[str]:
    delivery = document.get("delivery")
    api = delivery.get("api") if isinstance(delivery, dict) else None
    has_message = isinstance(delivery, dict) and delivery.get("app_message") is True
    if has_message == (api is not None):
        yield "delivery must enable exactly one of app_message and api"
    if document.get("trigger_type") == "post_call" and api is None:
        yield "post_call tools require delivery.api"
    if isinstance(api, dict):
        yield from _of_api(api)
        unknown = sorted(_places(api) - _declared(document))
        if unknown:
            yield f"placeholders not declared in parameters.properties: {', '.join(unknown)}"
    elif api is not None:
        yield "delivery.api must be an object"


def _of_api(api: JsonObject) -> Iterator[str]:
    if not _is_https(api.get("url")):
        yield "delivery.api.url must be https"
    if api.get("method", "POST") not in _HTTP_METHODS:
        yield f"delivery.api.method must be one of: {', '.join(_HTTP_METHODS)}"
    timeout = api.get("timeout", 10)
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not 0 < timeout <= _MOST_SECONDS:
        yield f"delivery.api.timeout must be greater than 0 and at most {_MOST_SECONDS}"
    if api.get("body_template") is not None and api.get("method") in _WITHOUT_BODY:
        yield "delivery.api.body_template is not allowed for methods without a body"


def _of_auth(auth: JsonObject) -> Iterator[str]:
    if not auth:
        return
    kind = auth.get("type")
    if not isinstance(kind, str) or kind not in _AUTH_FIELDS:
        yield f"delivery.api.auth.type must be one of: {', '.join(_AUTH_FIELDS)}"
        return
    yield from (f"delivery.api.auth.{name} is required" for name in _AUTH_FIELDS[kind] if not auth.get(name))
    if TOOL_MASK in auth.values():
        yield "a masked secret must be omitted, not sent back"
    if kind == "oauth2_client_credentials" and not _is_https(auth.get("token_url")):
        yield "delivery.api.auth.token_url must be https"
    if auth.get("location", "header") not in ("header", "query"):
        yield "delivery.api.auth.location must be one of: header, query"


def _is_https(url: Json) -> bool:
    return isinstance(url, str) and url.lower().startswith("https://")


def _declared(document: JsonObject) -> set[str]:
    parameters = document.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    return set(properties) if isinstance(properties, dict) else set()


def _places(api: JsonObject) -> set[str]:
    text = dump([api.get(name) for name in ("url", "body_template", "query_params")])
    return {name for name in _PLACE.findall(text) if not name.startswith("tavus_")}
