"""No piece of a secret, however long, is in anything that an error brings with it."""

import asyncio
import gc
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from tavus_async import (
    AsyncSession,
    Call,
    ConfigurationError,
    ConversationDraft,
    Pool,
    RetryPolicy,
    Timeouts,
    patch,
)
from tests.faults.tls import Authority, Proxy
from tests.support.leaks import leaks, make_secret_text, pieces, walk
from tests.support.quick import NO_LIMIT
from tests.support.raw_server import Answer, Exchange, RawServer, always, close, hang, head, reset, words

SECRET = make_secret_text(40, "secret")
LENGTHS = (8, 81, 4_000)
Use = Callable[[AsyncSession], Awaitable[object]]


def raw(data: bytes) -> Answer:
    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)
        exchange.close()

    return answer


async def echo(exchange: Exchange) -> None:
    await exchange.reply(words(f"{exchange.headers} {exchange.body!r}"), 400)


ANSWERS: dict[str, Answer] = {
    "reset": reset,
    "closed": close,
    "garbage": raw(b"noise\r\n\r\n"),
    "cut short": raw(head(200, {"Content-Length": "1000"}) + b"x"),
    "too large": always(b"x" * 20_000),
    "no JSON": always(b"x"),
    "moved": always(b"", 302, {"Location": "http://127.0.0.1:9/"}),
    "refused": always(words("bad"), 400),
    "echoed": echo,
    "broken": always(b"x", 500),
    "silent": hang,
}
LLM = {"api_key": SECRET, "base_url": "https://llm.example", "model": "m", "headers": {"Authorization": SECRET}}
LINK = f"https://app.example/{SECRET}?token={SECRET}"
USES: dict[str, Use] = {
    "read": lambda session: session.get_persona("p1"),
    "page": lambda session: session.list_personas_page(),
    "bulk": lambda session: session.get_personas(["p1", "p2"]),
    "create": lambda session: session.create_persona(
        {"persona_name": "Ada", "system_prompt": "Be kind.", "layers": {"llm": LLM}}
    ),
    "patch": lambda session: session.patch_persona("p1", [patch.replace("/layers/llm/api_key", SECRET)]),
    "delete": lambda session: session.delete_persona("p1"),
    "room": lambda session: session.create_conversation(
        ConversationDraft(replica_id="r1", persona_id="p1", callback_url=LINK)
    ),
    "tool": lambda session: session.send(
        Call.json("POST", "/v2/tools", {"api_key": SECRET, "headers": {"Authorization": SECRET}})
    ),
    "long body": lambda session: session.send(Call.json("POST", "/v2/tools", {"token": SECRET, "text": "x" * 2**21})),
    "raw": lambda session: session.send_raw(Call.json("PUT", "/v2/tools", {"token": SECRET})),
    "headers": lambda session: session.with_options(headers={"Authorization": SECRET}).get_persona("p1"),
}


def session_at(url: str, length: int = 81, *, timeouts: Timeouts = Timeouts(), **settings: Any) -> AsyncSession:
    defaults: dict[str, Any] = {"pool": Pool(max_body=10_000)}
    return AsyncSession(
        make_secret_text(length),
        base_url=url,
        rate_limit=NO_LIMIT,
        retry=RetryPolicy(attempts=2, base_delay=0),
        timeouts=timeouts,
        headers={"X-Auth-Token": SECRET},
        **(defaults | settings),
    )


async def failure(work: Awaitable[object]) -> BaseException:
    """What this fails with."""
    try:
        await work
    except BaseException as error:  # noqa: BLE001 (cancellation too)
        return error
    pytest.fail("no error")


async def give_up(work: Awaitable[object], server: RawServer) -> None:
    """Cancels it once its request has come."""
    task = asyncio.ensure_future(work)
    await server.received(1)
    task.cancel()
    await task


NO_FAILURES = {("no JSON", "delete"), ("no JSON", "patch"), ("no JSON", "raw"), ("too large", "bulk")}
FAILURES = [(answer, use) for answer in ANSWERS for use in USES if (answer, use) not in NO_FAILURES]


@pytest.mark.parametrize(("answer", "use"), FAILURES)
async def test_no_failure_of_a_call_shows_a_piece_of_a_secret(answer: str, use: str) -> None:
    async with RawServer(ANSWERS[answer]) as server, session_at(server.url) as session:
        work = USES[use](session)
        error = await failure(give_up(work, server) if answer == "silent" else work)

        assert leaks(error) == {}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("use", ["read", "create"])
async def test_nor_of_a_key_of_any_length(use: str, length: int) -> None:
    for answer in (reset, hang, echo):
        async with RawServer(answer) as server, session_at(server.url, length) as session:
            work = USES[use](session)
            error = await failure(give_up(work, server) if answer is hang else work)

            assert leaks(error) == {}
            assert pieces(server.requests[0].headers["x-api-key"]) != []


