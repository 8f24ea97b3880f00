"""Patching personas, as a plain HTTP client sees it."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
BODY: dict[str, Any] = {
    "persona_id": "p1",
    "persona_name": "One",
    "system_prompt": "Be kind.",
    "default_replica_id": "r1",
    "layers": {
        "llm": {"model": "tavus-gpt-oss", "api_key": "sk-0123456789abcdef"},
        "conversational_flow": {"replica_interruptibility": "high"},
    },
    "created_at": "2025-03-21T20:57:47.868278Z",
    "updated_at": "2025-03-21T20:57:47.868278Z",
}


@pytest.fixture
async def client(connect: Connect) -> Any:
    return await connect(Sandbox(personas=[BODY]))


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


async def test_a_patch_changes_the_persona_and_answers_it(client: Any) -> None:
    reply = await client.patch("/personas/p1", replace("/persona_name", "Two"), add("/greeting", "Hi"))

    assert reply.status == 200
    assert reply.body == (await client.get("/personas/p1")).body
    assert (reply.body["persona_name"], reply.body["greeting"]) == ("Two", "Hi")
    assert reply.body["created_at"] == BODY["created_at"]
    assert reply.body["updated_at"] > BODY["updated_at"]


@pytest.mark.parametrize("family", ["personas", "pals"])
@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        (replace("/pal_name", "Two"), {"persona_name": "Two"}),
        (replace("/persona_name", "Two"), {"persona_name": "Two"}),
        (replace("/default_face_id", "r2"), {"default_replica_id": "r2"}),
        (
            replace("/layers/conversational_flow/face_interruptibility", "low"),
            {"layers": {**BODY["layers"], "conversational_flow": {"replica_interruptibility": "low"}}},
        ),
        (
            replace("/layers", {"conversational_flow": {"pal_interruptibility": "low"}}),
            {"layers": {"conversational_flow": {"replica_interruptibility": "low"}}},
        ),
        ({"op": "copy", "from": "/pal_name", "path": "/greeting"}, {"greeting": "One"}),
    ],
)
async def test_either_vocabulary_patches_the_same_persona(
    client: Any, family: str, operation: Any, changed: dict[str, Any]
) -> None:
    reply = await client.patch(f"/{family}/p1/", operation)
    stored = client.sandbox.stored("p1")

    assert reply.status == 200
    assert ("pal_id" if family == "pals" else "persona_id") in reply.body
    assert stored == {**BODY, **changed, "updated_at": stored["updated_at"]}


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [replace("/persona_name", "One")],
        [add("/persona_name", "One")],
        [add("/greeting", "Hi"), {"op": "remove", "path": "/greeting"}],
        [{"op": "test", "path": "/persona_name", "value": "One"}],
        [replace("/document_ids", [])],
        [replace("/layers/llm", {"api_key": "sk-0123456789abcdef", "model": "tavus-gpt-oss"})],
    ],
)
async def test_a_patch_without_effect_is_304_without_a_body(client: Any, operations: list[Any]) -> None:
    reply = await client.patch("/personas/p1", *operations)

    assert (reply.status, reply.body) == (304, None)
    assert "content-type" not in reply.headers
    assert client.sandbox.stored("p1") == BODY


async def test_a_connection_is_still_good_after_a_304_and_a_204(client: Any) -> None:
    await client.patch("/personas/p1")
    await client.delete("/personas/p1")
    reply = await client.get("/personas/p1")

    assert reply.status == 400
    assert client.sandbox.stats().connections == 1


@pytest.mark.parametrize(
    "operation",
    [
        replace("/greeting", "Hi"),
        {"op": "remove", "path": "/greeting"},
        add("/layers/tts/tts_engine", "cartesia"),
        {"op": "test", "path": "/persona_name", "value": "Two"},
        # The real key is stored, and what reading shows is a mask.
        {"op": "test", "path": "/layers/llm/api_key", "value": "********cdef"},
        replace("", []),
        replace("/persona_id", "p2"),
        replace("/pal_id", "p2"),
        {"op": "remove", "path": "/created_at"},
        replace("/updated_at", "now"),
    ],
)
async def test_a_patch_that_does_not_fit_is_400_and_changes_nothing(client: Any, operation: Any) -> None:
    reply = await client.patch("/personas/p1", add("/greeting2", "Hi"), operation)

    assert (reply.status, reply.body) == (400, {"error": "Invalid patch operation"})
    assert client.sandbox.stored("p1") == BODY


async def test_copies_that_make_too_much_are_400_at_once_and_change_nothing(client: Any) -> None:
    copies = [{"op": "copy", "from": "", "path": f"/copy{number}"} for number in range(20)]
    before = time.monotonic()
    reply = await client.patch("/personas/p1", *copies)

    assert (reply.status, reply.body) == (400, {"error": "Invalid patch operation"})
    assert time.monotonic() - before < 5
    assert client.sandbox.stored("p1") == BODY


async def test_a_patch_cannot_nest_a_persona_without_end(client: Any) -> None:
    value: Any = {}
    for _ in range(300):
        value = [value]
    first = await client.patch("/personas/p1", add("/deep", value))
    second = await client.patch("/personas/p1", add("/deep" + "/0" * 300 + "/more", value))

    assert (first.status, second.status, second.body) == (200, 400, {"error": "Invalid patch operation"})
    assert (await client.get("/personas/p1")).body["deep"] == value


@pytest.mark.parametrize(
    "body",
    [{"persona_name": "Two"}, [{"op": "replace", "path": "/persona_name"}], [{"op": "no", "path": ""}], "x", [1], None],
)
async def test_what_is_no_patch_is_422(client: Any, body: Any) -> None:
    reply = await client.send("PATCH", "/personas/p1", data=json.dumps(body))

    assert (reply.status, reply.body) == (422, {"message": "Invalid JSON patch format"})


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (add("/layers/perception", {"perception_model": "eyes"}), "raven-0, raven-1"),
        (replace("/system_prompt", ""), "system_prompt is required"),
        ({"op": "remove", "path": "/pal_name"}, ""),
    ],
)
async def test_a_patch_may_not_break_a_rule(client: Any, operation: Any, words: str) -> None:
    reply = await client.patch("/pals/p1", operation)

    assert (reply.status == 400) is bool(words)
    assert words in str(reply.body)


async def test_a_rule_that_was_broken_already_does_not_stand_in_the_way(connect: Connect) -> None:
    old = {"persona_id": "p1", "layers": {"perception": {"perception_model": "eyes"}}}
    client = await connect(Sandbox(personas=[old]))

    assert (await client.patch("/personas/p1", add("/persona_name", "New"))).status == 200


@pytest.mark.parametrize(
    "operation",
    [
        replace("/document_ids", ["d1"]),
        add("/document_tags/-", "faq"),
        replace("/tool_ids", ["t1"]),
        replace("/default_face_id", "r2"),
        add("/layers/perception", {"perception_model": "off"}),
    ],
)
async def test_some_fields_exist_before_they_were_ever_set(connect: Connect, operation: Any) -> None:
    client = await connect(Sandbox(personas=[{"persona_id": "p1", "system_prompt": "x"}]))
    reply = await client.patch("/personas/p1", operation)

    assert reply.status == 200
    assert set(client.sandbox.stored("p1")) - {"persona_id", "system_prompt", "updated_at"} == {
        "default_replica_id" if operation["path"] == "/default_face_id" else operation["path"].split("/")[1]
    }


async def test_a_system_persona_is_not_the_accounts_to_patch(connect: Connect) -> None:
    client = await connect(Sandbox(personas=1))
    reply = await client.patch("/pals/p5317866", replace("/pal_name", "Mine"))

    assert (reply.status, reply.body) == (400, {"error": "Invalid persona_id"})


async def test_a_draft_of_pal_maker_is_a_conflict_until_forced(client: Any) -> None:
    client.sandbox.open_maker_draft("p1")
    refused = await client.patch("/personas/p1", replace("/persona_name", "Two"))
    before = client.sandbox.stored("p1")
    forced = await client.patch("/pals/p1?force=true", replace("/persona_name", "Two"))
    after = await client.patch("/personas/p1", replace("/persona_name", "Three"))

    assert (refused.status, refused.body["conflict"]) == (409, "maker_changes")
    assert before == BODY
    assert (forced.status, forced.body["discarded_maker_changes"], forced.body["pal_name"]) == (200, True, "Two")
    assert after.status == 200
    assert "discarded_maker_changes" not in after.body


async def test_a_patch_of_conferencing_alone_never_conflicts(client: Any) -> None:
    client.sandbox.open_maker_draft("p1")
    conferencing = add("/layers/conferencing", {"username": "one"})
    alone = await client.patch("/personas/p1", conferencing)
    mixed = await client.patch("/personas/p1", add("/layers/conferencing/allowlist", []), add("/greeting", "Hi"))

    assert (alone.status, mixed.status) == (200, 409)
    assert "discarded_maker_changes" not in alone.body


async def test_forcing_without_a_draft_is_an_ordinary_patch(client: Any) -> None:
    reply = await client.patch("/personas/p1?force=true", replace("/persona_name", "Two"))

    assert reply.status == 200
    assert "discarded_maker_changes" not in reply.body


async def test_publishing_ends_the_conflict(client: Any) -> None:
    client.sandbox.open_maker_draft("p1")
    published = await client.send("POST", "/pals/p1/publish")
    again = await client.send("POST", "/personas/p1/publish")

    assert (published.status, again.status) == (200, 200)
    assert published.body.items() >= {"status": "success", "pal_id": "p1"}.items()
    assert again.body.items() >= {"status": "success", "persona_id": "p1"}.items()
    assert (await client.patch("/personas/p1", add("/greeting", "Hi"))).status == 200
