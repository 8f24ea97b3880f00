"""Where the key goes, whom the session trusts, and what cannot be smuggled in."""

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings, strategies

from tavus_async import (
    AsyncSession,
    Call,
    ConfigurationError,
    ConnectError,
    InvalidRequestError,
    Pool,
    RetryPolicy,
    TavusError,
    Timeouts,
    TransportError,
)
from tests.faults import rig
from tests.faults.rig import Fault, Rig
from tests.faults.tls import Authority, Proxy
from tests.support.quick import KEY, NO_LIMIT, create, quick_session

PASSWORD = "proxy-pa55word"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def session_at(url: str, trust: ssl.SSLContext | None = None, **pool: Any) -> AsyncSession:
    return AsyncSession(
        KEY,
        base_url=url,
        rate_limit=NO_LIMIT,
        retry=RetryPolicy(attempts=2, base_delay=0),
        timeouts=Timeouts(connect=5),
        pool=Pool(ssl=trust, **pool),
    )


async def test_over_tls_everything_works(authority: Authority) -> None:
    async with Rig(tls=authority.server()) as server, session_at(server.url, authority.client()) as session:
        await session.get_persona("p1")
        await session.get_persona("p2")
        await session.send(create())

        assert [request.connection for request in server.requests] == [1, 1, 2]
        assert {request.headers["x-api-key"] for request in server.requests} == {KEY}


async def speak_plainly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


