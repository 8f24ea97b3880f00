"""What of a tool is refused before it is sent, and that no more is."""

from typing import Any

import pytest

from tavus_async import InvalidRequestError, UnknownFieldWarning
from tavus_async.models import Tool, ToolDraft
from tavus_async.resources.tools.rules import check_tool, problems

URL = "https://shop.example/{order_id}"
PARAMETERS = {"type": "object", "properties": {"order_id": {"type": "string"}}}
OAUTH = {
    "type": "oauth2_client_credentials",
    "token_url": "https://auth.example",
    "client_id": "c",
    "client_secret": "s",
}


def draft(**fields: Any) -> ToolDraft:
    return ToolDraft.from_dict({"name": "lookup_order", "description": "Find.", "parameters": PARAMETERS, **fields})


def api(**fields: Any) -> dict[str, Any]:
    return {"delivery": {"api": {"url": URL, **fields}}}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "_" + "a" * 63},
        {"description": "x" * 9_900},
        {"delivery": {"app_message": True}},
        api(),
        api(timeout=60),
        api(timeout=0.1),
        api(url="HTTPS://shop.example"),
        api(method="GET"),
        api(method="OPTIONS"),
        api(body_template={"a": ["{order_id}", "{tavus_conversation_id}", 5, {"b": "{ not one }"}]}),
        api(auth={"type": "none"}),
        api(auth={"type": "of tomorrow"}),
        api(auth={"type": "hmac", "secret": "s"}, query_params={"a": "{unknown}"}),
        api(auth={"type": "api_key", "name": "k", "value": "v"}),
        api(auth=OAUTH),
        {"trigger_type": "post_call"} | api(),
        {"on_call": "static_filler", "static_filler": "One moment."},
        {"on_call": "of tomorrow", "on_resolve": "of tomorrow", "origin": "smell"},
        {"origin": "vision", "on_resolve": "fire_and_forget"},
    ],
)
def test_what_the_server_may_take_is_taken(fields: dict[str, Any]) -> None:
    assert list(problems(draft(**fields), is_whole=True)) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": None}, "a tool needs a name"),
        ({"name": ""}, "a tool needs a name"),
        ({"description": ""}, "a tool needs a description"),
        ({"name": "1st"}, "a tool's name must be a letter or an underscore"),
        ({"name": "a" * 65}, "a tool's name must be"),
        ({"name": "a\n"}, "a tool's name must be"),
        ({"description": "x" * 10_001}, "may have 10,000 characters together"),
        ({"parameters": {"properties": {"a": {"description": "x" * 10_000}}}}, "may have 10,000 characters together"),
        ({"parameters": {"properties": {"tavus_x": {}, "b": {}}}}, "must not begin with tavus_: tavus_x"),
        ({"delivery": {"app_message": False}}, "delivery must be either app_message=True or api"),
        ({"delivery": {}}, "delivery must be either"),
        ({"delivery": {"app_message": True, "api": {"url": URL}}}, "delivery must be either"),
        ({"delivery": {"api": {"method": "GET"}}}, "needs a url that begins with https"),
        (api(url="http://shop.example"), "needs a url that begins with https"),
        (api(timeout=0), "timeout must be more than 0 and at most 60 seconds"),
        (api(timeout=61), "timeout must be more than 0 and at most 60 seconds"),
        (api(method="DELETE", body_template={}), "DELETE sends no body"),
        (api(auth=OAUTH | {"token_url": "http://auth.example"}), "token_url must begin with https"),
        (api(auth={"type": "basic", "username": "ada"}), "auth of type basic needs password"),
        (api(auth={"type": "oauth2_client_credentials"}), "needs token_url and client_id and client_secret"),
        (api(body_template={"a": [{"b": "{who} {where}"}]}), "no parameters: where, who"),
        (api(query_params={"a": "{who}"}), "no parameters: who"),
        ({"parameters": None} | api(), "no parameters: order_id"),
        ({"trigger_type": "post_call"}, "needs delivery.api"),
        ({"on_call": "static_filler"}, "needs a static_filler"),
        ({"origin": "vision", "on_call": "silent"}, "has no on_call"),
        ({"origin": "audio", "static_filler": "x"}, "no static_filler"),
        ({"origin": "audio", "on_resolve": "add_to_context"}, "has on_resolve='fire_and_forget'"),
    ],
)
def test_what_the_server_refuses_for_certain_is_refused_with_the_rule(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check_tool(draft(**fields), is_whole=True)
    assert problem in str(caught.value)


def test_a_channel_of_tomorrow_is_the_servers_business() -> None:
    with pytest.warns(UnknownFieldWarning, match="knows no delivery.pigeon"):
        tool = draft(delivery={"pigeon": True})

    assert list(problems(tool, is_whole=True)) == []


def test_of_a_part_only_what_is_there_is_judged() -> None:
    for body in ({}, {"on_call": "static_filler"}, {"trigger_type": "post_call"}, api(auth={"type": "basic"})):
        assert list(problems(Tool.from_dict({"tool_id": "t1", **body}), is_whole=False)) == []
    with pytest.raises(InvalidRequestError, match="no parameters: order_id"):
        check_tool(Tool.from_dict({"tool_id": "t1", "parameters": {}, **api()}), is_whole=False)
