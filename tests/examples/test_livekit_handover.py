"""livekit's own Tavus code, unchanged, on one sandbox with our session; and the example that hands over to it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import AsyncSession
from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.support.quick import KEY, quick_session

NEEDS = "livekit-agents and livekit-plugins-tavus"
api = programs.load("livekit.plugins.tavus.api", needs=NEEDS)
example = programs.load("examples.livekit_handover", needs=NEEDS)
agents = programs.load("livekit.agents", needs=NEEDS)
testing = programs.load("livekit.agents.testing", needs=NEEDS)
rtc = programs.load("livekit.rtc", needs=NEEDS)
api_tokens = programs.load("livekit.api", needs=NEEDS)

LIVEKIT_KEY, LIVEKIT_SECRET = "livekit-key", "a livekit secret of more than 32 characters"
STOCK_PAL, STOCK_FACE = "pb87e71797da", "r4067604db72"


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY, personas=10) as sandbox:
        names = {
            "TAVUS_API_KEY": KEY,
            "TAVUS_BASE_URL": sandbox.url,
            "LIVEKIT_URL": "ws://127.0.0.1:1",
            "LIVEKIT_API_KEY": LIVEKIT_KEY,
            "LIVEKIT_API_SECRET": LIVEKIT_SECRET,
        }
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


@pytest.fixture
async def job() -> AsyncIterator[Any]:
    """A job in a room to which nobody is connected."""

    class Room(rtc.Room):  # type: ignore[name-defined,misc]
        name = "lobby"

    async with agents.utils.http_context.open():
        with testing.fake_job_context(room=Room()) as context:
            token = api_tokens.AccessToken(LIVEKIT_KEY, LIVEKIT_SECRET).with_identity("agent")
            context._info.token = token.to_jwt()
            yield context
            await context._on_cleanup()


async def shut_down(job: Any) -> None:
    """Does what the job's process does at its end."""
    for callback in job._shutdown_callbacks:
        await callback("over")


async def test_its_client_creates_pals_and_conversations(sandbox: Sandbox, session: AsyncSession) -> None:
    async with agents.utils.http_context.open() as http:
        client = api.TavusAPI(api_url=f"{sandbox.url}/v2", session=http)
        pal_id = await client.create_pal("Ada", default_face_id="r1")
        own = await session.get_conversation(await client.create_conversation(pal_id=pal_id))
        stock = await session.get_conversation(await client.create_conversation())

    assert (own.persona_id, own.replica_id) == (pal_id, "r1")
    assert (stock.persona_id, stock.replica_id) == (STOCK_PAL, STOCK_FACE)
    assert (stock.conversation_name or "").startswith("lk_conversation_")
    assert [each.status async for each in session.list_conversations()] == ["active", "active"]


async def test_the_conversation_of_a_job_ends_with_the_job(sandbox: Sandbox, session: AsyncSession, job: Any) -> None:
    avatar = await example.give_face(job, agents.AgentSession())
    before = await session.get_conversation(avatar.conversation_id)
    await shut_down(job)
    after = await session.get_conversation(avatar.conversation_id, verbose=True)

    assert before.status == "active"
    assert (after.status, after.end_reason) == ("ended", "end_conversation_endpoint_hit")


async def test_a_job_whose_conversation_was_refused_ends_all_the_same(sandbox: Sandbox, job: Any) -> None:
    sandbox.script([402])
    with pytest.raises(agents.APIStatusError):
        await example.give_face(job, agents.AgentSession())
    await shut_down(job)

    assert sandbox.conversation_ids == ()


async def test_a_job_that_ends_after_its_conversation_did_says_so(
    sandbox: Sandbox, session: AsyncSession, job: Any, caplog: pytest.LogCaptureFixture
) -> None:
    avatar = await example.give_face(job, agents.AgentSession())
    await session.end_conversation(avatar.conversation_id)
    with caplog.at_level("INFO", "examples"):
        await shut_down(job)

    assert f"conversation {avatar.conversation_id}: end_conversation_endpoint_hit" in caplog.messages
