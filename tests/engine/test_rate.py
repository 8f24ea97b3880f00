"""The rate limit and the pool, as the server sees them."""

import asyncio
from collections.abc import Sequence

import attrs
import pytest

from tavus_async import AsyncSession, Persona, Pool, RateLimit, RetryPolicy, SessionClosedError, Timeouts
from tavus_async.sandbox import Faults, Sandbox
from tests.support.quick import KEY, quick_session, until
from tests.support.raw_server import RawServer, always, hang, in_turn, words


async def get_all(session: AsyncSession, ids: Sequence[str]) -> list[Persona | BaseException]:
    return await asyncio.gather(*(session.get_persona(persona_id) for persona_id in ids), return_exceptions=True)


async def test_hundreds_of_calls_at_once_keep_to_the_rate_and_all_succeed() -> None:
    async with Sandbox(personas=600, api_key=KEY, record=True) as sandbox:
        # Everything else at its default: no deadline, a pool of 100, five attempts.
        async with AsyncSession(KEY, base_url=sandbox.url, rate_limit=RateLimit(500)) as session:
            start = asyncio.get_running_loop().time()
            personas = await asyncio.gather(*(session.get_persona(key) for key in sandbox.persona_ids))
            seconds = asyncio.get_running_loop().time() - start
            stats = session.stats()
        seen = sandbox.stats()

    assert tuple(persona.persona_id for persona in personas) == sandbox.persona_ids
    assert (seen.total, stats.requests, stats.retries) == (600, 600, 0)
    # Where the server is late, what had left before arrives with what leaves: a whole pool at most.
    assert seen.most_within(0.5) <= 10 + 250 + 100
    # 10 at once and then 500 a second make 1.18 s; a slow machine may take longer, a wrong limiter takes less.
    assert 1.15 < seconds < 20


async def test_no_second_sees_more_than_burst_and_rate_though_most_attempts_fail() -> None:
    faults = Faults(error=0.4, reset=0.2, truncate=0.2)
    policy = RetryPolicy(attempts=10, base_delay=0.01, max_delay=0.05)
    pool = Pool(connections=5)
    async with Sandbox(personas=30, api_key=KEY, record=True, faults=faults, seed=3) as sandbox:
        async with quick_session(sandbox, rate_limit=RateLimit(200, burst=5), retry=policy, pool=pool) as session:
            ends = await get_all(session, sandbox.persona_ids)
        seen = sandbox.stats()

    failed = sum(seen.faults.values())
    assert failed / seen.total > 0.5
    assert seen.total > 50
    # Where the server is late, what had left before arrives with what leaves: a whole pool at most.
    assert seen.most_within(0.1) <= 5 + 20 + 5
    assert seen.most_within(0.05) <= 5 + 10 + 5
    assert sum(isinstance(end, Persona) for end in ends) >= 28


async def test_the_burst_goes_at_once_and_no_more() -> None:
    async with RawServer(hang) as server, quick_session(server, rate_limit=RateLimit(0.001, burst=7)) as session:
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(20)]
        await server.received(7)

        assert (session.stats().in_flight, session.stats().waiting) == (7, 13)
        assert session.stats().tokens == pytest.approx(0, abs=0.1)
        await session.aclose()
        assert {type(end) for end in await asyncio.gather(*calls, return_exceptions=True)} == {SessionClosedError}


async def test_queueing_for_the_pool_is_not_charged_to_the_attempt() -> None:
    # Twenty answers of 0.07 s, two at a time: the last begins 0.63 s after its call, and 0.5 s is all it may take.
    timeouts = Timeouts(attempt=0.5, read=0.5, connect=0.5)
    faults = Faults(latency=0.07)
    async with Sandbox(personas=20, api_key=KEY, faults=faults) as sandbox:
        async with quick_session(sandbox, pool=Pool(connections=2), timeouts=timeouts) as session:
            ends = await get_all(session, sandbox.persona_ids)
            stats = session.stats()
        seen = sandbox.stats()

    assert [type(end) for end in ends] == [Persona] * 20
    assert (stats.requests, seen.peak_concurrency) == (20, 2)


async def test_connections_are_kept_and_used_again() -> None:
    async with RawServer(always()) as server, quick_session(server, pool=Pool(connections=3)) as session:
        for turn in range(4):
            await get_all(session, [f"{turn}-{number}" for number in range(3)])

        assert len(server.requests) == 12
        assert server.connections == session.stats().open_connections == 3


async def test_calls_go_in_the_order_in_which_they_came() -> None:
    ids = [f"p{number:02}" for number in range(20)]
    async with RawServer(always()) as server, quick_session(server, pool=Pool(connections=1)) as session:
        await get_all(session, ids)

        assert [request.path.rpartition("/")[2] for request in server.requests] == ids


async def test_a_retry_keeps_its_place_in_line() -> None:
    ids = [f"p{number}" for number in range(6)]
    answer = in_turn(always(words("oh"), 500), always())
    async with RawServer(answer) as server, quick_session(server, rate_limit=RateLimit(60, burst=1)) as session:
        await get_all(session, ids)

        assert [request.path.rpartition("/")[2] for request in server.requests] == ["p0", *ids]


