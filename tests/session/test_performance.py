"""What one call costs, counted and not timed: tasks, turns of the event loop, timers, Python calls, imports."""

import asyncio
import gc
import subprocess
import sys
import types
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import AsyncSession
from tavus_async._http.attempt import Attempt
from tavus_async._values import Response
from tests.support.loops import asyncio_only
from tests.support.quick import quick_session
from tests.support.raw_server import RawServer, always

BODY = b"""{"persona_id": "p1", "persona_name": "Ada", "system_prompt": "Be kind.", "layers":
{"llm": {"model": "m", "tools": [{"type": "function"}]}, "tts": {"tts_engine": "cartesia"}},
"created_at": "2026-03-02T09:15:41.120934Z"}"""
CALLS = 20
# Python functions entered by one call whose answer is there already, the decoding of BODY included.
FUNCTIONS = 84
# Those of one call over a socket, with the event loop's own, aiohttp's and the server's.
FUNCTIONS_OVER_A_SOCKET = 225
# The answer's arrival wakes the call, and that is all it waits for.
TURNS = 3


def body_for(path: bytes) -> bytes:
    return BODY.replace(b'"p1"', b'"%s"' % path.rpartition(b"/")[2])


class NullTransport:
    """Has the answer already."""

    is_closed = False

    async def send(self, attempt: Attempt) -> Response:
        attempt.was_sent = True
        return Response(status=200, headers={}, body=body_for(attempt.call.path.encode()))


@pytest.fixture
async def warm() -> AsyncIterator[AsyncSession]:
    """A session that has been used, over a transport that costs nothing."""
    async with RawServer(always(BODY)) as server, quick_session(server) as session:
        await session.get_persona("p1")
        engine: Any = session._lifecycle._engine
        transport, engine._transport = engine._transport, NullTransport()
        await session.get_persona("p1")
        yield session
        engine._transport = transport


class AnsweringServer(asyncio.Protocol):
    """Answers each request in the turn of the loop in which it comes, without tasks of its own."""

    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            body = body_for(data.split(b" ", 2)[1])
            self.transport.write(self.head % len(body) + body)


@pytest.fixture
async def connected() -> AsyncIterator[AsyncSession]:
    """A session that has been used, over a real socket."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(AnsweringServer, "127.0.0.1", 0)

    class Place:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async with server, quick_session(Place()) as session:
        for number in range(3):
            await session.get_persona(f"warm{number}")
        yield session


class Counts:
    """Counts what the event loop is asked to do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop: Any = asyncio.get_running_loop()
        self.tasks = self.timers = self.turns = 0
        self._count(monkeypatch, loop, "create_task", "tasks")
        self._count(monkeypatch, loop, "call_at", "timers")
        self._count(monkeypatch, loop, "_run_once", "turns")

    def _count(self, monkeypatch: pytest.MonkeyPatch, loop: Any, name: str, counter: str) -> None:
        real = getattr(loop, name)

        def count(*args: Any, **kwargs: Any) -> Any:
            setattr(self, counter, getattr(self, counter) + 1)
            return real(*args, **kwargs)

        monkeypatch.setattr(loop, name, count)


def is_answered_at_once(session: AsyncSession) -> bool:
    """Whether a call ends without once giving way to the event loop."""
    call = session.get_persona("p3")
    try:
        call.send(None)
    except StopIteration as done:
        return bool(done.value.persona_id == "p3")
    call.close()
    return False


async def functions_of_a_call(session: AsyncSession) -> float:
    """How many Python functions are entered by a call, on average over some."""
    entered = 0

    def count(_frame: types.FrameType, event: str, _argument: object) -> None:
        nonlocal entered
        entered += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        for number in range(CALLS):
            await session.get_persona(f"f{number}")
    finally:
        sys.setprofile(before)
    return entered / CALLS


async def test_a_call_waits_for_nothing_but_its_answer(warm: AsyncSession) -> None:
    assert is_answered_at_once(warm)


@asyncio_only
async def test_a_call_whose_answer_is_there_sets_no_timer_and_makes_no_task(
    warm: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts(monkeypatch)
    for number in range(CALLS):
        await warm.get_persona(f"p{number}")

    assert (counts.tasks, counts.timers, counts.turns) == (0, 0, 0)


@asyncio_only
async def test_a_deadline_costs_one_timer_and_no_task(warm: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = Counts(monkeypatch)
    for number in range(CALLS):
        await warm.get_persona(f"p{number}", timeout=60)

    assert (counts.tasks, counts.timers) == (0, CALLS)


async def test_a_call_enters_few_functions(warm: AsyncSession) -> None:
    assert await functions_of_a_call(warm) <= FUNCTIONS


async def test_a_call_leaves_nothing_behind(warm: AsyncSession) -> None:
    async def blocks_after(calls: int) -> int:
        for _ in range(calls):
            await warm.get_persona("p1")
        gc.collect()
        return sys.getallocatedblocks()

    await blocks_after(200)
    before = await blocks_after(200)
    after = await blocks_after(2000)

    assert after - before < 200


@asyncio_only
async def test_a_call_over_a_kept_connection_makes_no_task_and_sets_one_timer(
    connected: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts(monkeypatch)
    for number in range(CALLS):
        await connected.get_persona(f"p{number}")

    assert counts.tasks == 0
    # The attempt's own; the pool's, to let go of idle connections, comes now and then.
    assert counts.timers <= CALLS + 1


@asyncio_only
async def test_a_call_over_a_kept_connection_takes_few_turns_of_the_loop(
    connected: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counts(monkeypatch)
    for number in range(CALLS):
        await connected.get_persona(f"p{number}")

    # The server's own turns among them: it is in the same loop.
    assert counts.turns <= CALLS * TURNS


async def test_a_call_over_a_kept_connection_enters_few_functions(connected: AsyncSession) -> None:
    assert await functions_of_a_call(connected) <= FUNCTIONS_OVER_A_SOCKET


def loaded_by(statement: str) -> set[str]:
    """The modules that a statement loads in a fresh interpreter."""
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = (
    "aiolimiter",
    "cattrs",
    "importlib.metadata",
    "tenacity",
    "rich",
    "aiohttp.web",
    "tavus_async.cli",
    "tavus_async.sandbox",
)


def test_importing_loads_nothing_that_only_some_uses_need() -> None:
    loaded = loaded_by("import tavus_async")

    assert not {name for name in loaded if name.startswith(HEAVY)}


def test_making_a_session_loads_what_its_first_answer_needs() -> None:
    make = "from tavus_async import AsyncSession, calls\nAsyncSession('sk-1')"
    made = loaded_by(make)

    assert {"aiolimiter", "cattrs"} <= made
    program = f"""{make}
calls.get_persona("p").decode(b'{{"persona_id": "p"}}')"""
    assert loaded_by(program) == made
