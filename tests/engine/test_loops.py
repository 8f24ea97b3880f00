"""The same behaviour on asyncio's own event loop and on uvloop."""

import asyncio
import gc
import warnings
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    DeadlineExceededError,
    Persona,
    Pool,
    RateLimit,
    RetryPolicy,
    SessionClosedError,
)
from tavus_async.sandbox import Faults, Sandbox
from tests.support.quick import KEY, create, quick_session, until
from tests.support.raw_server import RawServer, always, close, hang, in_turn, reset, words

Scenario = Callable[[], Coroutine[Any, Any, None]]
Run = Callable[[Scenario], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a scenario on the loop, with the loop's own complaints counted as failures."""
    new_loop = asyncio.new_event_loop
    if request.param == "uvloop":
        new_loop = pytest.importorskip("uvloop").new_event_loop

    def run_scenario(scenario: Scenario) -> None:
        complaints: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=new_loop) as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(lambda _loop, context: complaints.append(context))
            assert type(loop).__module__.startswith(request.param)
            runner.run(scenario())
            gc.collect()
        assert complaints == []

    return run_scenario


def test_many_calls_keep_to_the_rate(run: Run) -> None:
    async def scenario() -> None:
        pool = Pool(connections=5)
        async with (
            Sandbox(personas=60, api_key=KEY, record=True) as sandbox,
            AsyncSession(KEY, base_url=sandbox.url, rate_limit=RateLimit(400, burst=10), pool=pool) as session,
        ):
            personas = await asyncio.gather(*(session.get_persona(key) for key in sandbox.persona_ids))

            assert tuple(persona.persona_id for persona in personas) == sandbox.persona_ids
            # Where the server is late, what had left before arrives with what leaves: a whole pool at most.
            assert sandbox.stats().most_within(0.05) <= 10 + 20 + 5

    run(scenario)


def test_faults_are_ridden_out(run: Run) -> None:
    async def scenario() -> None:
        faults = Faults(error=0.2, reset=0.1, truncate=0.1, jitter=0.01)
        policy = RetryPolicy(attempts=10, base_delay=0.01)
        async with (
            Sandbox(personas=50, api_key=KEY, faults=faults) as sandbox,
            quick_session(sandbox, retry=policy) as session,
        ):
            personas = await asyncio.gather(*(session.get_persona(key) for key in sandbox.persona_ids))

            assert len(personas) == 50
            assert session.stats().retries > 0

    run(scenario)


@pytest.mark.parametrize("failure", [reset, close])
def test_lost_answers_are_told_apart_by_what_was_sent(run: Run, failure: Any) -> None:
    async def scenario() -> None:
        async with RawServer(in_turn(failure, always(), failure)) as server, quick_session(server) as session:
            assert (await session.get_persona("p1")).persona_id == "p1"
            with pytest.raises(AmbiguousOutcomeError):
                await session.send(create())
            assert [request.method for request in server.requests] == ["GET", "GET", "POST"]

    run(scenario)


def test_a_deadline_cuts_whatever_goes_on(run: Run) -> None:
    async def scenario() -> None:
        async with (
            RawServer(in_turn(hang, always())) as server,
            quick_session(server, pool=Pool(connections=1)) as session,
        ):
            ends = await asyncio.gather(
                *(session.get_persona(f"p{number}", timeout=0.1) for number in range(3)), return_exceptions=True
            )
            assert DeadlineExceededError in map(type, ends)
            assert (session.stats().in_flight, session.stats().waiting) == (0, 0)
            assert (await session.get_persona("p1")).persona_id == "p1"

    run(scenario)


def test_the_callers_timeout_leaves_nothing_behind(run: Run) -> None:
    async def scenario() -> None:
        answer = in_turn(hang, always(words("later"), 503, {"Retry-After": "50"}), always())
        async with RawServer(answer) as server, quick_session(server) as session:
            for _ in range(2):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(session.get_persona("p1"), 0.05)
            assert (session.stats().in_flight, session.stats().waiting) == (0, 0)
            assert isinstance(await session.get_persona("p1"), Persona)
            assert len(server.requests) == 3

    run(scenario)


def test_closing_ends_everything(run: Run) -> None:
    async def scenario() -> None:
        async with RawServer(hang) as server:
            session = quick_session(server, pool=Pool(connections=2))
            calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(5)]
            await server.received(2)
            await session.aclose()
            ends = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(end) for end in ends] == [SessionClosedError] * 5
            await until(lambda: not server.open_connections)

    run(scenario)


def test_a_forgotten_session_warns_once(run: Run) -> None:
    async def scenario() -> None:
        async with RawServer(always()) as server:
            session = quick_session(server)
            await session.get_persona("p1")
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                del session
                gc.collect()
                await until(lambda: not server.open_connections)
                gc.collect()
            assert [warning.category for warning in warned] == [ResourceWarning]

    run(scenario)


def test_many_personas_come_as_they_complete(run: Run) -> None:
    async def scenario() -> None:
        async with Sandbox(personas=80, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            seen = [outcome.key async for outcome in session.iter_personas(sandbox.persona_ids)]
            assert sorted(seen) == sorted(sandbox.persona_ids)

    run(scenario)