async def test_a_call_that_sleeps_before_a_retry_holds_no_connection() -> None:
    later = always(words("later"), 503, {"Retry-After": "50"})
    async with (
        RawServer(in_turn(later, always())) as server,
        quick_session(server, pool=Pool(connections=1)) as session,
    ):
        sleeper = asyncio.create_task(session.get_persona("p1"))
        await until(lambda: session.stats().requests == 1 and session.stats().in_flight == 0)
        await session.get_persona("p2")

        assert not sleeper.done()
        assert len(server.requests) == 2
        sleeper.cancel()


async def test_no_token_is_spent_while_a_slow_server_holds_every_connection() -> None:
    limit = RateLimit(0.001, burst=10)
    async with RawServer(hang) as server, quick_session(server, rate_limit=limit, pool=Pool(connections=2)) as session:
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(5)]
        await server.received(2)

        assert session.stats().tokens == pytest.approx(8, abs=0.1)
        assert (session.stats().waiting, len(calls)) == (3, 5)
        await session.aclose()
        await asyncio.gather(*calls, return_exceptions=True)


async def test_a_server_that_admits_less_than_it_was_asked_for_loses_no_call() -> None:
    limit = RateLimit(150, burst=10)
    async with (
        Sandbox(personas=60, api_key=KEY, rate_limit=limit, retry_after="exact") as sandbox,
        # One that is sent beside nine others may be the last to arrive several times.
        quick_session(
            sandbox, rate_limit=RateLimit(750, burst=10), retry=RetryPolicy(attempts=12, base_delay=0)
        ) as session,
    ):
        ends = await get_all(session, sandbox.persona_ids)
        stats = session.stats()

    assert [type(end) for end in ends] == [Persona] * 60
    assert 1 <= stats.rate_limited < 60
    assert stats.rate < 750


@attrs.define
class Tickets:
    """A limiter of one's own: each attempt needs a ticket."""

    left: asyncio.Semaphore = attrs.field(factory=lambda: asyncio.Semaphore(0))
    asked: int = 0
    told: list[float | None] = attrs.field(factory=list)

    async def acquire(self) -> None:
        self.asked += 1
        await self.left.acquire()

    def throttled(self, retry_after: float | None) -> None:
        self.told.append(retry_after)


async def test_a_limiter_of_ones_own_decides_when_attempts_go() -> None:
    tickets = Tickets()
    async with RawServer(always()) as server, quick_session(server, rate_limit=tickets) as session:
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(3)]
        await until(lambda: tickets.asked == 3)
        assert len(server.requests) == 0
        tickets.left.release()
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert len(server.requests) == 1
        tickets.left.release()
        tickets.left.release()
        await asyncio.gather(*calls)

        assert (tickets.asked, len(server.requests)) == (3, 3)
        assert (session.stats().tokens, session.stats().rate) == (float("inf"), float("inf"))


async def test_a_limiter_of_ones_own_is_asked_for_every_attempt_and_told_of_429s() -> None:
    tickets = Tickets(asyncio.Semaphore(100))
    refusal = always(words("later"), 429, {"Retry-After": "0.01"})
    answer = in_turn(refusal, always(words("later"), 429), always(words("oh"), 500), always())
    async with RawServer(answer) as server, quick_session(server, rate_limit=tickets) as session:
        await session.get_persona("p1")

        assert tickets.asked == len(server.requests) == 4
        assert tickets.told == [0.01, None]


async def test_giving_up_on_a_limiter_of_ones_own_frees_the_connection() -> None:
    tickets = Tickets()
    async with (
        RawServer(always()) as server,
        quick_session(server, rate_limit=tickets, pool=Pool(connections=1)) as session,
    ):
        with pytest.raises(TimeoutError):
            await session.get_persona("p1", timeout=0.05)
        assert (session.stats().in_flight, session.stats().waiting) == (0, 0)
        tickets.left.release()

        assert (await session.get_persona("p2")).persona_id == "p2"


async def test_closing_ends_calls_that_wait_for_a_limiter_of_ones_own() -> None:
    tickets = Tickets()
    async with RawServer(always()) as server:
        session = quick_session(server, rate_limit=tickets)
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(3)]
        await until(lambda: tickets.asked == 3)
        await session.aclose()
        async with asyncio.timeout(5):
            ends = await asyncio.gather(*calls, return_exceptions=True)

        assert [type(end) for end in ends] == [SessionClosedError] * 3
        assert (session.stats().in_flight, server.connections) == (0, 0)


async def test_what_a_limiter_of_ones_own_raises_comes_through() -> None:
    class Broken(Tickets):
        async def acquire(self) -> None:
            raise OSError("the limiter's own server is down")

    async with RawServer(always()) as server, quick_session(server, rate_limit=Broken()) as session:
        with pytest.raises(OSError, match="is down"):
            await session.get_persona("p1")

        assert (session.stats().in_flight, server.connections) == (0, 0)
