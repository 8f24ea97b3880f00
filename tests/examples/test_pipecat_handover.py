"""pipecat's own Tavus code, unchanged, on one sandbox with our session; and the example that hands over to it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tavus_async import AsyncSession
from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.support.quick import KEY, quick_session, until

transport = programs.load("pipecat.transports.tavus.transport", needs="pipecat-ai[daily]")
video = programs.load("pipecat.services.tavus.video", needs="pipecat-ai[daily]")
example = programs.load("examples.pipecat_handover", needs="pipecat-ai[daily]")


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY, personas=10, speed=600) as sandbox:
        monkeypatch.setattr(transport.TavusApi, "BASE_URL", f"{sandbox.url}/v2")
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Any]:
    async with aiohttp.ClientSession() as http:
        yield transport.TavusApi(sandbox.api_key, http)


async def statuses(session: AsyncSession) -> list[str | None]:
    return [each.status async for each in session.list_conversations()]


async def test_its_client_opens_reads_and_ends(api: Any, session: AsyncSession) -> None:
    opened = await api.create_conversation("r1", "pipecat0")
    before = await session.get_conversation(opened["conversation_id"])
    await api.end_conversation(opened["conversation_id"])
    after = await session.get_conversation(opened["conversation_id"], verbose=True)

    assert opened["conversation_url"] == before.conversation_url
    assert (before.status, before.persona_id, before.replica_id) == ("active", "pipecat0", "r1")
    assert (after.status, after.end_reason) == ("ended", "end_conversation_endpoint_hit")
    assert await api.get_persona_name("pipecat0") == (await session.get_persona("pipecat0")).persona_name


async def test_what_is_opened_through_the_session_handed_over_is_ended(sandbox: Sandbox, session: AsyncSession) -> None:
    async with example.handed_over(session) as handed:
        api = transport.TavusApi(sandbox.api_key, handed.http)
        forgotten = (await api.create_conversation("r1", "pipecat0"))["conversation_id"]
        ended = (await api.create_conversation("r1", "pipecat0"))["conversation_id"]
        await api.end_conversation(ended)

    assert handed.conversation_ids == [forgotten, ended]
    assert await statuses(session) == ["ended", "ended"]


async def test_it_is_ended_when_the_bot_is_cancelled(sandbox: Sandbox, session: AsyncSession) -> None:
    opened = asyncio.Event()

    async def bot() -> None:
        async with example.handed_over(session) as handed:
            await transport.TavusApi(sandbox.api_key, handed.http).create_conversation("r1", "pipecat0")
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(bot())
    await opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await statuses(session) == ["ended"]


class DailyRoom:
    """In the place of the client of Daily's rooms, of which the sandbox has none."""

    def __init__(self, url: str, token: Any, name: str, params: Any, callbacks: Any, transport_name: str) -> None:
        self.url, self.callbacks = url, callbacks
        self.out_sample_rate = self.in_sample_rate = 16_000

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: Any, **__: Any) -> None: ...

        return nothing

    async def join(self) -> None:
        await self.callbacks.on_joined({})


@pytest.fixture
def rooms(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The rooms that pipecat enters from now on."""
    entered: list[Any] = []

    class Noted(DailyRoom):
        async def join(self) -> None:
            entered.append(self)
            await super().join()

    monkeypatch.setattr(transport, "DailyTransportClient", Noted)
    for name, value in {
        "TAVUS_API_KEY": sandbox.api_key,
        "TAVUS_BASE_URL": sandbox.url,
        "TAVUS_REPLICA_ID": "r1",
    }.items():
        monkeypatch.setenv(name, value)
    return entered


async def test_its_video_service_opens_and_ends_a_conversation(
    sandbox: Sandbox, session: AsyncSession, rooms: list[Any]
) -> None:
    async with example.handed_over(session) as handed:
        service = video.TavusVideoService(api_key=KEY, replica_id="r1", session=handed.http)
        worker = example.PipelineWorker(example.Pipeline([service]))
        runner = example.WorkerRunner()
        await runner.add_workers(worker)
        running = asyncio.create_task(runner.run())
        await until(lambda: bool(rooms))
        opened = sandbox.active_conversation_ids
        await worker.cancel()
        await running

        assert handed.conversation_ids == list(opened)
        assert len(opened) == 1
        assert sandbox.active_conversation_ids == ()


async def test_the_bot_stops_when_its_visitor_leaves_and_prints_what_was_said(
    sandbox: Sandbox, rooms: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    bot = asyncio.create_task(example.main())
    await until(lambda: bool(rooms))
    (conversation_id,) = sandbox.active_conversation_ids
    room = sandbox.rooms.get(conversation_id)
    assert room is not None
    visitor = room.join("Ada")
    room.say(visitor, "Good morning.")
    await rooms[0].callbacks.on_participant_joined({"id": "a", "info": {"userName": "Ada"}})
    await rooms[0].callbacks.on_participant_left({"id": "a", "info": {"userName": "Ada"}}, "left")
    await bot

    assert sandbox.active_conversation_ids == ()
    assert "user: Good morning." in capsys.readouterr().out.splitlines()


async def test_a_bot_whose_end_fails_is_cancelled_and_its_room_is_closed_all_the_same(
    sandbox: Sandbox, rooms: list[Any]
) -> None:
    bot = asyncio.create_task(example.main())
    await until(lambda: bool(rooms))
    opened = sandbox.active_conversation_ids
    sandbox.script([500])
    bot.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bot

    assert len(opened) == 1
    assert [request.status for request in sandbox.requests if request.path.endswith("/end")] == [500, 200]
    assert sandbox.active_conversation_ids == ()
