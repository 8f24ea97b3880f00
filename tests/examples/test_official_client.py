"""All that the official client can do beyond conversations, unchanged, on one sandbox with our session."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import AsyncSession, NotFoundError
from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.support.quick import KEY

programs.load("tavus_mcp.sdk.client.http", needs="tavus-cli")

STEP = {"objective_name": "ask_name", "objective_prompt": "Ask for the name.", "modality": "verbal"}
RULES = [{"text": "Tavus", "pronunciation": "Tay-vus", "type": "alias"}]
API_TOOL = {
    "name": "look_up",
    "description": "Looks something up.",
    "parameters": {"type": "object", "properties": {"what": {"type": "string"}}},
    "delivery": {"api": {"url": "https://api.example/{what}", "auth": {"type": "bearer", "token": "s3cret-token"}}},
}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY, personas=5, speed=10_000) as sandbox:
        yield sandbox


async def own_pal(session: AsyncSession) -> str:
    """The id of a persona that the account may change."""
    return (await session.create_persona({"persona_name": "Ada", "pipeline_mode": "echo"})).persona_id


async def test_pals(client: Any, session: AsyncSession) -> None:
    made = await client.pals.create({"pal_name": "Ada", "system_prompt": "You are Ada.", "pipeline_mode": "full"})
    pal_id = made["pal_id"]
    await client.pals.patch(pal_id, [{"op": "add", "path": "/greeting", "value": "Good evening."}])
    listed = await client.pals.list_all(page_size=2)

    assert (await session.get_persona(pal_id)).greeting == "Good evening."
    assert pal_id in {each["pal_id"] for each in listed["data"]}
    await client.pals.delete(pal_id)
    with pytest.raises(NotFoundError):
        await session.get_persona(pal_id)


async def test_faces_and_voices(client: Any, session: AsyncSession) -> None:
    draft = {"replica_name": "Ada", "train_video_url": "https://videos.example/ada.mp4"}
    replica = await session.create_replica(draft)
    voice = await session.create_voice({"voice_name": "Ada", "audio_url": "https://audio.example/ada.mp3"})
    faces = await client.faces.list_all(page_size=1, verbose="true")
    voices = await client.voices.list(limit=100, page=1, source="all")

    assert replica.replica_id in {each["face_id"] for each in faces["data"]}
    assert (await client.faces.get(replica.replica_id))["face_name"] == "Ada"
    assert voice.voice_id in {each["voice_id"] for each in voices["data"]}


async def test_documents(client: Any, session: AsyncSession) -> None:
    made = await client.documents.create_from_url(
        "https://docs.example/", document_name="Docs", tags=["faq"], participant_tags=["ada"], crawl={"depth": 1}
    )
    document = await session.wait_for_document(made["document_id"], timeout=20)
    listed = await client.documents.list(tags=["faq"], sort="desc")
    chunks = await client.documents.chunks(document.document_id, limit=1)
    again = await client.documents.recrawl(document.document_id, {"depth": 1, "max_pages": 2})

    assert (document.document_name, tuple(document.tags or ())) == ("Docs", ("faq",))
    assert [each["document_id"] for each in listed["data"]] == [document.document_id]
    assert (await client.documents.get(document.document_id))["status"] in {"ready", "recrawling"}
    assert "faq" in str(await client.documents.tags(search="fa"))
    assert chunks
    assert again["status"] == "recrawling"
    await client.documents.delete(document.document_id)
    assert [each async for each in session.list_documents()] == []


async def test_objectives(client: Any, session: AsyncSession) -> None:
    body = {"name": "Intake", "data": [STEP]}
    await client.objectives.validate(body)
    made = await client.objectives.create(body)
    objectives_id = made["objectives_id"]
    change = {"op": "replace", "path": "/data/0/objective_prompt", "value": "Ask kindly."}
    await client.objectives.patch(objectives_id, [change])
    ours = await session.get_objective_set(objectives_id)

    assert [each.objective_prompt for each in ours.data or ()] == ["Ask kindly."]
    assert objectives_id in {each["objectives_id"] for each in (await client.objectives.list_all())["data"]}
    await client.objectives.delete(objectives_id)


async def test_guardrails(client: Any, session: AsyncSession) -> None:
    made = await client.guardrails.create(
        {"guardrail_name": "calm", "guardrail_prompt": "Stay calm.", "tags": ["tone"]}
    )
    guardrail_id = made["guardrail_id"]
    await client.guardrails.patch(guardrail_id, {"guardrail_prompt": "Stay calm and kind.", "app_message": False})
    ours = await session.get_guardrail(guardrail_id)
    listed = await client.guardrails.list_all(type="user", legacy="false", verbose="true")

    assert (ours.guardrail_prompt, ours.app_message) == ("Stay calm and kind.", False)
    assert [each["guardrail_id"] for each in listed["data"]] == [guardrail_id]
    assert "tone" in str(await client.guardrails.tags())
    await client.guardrails.delete(guardrail_id)


async def test_pronunciation_dictionaries(client: Any, session: AsyncSession) -> None:
    made = await client.pronunciation_dictionaries.create({"name": "Names", "rules": RULES})
    dictionary_id = made["pronunciation_dictionary_id"]
    await client.pronunciation_dictionaries.patch(dictionary_id, {"name": "All names"})
    ours = await session.get_pronunciation_dictionary(dictionary_id)

    assert (ours.name, [rule.text for rule in ours.rules or ()]) == ("All names", ["Tavus"])
    listed = await client.pronunciation_dictionaries.list_all(start_page=0)
    assert [each["pronunciation_dictionary_id"] for each in listed["data"]] == [dictionary_id]
    await client.pronunciation_dictionaries.delete(dictionary_id)


async def test_tools(client: Any, session: AsyncSession, sandbox: Sandbox) -> None:
    made = await client.tools.create(API_TOOL)
    tool_id, pal_id = made["tool_id"], await own_pal(session)
    await client.tools.patch(tool_id, {"description": "Looks anything up."})
    await client.pals.attach_tools(pal_id, [tool_id])
    ours = await session.get_tool(tool_id)
    attached = await session.list_persona_tools(pal_id)
    listed = await client.tools.list(type="user", limit=25, page=1, sort="asc")

    assert ours.description == "Looks anything up."
    assert "s3cret-token" not in str(await client.tools.get(tool_id))
    assert "s3cret-token" in str(sandbox.stored(tool_id, resource="tools"))
    assert [each.tool_id for each in attached] == [tool_id]
    assert tool_id in str(await client.pals.list_tools(pal_id))
    assert [each["tool_id"] for each in listed["data"]] == [tool_id]
    await client.pals.detach_tool(pal_id, tool_id)
    await client.tools.delete(tool_id)


async def test_skills(client: Any, session: AsyncSession) -> None:
    pal_id = await own_pal(session)
    known = await client.skills.list()
    await client.pals.upsert_skill(pal_id, "internet_search")
    await client.pals.upsert_skill(pal_id, "presentation", {"document_ids": ["d1"]})
    await client.pals.patch_skill(pal_id, "presentation", {"prompt": "Slowly."})
    ours = await session.get_persona_skill(pal_id, "presentation")

    assert {each["skill_id"] for each in known["data"]} >= {"internet_search", "presentation"}
    assert ours.config == {"document_ids": ["d1"], "prompt": "Slowly."}
    assert (await client.pals.get_skill(pal_id, "presentation"))["config"] == dict(ours.config or {})
    await client.pals.delete_skill(pal_id, "presentation")
    assert list((await client.pals.list_skills(pal_id))["data"]) == ["internet_search"]
    await client.pals.replace_skills(pal_id, {"memory": {}})
    assert list(await session.list_persona_skills(pal_id)) == ["memory"]


async def test_deployments(client: Any, session: AsyncSession, sandbox: Sandbox) -> None:
    body = {"pal_id": sandbox.persona_ids[0], "channel": "widget", "name": "Shop", "password": "s3cret-word"}
    made = await client.deployments.create(body)
    deployment_id = made["deployment_id"]
    await client.deployments.patch(deployment_id, [{"op": "replace", "path": "/name", "value": "Store"}])
    ours = await session.get_deployment(deployment_id)
    listed = await client.deployments.list(page=0, limit=20, channel="widget", include_thumbnails="true")

    assert (ours.name, ours.has_password) == ("Store", True)
    assert [each["deployment_id"] for each in listed["deployments"]] == [deployment_id]
    assert "s3cret-word" not in str(await client.deployments.get(deployment_id))
    await client.deployments.delete(deployment_id)
