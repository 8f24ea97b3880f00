"""The key: in the request's header, and nowhere else, whatever goes wrong and whoever looks."""

import asyncio
import contextlib
import gzip
import logging
import pickle
import socket
import traceback
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    ApiError,
    AsyncSession,
    AuthenticationError,
    BulkError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    DecodeError,
    InvalidRequestError,
    Pool,
    QueueTimeoutError,
    QuotaExceededError,
    RateLimit,
    RateLimitedError,
    ResponseTooLargeError,
    RetryPolicy,
    ServerError,
    SessionClosedError,
    TavusError,
    Timeouts,
)
from tavus_async._records.secrets import Secret
from tests.support.quick import KEY, create, first_or_later, quick_session, until, warm_up
from tests.support.raw_server import Answer, Exchange, RawServer, always, close, hang, head, in_turn, reset, words

# A global on purpose, like KEY: the locals of these tests are looked through too.
ECHO = f"your key {KEY} is no good"
Use = Callable[[AsyncSession], Awaitable[object]]


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it hangs on, shown by default or not."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and link not in seen:
            seen.append(link)
            waiting += [link.__cause__, link.__context__]
            yield link


def shown(error: BaseException) -> str:
    """All that a log, a tracker or a debugger shows of an error: itself, and its traceback with every local."""
    texts: list[str] = []
    for link in chain(error):
        texts += [repr(link), str(link), repr(link.args), repr(vars(link))]
        texts += traceback.TracebackException.from_exception(link, capture_locals=True).format()
        texts += rich_locals(link)
    return "\n".join(texts)


def rich_locals(error: BaseException) -> list[str]:
    """The locals of a traceback as rich draws them: it looks into containers and records by itself."""
    extract = pytest.importorskip("rich.traceback").Traceback.extract
    trace = extract(type(error), error, error.__traceback__, show_locals=True, locals_max_string=10_000)
    return [str(node) for stack in trace.stacks for frame in stack.frames for node in (frame.locals or {}).values()]


def assert_silent(error: BaseException) -> None:
    text = shown(error)

    assert type(error).__name__ in text
    assert KEY not in text
    if isinstance(error, TavusError):
        assert KEY.encode() not in pickle.dumps(error)


def raw(data: bytes) -> Answer:
    """These bytes, and the end of the connection."""

    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)
        exchange.close()

    return answer


def echo(status: int, headers: dict[str, str] | None = None) -> Answer:
    return always(words(ECHO), status, headers)


async def slow_half(exchange: Exchange) -> None:
    await exchange.send(head(200, {"Content-Length": "100", "X-Echo": KEY}) + ECHO.encode())
    await exchange.hang()


CASES: dict[str, tuple[Answer, type[TavusError]]] = {
    "moved": (echo(302, {"Location": f"http://127.0.0.1:1/{KEY}"}), ApiError),
    "bad request": (echo(400), ApiError),
    "unauthorized": (echo(401), AuthenticationError),
    "forbidden": (always(ECHO.encode(), 403), ApiError),
    "not found": (always(f"<html>{KEY}</html>".encode(), 404), ApiError),
    "conflict": (always(f'{{"{KEY}": ["{KEY}"]}}'.encode(), 409), ApiError),
    "squeezed": (always(gzip.compress(words(ECHO)), 422, {"Content-Encoding": "gzip"}), ApiError),
    "too many": (echo(429, {"Retry-After": KEY}), RateLimitedError),
    "too many, for long": (echo(429, {"Retry-After": "100000"}), RateLimitedError),
    "never again": (always(words(f"quota of {KEY}"), 429), QuotaExceededError),
    "broken": (echo(500), ServerError),
    "broken, with a long story": (always(words(ECHO * 1000), 500), ServerError),
    "reason": (raw(f"HTTP/1.1 500 {KEY}\r\nContent-Length: 0\r\n\r\n".encode()), ServerError),
    "no JSON": (always(ECHO.encode()), DecodeError),
    "no persona": (always(f'{{"data": [{{"{KEY}": "{KEY}"}}]}}'.encode()), DecodeError),
    "odd encoding": (always(headers={"Content-Encoding": KEY}), ConnectionLostError),
    "no encoding": (always(ECHO.encode(), headers={"Content-Encoding": "gzip"}), ConnectionLostError),
    "bad status line": (raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode()), ConnectionLostError),
    "bad version": (raw(f"{KEY} 200 OK\r\n\r\n".encode()), ConnectionLostError),
    "bad header": (raw(f"HTTP/1.1 200 OK\r\n{KEY}\r\n\r\n".encode()), ConnectionLostError),
    "bad length": (raw(f"HTTP/1.1 200 OK\r\nContent-Length: {KEY}\r\n\r\n".encode()), ConnectionLostError),
    "bad chunk": (raw(head(200, {"Transfer-Encoding": "chunked"}) + KEY.encode() + b"\r\n"), ConnectionLostError),
    "cut short": (raw(head(200, {"Content-Length": "1000"}) + ECHO.encode()), ConnectionLostError),
    "closed": (close, ConnectionLostError),
    "reset": (reset, ConnectionLostError),
    "late": (hang, DeadlineExceededError),
    "late, with half an answer": (slow_half, DeadlineExceededError),
    "too large": (always(ECHO.encode() * 100), ResponseTooLargeError),
}


