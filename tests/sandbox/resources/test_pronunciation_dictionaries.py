"""Pronunciation dictionaries in the sandbox, as a plain HTTP client meets them."""

from typing import Any

import pytest

from tavus_async.sandbox.resources.pronunciation_dictionaries import problems

PATH = "/pronunciation-dictionaries"
RULE = {"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}
FILLED = RULE | {"case_sensitive": False, "word_boundaries": True}


async def create(client: Any, name: str = "brands", **body: Any) -> str:
    """A new dictionary, and its id."""
    reply = await client.post(f"{PATH}/", {"name": name, "rules": [RULE], **body})
    assert reply.status == 201
    return str(reply.body["pronunciation_dictionary_id"])


async def test_a_create_is_answered_201_with_the_dictionary(client: Any) -> None:
    created = await client.post(PATH, {"name": "brands", "rules": [RULE], "nonsense": 1})
    dictionary_id = created.body["pronunciation_dictionary_id"]

    assert (created.status, dictionary_id[:3]) == (201, "pd_")
    assert created.body == {
        "pronunciation_dictionary_id": dictionary_id,
        "name": "brands",
        "rules": [FILLED],
        "rules_count": 1,
        "created_at": created.body["created_at"],
        "updated_at": created.body["updated_at"],
    }
    assert (await client.get(f"{PATH}/{dictionary_id}")).body == created.body


async def test_rules_may_come_later(client: Any) -> None:
    created = await client.post(PATH, {"name": "brands"})

    assert (created.body["rules"], created.body["rules_count"]) == ([], 0)


async def test_lists_leave_out_rules_and_count_pages_from_0(client: Any) -> None:
    for name in ("one", "two", "three"):
        await create(client, name)
    first = (await client.get(PATH)).body
    second = (await client.get(PATH, params={"page": "1", "limit": "2", "sort": "asc"})).body

    assert [each["name"] for each in first["data"]] == ["three", "two", "one"]
    assert {"rules" in each for each in first["data"]} == {False}
    assert (first["total_count"], first["page"], first["limit"]) == (3, 0, 10)
    assert ([each["name"] for each in second["data"]], second["page"], second["limit"]) == (["three"], 1, 2)
    assert first["data"][0]["rules_count"] == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "name is required"),
        ({"name": "n" * 256}, "name must be a string of at most 255 characters"),
        ({"name": "b", "rules": "x"}, "rules must be a list of objects"),
        ({"name": "b", "rules": [RULE, RULE]}, "duplicate text values in rules"),
        ({"name": "b", "rules": [{**RULE, "type": "sampa"}]}, "type must be one of: alias, ipa"),
        ({"name": "b", "rules": [{**RULE, "text": ""}]}, "text must be a string of 1 to 200 characters"),
        ({"name": "b", "rules": [{**RULE, "pronunciation": None}]}, "pronunciation must be a string of 1 to 500"),
    ],
)
async def test_what_breaks_a_rule_is_refused(client: Any, body: Any, words: str) -> None:
    reply = await client.post(PATH, body)

    assert reply.status == 400
    assert reply.body["error"].startswith(f"Invalid request: {words}")


def test_there_is_a_most_of_rules() -> None:
    rules: list[Any] = [{**RULE, "text": str(number)} for number in range(10_001)]

    assert problems({"name": "b", "rules": rules}) == ["Invalid request: rules must contain at most 10000 items"]


async def test_name_and_rules_are_patched_as_a_whole(client: Any) -> None:
    path = f"{PATH}/{await create(client)}"
    other = {"text": "CVI", "pronunciation": "see-vee-eye", "type": "alias"}
    steps = [{"op": "replace", "path": "/name", "value": "all"}, {"op": "add", "path": "/rules", "value": [other]}]
    changed, same = [await client.patch(path, *steps) for _ in range(2)]

    assert (changed.status, changed.body["name"], changed.body["rules_count"]) == (200, "all", 1)
    assert changed.body["rules"] == [other | {"case_sensitive": False, "word_boundaries": True}]
    assert (same.status, same.body) == (304, None)


@pytest.mark.parametrize("name", ["created_at", "updated_at", "pronunciation_dictionary_id", "rules_count"])
async def test_what_only_the_server_sets_is_ignored(client: Any, name: str) -> None:
    path = f"{PATH}/{await create(client)}"
    before = (await client.get(path)).body
    alone = await client.patch(path, {"op": "replace", "path": f"/{name}", "value": "x"})

    assert (alone.status, (await client.get(path)).body) == (304, before)


@pytest.mark.parametrize(
    ("step", "status", "body"),
    [
        ({"op": "add", "path": "/rules/-", "value": RULE}, 400, {"error": "Invalid patch operation"}),
        ({"op": "replace", "path": "/rules/0/text", "value": "x"}, 400, {"error": "Invalid patch operation"}),
        ({"op": "copy", "from": "/rules/0", "path": "/rules"}, 400, {"error": "Invalid patch operation"}),
        ({"op": "replace", "path": "", "value": {}}, 400, {"error": "Invalid patch operation"}),
        (
            {"op": "add", "path": "/rules", "value": [RULE, RULE]},
            400,
            {"error": "Invalid request: duplicate text values in rules"},
        ),
        ({"op": "remove", "path": "/name"}, 400, {"error": "Invalid request: name is required"}),
        ({"op": "merge", "path": "/name"}, 422, {"message": "Invalid JSON patch format"}),
    ],
)
async def test_any_other_patch_is_refused(client: Any, step: Any, status: int, body: Any) -> None:
    path = f"{PATH}/{await create(client)}"
    reply = await client.patch(path, step)

    assert (reply.status, reply.body) == (status, body)


async def test_a_plain_object_is_no_patch(client: Any) -> None:
    reply = await client.send("PATCH", f"{PATH}/{await create(client)}", json={"name": "x"})

    assert (reply.status, reply.body) == (422, {"message": "Invalid JSON patch format"})


async def test_what_is_deleted_is_gone_and_taken_from_personas(client: Any) -> None:
    dictionary_id, other_id = await create(client), await create(client)
    tts = {"tts_engine": "cartesia", "pronunciation_dictionary_id": dictionary_id}
    speaking = client.sandbox.add({"layers": {"tts": tts}})
    others = [
        client.sandbox.add({"layers": {"tts": tts | {"pronunciation_dictionary_id": other_id}}}),
        client.sandbox.add({"layers": {}}),
        client.sandbox.add({"layers": None}),
    ]
    before = [client.sandbox.stored(each) for each in others]
    replies = [await client.delete(f"{PATH}/{dictionary_id}") for _ in range(2)]
    gone = {"message": "Pronunciation dictionary not found"}

    assert [(reply.status, reply.body) for reply in replies] == [(204, None), (404, gone)]
    assert client.sandbox.stored(speaking)["layers"]["tts"] == tts | {"pronunciation_dictionary_id": None}
    assert [client.sandbox.stored(each) for each in others] == before
