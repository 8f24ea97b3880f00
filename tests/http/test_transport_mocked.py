"""The transport without a socket: what it asks of aiohttp, and what it makes of aiohttp's errors."""

import asyncio
import gzip
import pickle
import ssl
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http_exceptions import BadHttpMessage
from yarl import URL

import tavus_async
from tavus_async import (
    AttemptTimeoutError,
    Call,
    ConnectError,
    ConnectionLostError,
    Pool,
    ResponseTooLargeError,
    Timeouts,
    TransportError,
)
from tavus_async._http.attempt import Attempt
from tavus_async._http.failures import translate
from tavus_async._http.transport import Transport, make_target, make_timeout
from tavus_async._records.secrets import Secret
from tavus_async._settings.config import Config, make_config
from tests.support.mocked_http import MockedHttp, mocking

KEY = "sk-5e1ca7d0"
BASE = "https://api.test/tavus"
GET = Call(method="GET", path="/v2/personas/p1", decode=bytes)
CREATE = Call(method="POST", path="/v2/personas", decode=bytes, body=b'{"a": 1}', repeatable=False)
PEER = ConnectionKey("api.test", 443, True, True, None, None, None)


def configured(pool: Pool = Pool(), base_url: str = BASE) -> Config:
    return make_config(
        api_key=Secret(KEY), base_url=base_url, timeouts=Timeouts(connect=3, read=7, attempt=9), pool=pool
    )


@asynccontextmanager
async def transport(*, borrowed: aiohttp.ClientSession | None = None, pool: Pool = Pool()) -> AsyncIterator[Transport]:
    made = Transport(configured(pool), borrowed=borrowed)
    try:
        yield made
    finally:
        await made.aclose()
        # The connections of aiohttp close a turn of the loop later.
        await asyncio.sleep(0)


@pytest.fixture
def mocked_http() -> Iterator[MockedHttp]:
    with mocking() as mocked:
        yield mocked


async def test_a_request_carries_a_key_and_asks_for_json(mocked_http: MockedHttp) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", body=b"{}")
    async with transport() as sender:
        response = await sender.send(Attempt(GET, {}))
    ((method, url, options),) = mocked_http.requests

    assert (response.status, response.body, dict(response.headers)) == (
        200,
        b"{}",
        {"Content-Type": "application/json"},
    )
    assert (method, url) == ("GET", f"{BASE}/v2/personas/p1")
    assert options["headers"] == {
        "x-api-key": "***",  # aioresponses copies what it records, and a copy of the key is stars
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"tavus-async/{tavus_async.__version__}",
    }
    assert options["data"] is None
    assert options["allow_redirects"] is False


async def test_a_body_is_sent_as_json(mocked_http: MockedHttp) -> None:
    mocked_http.answer("POST", f"{BASE}/v2/personas", body=b"{}")
    async with transport() as sender:
        await sender.send(Attempt(CREATE, {}))
    ((_, _, options),) = mocked_http.requests

    assert options["data"] == b'{"a": 1}'
    assert options["headers"]["Content-Type"] == "application/json"


async def test_an_answer_has_its_headers_by_name_in_any_case(mocked_http: MockedHttp) -> None:
    headers = {"Retry-After": "3", "retry-after-ms": "2900", "X-Request-Id": "7"}
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", status=429, body=b"no", headers=headers)
    async with transport() as sender:
        response = await sender.send(Attempt(GET, {}))

    assert (response.status, response.body) == (429, b"no")
    assert [response.headers.get(name) for name in ("retry-after", "Retry-After-Ms", "x-request-id")] == [
        "3",
        "2900",
        "7",
    ]


@pytest.mark.parametrize("status", [302, 400, 500])
async def test_the_key_is_taken_out_of_what_repeats_it(mocked_http: MockedHttp, status: int) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", status=status, body=f"your key {KEY} is bad".encode())
    async with transport() as sender:
        response = await sender.send(Attempt(GET, {}))

    assert response.body == b"your key *** is bad"


