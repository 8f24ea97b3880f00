"""Options of a session and of those made of it: what is sent with each request, in which names, for how long."""

import asyncio
import logging
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

import tavus_async
from tavus_async import (
    AsyncSession,
    Call,
    ConfigurationError,
    DeadlineExceededError,
    NotFoundError,
    PersonaDraft,
    RateLimit,
    RetryPolicy,
    ServerError,
    TavusError,
    Timeouts,
    calls,
)
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import Answer, RawServer, always, hang, reset

FIRST = "p5317866"
EMPTY = always(b'{"persona_id": "p1"}')


async def sent_headers(**settings: Any) -> dict[str, str]:
    """The headers of a read, in lower case, after one that goes another way."""
    async with RawServer(EMPTY) as server, quick_session(server, **settings) as session:
        await session.get_persona("p1")
        await session.get_persona("p1")
        await session.send(calls.delete_persona("p1"))
        headers = [{name.lower(): value for name, value in request.headers.items()} for request in server.requests]
    assert headers[1] | {"host": ""} == headers[0] | {"host": ""}
    return headers[2]


class TestHeaders:
    async def test_a_program_says_who_it_is_before_the_client_does(self) -> None:
        headers = await sent_headers(user_agent="my-app/2.0 (kiosk)")

        assert headers["user-agent"] == f"my-app/2.0 (kiosk) tavus-async/{tavus_async.__version__}"

    async def test_headers_go_with_every_request_and_replace_the_clients_in_any_case(self) -> None:
        headers = await sent_headers(headers={"X-Team": "blue", "accept": "application/vnd.tavus+json"})

        assert headers["x-team"] == "blue"
        assert headers["accept"] == "application/vnd.tavus+json"
        assert headers["x-api-key"] == KEY

    async def test_those_of_options_come_on_top(self) -> None:
        async with RawServer(EMPTY) as server, quick_session(server, headers={"X-A": "1", "X-B": "1"}) as session:
            special = session.with_options(headers={"x-b": "2"}).with_options(headers={"X-C": "3"})
            for each in (session, special, session):
                await each.get_persona("p1")
            seen = [{n.lower(): v for n, v in request.headers.items()} for request in server.requests]

        found = [[headers.get(name) for name in ("x-a", "x-b", "x-c", "x-api-key")] for headers in seen]
        assert found == [["1", "1", None, KEY], ["1", "2", "3", KEY], ["1", "1", None, KEY]]

    async def test_a_read_with_headers_of_its_own_shares_no_answer(self) -> None:
        async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox, cache_ttl=60) as session:
            special = session.with_options(headers={"X-A": "1"})
            await asyncio.gather(*(each.get_persona(FIRST) for each in (session, session, special, special)))

            assert sandbox.stats().total == 3

    @pytest.mark.parametrize(
        ("headers", "complaint"),
        [
            ({"X-API-Key": "other"}, "the header X-API-Key cannot be set"),
            ({"host": "elsewhere.test"}, "the header host cannot be set"),
            ({"Content-Length": "1"}, "is the client's own"),
            ({"Transfer-Encoding": "chunked"}, "is the client's own"),
            ({"X-A": "one\r\nX-B: two"}, "X-A must be one line"),
            ({"X-A": ""}, "X-A must be one line"),
            ({"X-A": 5}, "X-A must be one line"),
            ({"X A": "1"}, "cannot be the name of a header"),
            ({"": "1"}, "cannot be the name of a header"),
            ({5: "1"}, "cannot be the name of a header"),
            (["X-A"], "headers must be a Mapping"),
            ("X-A: 1", "headers must be a Mapping"),
        ],
    )
    def test_what_cannot_be_a_header_is_refused_at_once(self, headers: Any, complaint: str) -> None:
        with pytest.raises(ConfigurationError, match=complaint):
            AsyncSession(KEY, headers=headers)
        with pytest.raises(ConfigurationError, match=complaint):
            AsyncSession(KEY).with_options(headers=headers)

    @pytest.mark.parametrize("agent", ["", "two\nlines", "ünicode", 5, " "])
    def test_what_cannot_be_a_user_agent_is_refused_at_once(self, agent: Any) -> None:
        with pytest.raises(ConfigurationError, match="user_agent must be"):
            AsyncSession(KEY, user_agent=agent)

    def test_values_are_not_shown(self) -> None:
        session = AsyncSession(KEY, headers={"Authorization": "Basic 5ecret"}).with_options(headers={"X": "5ecret"})

        assert "5ecret" not in f"{session!r} {session._options!r} {session._lifecycle.config!r}"
        with pytest.raises(ConfigurationError) as caught:
            AsyncSession(KEY, headers={"Authorization": "5ecret\n"})
        assert "5ecret" not in str(caught.value)

    @pytest.mark.parametrize("answer", [always(b"{}", 500), always(b"no JSON"), reset], ids=["500", "no JSON", "reset"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_nor_are_they_in_the_locals_of_a_traceback(self, answer: Answer, method: str) -> None:
        once = RetryPolicy(attempts=2, base_delay=0)
        async with RawServer(answer) as server, quick_session(server, headers={"X": "5ecret"}, retry=once) as session:
            with pytest.raises(TavusError) as caught:
                await session.with_options(headers={"Y": "5ecret"}).send(Call.json(method, "/v2/personas/p1"))

        lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
        text = "".join(lines)
        assert "session = <AsyncSession" in text
        assert "5ecret" not in text.replace('{"X": "5ecret"}', "").replace('{"Y": "5ecret"}', ""), (
            "but for the test's lines"
        )


class TestVocabulary:
    async def test_the_names_and_paths_of_pals_are_sent(self) -> None:
        answer = always(b'{"persona_id": "p1", "data": []}')
        async with RawServer(answer) as server, quick_session(server, vocabulary="pal") as session:
            await session.get_persona("p1")
            await session.list_personas_page()
            await session.create_persona(PersonaDraft(persona_name="Ada", pipeline_mode="echo"))
            await session.delete_persona("p1")
            seen = [(request.method, request.path.partition("?")[0]) for request in server.requests]
            body = server.requests[2].body

        assert seen == [("GET", "/v2/pals/p1"), ("GET", "/v2/pals"), ("POST", "/v2/pals"), ("DELETE", "/v2/pals/p1")]
        assert b'"pal_name":"Ada"' in body
        assert b"persona" not in body

    @pytest.mark.parametrize("own", ["persona", "pal"])
    async def test_both_are_read_whichever_is_sent(self, own: Any) -> None:
        for body in (b'{"persona_id": "p1", "persona_name": "Ada"}', b'{"pal_id": "p1", "pal_name": "Ada"}'):
            async with RawServer(always(body)) as server, quick_session(server, vocabulary=own) as session:
                persona = await session.get_persona("p1")

            assert (persona.persona_id, persona.persona_name) == ("p1", "Ada")

    async def test_a_session_of_one_has_twins_of_the_other(self) -> None:
        async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            old = await session.get_persona(FIRST)
            new = await session.with_options(vocabulary="pal").get_persona(FIRST)

        assert old == new
        assert ("persona_id" in old.to_dict(), "pal_id" in new.to_dict()) == (True, True)

    async def test_a_change_in_either_is_seen_in_both(self) -> None:
        async with Sandbox(personas=0, api_key=KEY) as sandbox, quick_session(sandbox, cache_ttl=60) as session:
            pals = session.with_options(vocabulary="pal")
            made = await pals.create_persona({"pal_name": "Ada", "system_prompt": "Be kind."})
            assert (await session.get_persona(made.persona_id)).persona_name == "Ada"
            await pals.patch_persona(made.persona_id, [{"op": "replace", "path": "/persona_name", "value": "Grace"}])

            assert (await session.get_persona(made.persona_id)).persona_name == "Grace"

    @pytest.mark.parametrize(
        ("name", "own"),
        [
            ("create_pal", "create_persona"),
            ("get_pals", "get_personas"),
            ("list_pals_page", "list_personas_page"),
            ("find_pals", "find_personas"),
        ],
    )
    def test_a_method_in_the_words_of_pals_names_ours(self, name: str, own: str) -> None:
        session = AsyncSession(KEY)
        with pytest.raises(AttributeError, match=rf"no '{name}': its name here is {own}"):
            getattr(session, name)
        assert not hasattr(session, name)

    def test_a_method_that_is_misspelt_is_told_the_nearest(self) -> None:
        with pytest.raises(AttributeError, match="did you mean get_persona"):
            AsyncSession(KEY).get_persone  # type: ignore[attr-defined] # noqa: B018
        with pytest.raises(AttributeError, match=r"no 'qqqqqq'$"):
            AsyncSession(KEY).qqqqqq  # type: ignore[attr-defined] # noqa: B018


class TestOptions:
    async def test_pool_limiter_budget_cache_and_counters_are_shared(self) -> None:
        async with (
            Sandbox(personas=3, api_key=KEY) as sandbox,
            quick_session(sandbox, rate_limit=RateLimit(0.001, burst=5), cache_ttl=60) as session,
        ):
            twin = session.with_options(retry=RetryPolicy(attempts=1), timeout=9)
            await twin.get_persona(FIRST)
            await session.get_persona(FIRST)

            assert session.stats() == twin.stats()
            assert (twin.stats().calls, sandbox.stats().total, sandbox.stats().connections) == (2, 1, 1)
            assert twin.stats().tokens == pytest.approx(4, abs=0.01)
            assert twin.events is session.events

    async def test_each_keeps_its_own_retries_and_deadline(self) -> None:
        async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            hasty = session.with_options(retry=RetryPolicy(attempts=1))
            sandbox.script([500])
            with pytest.raises(ServerError):
                await hasty.get_persona(FIRST)
            sandbox.script([500])
            assert (await session.get_persona(FIRST)).persona_id == FIRST

    async def test_a_deadline_may_be_set_and_taken_away(self) -> None:
        async with RawServer(hang) as server, quick_session(server, timeouts=Timeouts(total=0.05)) as session:
            with pytest.raises(DeadlineExceededError, match=r"0\.05 s"):
                await session.get_persona("p1")
            with pytest.raises(DeadlineExceededError, match=r"0\.02 s"):
                await session.with_options(timeout=0.02).get_persona("p1")
            endless = asyncio.create_task(session.with_options(timeout=None).get_persona("p1"))
            done, _ = await asyncio.wait([endless], timeout=0.2)
            assert not done
            endless.cancel()

    async def test_closing_either_closes_both(self) -> None:
        async with Sandbox(personas=3, api_key=KEY) as sandbox:
            session = quick_session(sandbox)
            async with session.with_options(timeout=5) as twin:
                await twin.get_persona(FIRST)

            assert "closed" in repr(session)
            with pytest.raises(tavus_async.SessionClosedError):
                await session.get_persona(FIRST)

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            ({"timeout": 0}, "timeout must be a number of seconds above 0, or None, not 0"),
            ({"timeout": "5"}, "timeout must be"),
            ({"retry": 3}, "retry must be a RetryPolicy"),
            ({"vocabulary": "face"}, "vocabulary must be one of persona, pal"),
        ],
    )
    def test_options_that_cannot_work_are_refused(self, options: dict[str, Any], complaint: str) -> None:
        with pytest.raises(ConfigurationError, match=complaint):
            AsyncSession(KEY).with_options(**options)

    @pytest.mark.parametrize(
        ("setting", "ours"),
        [
            ("timeout", "timeouts=Timeouts"),
            ("max_retries", "retry=RetryPolicy"),
            ("default_headers", "headers="),
            ("http_client", "http="),
            ("token", "api_key="),
            ("key", "api_key="),
            ("attempts", "retry=RetryPolicy(attempts=…)"),
            ("max_body", "pool=Pool(max_body=…)"),
            ("per_second", "rate_limit=RateLimit(per_second=…)"),
            ("connect", "timeouts=Timeouts(connect=…)"),
            ("base_urls", "did you mean base_url?"),
            ("retrys", "did you mean retry?"),
            ("nonsense", "it takes api_key, base_url, rate_limit"),
        ],
    )
    def test_a_setting_of_other_clients_is_told_ours(self, setting: str, ours: str) -> None:
        settings: Any = {setting: 3}
        with pytest.raises(ConfigurationError, match=rf"AsyncSession takes no '{setting}'.*{re.escape(ours)}"):
            AsyncSession(KEY, **settings)

    @pytest.mark.parametrize(
        ("option", "ours"),
        [
            ("timeouts", "timeout="),
            ("timeot", "did you mean timeout?"),
            ("max_retries", "retry=RetryPolicy(attempts=…)"),
            ("base_delay", "retry=RetryPolicy(base_delay=…)"),
            ("rate_limit", "another AsyncSession"),
            ("api_key", "another AsyncSession"),
            ("default_headers", "headers="),
            ("nonsense", "it takes timeout, retry, vocabulary, headers"),
        ],
    )
    def test_an_option_that_there_is_not_is_told_ours(self, option: str, ours: str) -> None:
        options: Any = {option: 3}
        with pytest.raises(ConfigurationError, match=rf"with_options takes no '{option}'.*{re.escape(ours)}"):
            AsyncSession(KEY).with_options(**options)

    async def test_a_number_is_a_rate_limit(self) -> None:
        session = AsyncSession(KEY, rate_limit=50)

        assert (session.stats().rate, session.stats().tokens) == (50, RateLimit(50).burst)

    @pytest.mark.parametrize(
        ("http", "told"),
        [
            (object(), "an object"),
            ("session", "a str"),
            (aiohttp, "the module aiohttp"),
            (aiohttp.ClientSession, "the class ClientSession itself"),
            (Decimal(1), "a decimal.Decimal"),
        ],
    )
    def test_what_is_no_aiohttp_session_cannot_be_borrowed(self, http: Any, told: str) -> None:
        with pytest.raises(ConfigurationError, match=rf"^http must be an aiohttp\.ClientSession, not {told}$"):
            AsyncSession(KEY, http=http)

    async def test_an_aiohttp_session_that_is_closed_cannot_be_borrowed(self) -> None:
        async with aiohttp.ClientSession() as http:
            AsyncSession(KEY, http=http)
        with pytest.raises(ConfigurationError, match=r"http is an aiohttp\.ClientSession that is closed"):
            AsyncSession(KEY, http=http)


