"""The session's methods for skills on a sandbox."""

from collections.abc import AsyncIterator

import pytest

from tavus_async import AsyncSession, BadRequestError, NotFoundError
from tavus_async._session import Vocabulary
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, quick_session

SLIDES = {"document_ids": ["d1"], "slides_trigger": "on_demand"}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    personas = [{"persona_id": persona_id, "system_prompt": "x"} for persona_id in ("p1", "p2")]
    async with Sandbox(api_key=KEY, personas=personas) as sandbox:
        yield sandbox


@pytest.fixture(params=["persona", "pal"])
async def session(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[AsyncSession]:
    vocabulary: Vocabulary = request.param
    async with quick_session(sandbox, vocabulary=vocabulary, cache_ttl=60.0) as session:
        yield session


async def test_the_registry_is_read(session: AsyncSession) -> None:
    skills = await session.list_skills()

    assert {"internet_search", "memory", "presentation", "magic_canvas"} <= {skill.skill_id for skill in skills}
    assert await session.get_skill("memory") in skills
    with pytest.raises(NotFoundError, match="Unknown skill 'my_skill'"):
        await session.get_skill("my_skill")


async def test_a_skill_is_attached_changed_and_detached(session: AsyncSession, sandbox: Sandbox) -> None:
    assert (await session.get_persona("p1")).skills is None
    sandbox.script(["reset"])
    attached = await session.attach_skill("p1", "presentation", SLIDES)
    changed = await session.update_skill("p1", "presentation", {"slides_trigger": None, "prompt": "Go."})
    listed = await session.list_persona_skills("p1")

    assert (attached.config, changed.config) == (SLIDES, {"document_ids": ["d1"], "prompt": "Go."})
    assert attached.attached_at is not None
    assert listed == {"presentation": changed}
    assert await session.get_persona_skill("p1", "presentation") == changed
    assert "presentation" in (await session.get_persona("p1")).skills
    sandbox.script(["reset"])
    await session.detach_skill("p1", "presentation")
    assert await session.list_persona_skills("p1") == {}
    with pytest.raises(NotFoundError, match="is not attached"):
        await session.update_skill("p1", "presentation", {})


async def test_one_persona_gets_the_skills_of_another(session: AsyncSession) -> None:
    await session.attach_skill("p1", "presentation", SLIDES)
    await session.attach_skill("p1", "memory")
    await session.attach_skill("p2", "internet_search")

    replaced = await session.replace_skills("p2", await session.list_persona_skills("p1"))

    assert {skill_id: skill.config for skill_id, skill in replaced.items()} == {"presentation": SLIDES, "memory": {}}
    assert await session.list_persona_skills("p2") == replaced
    assert await session.replace_skills("p2", {}) == {}


async def test_a_refusal_is_told_in_the_servers_words(session: AsyncSession) -> None:
    with pytest.raises(BadRequestError, match="Unknown field"):
        await session.attach_skill("p1", "memory", {"size": 5})
    with pytest.raises(NotFoundError, match="PAL not found"):
        await session.attach_skill("p9", "memory")
    with pytest.raises(NotFoundError, match="Unknown skill 'my_skill'"):
        await session.attach_skill("p1", "my_skill")
