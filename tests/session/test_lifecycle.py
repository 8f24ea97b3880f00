"""A session's life: made anywhere, opened once, closed once, missed by nobody."""

import asyncio
import copy
import gc
import pickle
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from tavus_async import AsyncSession, NotFoundError, Pool, RateLimit, RetryPolicy, SessionClosedError
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.quick import KEY, create, first_or_later, quick_session, until, warm_up
from tests.support.raw_server import RawServer, always, hang, in_turn, words


def other_tasks() -> set["asyncio.Task[Any]"]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def test_it_can_be_made_where_no_loop_runs() -> None:
    session = AsyncSession(KEY)

    assert session.stats().tokens == 10
    assert repr(session) == "<AsyncSession https://tavusapi.com (not opened)>"


def test_it_can_be_closed_without_ever_having_been_opened() -> None:
    session = AsyncSession(KEY)
    asyncio.run(session.aclose())

    assert repr(session).endswith("(closed)>")


async def test_it_opens_with_the_first_call() -> None:
    async with RawServer(always()) as server:
        session = quick_session(server)
        assert (repr(session), session.stats().open_connections) == (f"<AsyncSession {server.url} (not opened)>", 0)
        await session.get_persona("p1")
        assert (repr(session), session.stats().open_connections) == (f"<AsyncSession {server.url} (open)>", 1)
        await session.aclose()

        assert (repr(session), session.stats().open_connections) == (f"<AsyncSession {server.url} (closed)>", 0)


async def test_it_may_be_closed_twice_and_by_several_at_once() -> None:
    async with RawServer(always()) as server:
        session = quick_session(server)
        await session.get_persona("p1")
        await asyncio.gather(session.aclose(), session.aclose())
        await session.aclose()

        assert session.stats().requests == 1


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.get_persona("p1"),
        lambda session: session.get_persona("p1", timeout=1),
        lambda session: session.list_personas_page(),
        lambda session: session.send(create()),
        lambda session: session.__aenter__(),
    ],
)
async def test_it_cannot_be_used_after_it_was_closed(use: Callable[[AsyncSession], Awaitable[object]]) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        await session.aclose()
        with pytest.raises(SessionClosedError, match="the session is closed"):
            await use(session)

        assert server.connections == 0


async def test_it_closes_when_its_block_fails() -> None:
    async with RawServer(always()) as server:
        session = quick_session(server)
        with pytest.raises(ZeroDivisionError):
            await fail_within(session)
        with pytest.raises(SessionClosedError):
            await session.get_persona("p1")


async def fail_within(session: AsyncSession) -> None:
    async with session:
        await session.get_persona("p1")
        _ = 1 / 0


async def test_closing_ends_calls_that_are_waiting_for_a_token() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=RateLimit(0.001, burst=1)) as session:
        await session.get_persona("p0")
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(1, 6)]
        await until(lambda: session.stats().waiting == 5)
        await session.aclose()
        ends = await asyncio.gather(*calls, return_exceptions=True)

        assert [type(end) for end in ends] == [SessionClosedError] * 5
        assert (session.stats().waiting, len(server.requests), other_tasks() & set(calls)) == (0, 1, set())


@pytest.mark.parametrize("is_borrowed", [False, True])
@first_or_later
async def test_closing_ends_calls_that_are_under_way_and_those_behind_them(is_borrowed: bool, is_warm: bool) -> None:
    async with RawServer(hang) as server, aiohttp.ClientSession() as http:
        session = quick_session(server, pool=Pool(connections=2), http=http if is_borrowed else None)
        if is_warm:
            await warm_up(session)
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(5)]
        await server.received(2)
        await session.aclose()
        async with asyncio.timeout(5):
            ends = await asyncio.gather(*calls, return_exceptions=True)

        assert [type(end) for end in ends] == [SessionClosedError] * 5
        assert (session.stats().in_flight, session.stats().waiting, len(server.requests)) == (0, 0, 2)


async def test_closing_ends_calls_that_sleep_before_a_retry() -> None:
    later = always(words("later"), 503, {"Retry-After": "50"})
    async with RawServer(later) as server, quick_session(server) as session:
        call = asyncio.create_task(session.get_persona("p1"))
        await until(lambda: session.stats().requests == 1 and session.stats().in_flight == 0)
        await session.aclose()
        async with asyncio.timeout(5):
            with pytest.raises(SessionClosedError):
                await call

        assert len(server.requests) == 1


async def test_closing_ends_calls_that_share_another_ones_request() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        calls = [asyncio.create_task(session.get_persona("p1")) for _ in range(3)]
        await server.received(1)
        await session.aclose()
        async with asyncio.timeout(5):
            ends = await asyncio.gather(*calls, return_exceptions=True)

        assert [type(end) for end in ends] == [SessionClosedError] * 3


