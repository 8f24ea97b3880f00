"""Single flight: who shares whose request, and what becomes of the others when one gives up."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from tavus_async import (
    AsyncSession,
    Call,
    DeadlineExceededError,
    NotFoundError,
    RateLimit,
    ServerError,
    SessionClosedError,
)
from tavus_async._engine.sharing import Reader, SharedReads
from tavus_async.patch import replace
from tavus_async.sandbox import Answer, Faults, Sandbox
from tests.support.loops import on_each_loop
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import RawServer, always, hang, in_turn, words
from tests.support.versions import Versions, change, name, start
from tests.support.virtual_time import run, settle

P1 = "/v2/personas/p1"
READER = cast("Reader", SimpleNamespace(is_in_bulk_lane=True, needed=None, longest_wait=60.0))


@on_each_loop
async def test_a_hundred_calls_at_once_cost_one_request() -> None:
    async with (
        Sandbox(personas=3, api_key=KEY, faults=Faults(latency=0.02)) as sandbox,
        AsyncSession(KEY, base_url=sandbox.url, rate_limit=RateLimit(1e-3, burst=2)) as session,
    ):
        first, second, _ = sandbox.persona_ids
        personas = await asyncio.gather(*(session.get_persona(key) for key in [first, second] * 100))

        assert {persona.persona_id for persona in personas} == {first, second}
        assert sandbox.stats().requests == {"get_persona": 2}


async def test_calls_one_after_the_other_cost_one_request_each() -> None:
    async with RawServer(Versions()) as server, quick_session(server) as session:
        assert [await name(session) for _ in range(3)] == ["version 1", "version 2", "version 3"]
        assert len(server.requests) == 3


async def test_bulk_calls_share_too() -> None:
    async with Sandbox(personas=40, api_key=KEY, faults=Faults(jitter=0.01)) as sandbox:
        async with quick_session(sandbox) as session:
            ids = sandbox.persona_ids
            await asyncio.gather(*(session.get_personas(ids, concurrency=40) for _ in range(5)))

        assert sandbox.stats().total == 40


@on_each_loop
async def test_a_cancelled_leader_does_not_cancel_the_others() -> None:
    server_side = Versions()
    server_side.go.clear()
    async with RawServer(server_side) as server, quick_session(server) as session:
        leader, *followers = start(*(name(session) for _ in range(10)))
        await server.received(1)
        leader.cancel()
        await server.received(2)
        server_side.go.set()

        assert await asyncio.gather(*followers) == ["version 2"] * 9
        assert leader.cancelled()
        assert len(server.requests) == 2
        assert session.stats().in_flight == 0


@on_each_loop
async def test_a_cancelled_follower_cancels_nobody() -> None:
    server_side = Versions()
    server_side.go.clear()
    async with RawServer(server_side) as server, quick_session(server) as session:
        calls = start(*(name(session) for _ in range(10)))
        await server.received(1)
        for follower in calls[1:6]:
            follower.cancel()
        await settle()
        server_side.go.set()
        ends = await asyncio.gather(*calls, return_exceptions=True)

        assert [end if isinstance(end, str) else type(end) for end in ends] == [
            "version 1",
            *[asyncio.CancelledError] * 5,
            *["version 1"] * 4,
        ]
        assert len(server.requests) == 1


async def test_when_everyone_is_cancelled_nothing_is_left() -> None:
    async with RawServer(in_turn(hang, always())) as server, quick_session(server) as session:
        calls = start(*(session.get_persona("p1") for _ in range(10)))
        await server.received(1)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert (session.stats().waiting, session.stats().in_flight) == (0, 0)

        assert (await session.get_persona("p1")).persona_id == "p1"
        assert len(server.requests) == 2


@on_each_loop
async def test_followers_with_more_time_go_on_when_the_leaders_has_passed() -> None:
    async with RawServer(in_turn(hang, always())) as server, quick_session(server) as session:
        leader, *followers = start(
            session.get_persona("p1", timeout=0.1),
            session.get_persona("p1", timeout=20),
            session.get_persona("p1"),
        )
        with pytest.raises(DeadlineExceededError):
            await leader

        assert {persona.persona_id for persona in await asyncio.gather(*followers)} == {"p1"}
        assert len(server.requests) == 2


@on_each_loop
async def test_a_followers_own_deadline_holds() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        leader, follower = start(session.get_persona("p1"), session.get_persona("p1", timeout=0.1))
        with pytest.raises(DeadlineExceededError, match="another, equal call") as caught:
            await follower

        assert caught.value.attempts == 0
        assert isinstance(caught.value, TimeoutError)
        assert not leader.done()
        leader.cancel()


async def test_a_callers_own_timeout_is_not_taken_for_the_calls() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        (leader,) = start(session.get_persona("p1"))
        await server.received(1)
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.05):
                await session.get_persona("p1", timeout=20)

        assert not isinstance(caught.value, DeadlineExceededError)
        leader.cancel()


async def test_an_error_is_everyones_and_each_has_a_copy() -> None:
    async with RawServer(always(words("no"), 500)) as server, quick_session(server) as session:
        ends = await asyncio.gather(*(session.get_persona("p1") for _ in range(20)), return_exceptions=True)

    assert {(type(end), str(end)) for end in ends} == {(ServerError, str(ends[0]))}
    assert len({id(end) for end in ends}) == 20
    assert {end.attempts for end in ends if isinstance(end, ServerError)} == {5}
    assert len(server.requests) == 5


async def test_a_retry_is_shared_as_well() -> None:
    answer = in_turn(always(words("later"), 503), Versions())
    async with RawServer(answer) as server, quick_session(server) as session:
        assert set(await asyncio.gather(*(name(session) for _ in range(20)))) == {"version 1"}
        assert len(server.requests) == 2


async def test_closing_the_session_ends_those_who_share() -> None:
    async with RawServer(hang) as server:
        session = quick_session(server)
        calls = start(*(session.get_persona("p1") for _ in range(5)))
        await server.received(1)
        await session.aclose()
        ends = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(end) for end in ends] == [SessionClosedError] * 5


@on_each_loop
async def test_a_write_ends_the_sharing() -> None:
    server_side = Versions()
    server_side.go.clear()
    async with RawServer(server_side) as server, quick_session(server) as session:
        before = start(name(session), name(session))
        await server.received(1)
        (writing,) = start(session.send(change()))
        await server.received(2)
        during = start(name(session), name(session))
        await server.received(3)
        server_side.go.set()
        await writing
        after = await name(session)

        # Whoever asks after the write began gets nothing that was read before it.
        assert set(await asyncio.gather(*before)) == {"version 1"}
        assert set(await asyncio.gather(*during)) == {"version 2"}
        assert after == "version 3"


async def test_a_write_to_another_persona_ends_nothing() -> None:
    server_side = Versions()
    server_side.go.clear()
    async with RawServer(server_side) as server, quick_session(server) as session:
        (first,) = start(name(session))
        await server.received(1)
        (writing,) = start(session.send(change("p2")))
        await server.received(2)
        (second,) = start(name(session))
        await settle()
        server_side.go.set()

        assert {await first, await second} == {"version 1"}
        await writing


async def test_the_sessions_own_writes_end_the_sharing() -> None:
    bodies = [{"persona_id": f"p{index}", "persona_name": "Ada", "system_prompt": "Hm."} for index in range(3)]
    async with Sandbox(personas=bodies, api_key=KEY) as sandbox, quick_session(sandbox, cache_ttl=60) as session:
        before = await session.get_persona("p0")
        await session.patch_persona("p0", [replace("/persona_name", "Bo")])
        after = await session.get_persona("p0")
        await session.delete_persona("p0")

        assert (before.persona_name, after.persona_name) == ("Ada", "Bo")
        with pytest.raises(NotFoundError):
            await session.get_persona("p0")


def test_what_is_passed_on_to_the_next_leader_is_the_time_that_is_left() -> None:
    totals: list[float | None] = []

    async def fetch(total: float | None) -> str:
        totals.append(total)
        if len(totals) == 1:
            await asyncio.sleep(1e6)
        return "answer"

    async def scenario() -> None:
        reads = SharedReads(ttl=None, size=2, clock=asyncio.get_running_loop().time)
        leader, follower = start(
            reads.get("p1", fetch, total=None, reader=READER), reads.get("p1", fetch, total=1_000.0, reader=READER)
        )
        await asyncio.sleep(400)
        leader.cancel()
        assert await follower == "answer"

    run(scenario())
    assert totals == [None, pytest.approx(600, abs=0.01)]


async def test_an_error_that_is_not_ours_is_the_leaders_alone() -> None:
    def broken_once(body: bytes) -> str:
        calls.append(body)
        if len(calls) == 1:
            raise ZeroDivisionError
        return "fine"

    calls: list[bytes] = []
    call = Call(method="GET", path=P1, decode=broken_once, reads=P1)
    async with Sandbox(personas=[{"persona_id": "p1"}], api_key=KEY) as sandbox, quick_session(sandbox) as session:
        sandbox.script([Answer(body=b"{}", delay=0.05)])
        ends = await asyncio.gather(*(session.send(call) for _ in range(3)), return_exceptions=True)

    assert [type(end) for end in ends] == [ZeroDivisionError, str, str]
