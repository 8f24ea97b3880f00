"""`RetryPolicy.max_elapsed`: a call with all defaults ends within a bearable time, and says why."""

import asyncio

import pytest

from tavus_async import (
    AttemptTimeoutError,
    ConnectError,
    RateLimit,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Timeouts,
)
from tests.support.quick import quick_session, until
from tests.support.raw_server import Answer, Exchange, RawServer, always, in_turn, words

IMPATIENT = Timeouts(attempt=0.1, read=0.1)


async def hang(exchange: Exchange) -> None:
    await exchange.hang()


def refuse(status: int, retry_after: str) -> Answer:
    return always(words("later"), status, {"Retry-After": retry_after})


def test_it_is_a_minute_by_default() -> None:
    assert RetryPolicy().max_elapsed == 60.0


async def test_at_a_silent_server_no_attempt_begins_after_it() -> None:
    policy = RetryPolicy(attempts=100, base_delay=0, max_elapsed=0.38)
    async with RawServer(hang) as server, quick_session(server, retry=policy, timeouts=IMPATIENT) as session:
        words = r"Timeouts.attempt \(0.1 s\) \(after [34] attempts in 0.\d s; RetryPolicy.max_elapsed \(0.38 s\)"
        with pytest.raises(AttemptTimeoutError, match=words) as caught:
            await session.get_persona("p1")

    assert 0.3 <= caught.value.elapsed < 1
    assert "max_elapsed" in caught.value.bound


async def test_where_nothing_listens_the_call_ends_as_well() -> None:
    policy = RetryPolicy(attempts=1_000, base_delay=0.02, max_delay=0.02, max_elapsed=0.2)
    async with RawServer(hang) as server:
        session = quick_session(server, retry=policy)
    async with session:
        with pytest.raises(ConnectError, match=r"RetryPolicy\.max_elapsed") as caught:
            await session.get_persona("p1")

    assert caught.value.elapsed < 1


async def test_without_it_the_attempts_alone_are_the_bound() -> None:
    policy = RetryPolicy(attempts=3, base_delay=0, max_elapsed=None)
    async with RawServer(hang) as server, quick_session(server, retry=policy, timeouts=IMPATIENT) as session:
        with pytest.raises(AttemptTimeoutError, match=r"RetryPolicy\.attempts allows 3"):
            await session.get_persona("p1")


async def test_time_in_line_is_not_counted() -> None:
    policy = RetryPolicy(base_delay=0, max_elapsed=0.15)
    slow = RateLimit(5, burst=1, adaptive=False)
    answer = in_turn(always(words("oh"), 500), always(words("oh"), 500), always(words("oh"), 500), always())
    async with RawServer(answer) as server, quick_session(server, retry=policy, rate_limit=slow) as session:
        assert (await session.get_persona("p1")).persona_id == "p1"
        assert len(server.requests) == 4


@pytest.mark.parametrize("status", [429, 503])
async def test_a_retry_after_is_counted_where_nothing_else_bounds_the_call(status: int) -> None:
    policy = RetryPolicy(base_delay=0, max_elapsed=0.35)
    async with RawServer(refuse(status, "0.2")) as server, quick_session(server, retry=policy) as session:
        with pytest.raises((RateLimitedError, ServerError), match="max_elapsed") as caught:
            await session.get_persona("p1")

    assert caught.value.attempts == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_a_retry_after_is_waited_for_where_a_deadline_or_a_bulk_run_bounds_it(status: int) -> None:
    policy = RetryPolicy(base_delay=0, max_elapsed=0.1, max_retry_after=0.1)
    answer = in_turn(*[refuse(status, "0.15")] * 2, always())
    async with RawServer(answer) as server, quick_session(server, retry=policy) as session:
        assert (await session.get_persona("p1", timeout=10)).persona_id == "p1"
    answer = in_turn(*[refuse(status, "0.15")] * 2, always())
    async with RawServer(answer) as server, quick_session(server, retry=policy) as session:
        assert len(await session.get_personas(["p1"])) == 1


async def test_who_shares_the_request_ends_with_it() -> None:
    policy = RetryPolicy(attempts=100, base_delay=0, max_elapsed=0.19)
    async with RawServer(hang) as server, quick_session(server, retry=policy, timeouts=IMPATIENT) as session:
        first = asyncio.create_task(session.get_persona("p1"))
        await until(lambda: session.stats().requests == 1)
        others = [asyncio.create_task(session.get_persona("p1")) for _ in range(10)]
        ends = await asyncio.gather(first, *others, return_exceptions=True)

        assert [type(end) for end in ends] == [AttemptTimeoutError] * 11
        assert session.stats().requests == 2
