"""What listeners of a session hear: of each call, attempt, answer, retry and pause; never a body, never a key."""

import asyncio
import logging
from typing import Any

import pytest

from tavus_async import (
    AsyncSession,
    CallInfo,
    CallListener,
    ConfigurationError,
    DeadlineExceededError,
    NotFoundError,
    RetryPolicy,
    TavusError,
)
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session, until
from tests.support.raw_server import RawServer, always, hang

FIRST = "p5317866"
PATH = f"/v2/personas/{FIRST}"


class Ear(CallListener):
    """Notes what it hears: the event's name, the call's id and attempts, and what came with it but the seconds."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.seconds: list[float] = []
        self.calls: list[CallInfo] = []

    def call_started(self, call: CallInfo, /) -> None:
        self.calls.append(call)
        self.heard.append(("started", call.call_id, call.attempts))

    def attempt_sent(self, call: CallInfo, /) -> None:
        self.heard.append(("sent", call.call_id, call.attempts))

    def answer_received(self, call: CallInfo, status: int, seconds: float, /) -> None:
        self.heard.append(("answer", call.call_id, call.attempts, status))
        self.seconds.append(seconds)

    def attempt_failed(self, call: CallInfo, error: BaseException, seconds: float, /) -> None:
        self.heard.append(("failed", call.call_id, call.attempts, type(error).__name__))
        self.seconds.append(seconds)

    def retry_planned(self, call: CallInfo, error: TavusError, delay: float, /) -> None:
        self.heard.append(("retry", call.call_id, call.attempts, type(error).__name__, delay))

    def paused(self, call: CallInfo, seconds: float, /) -> None:
        self.heard.append(("paused", call.call_id, call.attempts, seconds))

    def call_ended(self, call: CallInfo, error: BaseException | None, seconds: float, /) -> None:
        self.heard.append(("ended", call.call_id, call.attempts, error and type(error).__name__))
        self.seconds.append(seconds)


def listened(session: AsyncSession) -> Ear:
    ear = Ear()
    session.events.add(ear)
    return ear


async def test_a_call_that_works_is_started_sent_answered_and_ended() -> None:
    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ear = listened(session)
        await session.get_persona(FIRST)

    assert ear.heard == [("started", 1, 0), ("sent", 1, 1), ("answer", 1, 1, 200), ("ended", 1, 1, None)]
    assert [(call.method, call.path) for call in ear.calls] == [("GET", PATH)]
    assert all(0 <= seconds < 5 for seconds in ear.seconds)
    assert ear.seconds[0] <= ear.seconds[-1]


async def test_retries_pauses_and_failures_are_told_in_their_order() -> None:
    slow = Answer(status=429, body={"message": "Slow down"}, headers={"Retry-After": "0.01"})
    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        sandbox.script([slow, "reset", 503])
        ear = listened(session)
        await session.get_persona(FIRST)

    assert ear.heard == [
        ("started", 1, 0),
        ("sent", 1, 1),
        ("answer", 1, 1, 429),
        ("paused", 1, 1, 0.01),
        ("retry", 1, 1, "RateLimitedError", 0.01),
        ("sent", 1, 2),
        ("failed", 1, 2, "ConnectionLostError"),
        ("retry", 1, 2, "ConnectionLostError", 0),
        ("sent", 1, 3),
        ("answer", 1, 3, 503),
        ("retry", 1, 3, "ServerError", 0),
        ("sent", 1, 4),
        ("answer", 1, 4, 200),
        ("ended", 1, 4, None),
    ]


async def test_a_call_ends_with_its_error() -> None:
    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ear = listened(session)
        with pytest.raises(NotFoundError):
            await session.get_persona("p0")

    assert ear.heard[-1] == ("ended", 1, 1, "NotFoundError")


async def test_a_call_that_is_cancelled_or_out_of_time_says_so_for_its_attempt_and_itself() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        ear = listened(session)
        call = asyncio.create_task(session.get_persona("p1"))
        await server.received(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        with pytest.raises(DeadlineExceededError):
            await session.get_persona("p2", timeout=0.05)

    assert ear.heard == [
        ("started", 1, 0),
        ("sent", 1, 1),
        ("failed", 1, 1, "CancelledError"),
        ("ended", 1, 1, "CancelledError"),
        ("started", 2, 0),
        ("sent", 2, 1),
        ("failed", 2, 1, "CancelledError"),
        ("ended", 2, 1, "DeadlineExceededError"),
    ]


async def test_a_call_answered_by_anothers_request_or_by_the_cache_makes_no_attempt() -> None:
    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox, cache_ttl=60) as session:
        ear = listened(session)
        await asyncio.gather(session.get_persona(FIRST), session.get_persona(FIRST))
        await session.get_persona(FIRST)

    assert [event for event in ear.heard if event[0] == "sent"] == [("sent", 1, 1)]
    assert sorted(event for event in ear.heard if event[0] == "ended") == [
        ("ended", 1, 1, None),
        ("ended", 2, 0, None),
        ("ended", 3, 0, None),
    ]


async def test_bulk_calls_and_those_with_other_options_are_heard_too() -> None:
    async with Sandbox(personas=5, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ear = listened(session)
        await session.get_personas(sandbox.persona_ids)
        await session.with_options(timeout=5).get_persona(FIRST)

    assert [event[1] for event in ear.heard if event[0] == "started"] == [1, 2, 3, 4, 5, 6]
    assert len([event for event in ear.heard if event[0] == "ended"]) == 6


async def test_what_is_counted_is_what_is_heard() -> None:
    async with Sandbox(personas=40, api_key=KEY) as sandbox:
        sandbox.script([503, "reset", 429, "ok", 500] * 4)
        async with quick_session(sandbox, retry=RetryPolicy(attempts=9, base_delay=0)) as session:
            ear = listened(session)
            await session.get_personas(sandbox.persona_ids)
            stats = session.stats()

    kinds = [event[0] for event in ear.heard]
    assert (stats.calls, stats.requests, stats.retries) == (40, kinds.count("sent"), kinds.count("retry"))
    assert stats.requests == sandbox.stats().total
    assert stats.rate_limited == len([event for event in ear.heard if event[0] == "answer" and event[3] == 429]) == 4


async def test_nobody_is_told_a_body_or_a_key() -> None:
    body = b'{"persona_id": "p1", "layers": {"llm": {"api_key": "sk-in-the-body"}}}'
    async with RawServer(always(body)) as server, quick_session(server) as session:
        ear = listened(session)
        await session.create_persona({"pipeline_mode": "echo", "layers": {"llm": {"api_key": "sk-of-the-draft"}}})
        seen = f"{ear.heard} {ear.calls} {[repr(call) for call in ear.calls]}"

    assert not [word for word in (KEY, "sk-in", "sk-of") if word in seen]


async def test_a_listener_that_fails_is_logged_and_harms_no_call(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(CallListener):
        def attempt_sent(self, call: CallInfo, /) -> None:
            raise ZeroDivisionError(call.path)

    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        session.events.add(Broken())
        ear = listened(session)
        persona = await session.get_persona(FIRST)

    assert persona.persona_id == FIRST
    assert ear.heard[-1] == ("ended", 1, 1, None)
    assert "a listener of session.events has failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_one_that_was_removed_hears_no_more() -> None:
    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ear = listened(session)
        session.events.remove(ear)
        await session.get_persona(FIRST)

        assert ear.heard == []
        assert session.stats().calls == 1
        with pytest.raises(ConfigurationError, match="was not added"):
            session.events.remove(ear)


@pytest.mark.parametrize("listener", [None, print, CallListener, "ear"])
def test_what_is_no_listener_is_refused(listener: Any) -> None:
    with pytest.raises(ConfigurationError, match="a listener must be a CallListener"):
        AsyncSession(KEY).events.add(listener)


async def test_each_attempt_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tavus_async")
    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        sandbox.script(["reset"])
        await session.get_persona(FIRST)

    lines = [record.getMessage() for record in caplog.records if record.name == "tavus_async"]
    assert [line.partition(" in ")[0] for line in lines if " ms, attempt " in line] == [
        f"GET {PATH}: ConnectionLostError",
        f"GET {PATH}: 200",
    ]
    assert lines[-1].endswith("ms, attempt 2")


async def test_at_the_usual_level_nothing_is_written(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "tavus_async")
    async with Sandbox(personas=3, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        await session.get_persona(FIRST)
        await until(lambda: session.stats().in_flight == 0)

    assert [record for record in caplog.records if record.name == "tavus_async"] == []
