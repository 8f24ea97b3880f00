"""Tools in the sandbox, as a plain HTTP client meets them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
MASK = "********"
TOOL: dict[str, Any] = {"name": "lookup_order", "description": "Find an order."}
PARAMETERS = {"type": "object", "properties": {"order_id": {"type": "string"}}}
URL = "https://shop.example/orders/{order_id}"


def api(**fields: Any) -> dict[str, Any]:
    """A tool that is delivered to an endpoint."""
    return TOOL | {"parameters": PARAMETERS, "delivery": {"api": {"url": URL} | fields}}


HMAC = api(auth={"type": "hmac", "secret": "s3cret-s3cret"})


@pytest.fixture
async def client(connect: Connect) -> Any:
    return await connect(Sandbox(personas=0))


async def created(client: Any, body: dict[str, Any]) -> dict[str, Any]:
    reply = await client.post("/tools", body)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.body
    return found


async def test_a_tool_gets_what_tavus_adds_to_it(client: Any) -> None:
    tool = await created(client, TOOL)

    assert tool == {
        "tool_id": tool["tool_id"],
        "owner_id": 1,
        "name": "lookup_order",
        "description": "Find an order.",
        "parameters": {},
        "delivery": {"app_message": True},
        "origin": "llm",
        "trigger_type": "in_call",
        "on_call": "generate_filler",
        "on_resolve": "fire_and_forget",
        "static_filler": None,
        "tags": [],
        "is_system_tool": False,
        "created_at": tool["created_at"],
        "updated_at": tool["created_at"],
    }
    assert len(tool["created_at"]) == len("2026-05-15T10:30:00")
    assert (await client.get(f"/tools/{tool['tool_id']}")).body == tool


async def test_a_tool_of_perception_says_nothing_meanwhile(client: Any) -> None:
    assert (await created(client, TOOL | {"origin": "vision"}))["on_call"] is None


async def test_an_endpoint_has_a_method_and_a_timeout(client: Any) -> None:
    assert (await created(client, api()))["delivery"] == {
        "app_message": False,
        "api": {"method": "POST", "timeout": 10, "url": URL},
    }


@pytest.mark.parametrize(
    ("auth", "secret"),
    [
        ({"type": "bearer", "token": "real"}, "token"),
        ({"type": "basic", "username": "ada", "password": "real"}, "password"),
        ({"type": "api_key", "name": "X-Key", "value": "real", "location": "query"}, "value"),
        ({"type": "hmac", "secret": "real"}, "secret"),
        (
            {"type": "oauth2_client_credentials", "token_url": URL, "client_id": "c", "client_secret": "real"},
            "client_secret",
        ),
    ],
)
async def test_the_credential_of_each_way_to_authenticate_is_masked(
    client: Any, auth: dict[str, str], secret: str
) -> None:
    tool = await created(client, api(auth=auth))

    assert tool["delivery"]["api"]["auth"] == auth | {secret: MASK}
    assert client.sandbox.stored(tool["tool_id"], resource="tools")["delivery"]["api"]["auth"] == auth


@pytest.mark.parametrize("change", [api(auth={"type": "hmac"}, timeout=5), {"tags": ["shop"]}])
async def test_a_secret_that_is_left_out_is_kept(client: Any, change: dict[str, Any]) -> None:
    tool_id = (await created(client, HMAC))["tool_id"]
    changed = await client.send("PATCH", f"/tools/{tool_id}", json=change)

    assert changed.status == 200
    stored = client.sandbox.stored(tool_id, resource="tools")["delivery"]["api"]
    assert stored["auth"] == {"type": "hmac", "secret": "s3cret-s3cret"}
    assert stored["timeout"] == (5 if "delivery" in change else 10)


async def test_a_masked_secret_is_refused(client: Any) -> None:
    tool_id = (await created(client, HMAC))["tool_id"]
    reply = await client.send("PATCH", f"/tools/{tool_id}", json=api(auth={"type": "hmac", "secret": MASK}))

    assert (reply.status, reply.body) == (400, {"error": "a masked secret must be omitted, not sent back"})
    assert (await client.post("/tools", api(auth={"type": "bearer", "token": MASK}))).status == 400


async def test_another_way_to_authenticate_needs_a_secret_of_its_own(client: Any) -> None:
    tool_id = (await created(client, HMAC))["tool_id"]
    reply = await client.send("PATCH", f"/tools/{tool_id}", json=api(auth={"type": "bearer"}))

    assert (reply.status, reply.body) == (400, {"error": "delivery.api.auth.token is required"})


async def test_fields_are_replaced_by_a_plain_object_and_by_a_json_patch(client: Any) -> None:
    tool_id = (await created(client, api()))["tool_id"]
    merged = await client.send("PATCH", f"/tools/{tool_id}", json={"description": "Else", "tool_id": "mine"})
    patched = await client.patch(
        f"/tools/{tool_id}", {"op": "replace", "path": "/delivery/api/url", "value": "https://x.example"}
    )
    again = await client.patch(
        f"/tools/{tool_id}", {"op": "replace", "path": "/delivery/api/url", "value": "https://x.example"}
    )

    assert (merged.status, patched.status, again.status) == (200, 200, 304)
    assert (merged.body["description"], merged.body["tool_id"]) == ("Else", tool_id)
    assert patched.body["delivery"]["api"]["url"] == "https://x.example"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/tool_id", "value": "mine"},
        {"op": "remove", "path": "/nothing"},
        {"op": "replace", "path": "", "value": []},
    ],
)
async def test_a_patch_that_makes_no_sense_is_400(client: Any, operation: dict[str, Any]) -> None:
    tool_id = (await created(client, TOOL))["tool_id"]

    assert (await client.patch(f"/tools/{tool_id}", operation)).body == {"error": "Invalid patch operation"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"description": "x"}, "name must match"),
        (TOOL | {"name": "1st"}, "name must match"),
        (TOOL | {"name": "a" * 65}, "name must match"),
        ({"name": "x"}, "description is required"),
        (TOOL | {"description": "x" * 10_000}, "at most 10000 characters"),
        (TOOL | {"parameters": []}, "parameters must be an object"),
        (TOOL | {"parameters": {"properties": {"tavus_x": {}}}}, "starting with tavus_ are reserved"),
        (TOOL | {"origin": "smell"}, "origin must be one of"),
        (TOOL | {"trigger_type": "never"}, "trigger_type must be one of"),
        (TOOL | {"trigger_type": "post_call"}, "post_call tools require delivery.api"),
        (TOOL | {"on_call": "static_filler"}, "static_filler is required"),
        (TOOL | {"origin": "audio", "on_call": "silent"}, "must be null for perception tools"),
        (TOOL | {"origin": "audio", "on_resolve": "generate_response"}, "must be fire_and_forget"),
        (TOOL | {"delivery": {}}, "exactly one of"),
        (TOOL | {"delivery": 5}, "exactly one of"),
        (api() | {"delivery": {"app_message": True, "api": {"url": URL}}}, "exactly one of"),
        (TOOL | {"delivery": {"api": 5}}, "delivery.api must be an object"),
        (api(url="http://shop.example"), "url must be https"),
        (api(method="FETCH"), "method must be one of"),
        (api(timeout=0), "timeout must be greater than 0"),
        (api(timeout=60.5), "at most 60"),
        (api(timeout=True), "timeout must be greater than 0"),
        (api(method="GET", body_template={"a": 1}), "body_template is not allowed"),
        (api(query_params={"who": "{user}"}), "placeholders not declared in parameters.properties: user"),
        (api(auth={"type": "magic"}), "auth.type must be one of"),
        (api(auth={"type": "basic", "username": "ada"}), "auth.password is required"),
        (
            api(
                auth={
                    "type": "oauth2_client_credentials",
                    "token_url": "http://x.example",
                    "client_id": "c",
                    "client_secret": "s",
                }
            ),
            "token_url must be https",
        ),
        (api(auth={"type": "api_key", "name": "k", "value": "v", "location": "body"}), "location must be one of"),
    ],
)
async def test_what_breaks_a_rule_is_400(client: Any, body: dict[str, Any], told: str) -> None:
    reply = await client.post("/tools", body)

    assert reply.status == 400
    assert told in reply.body["error"]
    assert client.sandbox.ids("tools") == ("end_call",)


async def test_placeholders_of_tavus_need_no_parameter(client: Any) -> None:
    assert (await client.post("/tools", api(query_params={"c": "{tavus_conversation_id}"}))).status == 200


async def test_the_list_is_of_the_accounts_own_by_default(client: Any) -> None:
    ids = [(await created(client, TOOL | {"name": name}))["tool_id"] for name in ("one", "two", "three")]

    async def listed(query: str) -> list[str]:
        return [tool["tool_id"] for tool in (await client.get(f"/tools?{query}")).body["data"]]

    assert (await client.get("/tools")).body["total_count"] == 3
    assert await listed("") == ids
    assert await listed("sort=desc&type=user") == ids[::-1]
    assert await listed("type=system") == ["end_call"]
    assert await listed("type=all&limit=2&page=1") == ["end_call", ids[0]]
    assert await listed("name_or_uuid=TW") == [ids[1]]
    assert await listed(f"name_or_uuid={ids[2]}") == [ids[2]]
    assert (await client.get("/tools?type=mine")).status == 400


async def test_nobody_changes_a_tool_of_tavus(client: Any) -> None:
    read = await client.get("/tools/end_call")

    assert (read.body["is_system_tool"], read.body["owner_id"]) == (True, None)
    assert (await client.send("PATCH", "/tools/end_call", json={"tags": []})).body == {"error": "Invalid tool_id"}
    assert (await client.delete("/tools/end_call")).status == 400


async def test_a_deleted_tool_is_gone(client: Any) -> None:
    tool_id = (await created(client, TOOL))["tool_id"]

    assert (await client.delete(f"/tools/{tool_id}")).status == 204
    assert (await client.get(f"/tools/{tool_id}")).body == {"error": "Invalid tool_id"}