class TestLog:
    @pytest.fixture
    def untouched(self) -> Iterator[None]:
        log = logging.getLogger("tavus_async")
        before = (log.level, list(log.handlers))
        yield
        log.setLevel(before[0])
        log.handlers[:] = before[1]

    @pytest.mark.parametrize(("level", "lines"), [("debug", 1), ("DEBUG", 1), ("info", 0), ("", 0)])
    async def test_the_environment_may_ask_for_it_on_stderr(self, level: str, lines: int) -> None:
        async with Sandbox(personas=1, api_key=KEY) as sandbox:
            program = f"""
import asyncio
from tavus_async import AsyncSession
async def main():
    async with AsyncSession({KEY!r}, base_url={sandbox.url!r}) as session, AsyncSession({KEY!r}):
        await session.get_persona({FIRST!r})
asyncio.run(main())"""
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", program, env={"TAVUS_LOG": level}, stderr=subprocess.PIPE
            )
            _, told = await process.communicate()

        assert process.returncode == 0, told.decode()
        assert told.decode().count(f"GET /v2/personas/{FIRST}: 200 in ") == len(told.splitlines()) == lines

    @pytest.mark.usefixtures("untouched")
    def test_a_level_that_is_none_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TAVUS_LOG", "loud")
        with pytest.raises(
            ConfigurationError, match="TAVUS_LOG must be one of debug, info, warning, error, not 'loud'"
        ):
            AsyncSession(KEY)


