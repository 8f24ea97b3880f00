"""What a session meets in months: forks, foreign loops, idle hours, clocks that jump, servers that move."""

import asyncio
import gc
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from tavus_async import AsyncSession, DeadlineExceededError, Persona, RateLimit, SessionClosedError, Timeouts
from tests.faults import rig
from tests.faults.rig import Fault, Rig, with_length
from tests.support.loops import asyncio_only
from tests.support.quick import AT_ONCE, KEY, NO_LIMIT, quick_session, until
from tests.support.raw_server import RawServer, always, hang, in_turn


def in_child(act: Callable[[], None]) -> int:
    """Runs this in a fork of the process, and returns its exit status: 0 when it went well."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # for forking beside threads
        child = os.fork()
    if not child:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def refused(call: Callable[[], Any]) -> None:
    """Checks that a coroutine function is refused where it is not at home."""
    asyncio._set_running_loop(None)
    with pytest.raises(SessionClosedError, match="another event loop"):
        asyncio.run(call())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
class TestAfterAFork:
    async def test_the_child_is_refused(self) -> None:
        async with Rig() as server, quick_session(server) as session:
            await session.get_persona("p1")

            assert in_child(lambda: refused(lambda: session.get_persona("p2"))) == 0
            assert [request.path for request in server.requests] == ["/v2/personas/p1"]

    async def test_the_child_may_make_one_of_its_own(self) -> None:
        async def use_another() -> None:
            async with RawServer(always()) as other, quick_session(other) as another:
                assert (await another.get_persona("p1")).persona_id == "p1"

        def act() -> None:
            asyncio._set_running_loop(None)
            asyncio.run(use_another())

        async with Rig() as server, quick_session(server) as session:
            await session.get_persona("p1")

            assert in_child(act) == 0

    @pytest.mark.parametrize("ending", ["closed", "forgotten"])
    async def test_what_the_child_does_with_it_leaves_the_parents_connections_alone(self, ending: str) -> None:
        async with Rig() as server:
            sessions = [quick_session(server, timeouts=Timeouts(read=5))]
            await sessions[0].get_persona("before")

            def act() -> None:
                asyncio._set_running_loop(None)
                with warnings.catch_warnings(record=True) as warned:
                    warnings.simplefilter("always")
                    if ending == "closed":
                        asyncio.run(sessions[0].aclose())
                        refused_or_closed(sessions[0])
                    sessions.clear()
                    gc.collect()
                assert not [warning for warning in warned if "never closed" in str(warning.message)]

            assert in_child(act) == 0
            await sessions[0].get_persona("after")

            assert [request.connection for request in server.requests] == [1, 1]
            assert sessions[0].stats().requests == 2
            await sessions[0].aclose()

    def test_a_loop_that_goes_on_in_the_child_is_refused_too(self) -> None:
        with asyncio.Runner() as runner:
            session = runner.run(opened())

            def act() -> None:
                with pytest.raises(SessionClosedError):
                    runner.run(session.get_persona("p1"))

            assert in_child(act) == 0
            runner.run(session.aclose())


async def opened() -> AsyncSession:
    session = AsyncSession(KEY, base_url="http://127.0.0.1:9")
    return await session.__aenter__()


def refused_or_closed(session: AsyncSession) -> None:
    with pytest.raises(SessionClosedError, match="is closed"):
        asyncio.run(session.get_persona("p1"))


async def test_closing_it_from_another_loop_is_refused_and_changes_nothing() -> None:
    limit = RateLimit(5, burst=1)
    async with RawServer(always()) as server, quick_session(server, rate_limit=limit) as session:
        await session.get_persona("p1")
        waiting = asyncio.create_task(session.get_persona("p1"))
        await until(lambda: session.stats().waiting == 1)
        with pytest.raises(SessionClosedError, match="close it there"):
            await asyncio.to_thread(asyncio.run, session.aclose())

        assert (await waiting).persona_id == "p1"


def test_one_whose_loop_is_gone_can_be_closed_from_another() -> None:
    session = asyncio.run(opened())
    asyncio.run(session.aclose())

    assert repr(session) == "<AsyncSession http://127.0.0.1:9 (closed)>"
    refused_or_closed(session)


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again() -> None:
    async with Rig() as server, quick_session(server) as session:
        await session.get_persona("before")
        server.requests[0].close()
        await server.hung_up()
        await session.get_persona("after")

        assert [request.connection for request in server.requests] == [1, 2]
        assert session.stats().requests == 2


async def test_a_connection_is_not_kept_longer_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Rig() as server, quick_session(server) as session:
        await session.get_persona("before")
        now = [0.0]
        real = sys.modules["aiohttp.connector"].monotonic
        monkeypatch.setattr("aiohttp.connector.monotonic", lambda: real() + now[0])
        now[0] = 16.0
        await session.get_persona("after")

        assert [request.connection for request in server.requests] == [1, 2]


class Sleeper:
    """A laptop: `sleep()` lets the event loop's clock jump."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.away = 0.0
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + self.away)

    async def sleep(self, seconds: float) -> None:
        self.away += seconds
        await asyncio.sleep(0)