BAD: dict[str, tuple[Callable[[Authority], ssl.SSLContext | None], str]] = {
    "expired": (lambda authority: authority.server(expired=True), "expired"),
    "wrong-host": (lambda authority: authority.server("tavusapi.com"), "not valid"),
    "unknown-authority": (lambda _: Authority().server(), "unable to get local issuer"),
    "no-tls": (lambda _: None, "cannot connect"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("write", [False, True])
async def test_a_server_that_is_not_who_it_should_be_gets_nothing(authority: Authority, bad: str, write: bool) -> None:
    make_context, words = BAD[bad]
    async with Rig(tls=make_context(authority)) as server:
        if bad == "no-tls":
            await server.misbehave(Fault(greet=speak_plainly))
        url = server.url.replace("http:", "https:")
        async with session_at(url, authority.client()) as session:
            with pytest.raises(ConnectError, match=words) as caught:
                await (session.send(create()) if write else session.get_persona("p1"))

        assert server.requests == []
        assert caught.value.attempts == 2
        assert KEY not in str(caught.value)


async def test_certificates_are_checked_by_default(authority: Authority) -> None:
    async with Rig(tls=authority.server()) as server, session_at(server.url) as session:
        with pytest.raises(ConnectError, match="certificate is not valid"):
            await session.get_persona("p1")

        assert server.requests == []


async def test_a_proxy_sees_nothing_but_where_to_connect(authority: Authority) -> None:
    async with Rig(tls=authority.server()) as server, Proxy() as proxy:
        named = f"http://ada:{PASSWORD}@{proxy.address}"
        async with session_at(server.url, authority.client(), proxy=named) as session:
            await session.get_persona("p1")
            await session.get_persona("p2")
            await session.send(create())

        assert [request.method for request in server.requests] == ["GET", "GET", "POST"]
        assert proxy.seen.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
        assert proxy.connections == 2
        assert KEY.encode() not in proxy.seen
        assert b"x-api-key" not in proxy.seen.lower()
        assert b"personas" not in proxy.seen
        assert not any("proxy-authorization" in request.headers for request in server.requests)


async def test_the_environments_proxy_is_used_for_https_alone(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Rig(tls=authority.server()) as server, Rig() as plain, Proxy() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.address}")
        async with session_at(plain.url) as session:
            await session.get_persona("p1")
        assert proxy.connections == 0

        async with session_at(server.url, authority.client(), proxy_from_env=False) as session:
            await session.get_persona("p1")
        assert proxy.connections == 0

        async with session_at(server.url, authority.client()) as session:
            await session.get_persona("p1")
        assert proxy.connections == 1

        assert (len(plain.requests), len(server.requests)) == (1, 2)


REFUSALS = [
    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    b"noise\r\n\r\n",
    b"",
]


@pytest.mark.parametrize("answer", REFUSALS)
@pytest.mark.parametrize("write", [False, True])
async def test_a_proxy_that_refuses_is_no_connection(authority: Authority, answer: bytes, write: bool) -> None:
    async with Rig(tls=authority.server()) as server, Proxy(answer) as proxy:
        named = f"http://ada:{PASSWORD}@{proxy.address}"
        async with session_at(server.url, authority.client(), proxy=named) as session:
            # A read is repeated in any case; of a create it matters that it was not sent.
            with pytest.raises(ConnectError if write else TransportError) as caught:
                await (session.send(create()) if write else session.get_persona("p1"))

        assert server.requests == []
        assert PASSWORD not in f"{caught.value!s} {caught.value!r} {session!r}"
        assert KEY.encode() not in proxy.seen


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("write", [False, True])
async def test_a_redirect_takes_the_key_nowhere(status: int, write: bool) -> None:
    async with Rig() as elsewhere, Rig() as server, quick_session(server) as session:
        moved = rig.with_length(b"", status=status, Location=f"{elsewhere.url}/v2/personas/p1")
        await server.misbehave(Fault(answer=rig.says(moved)))
        with pytest.raises(TavusError, match=str(status)):
            await (session.send(create()) if write else session.get_persona("p1"))

        assert elsewhere.connections == 0
        assert len(server.requests) == 1


# What some servers take for a dot or a slash, dots and slashes of other scripts, and what ends a line or a path.
NASTY = [
    *(
        "..",
        ".",
        "../x",
        "..\\x",
        "a/../b",
        "a/b",
        "a\\b",
        "%2e%2e",
        "%2e%2e%2fx",
        "%252e%252e",
        "..%2f",
        "..%5c",
        "..;/x",
    ),
    *("a?b", "a#b", "a;b", "//evil.example/x", "@evil.example", "http://evil.example/", "x y", " ", ""),
    *("x\x00", "x\r\nX: y", "x\n", "x\t", "x\x7f", "x\x85", "x\u2028", "\ufeff", "\u202e", "\ud800", "x" * 5_000),
    *("\uff0e\uff0e\uff0fx", "\u2024\u2024/x", "\u2025/x", "\u2026", "\u3002\u3002/x"),
    *("a\u2044b", "a\u2215b", "a\u29f8b", "a\uff0fb", "a\uff3cb", "\xe9", "e\u0301", "\U0001f642"),
]
HEADERS = {"host", "x-api-key", "accept", "accept-encoding", "user-agent", "content-length"}
SEGMENT = re.compile(r"/v2/personas/([A-Za-z0-9._~%-]+)")


async def stay_within(ids: list[str]) -> dict[str, str]:
    """Deletes each, and returns the paths of those that were sent; the others must have been refused before that."""
    sent: dict[str, str] = {}
    async with Rig() as server, quick_session(server) as session:
        for persona_id in ids:
            server.requests.clear()
            try:
                await session.delete_persona(persona_id)
            except InvalidRequestError:
                assert server.requests == []
                continue
            (request,) = server.requests
            segment = SEGMENT.fullmatch(request.path)
            assert segment is not None, request.path
            assert unquote(segment[1]) == persona_id
            assert segment[1] not in {".", ".."}
            assert set(request.headers) <= HEADERS
            sent[persona_id] = request.path
    return sent


async def test_no_id_leaves_its_segment_of_the_path() -> None:
    sent = await stay_within(NASTY)

    assert sent["@evil.example"] == "/v2/personas/%40evil.example"

    async with Rig() as server, quick_session(server) as session:
        for refused in ("..", "%2e%2e%2fx", "a/../b", "..\\x", "x\x00", "x\r\nX: y", "x\u2028", "\ud800", ""):
            with pytest.raises(InvalidRequestError):
                await session.get_persona(refused)
        assert server.connections == 0


@given(
    strategies.lists(strategies.text(max_size=8) | strategies.text("./\\%2eEfF?#;@:\r\n\0 \u2024\uff0f"), max_size=20)
)
@settings(max_examples=25)
def test_no_text_at_all_leaves_its_segment_of_the_path(ids: list[str]) -> None:
    sent = asyncio.run(stay_within(ids))

    assert sent.keys() <= set(ids)
    assert [path for path in sent.values() if not SEGMENT.fullmatch(path)] == []


@pytest.mark.parametrize(
    "call",
    [
        {"method": "GET", "path": "@127.0.0.1/v2/personas"},
        {"method": "GET", "path": "v2/personas"},
        {"method": "GET", "path": "/v2/x HTTP/1.1\r\nX: y"},
        {"method": "GET", "path": "/v2/x\r\n\r\nGET /v2/y HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"method": "GET\r\nX: y", "path": "/v2/personas"},
        {"method": "get", "path": "/v2/personas"},
    ],
)
def test_no_call_of_ones_own_smuggles_in_a_host_or_a_header(call: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        Call(**call, decode=bytes)


async def test_no_query_smuggles_in_a_header() -> None:
    query = (("a b", "c\r\nX: y"), ("d&e=f", "#?"))
    async with Rig() as server, quick_session(server) as session:
        for _ in range(2):
            await session.send(Call(method="GET", path="/v2/personas", decode=bytes, query=query))

        assert {request.path for request in server.requests} == {"/v2/personas?a+b=c%0D%0AX%3A+y&d%26e%3Df=%23%3F"}
        assert not any("x" in request.headers for request in server.requests)


@pytest.mark.parametrize("key", [f"{KEY}\r\nX: y", f"{KEY}\n", f"{KEY}\0", f"{KEY} ", "кл", "\u2028"])
def test_no_key_smuggles_in_a_header(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncSession(key)

    assert KEY not in str(caught.value)
