"""Skills in the sandbox, as a plain HTTP client meets them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
SLIDES = {"document_ids": ["d1"], "slides_trigger": "on_demand"}


@pytest.fixture
async def client(connect: Connect) -> Any:
    sandbox = Sandbox(personas=[{"persona_id": "p1", "system_prompt": "x"}])
    sandbox.add({"persona_id": "theirs", "system_prompt": "x"}, system=True)
    return await connect(sandbox)


def bare(skill: dict[str, Any]) -> dict[str, Any]:
    """An attached skill without its times, which are checked."""
    times = [datetime.fromisoformat(skill[name]) for name in ("attached_at", "updated_at")]
    assert all(time.utcoffset() is not None for time in times)
    assert times[0] <= times[1]
    return {"skill_id": skill["skill_id"], "config": skill["config"]}


async def test_the_registry_lists_all_skills_at_once(client: Any) -> None:
    listed = (await client.get("/skills")).body
    one = await client.get("/skills/presentation")
    unknown = await client.get("/skills/my_skill")

    assert {skill["skill_id"] for skill in listed["data"]} == set(client.sandbox.ids("skills"))
    assert one.body in listed["data"]
    assert {"display_name", "description", "tool_names"} < one.body.keys()
    assert (unknown.status, unknown.body) == (404, {"error": "Unknown skill 'my_skill'"})


async def test_skills_are_put_merged_read_and_deleted(client: Any) -> None:
    put = await client.send("PUT", "/pals/p1/skills/presentation", json={"config": SLIDES | {"prompt": "Go."}})
    merged = await client.send(
        "PATCH", "/pals/p1/skills/presentation", json={"config": {"prompt": None, "slides_trigger": "walk_the_deck"}}
    )
    one, every = await client.get("/personas/p1/skills/presentation"), await client.get("/pals/p1/skills/")
    deleted = await client.delete("/pals/p1/skills/presentation")

    assert bare(put.body) == {"skill_id": "presentation", "config": SLIDES | {"prompt": "Go."}}
    assert bare(merged.body)["config"] == SLIDES | {"slides_trigger": "walk_the_deck"}
    assert merged.body["attached_at"] == put.body["attached_at"]
    assert one.body == merged.body
    assert every.body == {"data": {"presentation": one.body}}
    assert deleted.status == 204
    assert (await client.get("/pals/p1/skills")).body == {"data": {}}


async def test_a_skill_without_settings_needs_no_config(client: Any) -> None:
    assert bare((await client.send("PUT", "/pals/p1/skills/memory", json={})).body)["config"] == {}


async def test_all_skills_are_replaced_at_once(client: Any) -> None:
    memory = await client.send("PUT", "/pals/p1/skills/memory", json={})
    await client.send("PUT", "/pals/p1/skills/internet_search", json={})
    replaced = await client.send(
        "PUT", "/pals/p1/skills/", json={"skills": {"memory": {}, "presentation": {"config": SLIDES}}}
    )

    assert {skill_id: bare(skill)["config"] for skill_id, skill in replaced.body["data"].items()} == {
        "memory": {},
        "presentation": SLIDES,
    }
    assert replaced.body["data"]["memory"]["attached_at"] == memory.body["attached_at"]


@pytest.mark.parametrize(
    ("skill_id", "config", "told"),
    [
        ("presentation", {}, "Bad Request: {'document_ids': ['Missing data for required field.']}"),
        ("presentation", {"document_ids": []}, "Bad Request: {'document_ids': ['Not a valid list.']}"),
        (
            "presentation",
            SLIDES | {"slides_trigger": "never"},
            "Bad Request: {'slides_trigger': ['Must be one of: on_demand, walk_the_deck.']}",
        ),
        ("memory", {"size": 5}, "Bad Request: {'size': ['Unknown field.']}"),
        ("magic_canvas", {"components": []}, "Bad Request: {'components': ['Not a valid mapping type.']}"),
    ],
)
async def test_a_config_that_a_skill_does_not_take_is_400(
    client: Any, skill_id: str, config: dict[str, Any], told: str
) -> None:
    one = await client.send("PUT", f"/pals/p1/skills/{skill_id}", json={"config": config})
    every = await client.send("PUT", "/pals/p1/skills", json={"skills": {"memory": {}, skill_id: {"config": config}}})

    assert (one.status, one.body) == (every.status, every.body) == (400, {"error": told})
    assert "skills" not in client.sandbox.stored("p1")


async def test_what_a_skill_needs_cannot_be_removed_from_its_config(client: Any) -> None:
    await client.send("PUT", "/pals/p1/skills/presentation", json={"config": SLIDES})
    reply = await client.send("PATCH", "/pals/p1/skills/presentation", json={"config": {"document_ids": None}})

    assert reply.status == 400
    assert (await client.get("/pals/p1/skills/presentation")).body["config"] == SLIDES


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "skills"),
        ("PUT", "skills"),
        ("GET", "skills/memory"),
        ("PUT", "skills/memory"),
        ("PATCH", "skills/memory"),
        ("DELETE", "skills/memory"),
    ],
)
async def test_an_unknown_persona_has_no_skills(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/pals/nobody/{path}", json={"skills": {}})

    assert (reply.status, reply.body) == (404, {"error": "PAL not found"})


@pytest.mark.parametrize(("method", "path"), [("PUT", "skills"), ("PUT", "skills/memory"), ("DELETE", "skills/memory")])
async def test_nothing_can_be_attached_to_a_system_persona(client: Any, method: str, path: str) -> None:
    reply = await client.send(method, f"/pals/theirs/{path}", json={"skills": {}})

    assert (reply.status, reply.body) == (404, {"error": "PAL not found"})
    assert (await client.get("/pals/theirs/skills")).body == {"data": {}}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_what_is_not_attached_is_404(client: Any, method: str) -> None:
    reply = await client.send(method, "/pals/p1/skills/memory", json={"config": {}})
    unknown = await client.send(method, "/pals/p1/skills/my_skill", json={"config": {}})

    assert (reply.status, reply.body) == (404, {"error": "Skill 'memory' is not attached to this PAL"})
    assert (unknown.status, unknown.body) == (404, {"error": "Unknown skill 'my_skill'"})


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("skills", {"skills": []}),
        ("skills", {}),
        ("skills/memory", {"config": 5}),
        ("skills", {"skills": {"memory": {"config": 5}}}),
    ],
)
async def test_what_makes_no_sense_is_400(client: Any, path: str, sent: Any) -> None:
    assert (await client.send("PUT", f"/pals/p1/{path}", json=sent)).status == 400


@pytest.mark.parametrize(("method", "path"), [("PUT", "skills"), ("PUT", "skills/memory"), ("PATCH", "skills/memory")])
async def test_what_is_no_json_is_400(client: Any, method: str, path: str) -> None:
    await client.send("PUT", "/pals/p1/skills/memory", json={})
    reply = await client.send(method, f"/pals/p1/{path}", data=b"{")

    assert reply.body == {"error": "Request body is not valid JSON"}
