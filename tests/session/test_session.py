import json
from typing import Any

import attrs
import pytest

import tavus_async
from tavus_async import (
    ApiError,
    AsyncSession,
    AuthenticationError,
    Call,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    Page,
    Persona,
    RateLimit,
    Timeouts,
)
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, create, quick_session
from tests.support.raw_server import RawServer, always, words


async def test_a_persona_comes_back_as_a_record() -> None:
    async with Sandbox() as sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        persona = await session.get_persona("p5317866")

        assert persona.persona_id == "p5317866"
        assert persona.persona_name == sandbox.stored("p5317866")["persona_name"]
        assert persona.layers.llm.model


async def test_a_request_carries_the_key_and_says_who_sends_it() -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        await session.get_persona("p1")
        (request,) = server.requests

    assert (request.method, request.path, request.body) == ("GET", "/v2/personas/p1", b"")
    assert request.headers["x-api-key"] == KEY
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"] == f"tavus-async/{tavus_async.__version__}"
    assert not {"authorization", "cookie", "content-type"} & set(request.headers)


@pytest.mark.parametrize(
    ("persona_id", "path"),
    [
        ("p5317866", "p5317866"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("50%", "50%25"),
        ("a b", "a%20b"),
        ("a\\b", "a%5Cb"),
        ("über", "%C3%BCber"),
        ("...", "..."),
    ],
)
async def test_an_id_stays_within_its_segment_of_the_path(persona_id: str, path: str) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        await session.get_persona(persona_id)

        assert [request.path for request in server.requests] == [f"/v2/personas/{path}"]


@pytest.mark.parametrize(
    "persona_id", ["", "  ", ".", "..", "../x", "a/../b", "%2e%2e", "a\\..", "a\nb", "\x00", "\ud800", None, 7, b"p1"]
)
async def test_what_cannot_be_an_id_is_refused_before_anything_is_opened(persona_id: Any) -> None:
    async with RawServer(always()) as server:
        session = quick_session(server)
        with pytest.raises(InvalidRequestError, match="persona_id"):
            await session.get_persona(persona_id)

        assert server.connections == 0
        assert session.stats().calls == 0


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, "5"])
async def test_a_timeout_that_makes_no_sense_is_refused_before_anything_is_sent(timeout: Any) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        with pytest.raises(InvalidRequestError, match="timeout"):
            await session.get_persona("p1", timeout=timeout)

        assert server.connections == 0


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"api_key": ""}, "no API key"),
        ({"api_key": "two\nlines"}, "has a line break in it"),
        ({"api_key": 7}, "must be a string, not int"),
        ({"base_url": "tavusapi.com"}, "https://"),
        ({"base_url": "http://tavusapi.com"}, "plain http"),
        ({"base_url": 7}, "must be a string, not an int"),
        ({"rate_limit": "10"}, "rate_limit must be a finite number, a RateLimit or a RateLimiter, not a str"),
        ({"rate_limit": float("inf")}, "rate_limit must be a finite number, a RateLimit or a RateLimiter, not inf"),
        ({"rate_limit": True}, "rate_limit must be a finite number, a RateLimit or a RateLimiter, not True"),
        ({"rate_limit": 0}, "RateLimit.per_second must be a number above 0"),
        ({"retry": None}, "retry must be a RetryPolicy"),
        ({"timeouts": 30}, r"timeouts must be a Timeouts, such as Timeouts\(total=…\), not 30"),
        ({"retry": 3}, r"retry must be a RetryPolicy, such as RetryPolicy\(attempts=…\), not 3"),
        ({"pool": 10}, r"pool must be a Pool, such as Pool\(connections=…\), not 10"),
        ({"timeouts": Timeouts}, "timeouts must be a Timeouts, not the class Timeouts itself"),
        ({"pool": {}}, "pool must be a Pool"),
        ({"cache_ttl": 0}, "cache_ttl must be"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(given: dict[str, Any], complaint: str) -> None:
    settings: dict[str, Any] = {"api_key": KEY} | given
    with pytest.raises(ConfigurationError, match=complaint):
        AsyncSession(**settings)


async def test_the_key_and_the_server_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(api_key="from-the-environment") as sandbox:
        monkeypatch.setenv("TAVUS_API_KEY", "from-the-environment")
        monkeypatch.setenv("TAVUS_BASE_URL", f"{sandbox.url}/v2/")
        async with AsyncSession() as session:
            assert (await session.get_persona("p5317866")).persona_id == "p5317866"


async def test_an_argument_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong")
    monkeypatch.setenv("TAVUS_BASE_URL", "http://127.0.0.1:1")
    async with Sandbox() as sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        assert (await session.get_persona("p5317866")).persona_id == "p5317866"


@pytest.mark.parametrize("suffix", ["", "/", "/v2", "/v2/", "/gateway", "/gateway/v2"])
async def test_a_base_url_may_end_with_the_version_or_lie_below_a_path(suffix: str) -> None:
    async with RawServer(always()) as server, quick_session(server, base_url=server.url + suffix) as session:
        await session.get_persona("p1")
        (request,) = server.requests

    assert request.path == ("/gateway" if "gateway" in suffix else "") + "/v2/personas/p1"


async def test_pages_of_personas_are_read_in_the_servers_order() -> None:
    async with Sandbox(personas=25) as sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        first = await session.list_personas_page(limit=20)
        second = await session.list_personas_page(page=2, limit=20)

        assert [persona.persona_id for persona in (*first, *second)] == list(sandbox.persona_ids)
        assert (len(first), len(second), first.total_count) == (20, 5, 25)


async def test_the_type_of_the_listed_personas_can_be_chosen() -> None:
    async with Sandbox(personas=3) as sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        stock = sandbox.add({"persona_name": "Stock"}, system=True)
        page = await session.list_personas_page(persona_type="system")

        assert stock in [persona.persona_id for persona in page]


@pytest.mark.parametrize(
    "arguments", [{"page": 0}, {"page": "1"}, {"limit": 0}, {"limit": True}, {"persona_type": "mine"}]
)
async def test_a_page_that_cannot_be_is_refused_before_anything_is_sent(arguments: dict[str, Any]) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        with pytest.raises(InvalidRequestError, match=next(iter(arguments))):
            await session.list_personas_page(**arguments)

        assert server.connections == 0


async def test_any_call_can_be_sent_with_a_body() -> None:
    async with RawServer(always(b'{"persona_id": "new"}')) as server, quick_session(server) as session:
        call = attrs.evolve(create(b'{"persona_name": "Bo"}'), decode=json.loads)
        result: Any = await session.send(call)
        (request,) = server.requests

    assert result == {"persona_id": "new"}
    assert (request.method, request.path) == ("POST", "/v2/personas")
    assert request.body == b'{"persona_name": "Bo"}'
    assert request.headers["content-type"] == "application/json"


async def test_not_modified_is_a_success() -> None:
    call = Call(method="PATCH", path="/v2/personas/p1", decode=lambda body: body == b"", body=b"[]")
    async with RawServer(always(b"", 304)) as server, quick_session(server) as session:
        assert await session.send(call) is True
        assert len(server.requests) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with RawServer(always()) as elsewhere:
        answer = always(b"", 302, {"Location": f"{elsewhere.url}/v2/personas/p1"})
        async with RawServer(answer) as server, quick_session(server) as session:
            with pytest.raises(ApiError, match="302") as caught:
                await session.get_persona("p1")

        assert (caught.value.status, len(server.requests)) == (302, 1)
        assert elsewhere.connections == 0


async def test_cookies_are_not_kept() -> None:
    answer = always(headers={"Set-Cookie": "track=me; Path=/"})
    async with RawServer(answer) as server:
        # By name, since from addresses nobody takes cookies; with a body, since only those go all of aiohttp's way.
        by_name = server.url.replace("127.0.0.1", "localhost")
        async with quick_session(server, base_url=by_name) as session:
            for _ in range(2):
                await session.send(Call(method="PATCH", path="/v2/personas/p1", decode=bytes, body=b"[]"))

        assert len(server.requests) == 2
        assert not any("cookie" in request.headers for request in server.requests)


async def test_an_unknown_id_is_not_found() -> None:
    async with Sandbox() as sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        with pytest.raises(NotFoundError) as caught:
            await session.get_persona("p0000000")

    error = caught.value
    assert (error.status, error.message, error.attempts) == (400, "Invalid persona_id", 1)
    assert (error.method, error.path) == ("GET", "/v2/personas/p0000000")


async def test_a_wrong_key_says_where_keys_are_set() -> None:
    async with Sandbox() as sandbox, AsyncSession("wrong", base_url=sandbox.url) as session:
        with pytest.raises(AuthenticationError, match="TAVUS_API_KEY"):
            await session.get_persona("p5317866")


async def test_an_error_carries_what_the_server_said() -> None:
    async with RawServer(always(words("not today"), 403)) as server, quick_session(server) as session:
        with pytest.raises(ApiError) as caught:
            await session.get_persona("p1")

    assert (caught.value.status, caught.value.message) == (403, "not today")
    assert caught.value.body == {"message": "not today"}


async def test_the_counters_tell_what_was_done() -> None:
    slow = RateLimit(0.001, burst=5)
    async with Sandbox(api_key=KEY) as sandbox, quick_session(sandbox, rate_limit=slow) as session:
        sandbox.script([503, "ok"])
        await session.get_persona("p5317866")
        await session.get_persona("p5317866")
        stats = session.stats()

    assert (stats.calls, stats.requests, stats.retries, stats.rate_limited) == (2, 3, 1, 0)
    assert (stats.waiting, stats.in_flight, stats.open_connections) == (0, 0, 1)
    assert stats.tokens == pytest.approx(2, abs=0.1)


async def test_records_of_a_page_have_their_own_type() -> None:
    async with Sandbox(personas=1) as sandbox, AsyncSession(sandbox.api_key, base_url=sandbox.url) as session:
        page = await session.list_personas_page()

    assert isinstance(page, Page)
    assert [type(persona) for persona in page] == [Persona]