class TestRaw:
    async def test_the_answer_itself_is_given_with_its_headers(self) -> None:
        body = b'{"persona_id": "p1", "x": [1]}'
        async with RawServer(always(body, 200, {"X-Request-Id": "7"})) as server, quick_session(server) as session:
            answer = await session.send_raw(calls.get_persona("p1"))

        assert (answer.status, answer.body, answer.json()) == (200, body, {"persona_id": "p1", "x": [1]})
        assert answer.headers["x-request-id"] == answer.headers["X-Request-Id"] == "7"
        assert "x" not in repr(answer)

    async def test_an_error_status_raises_as_ever_after_the_same_retries(self) -> None:
        async with Sandbox(personas=1, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            with pytest.raises(NotFoundError):
                await session.send_raw(calls.get_persona("p0"))
            sandbox.script([500, "reset"])
            answer = await session.send_raw(calls.get_persona(FIRST))

            assert answer.status == 200
            assert sandbox.stats().total == 4

    async def test_it_is_neither_shared_nor_kept(self) -> None:
        async with Sandbox(personas=1, api_key=KEY) as sandbox, quick_session(sandbox, cache_ttl=60) as session:
            call = calls.get_persona(FIRST)
            await asyncio.gather(session.send_raw(call), session.send_raw(call))
            await session.send_raw(call)

            assert sandbox.stats().total == 3

    async def test_a_write_that_is_sent_raw_ends_what_is_kept(self) -> None:
        async with Sandbox(personas=0, api_key=KEY) as sandbox, quick_session(sandbox, cache_ttl=60) as session:
            made = await session.create_persona({"persona_name": "Ada", "system_prompt": "Be kind."})
            await session.get_persona(made.persona_id)
            change = calls.patch_persona(made.persona_id, [tavus_async.patch.add("/greeting", "Hi")])
            assert (await session.send_raw(change)).status == 200

            assert (await session.get_persona(made.persona_id)).greeting == "Hi"

    async def test_an_endpoint_without_a_function_is_reached_by_json(self) -> None:
        async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
            listed = await session.send(Call.json("GET", "/v2/personas", query={"limit": 2, "page": 1}))
            published = await session.send_raw(Call.json("GET", f"/v2/pals/{FIRST}"))

        assert len(listed["data"]) == 2
        assert published.json()["pal_id"] == FIRST
