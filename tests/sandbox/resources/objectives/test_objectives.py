"""Objectives in the sandbox, as a plain HTTP client meets them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.resources.objectives.rules import problems

MOVED = {"op": "replace", "path": "/objective_name", "value": "b"}


def step(name: Any, **fields: Any) -> dict[str, Any]:
    return {"objective_name": name, "objective_prompt": "Do it.", **fields}


A, B = step("a", next_required_objective="b", callback_url="https://a.example"), step("b")


async def create(client: Any, **body: Any) -> str:
    """A new set, and its id."""
    reply = await client.post("/objectives/", {"name": "intake", "data": [A, B], **body})
    assert reply.status == 200
    return str(reply.body["objectives_id"])


async def test_a_create_is_answered_with_id_and_name(client: Any) -> None:
    reply = await client.post("/objectives", {"name": "intake", "data": [A, B], "nonsense": 1})

    assert reply.status == 200
    assert set(reply.body) == {"objectives_id", "objective_name", "status", "created_at"}
    assert (reply.body["objective_name"], reply.body["status"]) == ("intake", "active")


async def test_reading_one_shows_all_objectives_and_the_list_the_first(client: Any) -> None:
    objectives_id = await create(client)
    read = (await client.get(f"/objectives/{objectives_id}")).body
    listed = (await client.get("/objectives")).body

    assert (read["objectives_id"], read["name"]) == (objectives_id, "intake")
    assert read["data"] == [
        A | {"confirmation_mode": "auto", "modality": "verbal"},
        B | {"confirmation_mode": "auto", "modality": "verbal"},
    ]
    assert (listed["total_count"], set(read)) == (1, {"objectives_id", "name", "data", "created_at", "updated_at"})
    assert listed["data"] == [
        {
            "objectives_id": objectives_id,
            "objectives_name": "intake",
            **read["data"][0],
            "created_at": read["created_at"],
            "updated_at": read["updated_at"],
        }
    ]


async def test_the_documented_envelope_holds_the_first(connect: Callable[[Sandbox], Awaitable[Any]]) -> None:
    client = await connect(Sandbox(envelope=True))
    read = (await client.get(f"/objectives/{await create(client)}")).body

    assert set(read) == {"data"}
    assert read["data"]["objective_name"] == "a"
    assert "objectives_id" not in read["data"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "data must be a list of objectives, with at least one"),
        ({"data": []}, "data must be a list of objectives, with at least one"),
        ({"data": [5]}, "data must be a list of objectives, with at least one"),
        ({"data": [{"objective_prompt": "p"}]}, "objective_name is required"),
        ({"data": [{"objective_name": "a"}]}, "objective_prompt is required"),
        ({"data": [step("a b")]}, "objective_name must contain only letters, numbers, and underscores"),
        (
            {"data": [A, B, step("c")]},
            "Objective chain must have exactly one root (an objective not referenced by any other)",
        ),
        ({"data": [A]}, "Objective a references unknown objective b"),
        ({"data": [B], "name": "n" * 101}, "name must have at most 100 characters"),
    ],
)
async def test_what_breaks_a_rule_is_refused(client: Any, body: Any, words: str) -> None:
    created, looked_at = await client.post("/objectives", body), await client.post("/objectives/validate", body)

    assert (created.status, created.body) == (400, {"message": words})
    assert (looked_at.status, looked_at.body) == (400, {"message": words})
    assert (await client.get("/objectives")).body["total_count"] == 0


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"data": [step("a" * 101)]}, "objective_name"),
        ({"data": [step("a", objective_prompt="p" * 10_001)]}, "objective_prompt"),
        ({"data": [step("a", callback_url=5)]}, "callback_url"),
        ({"data": [step("a", modality="tactile")]}, "modality"),
        ({"data": [step("a", confirmation_mode="perhaps")]}, "confirmation_mode"),
        ({"data": [step("a", output_variables=["v"] * 51)]}, "output_variables"),
        ({"data": [step("a", tool_call="x")]}, "tool_call"),
        ({"data": [step("a", next_conditional_objectives=["b"])]}, "next_conditional_objectives"),
        ({"data": [B, B]}, "unique"),
        ({"data": [step("a", next_required_objective="a")]}, "itself"),
        ({"data": [A, B, step("c", next_required_objective="b", next_conditional_objectives={"a": "if"})]}, "not both"),
        ({"data": [step(f"n{number}") for number in range(51)]}, "at most 50"),
        ({"data": [B], "name": 5}, "name"),
    ],
)
def test_each_rule_has_a_sentence(document: dict[str, Any], word: str) -> None:
    assert any(word in problem for problem in problems(document))


def test_loops_are_fine_where_they_are_allowed() -> None:
    loop: dict[str, Any] = {"data": [A, step("b", next_required_objective="a")]}

    assert len(problems(loop)) == 1
    assert problems(loop | {"allow_loops": True}) == []


async def test_validating_stores_nothing(client: Any) -> None:
    reply = await client.post("/objectives/validate", {"data": [B]})

    assert (reply.status, reply.body) == (200, {"valid": True})
    assert (await client.get("/objectives")).body == {"data": [], "total_count": 0}


@pytest.mark.parametrize("path", ["/data/1/objective_prompt", "/data/0/objective_prompt", "/objective_prompt"])
async def test_pointers_go_into_the_set_or_to_its_first_objective(client: Any, path: str) -> None:
    objectives_id = await create(client)
    change = {"op": "replace", "path": path, "value": "Do it well."}
    changed, same = [await client.patch(f"/objectives/{objectives_id}", change) for _ in range(2)]
    read = (await client.get(f"/objectives/{objectives_id}")).body

    assert (changed.status, changed.body) == (200, {"message": "Objective updated successfully"})
    assert (same.status, same.body) == (304, None)
    assert read["data"][1 if "1" in path else 0]["objective_prompt"] == "Do it well."


@pytest.mark.parametrize(
    ("operations", "status", "body"),
    [
        ([{"op": "replace", "path": "/output_variables", "value": []}], 400, {"error": "Invalid patch operation"}),
        ([{"op": "replace", "path": "/objectives_id", "value": "o2"}], 400, {"error": "Invalid patch operation"}),
        ([{"op": "remove", "path": "/objective_name"}], 400, {"error": "objective_name is required"}),
        ([MOVED], 400, {"error": "objective_name must be unique"}),
        ([{"op": "merge", "path": "/name"}], 422, {"message": "Invalid JSON patch format"}),
    ],
)
async def test_a_patch_that_does_not_fit_is_refused_as_a_whole(
    client: Any, operations: list[Any], status: int, body: Any
) -> None:
    objectives_id = await create(client)
    before = await client.get(f"/objectives/{objectives_id}")
    reply = await client.patch(
        f"/objectives/{objectives_id}", {"op": "add", "path": "/name", "value": "x"}, *operations
    )

    assert (reply.status, reply.body) == (status, body)
    assert (await client.get(f"/objectives/{objectives_id}")).body == before.body


async def test_a_plain_object_is_no_patch(client: Any) -> None:
    reply = await client.send("PATCH", f"/objectives/{await create(client)}", json={"name": "x"})

    assert (reply.status, reply.body) == (422, {"message": "Invalid JSON patch format"})


async def test_what_is_deleted_is_gone(client: Any) -> None:
    objectives_id = await create(client)
    replies = [await client.delete(f"/objectives/{objectives_id}") for _ in range(2)]

    assert [(reply.status, reply.body) for reply in replies] == [(204, None), (404, {"error": "Objective not found"})]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_what_can_be_no_id_is_told_so(client: Any, method: str) -> None:
    reply = await client.send(method, "/objectives/nobody", json=[])

    assert (reply.status, reply.body) == (400, {"error": "Invalid objectives_id"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["one", "two"]),
        ({"type": "user"}, ["one", "two"]),
        ({"type": "system"}, ["stock"]),
        ({"type": "all"}, ["one", "two", "stock"]),
        ({"sort": "descending"}, ["two", "one"]),
        ({"name_or_uuid": "TW"}, ["two"]),
        ({"limit": "1", "page": "2"}, ["two"]),
    ],
)
async def test_lists_are_filtered(client: Any, query: dict[str, str], names: list[str]) -> None:
    for name in ("one", "two"):
        await create(client, name=name)
    client.sandbox.add({"name": "stock", "data": [B]}, resource="objectives", system=True)
    listed = (await client.get("/objectives", params=query)).body

    assert [each["objectives_name"] for each in listed["data"]] == names


async def test_another_word_is_refused(client: Any) -> None:
    await create(client)

    assert (await client.get("/objectives", params={"type": "mine"})).status == 400
