"""Get, list, create and delete, as a plain HTTP client sees them."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
UNKNOWN = {"error": "Invalid persona_id"}
BODY: dict[str, Any] = {
    "persona_id": "pmine",
    "persona_name": "Ørjan \U0001f9d7",
    "system_prompt": "Be kind.",
    "default_replica_id": "r1",
    "layers": {
        "llm": {"model": "tavus-gemma-4", "api_key": "sk-0123456789abcdef", "headers": {}},
        "conversational_flow": {"replica_interruptibility": "high"},
        "not_known_yet": {"kept": [1, 2.5, None]},
    },
    "created_at": "",
}


async def test_a_persona_comes_bare_and_in_the_names_of_its_path(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[BODY]))
    persona, pal = await client.get("/personas/pmine"), await client.get("/pals/pmine")

    assert persona.status == pal.status == 200
    assert persona.headers["content-type"] == "application/json"
    assert persona.body == BODY | {
        "layers": BODY["layers"] | {"llm": {"api_key": "********cdef", "headers": {}}},
    }
    assert {name for name in pal.body if name not in persona.body} == {"pal_id", "pal_name", "default_face_id"}
    assert pal.body["pal_name"] == "Ørjan \U0001f9d7"
    assert pal.body["layers"]["conversational_flow"] == {"pal_interruptibility": "high"}


async def test_the_documented_envelope_is_an_option(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[{"persona_id": "p1"}], envelope=True))

    assert (await client.get("/personas/p1")).body == {"data": [{"persona_id": "p1"}]}
    assert (await client.get("/pals/p1/")).body == {"data": [{"pal_id": "p1"}]}


@pytest.mark.parametrize("family", ["personas", "pals"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_unknown_id_is_400_in_the_words_of_personas(client: Any, family: str, method: str) -> None:
    reply = await client.send(method, f"/{family}/pnothing", json=[])

    assert (reply.status, reply.body) == (400, UNKNOWN)


@pytest.mark.parametrize("key", [None, "wrong", "sandbox-key2"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/personas/p5317866"), ("GET", "/pals"), ("POST", "/personas"), ("PATCH", "/pals/p1"), ("GET", "/what")],
)
async def test_every_path_asks_for_the_key(client: Any, method: str, path: str, key: str | None) -> None:
    reply = await client.send(method, path, key=key)

    assert (reply.status, reply.body) == (401, {"message": "Invalid access token"})
    assert client.sandbox.stats().unauthorized == 1


async def test_unknown_paths_are_404_and_other_methods_405(client: Any) -> None:
    lost, wrong = await client.get("/unicorns"), await client.send("PUT", "/personas/p5317866")

    assert (lost.status, lost.body) == (404, {"message": "Not found"})
    assert (wrong.status, wrong.body) == (405, {"message": "Method not allowed"})
    assert wrong.headers["allow"] == "GET, PATCH, DELETE"


async def test_ids_may_need_quoting(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[{"persona_id": "a/b é"}]))
    url = client.sandbox.url + "/v2/personas/a%2Fb%20%C3%A9"
    async with client.http.get(url, headers={"x-api-key": client.sandbox.api_key}) as response:
        assert await response.json() == {"persona_id": "a/b é"}


async def test_a_list_has_ten_items_unless_told_otherwise(client: Any) -> None:
    first = await client.get("/personas")
    rest = await client.get("/personas/", params={"limit": 10, "page": 3})
    beyond = await client.get("/personas", params={"limit": 10, "page": 4})
    ids = client.sandbox.persona_ids

    assert set(first.body) == {"data", "total_count"}
    assert [item["persona_id"] for item in first.body["data"]] == list(ids[:10])
    assert [item["persona_id"] for item in rest.body["data"]] == list(ids[20:])
    assert (first.body["total_count"], beyond.body) == (30, {"data": [], "total_count": 30})


async def test_items_of_a_list_are_what_getting_them_gives(client: Any) -> None:
    pals = (await client.get("/pals", params={"limit": 100})).body["data"]

    assert len(pals) == 30
    assert pals == [(await client.get(f"/pals/{pal['pal_id']}")).body for pal in pals]


@pytest.mark.parametrize("name", ["persona_type", "pal_type"])
@pytest.mark.parametrize("family", ["personas", "pals"])
async def test_a_list_may_be_of_one_type(client: Any, family: str, name: str) -> None:
    lists = [
        (await client.get(f"/{family}", params={"limit": 100, name: kind})).body for kind in ("user", "system", "")
    ]
    user, system, both = ([next(iter(item.values())) for item in page["data"]] for page in lists)

    assert [page["total_count"] for page in lists] == [len(user), len(system), 30]
    assert "p5317866" in system
    assert user
    assert set(user).isdisjoint(system)
    assert {*user, *system} == {*both}


async def test_the_newest_come_first_when_asked_for(client: Any) -> None:
    newest = await client.get("/pals", params={"limit": 1, "sort": "desc"})

    assert newest.body["data"][0]["pal_id"] == client.sandbox.persona_ids[-1]


async def test_page_zero_is_the_first_page_too(client: Any) -> None:
    assert (await client.get("/pals?page=0&limit=25")).body == (await client.get("/pals?page=1&limit=25")).body


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=ten", "page=x", "persona_type=mine"])
async def test_a_query_that_makes_no_sense_is_400(client: Any, query: str) -> None:
    reply = await client.get(f"/personas?{query}")

    assert reply.status == 400
    assert query.partition("=")[0] in reply.body["error"]


async def test_creating_a_persona_answers_three_fields_and_stores_the_rest(client: Any) -> None:
    sent = {"persona_name": "New", "system_prompt": "Be kind.", "surprise": {"kept": True}, "layers": BODY["layers"]}
    created = await client.post("/personas", sent)
    persona_id = created.body["persona_id"]
    read = (await client.get(f"/personas/{persona_id}")).body

    assert created.status == 200
    assert set(created.body) == {"persona_id", "persona_name", "created_at"}
    assert read["surprise"] == {"kept": True}
    assert (read["pipeline_mode"], read["persona_name"]) == ("full", "New")
    assert read["created_at"] == read["updated_at"] == created.body["created_at"]
    assert client.sandbox.stored(persona_id)["layers"] == BODY["layers"]
    assert client.sandbox.persona_ids[-1] == persona_id


async def test_creating_a_pal_takes_and_answers_the_names_of_pals(client: Any) -> None:
    sent = {
        "pal_name": "New",
        "default_face_id": "r1",
        "system_prompt": "x",
        "layers": {"conversational_flow": {"face_interruptibility": "low"}},
    }
    created = (await client.post("/pals/", sent)).body

    assert set(created) == {"pal_id", "pal_name", "created_at"}
    assert client.sandbox.stored(created["pal_id"]) | {"created_at": "", "updated_at": ""} == {
        "persona_id": created["pal_id"],
        "persona_name": "New",
        "pipeline_mode": "full",
        "default_replica_id": "r1",
        "system_prompt": "x",
        "layers": {"conversational_flow": {"replica_interruptibility": "low"}},
        "created_at": "",
        "updated_at": "",
    }


async def test_creating_twice_makes_two(client: Any) -> None:
    ids = {(await client.post("/personas", {"system_prompt": "x"})).body["persona_id"] for _ in range(2)}

    assert len(ids) == 2


async def test_a_client_cannot_choose_what_the_server_decides(client: Any) -> None:
    sent = {"persona_id": "p5317866", "pal_id": "p1", "created_at": "x", "updated_at": "y", "system_prompt": "z"}
    created = (await client.post("/personas", sent)).body
    stored = client.sandbox.stored(created["persona_id"])

    assert created["persona_id"] not in {"p5317866", "p1"}
    assert stored["created_at"] == created["created_at"] != "x"
    assert stored["updated_at"] != "y"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"persona_name": "x"}, "system_prompt is required"),
        ({"system_prompt": "x", "pipeline_mode": "half"}, "full, echo, speech-to-speech"),
        ({"pipeline_mode": "echo", "default_replica_id": "not a replica"}, "Invalid replica_uuid"),
        ({"system_prompt": "x", "layers": {"perception": {"perception_model": "eyes"}}}, "raven-0, raven-1"),
        (["a list"], "object"),
    ],
)
async def test_what_breaks_a_rule_is_not_created(client: Any, sent: Any, words: str) -> None:
    reply = await client.post("/personas", sent)

    assert reply.status == 400
    assert words in reply.body["error"]
    assert len(client.sandbox.persona_ids) == 30


@pytest.mark.parametrize("sent", [{"pipeline_mode": "echo"}, {"pipeline_mode": "speech-to-speech"}])
async def test_a_persona_that_does_not_think_needs_no_prompt(client: Any, sent: Any) -> None:
    assert (await client.post("/personas", sent)).status == 200


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"x": NaN}'])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/personas"), ("PATCH", "/personas/pmine"), ("POST", "/personas/pmine/tools")]
)
async def test_a_body_that_is_no_json_is_400(connect: Connect, method: str, path: str, data: bytes) -> None:
    client = await connect(Sandbox(personas=[BODY]))
    reply = await client.send(method, path, data=data)

    assert (reply.status, reply.body) == (400, {"error": "Request body is not valid JSON"})


async def test_a_body_may_be_nested_and_hold_any_text(client: Any) -> None:
    deep: Any = "\ud800 lone"
    for _ in range(300):
        deep = [deep]
    created = await client.post("/personas", {"system_prompt": "x", "deep": deep})
    read = await client.get(f"/personas/{created.body['persona_id']}")

    assert read.body["deep"] == deep


async def test_a_body_that_is_too_large_is_413(connect: Connect) -> None:
    client = await connect(Sandbox(personas=0, max_body=1000))
    large = await client.post("/personas", {"system_prompt": "x" * 1000})
    small = await client.post("/personas", {"system_prompt": "x"})

    assert (large.status, large.body) == (413, {"message": "Request body too large"})
    assert small.status == 200


async def test_a_persona_can_be_deleted_once(connect: Connect) -> None:
    client = await connect(Sandbox(personas=[BODY]))
    first, again = await client.delete("/pals/pmine"), await client.delete("/pals/pmine")

    assert (first.status, first.body) == (204, None)
    assert (again.status, again.body) == (400, UNKNOWN)
    assert (await client.get("/personas")).body == {"data": [], "total_count": 0}


async def test_a_system_persona_can_be_read_and_not_deleted(client: Any) -> None:
    assert (await client.delete("/personas/p5317866")).body == UNKNOWN
    assert (await client.get("/personas/p5317866")).status == 200


async def test_personas_of_any_shape_are_served_as_they_are(connect: Connect) -> None:
    odd: dict[str, Any] = {"persona_id": "p1", "layers": ["x"], "persona_name": 5, "pipeline_mode": {"a": [None]}}
    client = await connect(Sandbox(personas=[odd, {"pal_id": "p2", "pal_name": "n"}, {"persona_name": "no id"}]))

    assert (await client.get("/personas/p1")).body == odd
    assert (await client.get("/personas/p2")).body == {"persona_id": "p2", "persona_name": "n"}
    assert client.sandbox.stored(client.sandbox.persona_ids[2])["persona_name"] == "no id"


async def test_floats_and_large_numbers_come_back_as_they_went(connect: Connect) -> None:
    numbers = {"a": 1.0, "b": 10**40, "c": 0.1, "d": -0.0, "e": 1e300}
    client = await connect(Sandbox(personas=[{"persona_id": "p1", "numbers": numbers}]))
    body = (await client.get("/personas/p1")).body

    assert json.dumps(body["numbers"]) == json.dumps(numbers)


@pytest.mark.parametrize("family", ["personas", "pals"])
async def test_a_username_is_free_or_taken_whatever_its_case(connect: Connect, family: str) -> None:
    persona = {"persona_id": "p1", "layers": {"conferencing": {"username": "Ada"}}}
    client = await connect(Sandbox(personas=[persona, {"persona_id": "p2", "layers": {"conferencing": None}}]))

    async def check(query: str) -> Any:
        return (await client.get(f"/{family}/check-username{query}")).body

    assert await check("?username=ADA") == {"available": False, "reason": "Username is taken"}
    assert await check("?username=grace") == {"available": True}
    assert await check("") == {"error": "username is required"}
