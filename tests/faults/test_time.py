"""No call outlives its deadline, and none hangs without one, whatever it is waiting for."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    AttemptTimeoutError,
    Call,
    ConnectError,
    DeadlineExceededError,
    RateLimit,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    SessionClosedError,
    TavusError,
    Timeouts,
)
from tavus_async._http.attempt import Attempt
from tests.faults import rig
from tests.faults.cases import GOOD, SPLIT, interim
from tests.faults.rig import Fault, Rig
from tests.support.quick import KEY, NO_LIMIT, create, until
from tests.support.raw_server import Exchange, head

TOTAL = 0.06
# How late a call may end. A busy machine runs everything late, so lateness counts from when a plain timer that is
# due at the deadline gets its turn, and the best of a few tries counts. It also lets processes stand for a while:
# no longer than this, or a call that blocks the loop would go unnoticed.
MARGIN = 0.05
LONGEST_STALL = 0.5
TRIES = 3

# How a call ends that is refused again and again.
ANY_END = (AmbiguousOutcomeError, DeadlineExceededError, RateLimitedError, ServerError)

Run = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
Session = Callable[..., AsyncSession]
Place = Callable[[], AbstractAsyncContextManager[Session]]


def session_at(url: str, **settings: Any) -> AsyncSession:
    """A session whose own timeouts are far away."""
    patient = Timeouts(connect=60, read=60, attempt=60)
    defaults: dict[str, Any] = {
        "base_url": url,
        "rate_limit": NO_LIMIT,
        "timeouts": patient,
        "retry": RetryPolicy(base_delay=0),
    }
    return AsyncSession(KEY, **(defaults | settings))


def rigged(fault: Fault) -> Place:
    """A place where every call meets this fault."""

    @contextlib.asynccontextmanager
    async def place() -> AsyncIterator[Session]:
        async with Rig() as server:
            await server.misbehave(fault)
            yield lambda **settings: session_at(server.url, **settings)

    return place


def answering(answer: rig.Answer) -> Place:
    return rigged(Fault(answer=answer))


@contextlib.asynccontextmanager
async def nameless() -> AsyncIterator[Session]:
    """A place whose name is never found."""

    async def never(*_args: object, **_kwargs: object) -> object:
        return await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aiohttp.resolver.ThreadedResolver.resolve", never)
        patch.setattr("aiohttp.resolver.AsyncResolver.resolve", never)
        yield lambda **settings: session_at("https://tavus.invalid", **settings)


@contextlib.asynccontextmanager
async def deaf() -> AsyncIterator[Session]:
    """A place where nobody accepts: the queue of connections is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(5):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield lambda **settings: session_at(f"http://127.0.0.1:{listener.getsockname()[1]}", **settings)


@contextlib.asynccontextmanager
async def handless() -> AsyncIterator[Session]:
    """A place where the TLS handshake never ends."""
    async with Rig() as server:
        await server.misbehave(Fault(greet=rig.ignore))
        yield lambda **settings: session_at(server.url.replace("http:", "https:"), **settings)


async def drip(exchange: Exchange) -> None:
    """A byte every now and then, for ever: first the answer's head, then its body."""
    endless = head(200, {"Content-Length": "1000000"})
    with contextlib.suppress(ConnectionError):
        for byte in endless + b"x" * 10_000:
            await exchange.send(bytes([byte]))
            await asyncio.sleep(0.005)


async def keep_promising(exchange: Exchange) -> None:
    """An answer before the answer every now and then, for ever."""
    with contextlib.suppress(ConnectionError):
        while not exchange.reader.at_eof():
            await exchange.send(interim(103))
            await asyncio.sleep(0.005)


@attrs.frozen(kw_only=True)
class Wait:
    """Something that a call may be waiting for."""

    name: str
    place: Place
    sent: bool = True
    """Whether the server may know of the call by then."""
    settings: dict[str, Any] = attrs.field(factory=dict)
    endless: bool = True
    """Whether the session's other timeouts are what ends it, where there is no deadline."""


WAITS = [
    Wait(name="dns", place=nameless, sent=False),
    Wait(name="connect", place=deaf, sent=False),
    Wait(name="tls", place=handless, sent=False),
    Wait(name="never-read", place=rigged(Fault(greet=rig.ignore))),
    Wait(name="silence", place=answering(rig.says_and_hangs())),
    Wait(name="head", place=answering(rig.says_and_hangs(GOOD[:30]))),
    Wait(name="body", place=answering(rig.says_and_hangs(GOOD[: SPLIT + 5]))),
    Wait(name="drip", place=answering(drip)),
    Wait(name="interim", place=answering(keep_promising)),
    Wait(name="flood", place=answering(rig.floods(head(200, {}), b"x" * 1024))),
    Wait(
        name="retries",
        place=answering(rig.says(rig.with_length(b"{}", status=503, Retry_After="0.01"))),
        settings={"retry": RetryPolicy(attempts=1_000, base_delay=0, budget=1_000)},
        endless=False,
    ),
    Wait(
        name="pause",
        place=answering(rig.says(rig.with_length(b"{}", status=429, Retry_After="0.03"))),
        settings={"retry": RetryPolicy(attempts=1_000)},
        endless=False,
    ),
    Wait(
        name="queue",
        place=answering(rig.well),
        sent=False,
        settings={"rate_limit": RateLimit(0.01, burst=1)},
        endless=False,
    ),
]


async def spend(token: AsyncSession) -> None:
    """Takes the only token, where there is only one."""
    if token.stats().tokens == 1:
        await token.get_persona("first")


