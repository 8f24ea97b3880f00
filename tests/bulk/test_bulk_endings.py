"""However a bulk call ends, nothing of it is left: no task, no connection in use, no token taken, no warning."""

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from tavus_async import AsyncSession, Pool, RateLimit, RetryPolicy, SessionClosedError
from tavus_async._bulk.run import Outcomes
from tavus_async.models import Persona
from tavus_async.sandbox import Faults, Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.loops import LOOPS, on_each_loop, run_on
from tests.support.quick import KEY, until

# More workers than connections, more connections than tokens, some failures: at any time
# some calls are at the server, some sleep before a retry, and some wait for a connection or a token.
BURST = 20
LIMIT = RateLimit(500, burst=BURST)
CONNECTIONS = 8
PERSONAS = 200
WORKERS = 30
FAULTS = Faults(latency=0.005, jitter=0.01, error=0.2, reset=0.1)
POLICY = RetryPolicy(attempts=15, base_delay=0.02, budget=1_000)

Ending = Callable[[AsyncSession, Sandbox], Awaitable[None]]


class BodyError(Exception):
    """What goes wrong in the body of a loop."""


def start(session: AsyncSession, sandbox: Sandbox) -> Outcomes[Persona]:
    return session.iter_personas(sandbox.persona_ids, concurrency=WORKERS)


async def take(session: AsyncSession, sandbox: Sandbox, number: int = 1_000) -> None:
    """Takes so many outcomes."""
    async for _ in start(session, sandbox):
        number -= 1
        if not number:
            break


async def by_break(session: AsyncSession, sandbox: Sandbox) -> None:
    await take(session, sandbox, 15)


async def by_break_of_an_ordered_one(session: AsyncSession, sandbox: Sandbox) -> None:
    seen = 0
    async for _ in session.iter_personas(iter(sandbox.persona_ids), concurrency=WORKERS, ordered=True):
        seen += 1
        if seen == 15:
            break


async def by_an_error_in_the_body(session: AsyncSession, sandbox: Sandbox) -> None:
    with pytest.raises(BodyError):
        await fail_in_the_body(session, sandbox)


async def fail_in_the_body(session: AsyncSession, sandbox: Sandbox) -> None:
    async for _ in start(session, sandbox):
        raise BodyError


