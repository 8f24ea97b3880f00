"""A tool: a function that a persona may call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import attrs

from tavus_async._records.fields import SECRET, SECRETS, link, nested, opaque, schema_of
from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record
from tavus_async._records.secrets import Secret, make_secret, make_secrets
from tavus_async._settings.checks import of_kind
from tavus_async.errors import InvalidRequestError

# Editors offer the literals; any other string does as well.
ToolOrigin = Literal["llm", "vision", "audio"] | str
TriggerType = Literal["in_call", "post_call"] | str
OnCall = Literal["generate_filler", "static_filler", "silent", "passthrough"] | str
OnResolve = Literal["generate_response", "response_in_result", "add_to_context", "fire_and_forget"] | str
HttpMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] | str
AuthType = Literal["none", "bearer", "basic", "api_key", "hmac", "oauth2_client_credentials"] | str
KeyLocation = Literal["header", "query"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ToolAuth(Record):
    """How Tavus authenticates at your endpoint; which fields count depends on the *type*.

    The server shows secrets masked. A masked one is never sent back, and the server then keeps the real one.
    """

    type: AuthType | None = None
    """`none`, `bearer`, `basic`, `api_key`, `hmac` or `oauth2_client_credentials`."""
    token: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """The token (`bearer`)."""
    username: str | None = None
    """The user (`basic`)."""
    password: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """The user's password (`basic`)."""
    name: str | None = None
    """What the header or the query parameter with the key is called (`api_key`)."""
    value: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """The key (`api_key`)."""
    location: KeyLocation | None = None
    """Where the key goes: `header` (default) or `query` (`api_key`)."""
    secret: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """What requests are signed with (`hmac`); `tavus_async.webhooks.verify_signature` takes it."""
    token_url: str | None = link()
    """Where a token is fetched, by https (`oauth2_client_credentials`)."""
    client_id: str | None = None
    """The client (`oauth2_client_credentials`)."""
    client_secret: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """The client's secret (`oauth2_client_credentials`)."""
    scope: str | None = None
    """What the token is asked for (`oauth2_client_credentials`)."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ToolApi(Record):
    """The endpoint of yours that Tavus calls.

    `{name}` in *url*, *body_template* and *query_params* stands for the argument of that name.
    """

    url: str | None = link()
    """Its address, by https."""
    method: HttpMethod | None = None
    """HTTP method; default `POST`."""
    timeout: float | None = None
    """Seconds that Tavus waits for the answer, more than 0 and at most 60; default 10."""
    headers: Mapping[str, Secret] | None = attrs.field(default=None, converter=make_secrets, metadata=SECRETS)
    """HTTP headers of the request; never shown, since keys may be in them."""
    auth: ToolAuth = nested(ToolAuth(wire_names=None))
    """How Tavus authenticates."""
    body_template: JsonObject | None = opaque()
    """The request's JSON body; without one, the arguments are. Not for GET, HEAD and DELETE."""
    query_params: JsonObject | None = opaque()
    """Query parameters, each a text."""
    content_type: str | None = None
    """Of the request's body."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ToolDelivery(Record):
    """How a call of a tool reaches you: as an app message, or as a request to an endpoint of yours."""

    app_message: bool | None = None
    """Whether it comes as an app message of the conversation; not together with *api*."""
    api: ToolApi = nested(ToolApi(wire_names=None))
    """The endpoint of yours that is called."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ToolFields(Record):
    """What a tool consists of, apart from what the server adds."""

    name: str | None = None
    """What the model calls it: a letter or an underscore, then letters, digits and underscores; at most 64."""
    description: str | None = None
    """When to call it, for the model; together with *parameters* at most 10,000 characters."""
    parameters: JsonObject | None = opaque()
    """JSON Schema of its arguments, an object; names that begin with `tavus_` are reserved."""
    delivery: ToolDelivery = nested(ToolDelivery(wire_names=None))
    """How its calls reach you; as app messages by default."""
    origin: ToolOrigin | None = None
    """What calls it: `llm` (default), or perception, by `vision` or `audio`."""
    trigger_type: TriggerType | None = None
    """`in_call` (default), or `post_call`: once after a conversation with a transcript, at an endpoint of yours."""
    on_call: OnCall | None = None
    """What the persona says meanwhile: `generate_filler`, `static_filler`, `silent`, `passthrough`.

    Not for perception.
    """
    static_filler: str | None = None
    """What it says with `static_filler`."""
    on_resolve: OnResolve | None = None
    """What becomes of the result: `generate_response`, `response_in_result`, `add_to_context`, `fire_and_forget`.

    Perception takes `fire_and_forget` alone.
    """
    tags: Sequence[str] | None = None
    """Words to find it by."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class StoredToolFields(ToolFields):
    """What a tool consists of, with what the server adds to it."""

    is_system_tool: bool | None = None
    """Whether it is one of Tavus' own, which nobody can change."""
    owner_id: int | None = None
    """Number of its owner; None for system tools."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Tool(StoredToolFields):
    """A tool as the server stores it, its secrets masked.

    Source: https://docs.tavus.io/api-reference/tools/get-tool
    """

    tool_id: str
    """What `get_tool` and `attach_tools` take; of a system tool its name."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PersonaTool(StoredToolFields):
    """A tool that is attached to a persona.

    Source: https://docs.tavus.io/api-reference/pal-tools/list-pal-tools
    """

    tool_id: str | None = None
    """What `get_tool` and `detach_tool` take; None where the server lists tools without."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ToolDraft(ToolFields):
    """A tool to be created: `session.create_tool(ToolDraft(name=..., description=...))`.

    Fields that are None are not sent. A *name* and a *description* are needed.
    Source: https://docs.tavus.io/api-reference/tools/create-tool
    """

    _is_draft = True

    @classmethod
    def of(cls, tool: StoredToolFields) -> "ToolDraft":
        """Return the draft of a variation, without secrets, which the server shows masked: set those anew.

        Raises InvalidRequestError for what is no tool.
        """
        of_kind("tool", tool, (Tool, PersonaTool, ToolDraft), error=InvalidRequestError)
        return cls(**{name: getattr(tool, name) for name in schema_of(cls).names})