async def test_a_packed_answer_is_unpacked(mocked_http: MockedHttp) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
    async with transport() as sender:
        assert (await sender.send(Attempt(GET, {}))).body == b"{}"


async def test_an_answer_past_the_limit_is_refused(mocked_http: MockedHttp) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", body=b"x" * 101)
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", body=b"x" * 100)
    async with transport(pool=Pool(max_body=100)) as sender:
        with pytest.raises(ResponseTooLargeError, match="100 bytes"):
            await sender.send(Attempt(GET, {}))
        assert len((await sender.send(Attempt(GET, {}))).body) == 100


async def test_a_garbled_answer_is_a_lost_one(mocked_http: MockedHttp) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", body=b"rubbish", headers={"Content-Encoding": "gzip"})
    async with transport() as sender:
        with pytest.raises(ConnectionLostError, match="garbled"):
            await sender.send(Attempt(GET, {}))


async def test_a_borrowed_session_is_used_and_left_open(mocked_http: MockedHttp) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", body=b"{}")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=7)) as http:
        async with transport(borrowed=http) as sender:
            assert (await sender.send(Attempt(GET, {}))).status == 200
            assert sender.slots == 7
            assert not sender.is_closed
        assert sender.is_closed
        assert not http.closed


async def test_there_are_as_many_slots_as_both_settings_allow() -> None:
    async with transport(pool=Pool(connections=5)) as own:
        assert own.slots == 5
        assert own.open_connections == 0
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
        transport(borrowed=http) as sender,
    ):
        assert sender.slots == 100


async def test_nothing_is_sent_through_a_closed_session() -> None:
    async with aiohttp.ClientSession() as http, transport(borrowed=http) as sender:
        await http.close()
        with pytest.raises(ConnectError, match="closed"):
            await sender.send(Attempt(GET, {}))


def system(error: OSError) -> aiohttp.ClientConnectorError:
    return aiohttp.ClientConnectorError(PEER, error)


def response_error(kind: type[aiohttp.ClientResponseError]) -> aiohttp.ClientResponseError:
    headers: Any = {"x-api-key": KEY}
    info = aiohttp.RequestInfo(URL(BASE), "GET", headers, URL(BASE))
    return kind(info, (), status=407, message=f"bad {KEY}")


def certificate_error() -> aiohttp.ClientConnectorCertificateError:
    return aiohttp.ClientConnectorCertificateError(PEER, ssl.SSLCertVerificationError("self-signed certificate"))


ERRORS: list[tuple[Callable[[], Exception], type[TransportError], str]] = [
    (
        lambda: aiohttp.ConnectionTimeoutError("slow"),
        ConnectError,
        r"no connection to https://api.test/tavus within Timeouts\.connect \(3 s\)",
    ),
    (lambda: aiohttp.SocketTimeoutError("slow"), AttemptTimeoutError, r"nothing came within Timeouts\.read \(7 s\)"),
    (lambda: aiohttp.ServerTimeoutError("slow"), AttemptTimeoutError, r"longer than Timeouts\.attempt \(9 s\)"),
    (lambda: TimeoutError("slow"), AttemptTimeoutError, r"longer than Timeouts\.attempt \(9 s\)"),
    (lambda: system(ConnectionRefusedError(111, "Connection refused")), ConnectError, "tavus: Connection refused"),
    (lambda: system(OSError("no words")), ConnectError, "tavus: no words"),
    (lambda: aiohttp.ClientConnectorDNSError(PEER, OSError(-2, "Name unknown")), ConnectError, "tavus: Name unknown"),
    (certificate_error, ConnectError, "certificate is not valid .*self-signed"),
    (lambda: aiohttp.InvalidURL("https://x"), ConnectError, "cannot connect"),
    (lambda: aiohttp.ServerFingerprintMismatch(b"a", b"b", "api.test", 443), ConnectError, "cannot connect"),
    (lambda: response_error(aiohttp.ClientHttpProxyError), ConnectError, "proxy refused .* status 407"),
    (lambda: response_error(aiohttp.ClientResponseError), ConnectionLostError, "no valid HTTP"),
    (lambda: aiohttp.ClientPayloadError("short"), ConnectionLostError, "cut short"),
    (aiohttp.ServerDisconnectedError, ConnectionLostError, "lost before an answer came"),
    (lambda: aiohttp.ClientOSError(104, f"reset by {KEY}"), ConnectionLostError, r"reset by \*\*\*"),
    (aiohttp.ClientConnectionError, ConnectionLostError, "ClientConnectionError"),
    (lambda: BadHttpMessage("rubbish"), ConnectionLostError, "lost before an answer came"),
    (lambda: BrokenPipeError(32, "Broken pipe"), ConnectionLostError, "Broken pipe"),
]