@pytest.mark.parametrize("case", CASES)
@first_or_later
async def test_no_error_of_a_read_shows_it(case: str, is_warm: bool) -> None:
    answer, expected = CASES[case]
    policy = RetryPolicy(attempts=2, base_delay=0)
    pool = Pool(max_body=1000 if case == "too large" else 100_000)
    async with RawServer(answer) as server, quick_session(server, retry=policy, pool=pool) as session:
        if is_warm:
            await warm_up(session)
        with pytest.raises(expected) as caught:
            await session.get_persona("p1", timeout=0.1 if expected is DeadlineExceededError else None)

        assert any(request.headers["x-api-key"] == KEY for request in server.requests)
        assert_silent(caught.value)


@pytest.mark.parametrize("answer", [close, reset, raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode())])
async def test_no_error_of_a_write_shows_it(answer: Answer) -> None:
    async with RawServer(answer) as server, quick_session(server) as session:
        with pytest.raises(AmbiguousOutcomeError) as caught:
            await session.send(create())

    assert_silent(caught.value)


async def test_no_error_of_a_bulk_call_shows_it() -> None:
    async with RawServer(echo(500)) as server, quick_session(server) as session:
        with pytest.raises(BulkError) as caught:
            await session.get_personas(["p1", "p2", ""])

    assert_silent(caught.value)
    for outcome in caught.value.outcomes:
        assert outcome.error is not None
        assert_silent(outcome.error)


async def test_no_error_of_a_server_that_is_not_there_shows_it() -> None:
    async with RawServer(hang) as server:
        session = quick_session(server)
    async with session:
        with pytest.raises(ConnectError) as caught:
            await session.get_persona("p1")

    assert_silent(caught.value)


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (lambda session: session.get_persona("p2"), QueueTimeoutError),
        (lambda session: session.get_persona(""), InvalidRequestError),
        (lambda session: session.get_persona("p2", timeout=-1), InvalidRequestError),
    ],
)
async def test_no_error_before_sending_shows_it(use: Use, expected: type[TavusError]) -> None:
    limit = RateLimit(0.001, burst=1, max_wait=1)
    async with RawServer(always()) as server, quick_session(server, rate_limit=limit) as session:
        await session.get_persona("p1")
        with pytest.raises(expected) as caught:
            await use(session)

    assert_silent(caught.value)


async def test_no_error_of_a_closed_session_shows_it() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        under_way = asyncio.create_task(session.get_persona("p1"))
        await server.received(1)
        await session.aclose()
        with pytest.raises(SessionClosedError) as first:
            await under_way
        with pytest.raises(SessionClosedError) as second:
            await session.get_persona("p1")

    assert_silent(first.value)
    assert_silent(second.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AsyncSession(KEY + "\n"),
        lambda: AsyncSession(KEY.encode()),  # type: ignore[arg-type]
        lambda: AsyncSession((KEY,)),  # type: ignore[arg-type]
        lambda: AsyncSession(KEY, base_url="http://tavusapi.com"),
        lambda: AsyncSession(KEY, pool=7),  # type: ignore[arg-type]
        lambda: AsyncSession(KEY, cache_ttl=-1),
    ],
    ids=["line break", "bytes", "tuple", "plain http", "no pool", "cache"],
)
def test_no_error_of_the_settings_shows_it(make: Callable[[], AsyncSession]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()

    assert_silent(caught.value)


QUEUEING = always()
LATER = always(words("later"), 503, {"Retry-After": "50"})


@pytest.mark.parametrize(
    ("answer", "limit"),
    [(hang, RateLimit(100)), (slow_half, RateLimit(100)), (LATER, RateLimit(100)), (QUEUEING, RateLimit(1e-6, 1))],
    ids=["sending", "reading", "sleeping", "queueing"],
)
@first_or_later
async def test_the_callers_own_timeout_does_not_show_it(answer: Answer, limit: RateLimit, is_warm: bool) -> None:
    async with RawServer(answer) as server, quick_session(server, rate_limit=limit) as session:
        if is_warm or answer is QUEUEING:
            await warm_up(session)
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.05):
                await session.get_persona("p2")

    assert_silent(caught.value)


