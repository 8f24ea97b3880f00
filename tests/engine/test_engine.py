"""Retries and their limits, counted at the server."""

import asyncio

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    ApiError,
    ConnectError,
    ConnectionLostError,
    QuotaExceededError,
    RateLimit,
    RetryPolicy,
    ServerError,
    TavusError,
    Timeouts,
)
from tests.support.quick import create, first_or_later, quick_session, until, warm_up
from tests.support.raw_server import (
    PERSONA,
    Answer,
    Exchange,
    RawServer,
    always,
    close,
    hang,
    head,
    in_turn,
    reset,
    words,
)


async def half_a_body(exchange: Exchange) -> None:
    await exchange.send(head(200, {"Content-Length": str(len(PERSONA))}) + PERSONA[:20])
    exchange.close()


async def half_a_head(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    exchange.close()


async def no_http(exchange: Exchange) -> None:
    await exchange.send(b"220 mail.example.com ready\r\n\r\n")
    exchange.close()


async def bad_chunks(exchange: Exchange) -> None:
    await exchange.send(head(200, {"Transfer-Encoding": "chunked"}) + b"zz\r\n{}\r\n0\r\n\r\n")
    exchange.close()


def said(status: int, text: str = "later", **headers: str) -> Answer:
    return always(words(text), status, {name.replace("_", "-"): value for name, value in headers.items()})


LOST = [reset, close, half_a_head, half_a_body, no_http, bad_chunks]
PASSING = [said(status) for status in (408, 425, 429, 500, 502, 503, 504, 520)]


@pytest.mark.parametrize("failure", [*LOST, *PASSING])
@first_or_later
async def test_a_read_is_repeated_after_a_passing_failure(failure: Answer, is_warm: bool) -> None:
    async with RawServer(in_turn(failure, always())) as server, quick_session(server) as session:
        if is_warm:
            await warm_up(session)
        assert (await session.get_persona("p1")).persona_id == "p1"
        assert len(server.requests) == session.stats().requests - is_warm == 2
        assert session.stats().retries == 1


@pytest.mark.parametrize("timeouts", [Timeouts(attempt=0.1), Timeouts(read=0.1)])
@first_or_later
async def test_a_read_is_repeated_after_an_answer_that_does_not_come(timeouts: Timeouts, is_warm: bool) -> None:
    async with RawServer(in_turn(hang, always())) as server, quick_session(server, timeouts=timeouts) as session:
        if is_warm:
            await warm_up(session)
        assert (await session.get_persona("p1")).persona_id == "p1"
        assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 418, 422, 501, 505])
async def test_a_refusal_that_will_not_change_is_not_repeated(status: int) -> None:
    async with RawServer(said(status)) as server, quick_session(server) as session:
        with pytest.raises(ApiError) as caught:
            await session.get_persona("p1")

        assert (caught.value.status, caught.value.attempts, len(server.requests)) == (status, 1, 1)


async def test_a_limit_that_no_waiting_cures_is_not_repeated() -> None:
    async with RawServer(said(429, "crawl document limit reached (100)")) as server, quick_session(server) as session:
        with pytest.raises(QuotaExceededError):
            await session.get_persona("p1")

        assert len(server.requests) == 1


async def test_a_rate_limit_that_is_reached_is_waited_for_as_its_header_asks() -> None:
    refuse = always(words("Rate limit reached"), 429, {"retry-after-ms": "20"})
    async with RawServer(in_turn(refuse, refuse, always())) as server, quick_session(server) as session:
        personas = await session.get_personas([f"p{number}" for number in range(50)])

        assert (len(personas), session.stats().rate_limited) == (50, 2)


@pytest.mark.parametrize("attempts", [1, 2, 4])
@pytest.mark.parametrize("failure", [close, said(500)])
async def test_a_call_is_attempted_as_often_as_the_policy_says(failure: Answer, attempts: int) -> None:
    policy = RetryPolicy(attempts=attempts, base_delay=0)
    async with RawServer(failure) as server, quick_session(server, retry=policy) as session:
        with pytest.raises(TavusError, match=r"later|lost") as caught:
            await session.get_persona("p1")

        assert isinstance(caught.value, ServerError | ConnectionLostError)
        assert caught.value.attempts == len(server.requests) == attempts


async def test_the_last_failure_is_the_one_that_is_raised() -> None:
    answer = in_turn(close, said(500), said(404, "gone"))
    async with RawServer(answer) as server, quick_session(server) as session:
        with pytest.raises(ApiError, match=r"gone \(after 3 attempts in 0\.\d s\)"):
            await session.get_persona("p1")


@pytest.mark.parametrize("failure", LOST)
async def test_a_write_whose_answer_is_lost_is_sent_once(failure: Answer) -> None:
    async with RawServer(failure) as server, quick_session(server) as session:
        with pytest.raises(AmbiguousOutcomeError, match=r"POST /v2/personas .* may have happened") as caught:
            await session.send(create())

        assert (caught.value.attempts, len(server.requests)) == (1, 1)


@pytest.mark.parametrize("settings", [{"attempt": 0.1}, {"read": 0.1}, {"total": 0.1}])
async def test_a_write_whose_answer_is_late_is_sent_once(settings: dict[str, float]) -> None:
    async with RawServer(hang) as server, quick_session(server, timeouts=Timeouts(**settings)) as session:
        with pytest.raises(AmbiguousOutcomeError):
            await session.send(create())

        assert len(server.requests) == 1


