"""Guardrails in the sandbox, of both generations, as a plain HTTP client meets them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.resources.guardrails.rules import problems, set_problems

RULE = {"guardrail_name": "no_prices", "guardrail_prompt": "Never name a price."}
SHOWN = RULE | {"modality": "verbal", "callback_url": "", "app_message": True, "tags": []}
UPDATED = {"message": "Guardrails updated successfully"}


async def create(client: Any, **body: Any) -> str:
    """A new guardrail, and its id."""
    reply = await client.post("/guardrails/", RULE | body)
    assert reply.status == 200
    return str(reply.body["guardrail_id"])


async def create_set(client: Any, name: str = "sales") -> str:
    """A new set, and its id."""
    reply = await client.post("/guardrails", {"name": name, "data": [RULE]})
    assert reply.status == 200
    return str(reply.body["guardrails_id"])


async def test_a_guardrail_is_shown_bare_with_its_defaults(client: Any) -> None:
    created = await client.post("/guardrails", RULE | {"tool_call": {}, "nonsense": 1})
    guardrail_id = created.body["guardrail_id"]
    read = await client.get(f"/guardrails/{guardrail_id}")

    assert created.body == read.body
    assert read.body == SHOWN | {
        "guardrail_id": guardrail_id,
        "uuid": guardrail_id,
        "created_at": read.body["created_at"],
        "updated_at": read.body["updated_at"],
    }


async def test_a_set_is_shown_with_all_its_guardrails_and_listed_by_its_id(client: Any) -> None:
    created = await client.post("/guardrails", {"name": "sales", "data": [RULE, RULE]})
    guardrails_id = created.body["guardrails_id"]
    read = (await client.get(f"/guardrails/{guardrails_id}")).body
    listed = (await client.get("/guardrails", params={"legacy": "true"})).body

    assert created.body == {
        "guardrails_id": guardrails_id,
        "guardrails_name": "sales",
        "status": "active",
        "created_at": read["created_at"],
    }
    assert (read["name"], read["data"]) == ("sales", [RULE | {"modality": "verbal"}] * 2)
    times = {"created_at": read["created_at"], "updated_at": read["updated_at"]}
    assert listed == {"data": [{"guardrails_id": guardrails_id, **times}], "total_count": 1}


async def test_the_documented_envelope_holds_one(connect: Callable[[Sandbox], Awaitable[Any]]) -> None:
    client = await connect(Sandbox(envelope=True))
    one = (await client.get(f"/guardrails/{await create(client)}")).body
    first = (await client.get(f"/guardrails/{await create_set(client)}")).body

    assert (one["data"]["guardrail_name"], first["data"]["guardrail_name"]) == ("no_prices", "no_prices")
    assert ("guardrail_id" in one["data"], "guardrails_id" in first["data"]) == (True, False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "guardrail_name is required"),
        ({"guardrail_prompt": "p"}, "guardrail_name is required"),
        ({"guardrail_name": "a"}, "guardrail_prompt is required"),
        ({"name": "sales", "data": [{"guardrail_prompt": "p"}]}, "guardrail_name is required"),
        ({"name": "sales", "data": "x"}, "data must be a list of guardrails"),
        (RULE | {"modality": "tactile"}, "modality must be one of: verbal, visual, audio"),
    ],
)
async def test_what_breaks_a_rule_is_refused(client: Any, body: Any, words: str) -> None:
    reply = await client.post("/guardrails", body)

    assert (reply.status, reply.body) == (400, {"message": words})


@pytest.mark.parametrize(
    "wrong",
    [
        {"guardrail_name": 5},
        {"callback_url": 5},
        {"tool_call": "flag"},
        {"app_message": "yes"},
        {"tags": "abc"},
        {"tags": ["t"] * 33},
        {"tags": [""]},
    ],
)
def test_each_rule_has_a_sentence(wrong: dict[str, Any]) -> None:
    (name,) = wrong

    assert [name in problem for problem in problems(RULE | wrong)] == [True]
    assert [name in problem for problem in set_problems({"name": "", "data": [RULE | wrong]})] == [True]


def test_nor_is_a_name_of_a_set_anything_else() -> None:
    assert set_problems({"name": 5, "data": []}) == ["name must be a string"]


async def test_only_add_sets_what_was_never_set(client: Any) -> None:
    path = f"/guardrails/{await create(client)}"
    tool = {"path": "/tool_call", "value": {"name": "flag"}}
    refused = await client.patch(path, {"op": "replace", **tool})
    changed, same = [await client.patch(path, {"op": "add", **tool}) for _ in range(2)]

    assert (refused.status, refused.body) == (400, {"error": "Invalid patch operation"})
    assert (changed.status, changed.body, same.status) == (200, UPDATED, 304)
    assert (await client.get(path)).body["tool_call"] == {"name": "flag"}


async def test_a_plain_object_is_no_patch_of_either(client: Any) -> None:
    for found in (await create(client), await create_set(client)):
        reply = await client.send("PATCH", f"/guardrails/{found}", json={"guardrail_prompt": "x"})
        assert (reply.status, reply.body) == (422, {"message": "Invalid JSON patch format"})


async def test_pointers_of_a_set_go_into_it(client: Any) -> None:
    path = f"/guardrails/{await create_set(client)}"
    step = {"op": "replace", "path": "/data/0/guardrail_prompt", "value": "No."}
    replies = [await client.patch(path, step) for _ in range(2)]
    broken = await client.patch(path, {"op": "remove", "path": "/data/0/guardrail_name"})

    assert [(reply.status, reply.body) for reply in replies] == [(200, UPDATED), (304, None)]
    assert (broken.status, broken.body) == (400, {"error": "guardrail_name is required"})
    assert (await client.get(path)).body["data"][0]["guardrail_prompt"] == "No."


async def test_what_is_deleted_is_gone(client: Any) -> None:
    for found in (await create(client), await create_set(client)):
        replies = [await client.delete(f"/guardrails/{found}") for _ in range(2)]
        assert [(reply.status, reply.body) for reply in replies] == [
            (204, None),
            (404, {"error": "Guardrails not found"}),
        ]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_what_can_be_no_id_is_told_so(client: Any, method: str) -> None:
    reply = await client.send(method, "/guardrails/nobody", json=[])

    assert (reply.status, reply.body) == (400, {"error": "Invalid guardrails_id"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["one", "two"]),
        ({"legacy": "false"}, ["one", "two"]),
        ({"type": "system"}, ["stock"]),
        ({"type": "all"}, ["one", "two", "stock"]),
        ({"sort": "descending"}, ["two", "one"]),
        ({"name_or_uuid": "TW"}, ["two"]),
        ({"tags": "x,b"}, ["two"]),
        ({"limit": "1", "page": "2"}, ["two"]),
    ],
)
async def test_lists_are_filtered(client: Any, query: dict[str, str], names: list[str]) -> None:
    for name, tag in (("one", "a"), ("two", "b")):
        await create(client, guardrail_name=name, tags=[tag])
    await create_set(client)
    client.sandbox.add(RULE | {"guardrail_name": "stock"}, resource="guardrails", system=True)
    listed = (await client.get("/guardrails", params=query)).body

    assert [each["guardrail_name"] for each in listed["data"]] == names
    assert all("persona_refs" not in each for each in listed["data"])


@pytest.mark.parametrize(("name", "count"), [("SAL", 1), ("x", 0), ("", 2)])
async def test_sets_are_found_by_name(client: Any, name: str, count: int) -> None:
    await create_set(client)
    await create_set(client, "web")
    listed = await client.get("/guardrails", params={"legacy": "true", "name_or_uuid": name})

    assert len(listed.body["data"]) == count


async def test_verbose_tells_the_personas_that_have_it(client: Any) -> None:
    guardrail_id = await create(client, tags=["sales"])
    having = [
        client.sandbox.add({"guardrail_ids": [guardrail_id]}),
        client.sandbox.add({"guardrail_tags": ["sales", "x"]}),
    ]
    client.sandbox.add({"guardrail_ids": ["g0"], "guardrail_tags": ["x"]})
    read = (await client.get(f"/guardrails/{guardrail_id}", params={"verbose": "true"})).body
    listed = (await client.get("/guardrails", params={"verbose": "true"})).body["data"]

    assert (read["guardrail_type"], read["persona_refs"]) == ("user", having)
    assert listed == [read]


async def test_so_it_does_of_a_set(client: Any) -> None:
    guardrails_id = await create_set(client)
    having = client.sandbox.add({"guardrails_id": guardrails_id})
    client.sandbox.add({"guardrails_id": "g0"})
    read = (await client.get(f"/guardrails/{guardrails_id}", params={"verbose": "true"})).body
    listed = (await client.get("/guardrails", params={"verbose": "true", "legacy": "true"})).body["data"]

    assert (read["persona_refs"], [each["persona_refs"] for each in listed]) == ([having], [[having]])
    assert "guardrail_type" not in read


async def test_tags_are_those_of_the_account_each_once(client: Any) -> None:
    await create(client, tags=["web", "sales"])
    await create(client, tags=["sales"])
    client.sandbox.add(RULE | {"tags": ["stock"]}, resource="guardrails", system=True)

    every = await client.get("/guardrails/tags")
    searched = await client.get("/guardrails/tags", params={"search": "EB"})
    second = await client.get("/guardrails/tags", params={"limit": "1", "page": "2"})

    assert every.body == {"tags": ["sales", "web"], "total_count": 2}
    assert searched.body == {"tags": ["web"], "total_count": 1}
    assert second.body == {"tags": ["web"], "total_count": 2}
    assert (await client.get("/guardrails/tags", params={"limit": "0"})).status == 400
