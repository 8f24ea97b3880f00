"""The tools of a persona, as a plain HTTP client sees them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
ONE = {"tool_id": "t1", "name": "one", "description": "First."}
TWO = {"tool_id": "t2", "name": "two", "description": "Second."}


@pytest.fixture
async def client(connect: Connect) -> Any:
    sandbox = Sandbox(personas=[{"persona_id": "p1", "system_prompt": "x"}])
    sandbox.add({"persona_id": "theirs", "system_prompt": "x"}, system=True)
    for tool in (ONE, TWO):
        sandbox.add(tool, resource="tools")
    return await connect(sandbox)


async def test_tools_are_attached_listed_and_detached(client: Any) -> None:
    attached = await client.post("/pals/p1/tools/", {"tool_ids": ["end_call", "t1"]})
    again = await client.post("/pals/p1/tools/", {"tool_ids": ["t1", "t2"]})
    detached = await client.delete("/pals/p1/tools/t1")
    twice = await client.delete("/pals/p1/tools/t1")

    assert [tool["tool_id"] for tool in attached.body["data"]] == ["end_call", "t1"]
    assert [tool["tool_id"] for tool in again.body["data"]] == ["end_call", "t1", "t2"]
    assert (detached.status, twice.status) == (204, 400)
    assert twice.body == {"error": "Bad Request. Tool not attached to this PAL"}
    assert client.sandbox.stored("p1")["tool_ids"] == ["end_call", "t2"]
    assert client.sandbox.stored("t1", resource="tools") == ONE


async def test_what_is_listed_is_the_tools_themselves(client: Any) -> None:
    await client.post("/personas/p1/tools", {"tool_ids": ["t1"]})

    assert (await client.get("/personas/p1/tools?verbose=true")).body == [ONE]
    assert (await client.get("/pals/p1/tools/")).body == {"data": [ONE]}


async def test_a_tool_that_is_deleted_is_nobodys(client: Any) -> None:
    await client.post("/pals/p1/tools", {"tool_ids": ["t1", "t2"]})
    await client.delete("/tools/t1")

    assert (await client.get("/pals/p1/tools")).body == {"data": [TWO]}


async def test_fifty_tools_are_the_most(client: Any) -> None:
    ids = [client.sandbox.add({"name": "x"}, resource="tools") for _ in range(51)]

    assert (await client.post("/pals/p1/tools", {"tool_ids": ids})).status == 400
    assert (await client.post("/pals/p1/tools", {"tool_ids": ids[:50]})).status == 200
    assert (await client.post("/pals/p1/tools", {"tool_ids": ids[50:]})).body == {
        "error": "tool_ids must contain at most 50 items"
    }


@pytest.mark.parametrize(("method", "path"), [("GET", "tools"), ("POST", "tools"), ("DELETE", "tools/t1")])
async def test_an_unknown_persona_has_no_tools(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/pals/nobody/{path}", json={"tool_ids": ["t1"]})

    assert (reply.status, reply.body) == (400, {"error": "Invalid persona_id"})


async def test_nothing_can_be_attached_to_a_system_persona(client: Any) -> None:
    assert (await client.post("/pals/theirs/tools", {"tool_ids": ["t1"]})).body == {"error": "Invalid persona_id"}
    assert (await client.get("/pals/theirs/tools")).body == {"data": []}


@pytest.mark.parametrize("sent", [{}, {"tool_ids": "t1"}, {"tool_ids": []}, {"tool_ids": ["t9"]}, {"tool_ids": [5]}])
async def test_what_makes_no_sense_is_400(client: Any, sent: Any) -> None:
    assert (await client.post("/pals/p1/tools", sent)).status == 400
    assert "tool_ids" not in client.sandbox.stored("p1")
