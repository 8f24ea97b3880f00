"""Deployments in the sandbox, as a plain HTTP client meets them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
BODY: dict[str, Any] = {"pal_id": "p1", "channel": "embed", "name": "Ada Embed", "status": "active"}
STALE = 412


@pytest.fixture
async def client(connect: Connect) -> Any:
    persona = {"persona_id": "p1", "system_prompt": "x", "default_replica_id": "r1"}
    return await connect(Sandbox(personas=[persona]))


async def created(client: Any, **fields: Any) -> dict[str, Any]:
    reply = await client.post("/deployments", BODY | fields)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.body
    return found


def rename(name: str) -> dict[str, Any]:
    return {"op": "replace", "path": "/name", "value": name}


async def test_a_deployment_gets_what_tavus_adds_to_it(client: Any) -> None:
    deployment = await created(client)

    assert deployment == BODY | {
        "deployment_id": deployment["deployment_id"],
        "customization": {},
        "limits": {},
        "allowed_origins": [],
        "thumbnail_video_url": None,
        "thumbnail_image_url": None,
        "has_password": False,
        "usage_total": 0,
        "usage_today": 0,
        "created_at": deployment["created_at"],
        "updated_at": deployment["created_at"],
    }
    assert (await client.get(f"/deployments/{deployment['deployment_id']}")).body == deployment


async def test_a_password_is_never_told(client: Any) -> None:
    deployment = await created(client, password="open sesame")
    path = f"/deployments/{deployment['deployment_id']}"

    assert (deployment["has_password"], "password" in deployment) == (True, False)
    assert "open sesame" not in str([(await client.get(each)).body for each in (path, "/deployments", f"{path}/init")])
    await client.patch(path, {"op": "replace", "path": "/password", "value": None})
    assert (await client.get(path)).body["has_password"] is False


async def test_the_list_has_an_envelope_of_its_own_and_begins_with_the_newest(client: Any) -> None:
    ids = [(await created(client, name=f"No. {number}"))["deployment_id"] for number in range(3)]
    first = (await client.get("/deployments?limit=2")).body
    second = (await client.get("/deployments?limit=2&page=1&sort=desc")).body

    assert first.keys() == {"deployments", "total", "page", "limit"}
    assert (first["total"], first["page"], first["limit"], second["page"]) == (3, 0, 2, 1)
    assert [each["deployment_id"] for each in (*first["deployments"], *second["deployments"])] == ids[::-1]
    assert (await client.get("/deployments")).body["limit"] == 20
    assert (await client.get("/deployments?sort=asc")).body["deployments"][0]["deployment_id"] == ids[0]


async def test_the_list_is_filtered(client: Any) -> None:
    client.sandbox.add({"persona_id": "p2"})
    one = (await created(client, status="draft", channel="widget", name="Booth"))["deployment_id"]
    two = (await created(client, pal_id="p2"))["deployment_id"]

    async def listed(query: str) -> list[str]:
        found = (await client.get(f"/deployments?sort=asc&{query}")).body["deployments"]
        return [each["deployment_id"] for each in found]

    assert await listed("pal_id=p2") == [two]
    assert await listed("name=booth") == [one]
    assert await listed("status=draft,inactive") == [one]
    assert await listed("channel=widget,embed") == [one, two]
    assert await listed("status=inactive") == []


async def test_each_change_has_an_etag_of_its_own_and_a_stale_one_changes_nothing(client: Any) -> None:
    path = f"/deployments/{(await created(client))['deployment_id']}"
    first = (await client.get(path)).headers["etag"]
    changed = await client.patch(path, rename("Two"), headers={"If-Match": first})
    stale = await client.patch(path, rename("Three"), headers={"If-Match": first})

    assert first.startswith('W/"')
    assert (changed.status, stale.status) == (200, STALE)
    assert changed.headers["etag"] == (await client.get(path)).headers["etag"] != first
    assert (await client.get(path)).body["name"] == "Two"
    assert (await client.patch(path, rename("Four"))).status == 200
    assert (await client.patch(path, rename("Five"), headers={"If-Match": "*"})).status == 200
    assert (await client.patch(path, rename("Five"))).status == 304


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"pal_id": None}, "pal_id is required"),
        ({"pal_id": "p9"}, "Invalid persona_id"),
        ({"channel": "fax"}, "channel must be one of"),
        ({"status": "lost"}, "status must be one of"),
        ({"limits": []}, "limits must be an object"),
        ({"limits": {"daily_call_limit": 0}}, "limits.daily_call_limit must be at least 1"),
        ({"allowed_origins": "https://x.example"}, "allowed_origins must be a list of strings"),
        ({"password": 5}, "password must be a string"),
    ],
)
async def test_what_breaks_a_rule_is_400(client: Any, fields: dict[str, Any], told: str) -> None:
    reply = await client.post("/deployments", BODY | fields)

    assert reply.status == 400
    assert told in reply.body["error"]


async def test_the_names_before_the_rename_are_not_known(client: Any) -> None:
    body = {name: value for name, value in BODY.items() if name != "pal_id"}

    assert (await client.post("/deployments", body | {"persona_id": "p1"})).body == {"error": "pal_id is required"}


@pytest.mark.parametrize("path", ["/usage_total", "/has_password", "/deployment_id", "/created_at"])
async def test_what_tavus_sets_stays(client: Any, path: str) -> None:
    deployment_id = (await created(client))["deployment_id"]
    reply = await client.patch(f"/deployments/{deployment_id}", {"op": "add", "path": path, "value": 5})

    assert (reply.status, reply.body) == (400, {"error": "Invalid patch operation"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/init"),
        ("POST", "/start"),
        ("POST", "/conversations/c/end"),
    ],
)
async def test_an_unknown_deployment_is_404(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/deployments/nothing{path}", json=[])

    assert (reply.status, reply.body) == (404, {"error": "Deployment not found"})


async def test_a_deleted_deployment_is_gone(client: Any) -> None:
    path = f"/deployments/{(await created(client))['deployment_id']}"

    assert ((await client.delete(path)).status, (await client.get(path)).status) == (204, 404)


async def test_a_visitor_needs_no_key(client: Any) -> None:
    limits = {"daily_call_limit": 9, "max_call_duration": 60}
    path = f"/deployments/{(await created(client, limits=limits))['deployment_id']}"
    told = (await client.get(f"{path}/init", key=None)).body
    started = await client.post(f"{path}/start", {"custom_greeting": "Hi"}, key=None)
    conversation_id = started.body["conversation_id"]
    ended = await client.send("POST", f"{path}/conversations/{conversation_id}/end", key=None)

    assert (told["is_available"], told["unavailable_reason"], told["limits"]) == (True, None, {"max_call_duration": 60})
    assert "pal_id" not in told
    assert client.sandbox.stored(conversation_id, resource="conversations")["conversation_name"] == "Ada Embed"
    assert ended.body == {"conversation_id": conversation_id, "status": "ended"}
    assert client.sandbox.active_conversation_ids == ()
    read = await client.get(path)
    assert (read.body["usage_total"], read.body["usage_today"]) == (1, 1)
    assert read.body["updated_at"] == read.body["created_at"]


async def test_a_visitor_has_to_know_the_password(client: Any) -> None:
    path = f"/deployments/{(await created(client, password='sesame'))['deployment_id']}"

    assert (await client.get(f"{path}/init", key=None)).body["has_password"] is True
    assert (await client.send("POST", f"{path}/start", key=None)).status == 401
    assert (await client.post(f"{path}/start", {"password": "sesame"}, key=None)).status == 200


async def test_who_comes_too_late_is_told_why(client: Any) -> None:
    full = f"/deployments/{(await created(client, limits={'daily_call_limit': 1}))['deployment_id']}"
    draft = f"/deployments/{(await created(client, status='draft'))['deployment_id']}"

    assert (await client.send("POST", f"{full}/start", key=None)).status == 200
    assert (await client.send("POST", f"{full}/start", key=None)).status == 403
    assert (await client.get(f"{full}/init", key=None)).body["unavailable_reason"] == "daily_limit"
    assert (await client.get(f"{draft}/init", key=None)).body["is_available"] is False