@pytest.mark.parametrize("refusal", [said(429), said(429, Retry_After="0"), said(503, Retry_After="0")])
async def test_a_write_that_was_refused_is_repeated(refusal: Answer) -> None:
    async with RawServer(in_turn(refusal, always(b"done"))) as server, quick_session(server) as session:
        assert await session.send(create(b"[1]")) == b"done"
        assert [request.body for request in server.requests] == [b"[1]", b"[1]"]


@pytest.mark.parametrize("status", [500, 503, 529])
async def test_a_write_that_failed_at_the_server_is_not_repeated(status: int) -> None:
    async with RawServer(said(status)) as server, quick_session(server) as session:
        with pytest.raises(
            ServerError, match="It may have happened all the same; the list, or the object itself, tells"
        ) as caught:
            await session.send(create())

        assert (caught.value.status, len(server.requests)) == (status, 1)


@pytest.mark.parametrize("status", [502, 504, 520, 521, 522, 523, 524, 408])
async def test_a_write_of_which_a_gateway_knows_nothing_is_ambiguous(status: int) -> None:
    async with RawServer(said(status)) as server, quick_session(server) as session:
        with pytest.raises(AmbiguousOutcomeError, match=f"the answer was {status}: later") as caught:
            await session.send(create())

        assert (caught.value.status, len(server.requests)) == (status, 1)


@pytest.mark.parametrize("text", ["please wait 1 second", "Recrawl cooldown: please wait 0 seconds", "wait 2 minutes"])
async def test_words_alone_are_no_refusal(text: str) -> None:
    async with RawServer(said(503, text)) as server, quick_session(server) as session:
        with pytest.raises(ServerError, match="It may have happened all the same") as caught:
            await session.send(create())

        assert (caught.value.refused, len(server.requests)) == (False, 1)


async def test_words_set_the_delay_of_what_may_be_repeated_anyway() -> None:
    busy = in_turn(said(503, "please wait 0 seconds"), always(PERSONA))
    async with RawServer(busy) as server, quick_session(server) as session:
        assert (await session.get_persona("p1")).persona_id == "p1"


async def test_a_write_is_repeated_where_its_endpoint_says_that_nothing_was_done() -> None:
    call = attrs.evolve(create(), refusals=frozenset({502}))
    async with RawServer(in_turn(said(502), always(b"done"))) as server, quick_session(server) as session:
        assert await session.send(call) == b"done"
        assert len(server.requests) == 2


async def test_a_write_that_is_cancelled_after_it_was_sent_leaves_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        creating = asyncio.create_task(session.send(create()))
        await until(lambda: bool(server.requests))
        creating.cancel()
        await asyncio.wait({creating})

    assert creating.cancelled()
    assert "was cancelled after it was sent: it may have happened" in caplog.text


async def test_a_call_that_goes_first_goes_before_all_that_wait() -> None:
    async with (
        RawServer(always(b"done")) as server,
        quick_session(server, rate_limit=RateLimit(20, burst=1)) as session,
    ):
        waiting = [asyncio.create_task(session.send(create(b"%d" % number))) for number in range(5)]
        await until(lambda: session.stats().waiting == 4)
        await session.send(attrs.evolve(create(b"first"), goes_first=True))
        await asyncio.gather(*waiting)

        assert [request.body for request in server.requests] == [b"0", b"first", b"1", b"2", b"3", b"4"]


async def test_a_write_is_repeated_where_no_connection_could_be_made() -> None:
    async with RawServer(hang) as server:
        session = quick_session(server, retry=RetryPolicy(attempts=3, base_delay=0))
    async with session:  # the server has gone by now
        with pytest.raises(ConnectError, match="cannot connect") as caught:
            await session.send(create())

        assert caught.value.attempts == session.stats().requests == 3


@attrs.define
class OncePerConnection:
    """A server that takes a second request on a kept connection and then closes it without a word."""

    seen: set[int] = attrs.field(factory=set)

    async def __call__(self, exchange: Exchange) -> None:
        if exchange.connection in self.seen:
            exchange.close()
            return
        self.seen.add(exchange.connection)
        await exchange.reply()


async def test_a_kept_connection_that_closes_as_it_is_reused_costs_one_counted_attempt() -> None:
    async with RawServer(OncePerConnection()) as server, quick_session(server) as session:
        await session.get_persona("p1")
        assert (await session.get_persona("p2")).persona_id == "p2"

        assert [request.connection for request in server.requests] == [1, 1, 2]
        assert (session.stats().requests, session.stats().retries) == (3, 1)


async def test_a_write_goes_over_a_connection_of_its_own() -> None:
    async with RawServer(OncePerConnection()) as server, quick_session(server) as session:
        await session.get_persona("p1")
        for _ in range(2):
            await session.send(create())

        assert [(request.method, request.connection) for request in server.requests] == [
            ("GET", 1),
            ("POST", 2),
            ("POST", 3),
        ]
        assert session.stats().open_connections == 1


async def test_what_was_read_badly_is_not_repeated() -> None:
    async with RawServer(always(b"<html>")) as server, quick_session(server) as session:
        with pytest.raises(TavusError, match="expected JSON"):
            await session.get_persona("p1")

        assert len(server.requests) == 1
