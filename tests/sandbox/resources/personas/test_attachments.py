"""Tools and skills of a persona, as a plain HTTP client sees them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]


@pytest.fixture
async def client(connect: Connect) -> Any:
    sandbox = Sandbox(personas=[{"persona_id": "p1", "system_prompt": "x"}])
    sandbox.add({"persona_id": "theirs"}, system=True)
    return await connect(sandbox)


async def test_tools_are_attached_by_id_listed_and_detached(client: Any) -> None:
    attached = await client.post("/pals/p1/tools/", {"tool_ids": ["end_call", "t1"]})
    await client.post("/pals/p1/tools/", {"tool_ids": ["t1", "t2"]})
    detached = await client.delete("/pals/p1/tools/t1")
    again = await client.delete("/pals/p1/tools/t1")

    assert attached.body == {"data": [{"tool_id": "end_call"}, {"tool_id": "t1"}]}
    assert (detached.status, again.status) == (204, 400)
    assert client.sandbox.stored("p1")["tool_ids"] == ["end_call", "t2"]


async def test_tools_of_a_persona_come_as_a_bare_array(client: Any) -> None:
    await client.post("/personas/p1/tools", {"tool_ids": ["t1"]})

    assert (await client.get("/personas/p1/tools?verbose=true")).body == [{"tool_id": "t1"}]
    assert (await client.get("/pals/p1/tools/")).body == {"data": [{"tool_id": "t1"}]}


async def test_fifty_tools_are_the_most(client: Any) -> None:
    ids = [f"t{number}" for number in range(51)]

    assert (await client.post("/pals/p1/tools", {"tool_ids": ids})).status == 400
    assert (await client.post("/pals/p1/tools", {"tool_ids": ids[:50]})).status == 200


async def test_skills_are_put_merged_listed_and_deleted(client: Any) -> None:
    put = await client.send("PUT", "/pals/p1/skills/search", json={"config": {"a": 1, "b": 2}})
    merged = await client.send("PATCH", "/pals/p1/skills/search", json={"config": {"b": None, "c": 3}})
    one, every = await client.get("/pals/p1/skills/search"), await client.get("/pals/p1/skills/")
    deleted = await client.delete("/pals/p1/skills/search")

    assert put.body == {"skill_id": "search", "config": {"a": 1, "b": 2}}
    assert merged.body == one.body == {"skill_id": "search", "config": {"a": 1, "c": 3}}
    assert every.body == {"data": {"search": one.body}}
    assert deleted.status == 204
    assert (await client.get("/pals/p1/skills")).body == {"data": {}}


async def test_all_skills_are_replaced_at_once(client: Any) -> None:
    await client.send("PUT", "/pals/p1/skills/old", json={"config": {}})
    replaced = await client.send("PUT", "/pals/p1/skills/", json={"skills": {"new": {"config": {"x": 1}}}})

    assert replaced.body == {"data": {"new": {"skill_id": "new", "config": {"x": 1}}}}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "tools"),
        ("POST", "tools"),
        ("DELETE", "tools/t1"),
        ("GET", "skills"),
        ("PUT", "skills"),
        ("GET", "skills/s1"),
        ("PUT", "skills/s1"),
        ("PATCH", "skills/s1"),
        ("DELETE", "skills/s1"),
        ("POST", "publish"),
    ],
)
async def test_an_unknown_persona_has_nothing_attached(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/pals/nobody/{path}", json={"tool_ids": [], "skills": {}})

    assert (reply.status, reply.body) == (400, {"error": "Invalid persona_id"})


@pytest.mark.parametrize(("method", "path"), [("POST", "tools"), ("PUT", "skills/s1"), ("PUT", "skills")])
async def test_nothing_can_be_attached_to_a_system_persona(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/pals/theirs/{path}", json={"tool_ids": [], "skills": {}})

    assert reply.body == {"error": "Invalid persona_id"}
    assert (await client.get("/pals/theirs/tools")).body == {"data": []}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "tools", {}),
        ("POST", "tools", {"tool_ids": "t1"}),
        ("PUT", "skills", {"skills": []}),
        ("PUT", "skills/s1", {"config": 5}),
        ("PATCH", "skills/s1", {"config": {}}),
        ("DELETE", "skills/s1", None),
        ("GET", "skills/s1", None),
    ],
)
async def test_what_makes_no_sense_is_400(client: Any, method: str, path: str, sent: Any) -> None:
    assert (await client.send(method, f"/pals/p1/{path}", json=sent)).status == 400


@pytest.mark.parametrize(("method", "path"), [("PUT", "skills"), ("PUT", "skills/s1"), ("PATCH", "skills/s1")])
async def test_what_is_no_json_is_400(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/pals/p1/{path}", data=b"{")

    assert reply.body == {"error": "Request body is not valid JSON"}
