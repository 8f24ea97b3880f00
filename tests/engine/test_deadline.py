"""The deadline of a call: it covers everything, and names what was being waited for."""

import asyncio
import time

import attrs
import pytest

from tavus_async import AmbiguousOutcomeError, Call, DeadlineExceededError, RateLimit, ServerError, TavusError, Timeouts
from tests.support.quick import create, quick_session, until
from tests.support.raw_server import RawServer, always, hang, in_turn, words


async def test_it_covers_the_wait_for_a_token() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=RateLimit(0.1, burst=1)) as session:
        await session.get_persona("p1")
        words = r"0\.1/s lets this call go in 10\.0\d s, behind 0 others, and its time ends in 0\.05 s"
        with pytest.raises(DeadlineExceededError, match=words) as caught:
            await session.get_persona("p2", timeout=0.05)

        assert caught.value.attempts == 0
        assert (session.stats().waiting, len(server.requests)) == (0, 1)


async def test_it_cuts_the_running_attempt() -> None:
    async with RawServer(in_turn(hang, always())) as server, quick_session(server) as session:
        with pytest.raises(DeadlineExceededError, match="waited for the server's answer") as caught:
            await session.get_persona("p1", timeout=0.1)

        assert caught.value.attempts == 1
        assert (await session.get_persona("p1")).persona_id == "p1"
        assert session.stats().in_flight == 0


async def test_a_sleep_that_would_pass_it_is_not_begun() -> None:
    refusal = always(words("later"), 503, {"Retry-After": "5"})
    async with RawServer(in_turn(refusal, always())) as server, quick_session(server) as session:
        with pytest.raises(ServerError, match="later"):
            await session.get_persona("p1", timeout=4)

        assert len(server.requests) == 1


async def test_it_covers_the_second_wait_for_a_token_too() -> None:
    limit = RateLimit(0.1, burst=1)
    answer = in_turn(always(words("oh"), 500), always())
    async with RawServer(answer) as server, quick_session(server, rate_limit=limit) as session:
        with pytest.raises(ServerError, match=r"the rate limit of 0\.1/s lets this call go") as caught:
            await session.get_persona("p1", timeout=0.1)

        assert (caught.value.attempts, len(server.requests)) == (1, 1)


async def test_it_covers_the_wait_for_an_equal_call() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        leader = asyncio.create_task(session.get_persona("p1"))
        await server.received(1)
        with pytest.raises(DeadlineExceededError):
            await session.get_persona("p1", timeout=0.05)

        assert (len(server.requests), leader.done()) == (1, False)
        leader.cancel()


async def test_it_is_the_sessions_total_unless_the_call_says_otherwise() -> None:
    async with RawServer(hang) as server, quick_session(server, timeouts=Timeouts(total=0.05)) as session:
        with pytest.raises(DeadlineExceededError, match=r"0.05 s"):
            await session.get_persona("p1")
        with pytest.raises(DeadlineExceededError, match=r"0.06 s"):
            await session.get_persona("p1", timeout=0.06)


async def test_it_is_a_timeout_error_too() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        with pytest.raises(TimeoutError):
            await session.get_persona("p1", timeout=0.05)

        assert session.stats().in_flight == 0


async def test_it_makes_a_write_under_way_ambiguous() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        with pytest.raises(AmbiguousOutcomeError, match=r"no answer came within 0.1 s"):
            await session.send(create(), timeout=0.1)

        assert len(server.requests) == 1


async def test_a_write_that_was_never_sent_is_not_ambiguous() -> None:
    async with RawServer(always()) as server, quick_session(server, rate_limit=RateLimit(0.1, burst=1)) as session:
        await session.get_persona("p1")
        with pytest.raises(DeadlineExceededError):
            await session.send(create(), timeout=0.05)

        assert [request.method for request in server.requests] == ["GET"]


async def test_one_that_does_not_run_out_changes_nothing() -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        assert (await session.get_persona("p1", timeout=60)).persona_id == "p1"
        await until(lambda: session.stats().in_flight == 0)


async def test_the_callers_own_deadline_stays_the_callers() -> None:
    async with RawServer(hang) as server, quick_session(server) as session:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.05):
                await session.get_persona("p1", timeout=60)

        assert not isinstance(caught.value, TavusError)
        assert len(server.requests) == 1


def decode_slowly(body: bytes) -> bytes:
    """Decode for longer than the deadline of the tests below."""
    time.sleep(0.3)
    return body


async def test_it_is_over_where_decoding_has_passed_it() -> None:
    call = Call(method="GET", path="/v2/x", decode=decode_slowly)
    async with RawServer(always(b"{}")) as server, quick_session(server) as session:
        with pytest.raises(DeadlineExceededError, match=r"0\.2 s ran out while its answer was decoded") as caught:
            await session.send(call, timeout=0.2)

        assert caught.value.attempts == 1
        assert await session.send(call, timeout=5) == b"{}"


async def test_what_was_created_is_told_even_if_decoding_has_passed_it() -> None:
    call = attrs.evolve(create(), decode=decode_slowly)
    async with RawServer(always(b"{}")) as server, quick_session(server) as session:
        assert await session.send(call, timeout=0.25) == b"{}"


async def test_who_shares_a_read_that_passed_its_leaders_deadline_reads_anew() -> None:
    call = Call(method="GET", path="/v2/x", decode=decode_slowly, reads="x")
    async with RawServer(always(b"{}")) as server, quick_session(server) as session:
        hurried = asyncio.create_task(session.send(call, timeout=0.2))
        await server.received(1)
        patient = asyncio.create_task(session.send(call))

        with pytest.raises(DeadlineExceededError):
            await hurried
        assert await patient == b"{}"