@pytest.mark.parametrize("use", ["read", "create"])
async def test_nor_of_a_connection_that_is_not_made(use: str) -> None:
    authority = Authority()
    async with RawServer(hang) as gone:
        url = gone.url
    async with session_at(url) as session:
        assert leaks(await failure(USES[use](session))) == {}
    async with RawServer(hang) as server:
        async with session_at(server.url, timeouts=Timeouts(attempt=0.05)) as session:
            assert leaks(await failure(USES[use](session))) == {}
        await session.aclose()
        assert leaks(await failure(USES[use](session))) == {}
    async with Proxy(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n") as proxy:
        pool = Pool(proxy=f"http://{proxy.address}", ssl=authority.client())
        async with session_at("https://127.0.0.1:1", pool=pool) as session:
            assert leaks(await failure(USES[use](session))) == {}


WITHOUT_A_BODY = ("read", "headers")
TRACES = [
    (trace, use)
    for trace in ("on_request_start", "on_request_headers_sent", "on_request_chunk_sent", "on_request_end")
    for use in ("read", "create", "long body", "headers")
    if trace != "on_request_chunk_sent" or use not in WITHOUT_A_BODY
]


@pytest.mark.parametrize(("trace", "use"), TRACES)
async def test_nor_of_a_callback_of_ones_own_in_a_borrowed_session(trace: str, use: str) -> None:
    async def fail(_http: aiohttp.ClientSession, _context: object, params: Any) -> None:
        raise LookupError(f"{trace}: {getattr(params, 'headers', None)}")

    config = aiohttp.TraceConfig()
    getattr(config, trace).append(fail)
    async with RawServer(always()) as server, aiohttp.ClientSession(trace_configs=[config]) as http:
        async with session_at(server.url, http=http) as session:
            error = await failure(USES[use](session))

        assert trace in "".join(str(link) for link in (error, error.__context__))
        assert leaks(error) == {}
        assert trace == "on_request_chunk_sent" or "fail" in [
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        ]


@pytest.mark.parametrize("use", ["read", "create", "headers"])
async def test_what_a_borrowed_session_tells_its_callbacks_is_hidden(
    use: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async def tell(_http: aiohttp.ClientSession, _context: object, params: Any) -> None:
        for name, value in params.headers.items():
            made = (
                f"{value} {value:>80}",
                value[:50],
                value.upper(),
                "".join(value),
                value + "",
                "" + value,
                str(value),
            )
            logging.getLogger("app").warning("%s: %s %r %s %s", name, value, value, made, value.encode())
            sys.stdout.write(value)

    config = aiohttp.TraceConfig()
    config.on_request_start.append(tell)
    config.on_request_headers_sent.append(tell)
    async with RawServer(always()) as server, aiohttp.ClientSession(trace_configs=[config]) as http:
        async with session_at(server.url, http=http) as session:
            await USES[use](session)

        assert pieces(server.requests[0].headers["x-api-key"]) != []
    assert pieces(caplog.text) == []
    assert pieces(capsys.readouterr().out) == []


async def test_no_log_of_the_event_loop_shows_a_piece(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    loop.set_exception_handler(lambda _loop, context: told.append("\n".join(text for _, text in walk(context))))
    async with RawServer(reset) as server, session_at(server.url) as session:
        for use in USES.values():
            task = asyncio.ensure_future(use(session))
            await asyncio.wait([task])
            told.append(repr(task))
            del task
        gc.collect()
    for record in caplog.records:
        told += [logging.Formatter().format(record), repr(record.args)]

    assert any("never retrieved" in text for text in told)
    assert pieces("\n".join(told)) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"Authorization": f"{SECRET}\n"}},
        {"headers": {"A b": SECRET}},
        {"headers": {"X": SECRET, "Host": "h"}},
        {"headers": SECRET},
        {"headers": [("Authorization", SECRET)]},
        {"headers": {"Authorization": SECRET}, "timeout": -1},
        {"default_headers": {"Authorization": SECRET}},
        {"apikey": SECRET},
        {"token": SECRET},
    ],
)
async def test_no_settings_that_are_refused_are_shown(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncSession(make_secret_text(81), **settings)
    assert leaks(caught.value) == {}
    async with session_at("http://127.0.0.1:1") as session:
        with pytest.raises(ConfigurationError) as caught:
            session.with_options(**settings)
    assert leaks(caught.value) == {}


def test_no_setting_of_a_wrong_name_is_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Pool(proxies=f"http://ada:{SECRET}@proxy.example")  # type: ignore[call-arg]

    assert leaks(caught.value) == {}
