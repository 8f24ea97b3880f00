"""A server that fails everything is not asked much more often than it would be without retries."""

import asyncio

import pytest

from tavus_async import AsyncSession, RetryPolicy, ServerError, Timeouts
from tests.faults import rig
from tests.faults.rig import Fault, Rig, with_length
from tests.support.quick import KEY, NO_LIMIT

FAILURES = {
    "500": Fault(answer=rig.says(with_length(b"{}", status=500))),
    "503": Fault(answer=rig.says(with_length(b"{}", status=503, Retry_After="0"))),
    "reset": Fault(answer=rig.says_and_resets()),
    "garbage": Fault(answer=rig.says_and_closes(b"noise\r\n\r\n")),
    "refused": Fault(refuse=True),
}
# With those before and after, a thousand for the first, and less for the others.
CALLS = 700
FEWER_CALLS = 300


def session_for(server: Rig) -> AsyncSession:
    retry = RetryPolicy(base_delay=0)
    return AsyncSession(KEY, base_url=server.url, rate_limit=NO_LIMIT, retry=retry, timeouts=Timeouts(connect=30))


async def attempts_of(session: AsyncSession, calls: int) -> tuple[int, int]:
    """How many attempts so many calls for different personas cost, and how many calls failed."""
    before = session.stats().requests
    results = await asyncio.gather(*(session.get_persona(f"p{n}") for n in range(calls)), return_exceptions=True)
    return session.stats().requests - before, sum(isinstance(result, Exception) for result in results)


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_thousand_calls_cost_little_once_it_is_spent_and_it_recovers_with_the_server(failure: str) -> None:
    async with Rig() as server, session_for(server) as session:
        await server.misbehave(FAILURES[failure])
        spending, _ = await attempts_of(session, 100)
        assert session.stats().retry_budget < 1
        assert spending <= 100 + RetryPolicy().budget + 0.1 * 100

        calls = CALLS if failure == "500" else FEWER_CALLS
        attempts, failed = await attempts_of(session, calls)
        assert failed == calls
        assert calls < attempts <= 1.2 * calls

        await server.heal()
        assert await attempts_of(session, 200) == (200, 0)
        assert session.stats().retry_budget == RetryPolicy().budget

        await server.misbehave(FAILURES["500"], times=4)
        assert (await session.get_persona("again")).persona_id == "again"


async def test_few_failures_among_many_calls_are_all_repeated() -> None:
    async with Rig() as server, session_for(server) as session:
        for _ in range(100):
            await server.misbehave(FAILURES["500"], times=1)
            _, failed = await attempts_of(session, 10)
            assert failed == 0

        assert session.stats().retries == 100


async def test_one_call_still_fails_at_its_last_attempt() -> None:
    async with Rig() as server, session_for(server) as session:
        await server.misbehave(FAILURES["500"])
        with pytest.raises(ServerError) as caught:
            await session.get_persona("p1")

        assert caught.value.attempts == server.attempts == RetryPolicy().attempts