@pytest.mark.parametrize(
    ("make", "kind", "words"), ERRORS, ids=lambda value: getattr(value, "__name__", str(value))[:40]
)
def test_a_foreign_error_becomes_one_of_ours(
    make: Callable[[], Exception], kind: type[TransportError], words: str
) -> None:
    error = translate(make(), configured())

    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    assert KEY not in f"{error} {error!r}"


@pytest.mark.parametrize(
    ("make", "kind", "words"), ERRORS, ids=lambda value: getattr(value, "__name__", str(value))[:40]
)
async def test_what_is_raised_holds_nothing_of_aiohttp_and_no_key(
    mocked_http: MockedHttp, make: Callable[[], Exception], kind: type[TransportError], words: str
) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", exception=make())
    async with transport() as sender:
        with pytest.raises(kind, match=words) as caught:
            await sender.send(Attempt(GET, {}))

    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(report.format())
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args  # noqa: S301


async def test_cancellation_passes_through_without_the_frames_that_hold_the_key(mocked_http: MockedHttp) -> None:
    mocked_http.answer("GET", f"{BASE}/v2/personas/p1", exception=asyncio.CancelledError())
    async with transport() as sender:
        with pytest.raises(asyncio.CancelledError) as caught:
            await sender.send(Attempt(GET, {}))

    assert "_exchange" not in {frame.name for frame in traceback.extract_tb(caught.value.__traceback__)}


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/v2/personas/p%2F1", (), "/tavus/v2/personas/p%2F1"),
        ("/v2/personas", (("limit", "10"), ("page", "1")), "/tavus/v2/personas?limit=10&page=1"),
        ("/v2/personas", (("name", "a b&c=d#ö"),), "/tavus/v2/personas?name=a+b%26c%3Dd%23%C3%B6"),
    ],
)
def test_the_target_is_put_together_once_and_for_all(
    path: str, query: tuple[tuple[str, str], ...], target: str
) -> None:
    assert make_target("/tavus", Call(method="GET", path=path, decode=bytes, query=query)) == target


@pytest.mark.parametrize(
    ("read", "attempt", "sock_read"), [(7, 9, 7), (9, 9, None), (30, 9, None), (None, 9, None), (7, None, 7)]
)
def test_a_timer_that_another_covers_is_not_set(
    read: float | None, attempt: float | None, sock_read: float | None
) -> None:
    timeout = make_timeout(Timeouts(connect=3, read=read, attempt=attempt), owned=True)

    assert (timeout.total, timeout.sock_read) == (attempt, sock_read)


@pytest.mark.parametrize(("owned", "connect", "sock_connect"), [(True, 3, None), (False, None, 3)])
def test_in_a_borrowed_pool_the_wait_for_other_peoples_connections_is_not_timed(
    owned: bool, connect: float | None, sock_connect: float | None
) -> None:
    timeout = make_timeout(Timeouts(connect=3), owned=owned)

    assert (timeout.connect, timeout.sock_connect) == (connect, sock_connect)