@pytest.mark.parametrize("answer", [hang, slow_half, LATER], ids=["sending", "reading", "sleeping"])
@first_or_later
async def test_cancelling_a_task_does_not_show_it(answer: Answer, is_warm: bool) -> None:
    async with RawServer(answer) as server, quick_session(server) as session:
        if is_warm:
            await warm_up(session)
        task = asyncio.create_task(session.get_persona("p1"))
        await server.received(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task

    assert_silent(caught.value)


@pytest.fixture
def deaf_url() -> Iterator[str]:
    """The base URL of a server that accepts no connection and refuses none: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(5):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_a_connection_that_is_never_made_does_not_show_it(deaf_url: str) -> None:
    once = RetryPolicy(attempts=1)
    async with AsyncSession(KEY, base_url=deaf_url, timeouts=Timeouts(connect=0.1), retry=once) as session:
        with pytest.raises(DeadlineExceededError) as late:
            await session.get_persona("p1", timeout=0.05)
        with pytest.raises(ConnectError, match=r"no connection to .* within Timeouts\.connect \(0\.1 s\)") as refused:
            await session.send(create())

    assert_silent(late.value)
    assert_silent(refused.value)


async def test_neither_session_nor_settings_show_it() -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        await session.get_persona("p1")
        stack: list[Any] = [session]
        seen: dict[int, object] = {}
        while stack:
            value = stack.pop()
            if id(value) in seen or isinstance(value, type) or type(value).__module__.startswith("asyncio"):
                continue
            seen[id(value)] = value
            texts = [repr(value)] if isinstance(value, str) else [repr(value), str(value), format(value, "")]
            assert not any(KEY in text for text in texts), type(value)
            if isinstance(value, Secret):
                continue  # in which the key must be somewhere
            if isinstance(value, dict):
                stack += [*value, *value.values()]
            elif isinstance(value, (list, tuple, set, frozenset)):
                stack += value
            elif type(value).__module__.startswith("tavus_async"):
                stack += [getattr(value, name, None) for name in (*vars_of(value),)]
    config = session._lifecycle.config

    assert any(value is config for value in seen.values())
    assert KEY.encode() not in pickle.dumps(config)


def vars_of(value: object) -> list[str]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*slots, *getattr(value, "__dict__", ())]


async def test_no_log_record_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    caplog.set_level(logging.DEBUG)
    answers = in_turn(reset, echo(500), echo(429, {"Retry-After": "0.01"}), always())
    async with RawServer(answers) as server, quick_session(server) as session:
        await session.get_persona("p1")
        await session.aclose()
        await until(lambda: not server.open_connections)

    ours = [record for record in caplog.records if record.name.startswith("tavus_async")]
    texts = [f"{logging.Formatter().format(record)} {record.args!r} {vars(record)!r}" for record in caplog.records]
    assert len(ours) >= 3
    assert not [text for text in texts if KEY in text]
    # Nor do our own records hold a body.
    assert not [record for record in ours if "your key" in record.getMessage()]


async def test_a_redirect_does_not_send_it_to_another_host() -> None:
    async with RawServer(always()) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            moved = always(b"", status, {"Location": f"{elsewhere.url}/v2/personas/p1"})
            async with RawServer(moved) as server, quick_session(server) as session:
                with pytest.raises(ApiError, match=str(status)):
                    await session.get_persona("p1")

        assert elsewhere.connections == 0
