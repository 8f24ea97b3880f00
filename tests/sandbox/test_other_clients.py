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
