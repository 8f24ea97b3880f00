"""The requests of other people's Tavus clients, sent exactly as they send them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Connect = Callable[[Sandbox], Awaitable[Any]]
JSON = {"Content-Type": "application/json"}
COMMAND_LINE = {"User-Agent": "tavus-cli/0.11.0", "X-Tavus-Client-Source": "cli"}


async def test_pipecat_asks_for_the_name_of_a_persona(client: Any) -> None:
    reply = await client.get("/personas/pipecat0", headers=JSON)

    assert reply.body["persona_name"]


async def test_livekit_creates_a_pal_with_a_face(client: Any) -> None:
    payload = {
        "pal_name": "lk_pal_1",
        "default_face_id": "r4067604db72",
        "pipeline_mode": "echo",
        "layers": {"transport": {"transport_type": "livekit"}},
    }

    assert (await client.post("/pals", payload, headers=JSON)).body["pal_id"].startswith("p")


async def test_livekit_creates_a_persona_without_a_replica(client: Any) -> None:
    payload = {
        "persona_name": "lk_persona_1",
        "pipeline_mode": "echo",
        "layers": {"transport": {"transport_type": "livekit"}},
    }

    assert (await client.post("/personas", payload, headers=JSON)).body["persona_id"].startswith("p")


@pytest.mark.parametrize("stored", [0, 99, 100, 250])
async def test_the_command_line_reads_all_pages(connect: Connect, stored: int) -> None:
    client = await connect(Sandbox(personas=stored))
    found: list[str] = []
    for page in range(1, 101):
        reply = await client.get("/pals", params={"limit": 100, "page": page}, headers=COMMAND_LINE)
        found += [pal["pal_id"] for pal in reply.body["data"]]
        if len(found) >= reply.body["total_count"]:
            break

    assert tuple(found) == client.sandbox.persona_ids


async def test_the_command_line_lists_page_zero_first(client: Any) -> None:
    reply = await client.get("/pals", params={"limit": 25, "page": 0}, headers=COMMAND_LINE)

    assert len(reply.body["data"]) == 25
    assert {"pal_id", "pal_name", "updated_at"} <= set(reply.body["data"][0])


async def test_the_command_line_gets_creates_patches_and_deletes(client: Any) -> None:
    created = await client.post(
        "/pals",
        {
            "system_prompt": "Be kind.",
            "pipeline_mode": "full",
            "pal_name": "Agentic Tavus PAL",
            "layers": {"llm": {"model": "tavus-gemma-4", "speculative_inference": True}},
            "memories": ["m"],
            "is_template": True,
        },
        headers=COMMAND_LINE,
    )
    path = f"/pals/{created.body['pal_id']}"
    read = await client.get(path, params={"include_settings": "false"}, headers=COMMAND_LINE)
    knowledge = await client.patch(
        path,
        {"op": "replace", "path": "/document_ids", "value": ["d1"]},
        {"op": "replace", "path": "/document_tags", "value": ["faq"]},
        headers=COMMAND_LINE,
    )
    eyes = {"op": "add", "path": "/layers/perception", "value": {"perception_model": "off"}}
    perception = await client.patch(path, eyes, headers=COMMAND_LINE)
    unchanged = await client.patch(path, eyes, headers=COMMAND_LINE)
    deleted = await client.delete(path)

    assert read.body["layers"] == {"llm": {}}
    assert [created.status, knowledge.status, perception.status] == [200, 200, 200]
    assert [unchanged.status, deleted.status] == [304, 204]


@pytest.mark.parametrize("family", ["pals", "personas"])
async def test_the_command_line_sets_up_meetings_and_knowledge(client: Any, family: str) -> None:
    created = await client.post(f"/{family}", {"pal_name": "Tutor", "system_prompt": "Be kind."}, headers=COMMAND_LINE)
    path = f"/{family}/{created.body['pal_id' if family == 'pals' else 'persona_id']}"
    steps: list[list[dict[str, Any]]] = [
        [{"op": "add", "path": "/layers/conversational_flow", "value": {"wake_phrase": "hey", "sleep_phrase": "bye"}}],
        [{"op": "add", "path": "/layers/conversational_flow/wake_phrase", "value": "hello"}],
        [{"op": "add", "path": "/layers/conferencing", "value": {"username": "tutor"}}],
        [{"op": "add", "path": "/layers/knowledge_base", "value": {"rag_n_chunks": 3}}],
        [{"op": "add", "path": "/layers/perception", "value": {"perception_model": "raven-1"}}],
    ]
    answers = [await client.patch(path, *step, headers=COMMAND_LINE) for step in steps]
    read = await client.get(path, params={"verbose": "true", "include_settings": "true"}, headers=COMMAND_LINE)

    assert [answer.status for answer in answers] == [200] * len(steps)
    assert read.body["layers"] == {
        "conversational_flow": {"wake_phrase": "hello", "sleep_phrase": "bye"},
        "conferencing": {"username": "tutor"},
        "knowledge_base": {"rag_n_chunks": 3},
        "perception": {"perception_model": "raven-1"},
    }


@pytest.mark.parametrize("family", ["pals", "personas"])
async def test_the_command_line_attaches_tools_and_skills(client: Any, family: str) -> None:
    tools = [{"tool_id": tool_id, "name": tool_id} for tool_id in ("t1", "t2")]
    for tool in tools:
        client.sandbox.add(tool, resource="tools")
    body = {"pal_name": "Tutor", "system_prompt": "Be kind.", "tool_ids": ["t1"]}
    created = await client.post(f"/{family}", body, headers=COMMAND_LINE)
    path = f"/{family}/{created.body['pal_id' if family == 'pals' else 'persona_id']}"

    attached = await client.post(f"{path}/tools/", {"tool_ids": ["t2"]}, headers=COMMAND_LINE)
    detached = await client.delete(f"{path}/tools/t1")
    skill = await client.send("PUT", f"{path}/skills/magic_canvas", json={"config": {}}, headers=COMMAND_LINE)
    skills = await client.get(f"{path}/skills/", headers=COMMAND_LINE)

    assert attached.body == ({"data": tools} if family == "pals" else tools)
    assert (detached.status, skill.status) == (204, 200)
    assert skills.body == {"data": {"magic_canvas": skill.body}}
    assert skill.body.items() >= {"skill_id": "magic_canvas", "config": {}}.items()


async def test_the_command_line_finds_an_id_in_the_words_of_a_refusal(client: Any) -> None:
    """It puts the PALs' name for the id in their place itself."""
    reply = await client.get("/pals/p0", headers=COMMAND_LINE)

    assert (reply.status, reply.body) == (400, {"error": "Invalid persona_id"})


