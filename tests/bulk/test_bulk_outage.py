"""Outages: a bulk run waits for a server that cannot be reached, and loses nothing."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tavus_async import (
    AsyncSession,
    BulkError,
    ConnectError,
    CreatedPersona,
    InvalidRequestError,
    Outcome,
    Pool,
    Progress,
    RetryPolicy,
    ServerError,
    TavusError,
    Timeouts,
    calls,
)
from tavus_async._bulk import run as bulk_runs
from tavus_async._engine import outage as outages
from tavus_async._engine.outage import FIRST_PROBE, Outage
from tests.support.quick import quick_session, until
from tests.support.raw_server import Exchange, RawServer, always, words
from tests.support.virtual_time import elapsed, in_virtual_time, settle

# A server that goes down may leave a connection that it has not yet accepted without an answer.
BRIEF = Timeouts(attempt=1.0, read=1.0)
IDS = [f"p{number}" for number in range(400)]


class Server:
    """A server that can be taken down, and comes back on the same port."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.creates: list[str] = []
        self._port = 0

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._port}"

    async def up(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get("/v2/personas/{id}", self._get)
        app.router.add_post("/v2/personas", self._create)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Close every connection, and listen no more."""
        await self._runner.cleanup()

    async def _get(self, request: web.Request) -> web.Response:
        self.seen.append(request.match_info["id"])
        await asyncio.sleep(0.02)
        return web.json_response({"persona_id": request.match_info["id"]})

    async def _create(self, request: web.Request) -> web.Response:
        self.creates.append((await request.json())["persona_name"])
        return web.json_response({"persona_id": f"p{len(self.creates)}"})


@asynccontextmanager
async def running() -> AsyncIterator[Server]:
    """A server of which it is soon found out that it is down, or up again."""
    server = Server()
    await server.up()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outages, "FIRST_PROBE", FIRST_PROBE / 5)
        patch.setattr(bulk_runs, "HEARTBEAT", 0.05)
        try:
            yield server
        finally:
            await server.down()


async def take_down(server: Server, session: AsyncSession, *, after: int, is_noticed: Callable[[], bool]) -> None:
    """Take the server down after some requests, and bring it back once the outage has been noticed."""
    await until(lambda: session.stats().requests >= after)
    await server.down()
    await until(is_noticed)
    await server.up()


def tells_of_outage(told: list[Progress]) -> bool:
    return any(progress.outage > 0 for progress in told)


async def test_a_bulk_run_outlasts_a_server_that_goes_down_and_comes_back() -> None:
    told: list[Progress] = []
    async with (
        running() as server,
        quick_session(server, retry=RetryPolicy(base_delay=0.01), timeouts=BRIEF) as session,
    ):
        run = asyncio.create_task(session.get_personas(IDS, on_progress=told.append, concurrency=200))
        await take_down(server, session, after=250, is_noticed=lambda: any(progress.outage > 0.25 for progress in told))
        personas = await run

        assert [persona.persona_id for persona in personas] == IDS
        assert told[-1].outage == 0
        # While it was down, one at a time has tried.
        assert session.stats().requests < len(IDS) + 200 + 100 + 50


async def test_what_creates_is_not_sent_twice_in_an_outage() -> None:
    names = [f"n{number}" for number in range(150)]
    told: list[Progress] = []
    async with running() as server, quick_session(server, timeouts=BRIEF) as session:
        await server.down()
        outcomes = session.send_each(
            lambda name: calls.create_persona({"persona_name": name, "system_prompt": "x"}),
            names,
            on_progress=told.append,
        )
        run = asyncio.create_task(errors_of(outcomes))
        await until(lambda: tells_of_outage(told))
        await server.up()

        assert await run == []
        assert sorted(server.creates) == sorted(names)


async def errors_of(outcomes: AsyncIterator[Outcome[CreatedPersona]]) -> list[TavusError | None]:
    return [outcome.error async for outcome in outcomes if not outcome.ok]


async def test_items_fail_once_the_outage_has_lasted_too_long() -> None:
    async with running() as server, quick_session(server, timeouts=BRIEF) as session:
        await server.down()
        began = asyncio.get_running_loop().time()
        with pytest.raises(BulkError) as caught:
            await session.get_personas(IDS, max_outage=0.3)
        took = asyncio.get_running_loop().time() - began
        await server.up()

        assert {type(outcome.error) for outcome in caught.value.outcomes} == {ConnectError}
        assert "max_outage (0.3 s) is over" in str(caught.value.outcomes[0].error)
        assert 0.3 <= took < 10
        assert len(await session.get_personas(IDS[:3])) == 3


async def test_without_patience_items_fail_as_single_calls_do() -> None:
    async with running() as server, quick_session(server, timeouts=BRIEF) as session:
        await server.down()
        with pytest.raises(BulkError) as caught:
            await session.get_personas(IDS[:3], max_outage=0)
        await server.up()

        assert [type(outcome.error) for outcome in caught.value.outcomes] == [ConnectError] * 3


async def test_single_calls_do_not_wait_for_an_outage() -> None:
    async with running() as server, quick_session(server, timeouts=BRIEF) as session:
        await server.down()
        with pytest.raises(ConnectError):
            await session.get_persona("p1")
        await server.up()


@pytest.mark.parametrize("status", [502, 503, 520])
async def test_an_item_that_fails_alone_is_no_outage(status: int) -> None:
    async def answer(exchange: Exchange) -> None:
        await asyncio.sleep(0.002)
        if exchange.path.endswith("/p7"):
            await exchange.reply(words("down"), status)
        else:
            await exchange.reply()

    async with RawServer(answer) as server, quick_session(server, pool=Pool(connections=5)) as session:
        with pytest.raises(BulkError) as caught:
            await session.get_personas(IDS)

        failed = [outcome for outcome in caught.value.outcomes if not outcome.ok]
        assert [(outcome.key, type(outcome.error)) for outcome in failed] == [("p7", ServerError)]


async def test_what_no_waiting_cures_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:

        async def fail(*_: object, **__: object) -> bool:
            raise AssertionError("it waited")

        monkeypatch.setattr(Outage, "wait", fail)
        with pytest.raises(BulkError):
            await session.get_personas(["", "p1"])


async def test_the_log_tells_of_its_begin_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "tavus_async")
    told: list[Progress] = []
    async with running() as server, quick_session(server, timeouts=BRIEF) as session:
        run = asyncio.create_task(session.get_personas(IDS, on_progress=told.append))
        await take_down(server, session, after=50, is_noticed=lambda: tells_of_outage(told))
        await run

    lines = [record.getMessage() for record in caplog.records if "reached" in record.getMessage()]
    assert [line.partition(":")[0].partition(",")[0] for line in lines] == [
        "the server cannot be reached",
        "the server can be reached again",
    ]


async def test_closing_ends_the_wait() -> None:
    told: list[Progress] = []
    async with running() as server:
        session = quick_session(server)
        await session.get_persona("p1")
        await server.down()
        run = asyncio.create_task(session.get_personas(IDS, on_progress=told.append))
        await until(lambda: tells_of_outage(told))
        await session.aclose()
        with pytest.raises(BulkError):
            await run
        await server.up()


async def test_cancelling_ends_the_wait_and_another_run_probes_in_its_place() -> None:
    told: list[Progress] = []
    async with running() as server, quick_session(server, timeouts=BRIEF) as session:
        await server.down()
        run = asyncio.create_task(session.get_personas(IDS, on_progress=told.append))
        other = asyncio.create_task(session.get_personas(IDS[:5]))
        await until(lambda: tells_of_outage(told))
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await server.up()

        assert len(await other) == 5


@pytest.mark.parametrize("max_outage", [-1, float("inf"), float("nan"), "5", None, True])
async def test_what_is_no_number_of_seconds_is_refused(max_outage: object) -> None:
    session = AsyncSession("k" * 20)
    with pytest.raises(InvalidRequestError, match="max_outage must be a number of seconds"):
        session.iter_personas(["p1"], max_outage=max_outage)  # type: ignore[arg-type]


@in_virtual_time
async def test_probes_become_rarer() -> None:
    loop = asyncio.get_running_loop()
    outage = Outage(clock=loop.time)
    times = list[float]()
    while await outage.wait(100.0, is_certain=True):
        times.append(elapsed())
    gaps = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]

    assert gaps[:6] == pytest.approx([FIRST_PROBE * 2**number for number in range(5)] + [10.0], rel=0.01)
    assert times[-1] == pytest.approx(100.0, abs=0.1)


@in_virtual_time
async def test_one_at_a_time_probes_and_whoever_ends_lets_the_next_one() -> None:
    loop = asyncio.get_running_loop()
    outage = Outage(clock=loop.time)
    chance = random.Random(5)
    probing = most = 0

    async def item() -> float:
        nonlocal probing, most
        while await outage.wait(60.0, is_certain=True):
            assert outage.is_probing() or elapsed() > 30
            if elapsed() > 30:
                outage.answered(loop.time())
                return elapsed()
            probing += 1
            most = max(most, probing)
            await asyncio.sleep(chance.random())
            probing -= 1
            if chance.random() < 0.2:
                outage.release()
                return elapsed()
        raise AssertionError("it lasted too long")

    ends = await asyncio.gather(*(item() for _ in range(20)))
    await settle()

    assert most == 1
    assert max(ends) < 45