async def test_it_leaves_no_task_behind() -> None:
    before = other_tasks()
    later = always(words("later"), 503, {"Retry-After": "50"})
    async with RawServer(in_turn(always(), later, hang)) as server:
        session = quick_session(server)
        await session.get_persona("p0")
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(1, 9)]
        await server.received(9)
        own = other_tasks() - before - set(calls) - server.tasks
        await session.aclose()
        await asyncio.gather(*calls, return_exceptions=True)

        # Neither while it works nor afterwards: a call runs in its caller's task.
        assert own == set()
        assert other_tasks() - before - server.tasks == set()


async def test_a_borrowed_client_session_is_used_and_stays_open() -> None:
    async with RawServer(always()) as server, aiohttp.ClientSession(headers={"X-Mine": "yes"}) as http:
        async with quick_session(server, http=http) as session:
            await session.get_persona("p1")
        assert not http.closed
        async with http.get(server.url) as answer:
            assert answer.status == 200

        assert [request.headers.get("x-mine") for request in server.requests] == ["yes", "yes"]
        assert "x-api-key" not in server.requests[1].headers


async def test_a_borrowed_client_sessions_own_ways_change_nothing() -> None:
    http = aiohttp.ClientSession(
        base_url="http://127.0.0.1:1/", raise_for_status=True, timeout=aiohttp.ClientTimeout(total=1e-9)
    )
    answer = in_turn(always(words("Invalid persona_id"), 400), always())
    async with http, RawServer(answer) as server, quick_session(server, http=http) as session:
        with pytest.raises(NotFoundError):
            await session.get_persona("p1")
        assert (await session.get_persona("p1")).persona_id == "p1"


async def test_a_borrowed_client_session_that_its_owner_has_closed_is_a_closed_session() -> None:
    async with (
        RawServer(always()) as server,
        aiohttp.ClientSession() as http,
        quick_session(server, http=http) as session,
    ):
        await session.get_persona("p1")
        await http.close()
        with pytest.raises(SessionClosedError, match="borrowed aiohttp\\.ClientSession was closed"):
            await session.get_persona("p1")

        assert len(server.requests) == 1


async def test_a_borrowed_connectors_limit_holds_beside_the_pools() -> None:
    connector = aiohttp.TCPConnector(limit=2)
    async with RawServer(hang) as server, aiohttp.ClientSession(connector=connector) as http:
        async with quick_session(server, http=http) as session:
            calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(6)]
            await server.received(2)

            assert (session.stats().in_flight, session.stats().waiting) == (2, 4)
        await asyncio.gather(*calls, return_exceptions=True)


# asyncio says of each connection that it was left open as its loop was closed.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_it_opens_anew_in_the_next_event_loop_once_its_own_is_closed() -> None:
    with sandbox_elsewhere(personas=3, api_key=KEY) as sandbox:
        session = quick_session(sandbox, rate_limit=RateLimit(0.001, burst=3))
        asyncio.run(use(session, "p5317866"))
        asyncio.run(use(session, "p5317866"))

        # What was spent stays spent, and what was counted stays counted.
        assert session.stats().tokens == pytest.approx(1, abs=0.01)
        assert session.stats().calls == session.stats().requests == sandbox.stats().total == 2
        asyncio.run(session.aclose())
        with pytest.raises(SessionClosedError, match="the session is closed"):
            asyncio.run(use(session))
    del session
    gc.collect()


async def use(session: AsyncSession, persona_id: str = "p1") -> None:
    await session.get_persona(persona_id)


async def test_from_another_thread_it_is_refused() -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        await session.get_persona("p1")
        with pytest.raises(SessionClosedError, match="another event loop"):
            await asyncio.to_thread(asyncio.run, use(session))

        await session.get_persona("p1")


async def test_a_forgotten_one_is_closed_at_once_and_not_when_garbage_is_collected() -> None:
    async with RawServer(always()) as server:
        session = quick_session(server)
        await session.get_persona("p1")
        gc.disable()
        try:
            with pytest.warns(ResourceWarning, match="was never closed"):
                del session
            await until(lambda: not server.open_connections)
        finally:
            gc.enable()


async def test_a_forgotten_one_warns_exactly_once_and_closes_its_connections() -> None:
    async with RawServer(always()) as server:
        session = quick_session(server)
        await session.get_persona("p1")
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            del session
            gc.collect()
            await until(lambda: not server.open_connections)
            gc.collect()

        assert [(warning.category, "was never closed" in str(warning.message)) for warning in warned] == [
            (ResourceWarning, True)
        ]
        assert told == []


@pytest.mark.parametrize("state", ["not opened", "closed", "borrowed"])
async def test_nothing_is_said_of_one_that_holds_no_connection(state: str) -> None:
    async with RawServer(always()) as server, aiohttp.ClientSession() as http:
        session = quick_session(server, http=http if state == "borrowed" else None)
        if state != "not opened":
            await session.get_persona("p1")
        if state == "closed":
            await session.aclose()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            del session
            gc.collect()

        assert warned == []


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_cannot_be_pickled_or_copied(copied: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="cannot be pickled: make one in each process"):
        copied(AsyncSession(KEY))


def test_its_settings_can_be_pickled() -> None:
    settings = (RateLimit(5, burst=2), RetryPolicy(attempts=2), Pool(insecure_hosts={"tavus.test"}))

    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301