@asyncio_only
class TestAfterTheClockHasJumped:
    async def test_an_idle_session_goes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        laptop = Sleeper(monkeypatch)
        async with Rig() as server, quick_session(server, rate_limit=RateLimit(10, burst=10)) as session:
            for hours in (0, 1, 1_000):
                await laptop.sleep(hours * 3600)
                for number in range(10):
                    await session.get_persona(f"p{number}")

            assert len(server.requests) == 30
            assert session.stats().tokens <= 10

    async def test_calls_in_line_go_at_once_and_no_more_than_the_burst(self, monkeypatch: pytest.MonkeyPatch) -> None:
        laptop = Sleeper(monkeypatch)
        async with Rig() as server, quick_session(server, rate_limit=RateLimit(0.01, burst=2)) as session:
            calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(6)]
            await until(lambda: sum(call.done() for call in calls) == 2)
            await laptop.sleep(8 * 3600)
            await until(lambda: sum(call.done() for call in calls) == 4)
            assert len(server.requests) == 4
            assert session.stats().waiting == 2
            await laptop.sleep(8 * 3600)
            personas: list[Persona] = await asyncio.gather(*calls)

        assert [persona.persona_id for persona in personas] == [f"p{number}" for number in range(6)]

    async def test_a_read_under_way_is_repeated(self, monkeypatch: pytest.MonkeyPatch) -> None:
        laptop = Sleeper(monkeypatch)
        async with RawServer(in_turn(hang, always())) as server, quick_session(server) as session:
            call = asyncio.create_task(session.get_persona("p1"))
            await server.received(1)
            await laptop.sleep(3600)
            persona = await call

        assert persona.persona_id == "p1"
        assert session.stats().retries == 1

    async def test_a_deadline_that_has_passed_has_passed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        laptop = Sleeper(monkeypatch)
        patient = Timeouts(read=None, attempt=None)
        async with RawServer(hang) as server, quick_session(server, timeouts=patient) as session:
            call = asyncio.create_task(session.get_persona("p1", timeout=20))
            await server.received(1)
            await laptop.sleep(3600)
            with pytest.raises(DeadlineExceededError):
                await call

            assert session.stats().in_flight == 0

    async def test_a_pause_is_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        laptop = Sleeper(monkeypatch)
        async with Rig() as server, quick_session(server) as session:
            await server.misbehave(Fault(answer=rig.says(with_length(b"{}", status=429, Retry_After="50"))), times=1)
            call = asyncio.create_task(session.get_persona("p1"))
            await until(lambda: session.stats().rate_limited == 1)
            await laptop.sleep(3600)

            assert (await call).persona_id == "p1"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere loopback has one address")
async def test_a_server_that_has_moved_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    address = ["127.0.0.1"]
    asked: list[str] = []

    async def resolve(_self: object, host: str, port: int, *_args: object, **_settings: object) -> list[dict[str, Any]]:
        asked.append(host)
        return [
            {"hostname": host, "host": address[0], "port": port, "family": 2, "proto": 6, "flags": 0},
        ]

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolve)
    monkeypatch.setattr("aiohttp.resolver.AsyncResolver.resolve", resolve)

    async with Rig() as server, Rig("127.0.0.2", server.port) as other:
        named = f"http://localhost:{server.port}"
        async with AsyncSession(KEY, base_url=named, rate_limit=NO_LIMIT, retry=AT_ONCE) as session:
            await session.get_persona("p1")
            await server.misbehave(Fault(refuse=True))
            address[0] = "127.0.0.2"
            await session.get_persona("p1")

            assert asked == ["localhost", "localhost"]
            assert len(other.requests) == 1
