"""What the server refuses of a tool for certain."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tavus_async._records import json
from tavus_async._records.immutable import is_mapping, thaw, values_within
from tavus_async._records.secrets import Secret
from tavus_async._settings.checks import is_number, is_one_of, is_text
from tavus_async.errors import InvalidRequestError
from tavus_async.resources.tools.records import ToolApi, ToolAuth, ToolFields

LONGEST_TOOL: Final = 10_000
"""Characters that a description and its parameters may have together."""
LONGEST_TIMEOUT: Final = 60
"""Seconds that Tavus waits for the answer of an endpoint at most."""
RESERVED: Final = "tavus_"
"""What the names of Tavus' own placeholders begin with."""
WITHOUT_BODY: Final = ("GET", "HEAD", "DELETE")
PERCEPTION: Final = ("vision", "audio")
CREDENTIALS: Final[Mapping[str, tuple[str, ...]]] = {
    "bearer": ("token",),
    "basic": ("username", "password"),
    "api_key": ("name", "value"),
    "hmac": ("secret",),
    "oauth2_client_credentials": ("token_url", "client_id", "client_secret"),
}
"""What each way to authenticate needs."""

_TOOL_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
_ARGUMENT: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def check_tool(tool: ToolFields, *, is_whole: bool) -> None:
    """Validate a whole tool, or some fields of one, of which only what they break by themselves is wrong.

    Raises InvalidRequestError with the first rule that is broken.
    """
    problem = next(problems(tool, is_whole=is_whole), None)
    if problem is not None:
        raise InvalidRequestError(problem)


def problems(tool: ToolFields, *, is_whole: bool) -> Iterator[str]:
    """Yield a sentence for each rule that a tool breaks."""
    if is_whole:
        yield from whole_problems(tool)
    yield from own_problems(tool)
    yield from api_problems(tool.delivery.api)
    if is_whole or tool.parameters is not None:
        unknown = sorted(placeholders_in(tool.delivery.api) - arguments_of(tool))
        if unknown:
            yield f"delivery.api has placeholders that are no parameters: {', '.join(unknown)}"


def whole_problems(tool: ToolFields) -> Iterator[str]:
    """Yield a sentence for each rule that a whole tool breaks, and that a part of one need not fulfil."""
    for name in ("name", "description"):
        if not getattr(tool, name):
            yield f"a tool needs a {name}"
    if is_one_of(tool.trigger_type, ("post_call",)) and not tool.delivery.api:
        yield "a tool that is called after the conversation needs delivery.api"
    if is_one_of(tool.on_call, ("static_filler",)) and not tool.static_filler:
        yield "a tool with on_call='static_filler' needs a static_filler"
    auth = tool.delivery.api.auth
    missing = [name for name in CREDENTIALS.get(auth.type or "", ()) if is_missing(auth, name)]
    if missing:
        yield f"delivery.api.auth of type {auth.type} needs {' and '.join(missing)}"


def own_problems(tool: ToolFields) -> Iterator[str]:
    """Yield a sentence for each rule that fields break whatever the others are."""
    if is_text(tool.name) and not _TOOL_NAME.fullmatch(tool.name):
        yield "a tool's name must be a letter or an underscore, then at most 63 letters, digits and underscores"
    schema = json.dumps(thaw(tool.parameters, Secret.reveal)).decode() if tool.parameters else ""
    size = len(tool.description or "") + len(schema)
    if size > LONGEST_TOOL:
        yield f"description and parameters may have {LONGEST_TOOL:,} characters together, and these have {size:,}"
    reserved = sorted(name for name in arguments_of(tool) if name.startswith(RESERVED))
    if reserved:
        yield f"names of parameters must not begin with {RESERVED}: {', '.join(reserved)}"
    delivery = tool.delivery
    if delivery and bool(delivery.api) == (delivery.app_message is True) and not delivery.extra:
        yield "delivery must be either app_message=True or api"
    if is_one_of(tool.origin, PERCEPTION):
        if tool.on_call is not None or tool.static_filler is not None:
            yield "a tool that perception calls has no on_call and no static_filler"
        if tool.on_resolve is not None and not is_one_of(tool.on_resolve, ("fire_and_forget",)):
            yield "a tool that perception calls has on_resolve='fire_and_forget'"


def api_problems(api: ToolApi) -> Iterator[str]:
    """Yield a sentence for each rule that an endpoint breaks."""
    if not api:
        return
    if not is_https(api.url):
        yield "delivery.api needs a url that begins with https://"
    if is_number(api.timeout) and not 0 < api.timeout <= LONGEST_TIMEOUT:
        yield f"delivery.api.timeout must be more than 0 and at most {LONGEST_TIMEOUT} seconds"
    if api.body_template is not None and is_one_of(api.method, WITHOUT_BODY):
        yield f"delivery.api has a body_template, and {api.method} sends no body"
    if api.auth.token_url is not None and not is_https(api.auth.token_url):
        yield "delivery.api.auth.token_url must begin with https://"


def is_https(url: object) -> bool:
    """Return whether this is an address by https."""
    return is_text(url) and url.lower().startswith("https://")


def is_missing(auth: ToolAuth, name: str) -> bool:
    """Return whether a credential will not be sent: there is none, or but what the server has shown of it."""
    value = getattr(auth, name)
    return not value or bool(getattr(value, "is_masked", False))


def arguments_of(tool: ToolFields) -> set[str]:
    """Return the names of the arguments that a tool declares."""
    properties = (tool.parameters or {}).get("properties")
    return set(properties) if is_mapping(properties) else set()


def placeholders_in(api: ToolApi) -> set[str]:
    """Return the names of the arguments that an endpoint has places for, apart from Tavus' own."""
    if is_one_of(api.auth.type, ("hmac",)):
        return set()  # what is signed has a fixed body and address
    texts: list[Any] = [api.url, *values_within(api.body_template), *values_within(api.query_params)]
    found = {name for text in texts if is_text(text) for name in _ARGUMENT.findall(text)}
    return {name for name in found if not name.startswith(RESERVED)}