async def test_livekit_lets_its_caller_override_what_it_creates(client: Any) -> None:
    payload = {
        "pal_name": "lk_pal_2",
        "default_face_id": "r4067604db72",
        "pipeline_mode": "full",
        "layers": {"transport": {"transport_type": "livekit"}},
    }

    refused = await client.post("/pals", payload, headers=JSON)
    taken = await client.post("/pals", payload | {"system_prompt": "Be kind."}, headers=JSON)

    assert (refused.status, taken.status) == (400, 200)


async def test_pipecat_asks_for_a_persona_that_is_not_there(client: Any) -> None:
    assert (await client.get("/personas/p0", headers=JSON)).status == 400


async def test_pipecat_opens_a_conversation_and_ends_it(client: Any) -> None:
    """It says that what it sends is JSON where it sends nothing, too."""
    opened = await client.post("/conversations", {"replica_id": "r1", "persona_id": "pipecat0"}, headers=JSON)
    path = f"/conversations/{opened.body['conversation_id']}"
    ended = await client.send("POST", f"{path}/end", headers=JSON)

    assert (opened.status, ended.status) == (200, 200)
    assert opened.body["conversation_url"].startswith("http")
    assert (await client.get(path)).body["status"] == "ended"


async def test_pipecat_is_refused_what_it_ends_a_second_time(client: Any) -> None:
    opened = await client.post("/conversations", {"replica_id": "r1", "persona_id": "pipecat0"}, headers=JSON)
    path = f"/conversations/{opened.body['conversation_id']}/end"
    ends = [(await client.send("POST", path, headers=JSON)).status for _ in range(2)]

    assert ends == [200, 400]


async def test_livekit_opens_a_conversation_in_a_room_of_its_own(client: Any) -> None:
    payload = {
        "pal_id": "pb87e71797da",
        "properties": {"livekit_ws_url": "wss://livekit.example", "livekit_room_token": "a.b.c"},
        "face_id": "r4067604db72",
        "conversation_name": "lk_conversation_1",
    }
    opened = await client.post("/conversations", payload, headers=JSON)
    read = await client.get(f"/conversations/{opened.body['conversation_id']}")

    assert opened.status == 200
    assert (read.body["pal_id"], read.body["face_id"]) == ("pb87e71797da", "r4067604db72")


@pytest.mark.parametrize("end_body", ["status", "object", "empty"])
async def test_the_command_line_creates_reads_ends_and_deletes_conversations(connect: Connect, end_body: Any) -> None:
    client = await connect(Sandbox(personas=5, end_body=end_body))
    body = {"persona_id": "p5317866", "replica_id": "r1", "conversation_name": "Lesson"}
    created = await client.post("/conversations", body, headers=COMMAND_LINE)
    path = f"/conversations/{created.body['conversation_id']}"
    listed = await client.get("/conversations", params={"limit": 100, "page": 1}, headers=COMMAND_LINE)
    ended = await client.send("POST", f"{path}/end", headers=COMMAND_LINE)
    read = await client.get(path, headers=COMMAND_LINE)
    deleted = await client.delete(path)

    assert [each["conversation_id"] for each in listed.body["data"]] == [created.body["conversation_id"]]
    assert (ended.status, deleted.status) == (200, 204)
    assert read.body | body == read.body
    assert read.body["status"] == "ended"


async def test_the_command_line_starts_a_chat(client: Any) -> None:
    body = {"persona_id": "p5317866", "chat": True, "custom_greeting": "Hi.", "conversation_name": "Chat"}
    started = await client.post("/conversations", body, headers=COMMAND_LINE)

    assert started.status == 200
    assert not (await client.get(f"/conversations/{started.body['conversation_id']}")).body.get("conversation_url")


@pytest.mark.parametrize("stored", [0, 99, 100, 250])
async def test_the_command_line_reads_all_pages_of_conversations(connect: Connect, stored: int) -> None:
    client = await connect(Sandbox(conversations=[{"persona_id": "p5317866", "status": "ended"}] * stored))
    found: list[str] = []
    for page in range(1, 101):
        reply = await client.get("/conversations", params={"limit": 100, "page": page}, headers=COMMAND_LINE)
        found += [each["conversation_id"] for each in reply.body["data"]]
        if not reply.body["data"] or len(found) >= reply.body["total_count"]:
            break

    assert len(set(found)) == len(found) == stored