async def end_of(
    make_call: Callable[[], Awaitable[object]], total: float, *, leaving: list[Call[Any]] | None = None
) -> type[TavusError] | None:
    """How a call ends; it must end at its deadline, or before, and have left by then where *leaving* is given."""
    late = 0.0
    for _ in range(TRIES):
        if leaving:
            leaving.clear()
        late, error = await lateness(make_call(), total)
        if late < MARGIN and (leaving is None or leaving):
            return error
    pytest.fail(f"{late:.3f} s too late, or not sent at all, and {TRIES - 1} times before")


async def lateness(call: Awaitable[object], total: float) -> tuple[float, type[TavusError] | None]:
    """How long after a timer that is due at the deadline the call ended, and how it did."""
    loop = asyncio.get_running_loop()
    rung = loop.create_future()
    deadline = loop.time() + total
    timer = loop.call_at(deadline, lambda: rung.set_result(loop.time()))
    error = await kind_of(call)
    ended = loop.time()
    timer.cancel()
    assert ended - deadline < LONGEST_STALL
    return ended - (rung.result() if rung.done() else ended), error


async def kind_of(call: Awaitable[object]) -> type[TavusError] | None:
    try:
        await call
    except TavusError as error:
        return type(error)
    return None


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    new_loop = asyncio.new_event_loop
    if request.param == "uvloop":
        new_loop = pytest.importorskip("uvloop").new_event_loop

    def run_scenario(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(scenario())

    return run_scenario


@pytest.fixture
def leaving(monkeypatch: pytest.MonkeyPatch) -> list[Call[Any]]:
    """The calls that have got a connection and begun to be sent."""
    calls: list[Call[Any]] = []

    class Noted(Attempt):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if name == "was_sent" and value and self.call not in calls:
                calls.append(self.call)

    monkeypatch.setattr("tavus_async._engine.engine.Attempt", Noted)
    return calls


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: wait.name)
def test_a_read_ends_at_its_deadline(run: Run, wait: Wait) -> None:
    async def scenario() -> None:
        async with wait.place() as make, make(**wait.settings) as session:
            await spend(session)
            error = await end_of(lambda: session.get_persona("p1", timeout=TOTAL), TOTAL)

            # A sleep that would pass the deadline is not begun: then the last refusal comes before it.
            assert error in ((DeadlineExceededError,) if wait.endless or not wait.sent else ANY_END)
            assert session.stats().in_flight == 0

    run(scenario)


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: wait.name)
def test_a_create_ends_at_its_deadline(run: Run, wait: Wait, leaving: list[Call[Any]]) -> None:
    async def scenario() -> None:
        async with wait.place() as make, make(**wait.settings) as session:
            await spend(session)
            must_leave = leaving if wait.sent else None
            error = await end_of(lambda: session.send(create(), timeout=TOTAL), TOTAL, leaving=must_leave)

            answer = (AmbiguousOutcomeError,) if wait.endless else ANY_END
            assert error in (answer if wait.sent else (DeadlineExceededError,))
            assert session.stats().in_flight == 0

    run(scenario)


@pytest.mark.parametrize("wait", [wait for wait in WAITS if wait.endless], ids=lambda wait: wait.name)
@pytest.mark.parametrize("call", ["read", "create"])
async def test_no_call_hangs_without_a_deadline(wait: Wait, call: str, leaving: list[Call[Any]]) -> None:
    limits = Timeouts(connect=TOTAL, read=2 * TOTAL, attempt=2 * TOTAL)
    async with AsyncExitStack() as stack:
        make = await stack.enter_async_context(wait.place())
        session = await stack.enter_async_context(make(timeouts=limits, retry=RetryPolicy(attempts=1)))
        total = 2 * TOTAL if wait.sent else TOTAL

        async def make_call() -> None:
            if call == "read":
                await session.get_persona("p1")
            else:
                await session.send(create())

        error = await end_of(make_call, total, leaving=leaving if wait.sent else None)

        answer = AttemptTimeoutError if call == "read" else AmbiguousOutcomeError
        assert error is (answer if wait.sent else ConnectError)


async def test_an_attempt_that_times_out_before_it_was_sent_is_no_lost_one() -> None:
    limits = Timeouts(connect=60, read=60, attempt=TOTAL)
    async with deaf() as make, make(timeouts=limits, retry=RetryPolicy(attempts=1)) as session:
        with pytest.raises(ConnectError):
            await session.send(create())

        assert session.stats().requests == 1


@pytest.mark.parametrize("wait", [wait for wait in WAITS if wait.endless], ids=lambda wait: wait.name)
def test_closing_ends_every_call_at_once(run: Run, wait: Wait, leaving: list[Call[Any]]) -> None:
    async def call_twice(session: AsyncSession) -> list[asyncio.Task[Any]]:
        leaving.clear()
        calls = [asyncio.create_task(session.get_persona("p1")), asyncio.create_task(session.send(create()))]
        await until(lambda: session.stats().requests == 2 and (len(leaving) == 2 or not wait.sent))
        await asyncio.sleep(0.02)  # so that both have come as far as they will
        return calls

    async def close(session: AsyncSession, calls: list[asyncio.Task[Any]]) -> None:
        await session.aclose()
        await asyncio.wait(calls)

        assert [type(call.exception()) for call in calls] == [
            SessionClosedError,
            AmbiguousOutcomeError if wait.sent else SessionClosedError,
        ]
        assert [call.cancelling() for call in calls] == [0, 0]

    async def scenario() -> None:
        late: list[float] = []
        async with wait.place() as make:
            while len(late) < TRIES and (not late or late[-1] >= MARGIN):
                session = make()
                seconds, error = await lateness(close(session, await call_twice(session)), 0.0)
                assert error is None
                late.append(seconds)

        assert min(late) < MARGIN

    run(scenario)