async def by_a_deadline_around_the_loop(session: AsyncSession, sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await take(session, sandbox)


async def by_a_deadline_around_the_list(session: AsyncSession, sandbox: Sandbox) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await session.get_personas(sandbox.persona_ids, concurrency=WORKERS)


async def by_cancellation(session: AsyncSession, sandbox: Sandbox) -> None:
    task = asyncio.create_task(take(session, sandbox))
    await until(lambda: session.stats().requests > 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def by_dropping_the_iterator(session: AsyncSession, sandbox: Sandbox) -> None:
    outcomes = start(session, sandbox)
    await anext(outcomes)
    del outcomes
    gc.collect()


async def by_leaving_its_block(session: AsyncSession, sandbox: Sandbox) -> None:
    async with start(session, sandbox) as outcomes:
        await anext(outcomes)
    with pytest.raises(StopAsyncIteration):
        await anext(outcomes)


async def by_an_error_of_the_ids(session: AsyncSession, sandbox: Sandbox) -> None:
    async def ids() -> AsyncIterator[str]:
        for persona_id in sandbox.persona_ids[:60]:
            yield persona_id
        raise BodyError

    with pytest.raises(BodyError):
        async for _ in session.iter_personas(ids(), concurrency=WORKERS):
            pass


async def by_an_error_in_the_progress_callback(session: AsyncSession, sandbox: Sandbox) -> None:
    def on_progress(progress: object) -> None:
        if session.stats().requests > 30:
            raise BodyError

    with pytest.raises(BodyError):
        await session.get_personas(sandbox.persona_ids, concurrency=WORKERS, on_progress=on_progress)


async def by_never_beginning(session: AsyncSession, sandbox: Sandbox) -> None:
    start(session, sandbox)


ENDINGS: list[Ending] = [
    by_break,
    by_break_of_an_ordered_one,
    by_an_error_in_the_body,
    by_a_deadline_around_the_loop,
    by_a_deadline_around_the_list,
    by_cancellation,
    by_dropping_the_iterator,
    by_leaving_its_block,
    by_an_error_of_the_ids,
    by_an_error_in_the_progress_callback,
    by_never_beginning,
]


async def end(ending: Ending, sandbox: Sandbox) -> None:
    """Ends a bulk call in the middle, and looks at what is left."""
    async with AsyncSession(
        KEY, base_url=sandbox.url, rate_limit=LIMIT, pool=Pool(connections=CONNECTIONS), retry=POLICY
    ) as session:
        others = asyncio.all_tasks()
        await ending(session, sandbox)
        await until(lambda: asyncio.all_tasks() <= others)
        assert (session.stats().waiting, session.stats().in_flight) == (0, 0)
        await until(lambda: session.stats().tokens == BURST)
        await until(lambda: sandbox.stats().in_flight == 0)
        # Every connection can be used again.
        ids = sandbox.persona_ids[:CONNECTIONS]
        sandbox.script(["ok" for _ in ids])
        personas = await asyncio.gather(*(session.get_persona(key, timeout=20) for key in ids))
        assert tuple(persona.persona_id for persona in personas) == ids
    assert asyncio.all_tasks() <= others
    await until(lambda: sandbox.stats().connections == 0)


@pytest.fixture(scope="module", autouse=True)
def processes() -> Iterator[list["subprocess.Popen[str]"]]:
    """Every ending on each loop in Python's development mode, begun while the tests before the last one run."""
    with ExitStack() as stack:
        started = [start_every_ending(loop_name) for loop_name in LOOPS if find_spec(loop_name)]
        for process in started:
            stack.enter_context(process)
            stack.callback(process.kill)
        yield started


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_it_ends_and_leaves_nothing(ending: Ending) -> None:
    # On both loops in the processes below.
    with sandbox_elsewhere(personas=PERSONAS, api_key=KEY, faults=FAULTS) as sandbox:
        run_on("asyncio", end(ending, sandbox))

        assert sandbox.stats().total >= CONNECTIONS
        assert (sandbox.stats().in_flight, sandbox.stats().connections) == (0, 0)


async def from_the_body(session: AsyncSession, sandbox: Sandbox) -> None:
    seen = 0
    async for outcome in start(session, sandbox):
        seen += outcome.ok
        if seen == 10:
            await session.aclose()


async def from_another_task(session: AsyncSession, sandbox: Sandbox) -> None:
    loop = asyncio.get_running_loop()
    closing: list[asyncio.Task[None]] = []
    loop.call_later(0.1, lambda: closing.append(loop.create_task(session.aclose())))
    try:
        await take(session, sandbox)
    finally:
        await closing[0]


async def while_the_consumer_is_elsewhere(session: AsyncSession, sandbox: Sandbox) -> None:
    outcomes = start(session, sandbox)
    await anext(outcomes)
    await session.aclose()
    # What had come before is still given out.
    seen = [await anext(outcomes) for _ in range(len(outcomes._run._ready))]
    assert all(outcome.ok for outcome in seen)
    await anext(outcomes)


@pytest.mark.parametrize("closing", [from_the_body, from_another_task, while_the_consumer_is_elsewhere])
@on_each_loop
async def test_closing_the_session_ends_it_and_leaves_nothing(closing: Ending) -> None:
    with sandbox_elsewhere(personas=PERSONAS, api_key=KEY, faults=FAULTS) as sandbox:
        others = asyncio.all_tasks()
        session = AsyncSession(KEY, base_url=sandbox.url, rate_limit=LIMIT, pool=Pool(connections=CONNECTIONS))
        with pytest.raises(SessionClosedError):
            await closing(session, sandbox)

        await until(lambda: asyncio.all_tasks() <= others)
        assert (session.stats().waiting, session.stats().in_flight) == (0, 0)
        await until(lambda: sandbox.stats().connections == 0)


async def test_a_bulk_call_may_be_begun_before_and_after_the_session_was_closed() -> None:
    with sandbox_elsewhere(personas=5, api_key=KEY) as sandbox:
        session = AsyncSession(KEY, base_url=sandbox.url)
        outcomes = start(session, sandbox)
        await session.aclose()
        for late in (outcomes, start(session, sandbox)):
            with pytest.raises(SessionClosedError):
                [outcome async for outcome in late]
        assert sandbox.stats().total == 0


def every_ending(loop_name: str) -> None:
    """What the test below runs in a process of its own."""
    with sandbox_elsewhere(personas=PERSONAS, api_key=KEY, faults=FAULTS) as sandbox:
        for ending in ENDINGS:
            run_on(loop_name, end(ending, sandbox))
    # Here the loop ends while the workers are at it.
    with sandbox_elsewhere(personas=PERSONAS, api_key=KEY, faults=FAULTS) as sandbox:
        run_on(loop_name, leave_everything(sandbox))


async def leave_everything(sandbox: Sandbox) -> None:
    async with AsyncSession(KEY, base_url=sandbox.url, rate_limit=LIMIT) as session:
        outcomes = start(session, sandbox)
        await anext(outcomes)


def test_pythons_development_mode_has_nothing_to_say(processes: list["subprocess.Popen[str]"]) -> None:
    said = [process.communicate()[1] for process in processes]

    assert [(process.returncode, words) for process, words in zip(processes, said, strict=True)] == [
        (0, "") for _ in processes
    ]


def start_every_ending(loop_name: str) -> "subprocess.Popen[str]":
    program = f"from tests.bulk.test_bulk_endings import every_ending; every_ending({loop_name!r})"
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
    )
