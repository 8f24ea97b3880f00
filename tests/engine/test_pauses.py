"""Retry-After and 429s: who waits, for how long, and who is told at once."""

import asyncio
import math
import time
from email.utils import formatdate

import attrs
import pytest

from tavus_async import QueueTimeoutError, RateLimit, RateLimitedError, RetryPolicy, ServerError, Timeouts
from tests.support.quick import create, quick_session, until
from tests.support.raw_server import Answer, Exchange, RawServer, always, in_turn, words


def refusal(status: int = 429, **headers: str) -> Answer:
    return always(words("slow down"), status, {name.replace("_", "-"): value for name, value in headers.items()})


@attrs.define
class Timed:
    """A server that notes when each request came, in seconds of the loop's clock."""

    answer: Answer
    times: list[float] = attrs.field(factory=list)

    async def __call__(self, exchange: Exchange) -> None:
        self.times.append(asyncio.get_running_loop().time())
        await self.answer(exchange)

    def gap(self) -> float:
        """Seconds between the first request and the second."""
        return self.times[1] - self.times[0]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("name", "value", "seconds"), [("Retry-After", "0.1", 0.1), ("retry-after-ms", "80", 0.08)])
async def test_a_retry_after_is_waited_for_in_full(status: int, name: str, value: str, seconds: float) -> None:
    server_side = Timed(in_turn(refusal(status, **{name: value}), always()))
    async with RawServer(server_side) as server, quick_session(server) as session:
        await session.get_persona("p1")

    assert server_side.gap() >= seconds - 0.01


async def test_a_retry_after_may_be_a_date() -> None:
    due = 0

    async def refuse_until_a_date(exchange: Exchange) -> None:
        nonlocal due
        due = math.ceil(time.time() + 0.1)
        await refusal(Retry_After=formatdate(due, usegmt=True))(exchange)

    async def note(exchange: Exchange) -> None:
        assert time.time() >= due - 0.01
        await exchange.reply()

    async with RawServer(in_turn(refuse_until_a_date, note)) as server, quick_session(server) as session:
        await session.get_persona("p1")

        assert len(server.requests) == 2


async def test_a_429_without_words_is_waited_out_for_a_delay_of_the_policy() -> None:
    server_side = Timed(in_turn(refusal(), always()))
    policy = RetryPolicy(base_delay=0.1)
    async with RawServer(server_side) as server, quick_session(server, retry=policy) as session:
        await session.get_persona("p1")

    assert server_side.gap() >= 0.09


async def test_a_429_holds_back_every_other_call() -> None:
    server_side = Timed(in_turn(refusal(Retry_After="0.2"), always()))
    async with RawServer(server_side) as server, quick_session(server) as session:
        first = asyncio.create_task(session.get_persona("p1"))
        await until(lambda: session.stats().rate_limited == 1)
        assert session.stats().tokens == 0
        await asyncio.gather(first, *(session.get_persona(f"q{number}") for number in range(5)))

        assert len(server.requests) == 7
        assert server_side.gap() >= 0.19


@pytest.mark.parametrize("status", [429, 503])
async def test_a_retry_after_that_is_too_long_fails_at_once(status: int) -> None:
    policy = RetryPolicy(max_retry_after=10)
    async with RawServer(refusal(status, Retry_After="11")) as server, quick_session(server, retry=policy) as session:
        with pytest.raises((RateLimitedError, ServerError)) as caught:
            await session.get_persona("p1")

        assert (caught.value.retry_after, caught.value.attempts, len(server.requests)) == (11, 1, 1)


async def test_a_retry_after_that_passes_the_deadline_fails_at_once() -> None:
    async with RawServer(refusal(Retry_After="11")) as server:
        async with quick_session(server, timeouts=Timeouts(total=10)) as session:
            with pytest.raises(RateLimitedError):
                await session.get_persona("p1")

        assert len(server.requests) == 1


async def test_a_pause_that_is_too_long_is_told_to_those_who_wait_and_to_those_who_come() -> None:
    refused = asyncio.Event()

    async def refuse_when_told(exchange: Exchange) -> None:
        await refused.wait()
        await refusal(Retry_After="3600")(exchange)

    async with (
        RawServer(refuse_when_told) as server,
        quick_session(server, rate_limit=RateLimit(1, burst=1)) as session,
    ):
        first = asyncio.create_task(session.get_persona("p1"))
        others = [asyncio.create_task(session.get_persona(f"q{number}")) for number in range(3)]
        await server.received(1)
        await until(lambda: session.stats().waiting == 3)
        refused.set()
        ends = await asyncio.gather(first, *others, return_exceptions=True)
        with pytest.raises(QueueTimeoutError, match="no more calls for") as late:
            await session.get_persona("p3")

        assert [type(end) for end in ends] == [RateLimitedError, *[QueueTimeoutError] * 3]
        # One call may ask again after five minutes, however long the server wants to be left alone.
        assert late.value.wait == pytest.approx(300, abs=20)
        assert (len(server.requests), session.stats().waiting, session.stats().in_flight) == (1, 0, 0)


async def test_each_of_those_who_are_told_gets_an_error_of_its_own() -> None:
    async with (
        RawServer(refusal(Retry_After="3600")) as server,
        quick_session(server, rate_limit=RateLimit(1, burst=1)) as session,
    ):
        calls = [asyncio.create_task(session.get_persona(f"p{number}")) for number in range(3)]
        _, *told = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(error) for error in told] == [QueueTimeoutError] * 2
    assert told[0] is not told[1]


async def test_a_wait_longer_than_max_wait_is_refused_at_once() -> None:
    limit = RateLimit(1, burst=1, max_wait=1.5)
    async with RawServer(always()) as server, quick_session(server, rate_limit=limit) as session:
        await session.get_persona("p1")
        second = asyncio.create_task(session.get_persona("p2"))
        await until(lambda: session.stats().waiting == 1)
        with pytest.raises(QueueTimeoutError, match=r"longer than its max_wait \(1\.5 s\)") as caught:
            await session.get_persona("p3")
        second.cancel()

        assert caught.value.wait > 1.5
        assert len(server.requests) == 1


async def test_a_429_lowers_the_rate() -> None:
    limit = RateLimit(1000, burst=20)
    async with (
        RawServer(in_turn(*[always()] * 10, refusal(Retry_After="0.5"), always())) as server,
        quick_session(server, rate_limit=limit) as session,
    ):
        for _ in range(12):
            await session.get_persona("p1")

        assert session.stats().rate < 1000


async def test_a_429_does_not_lower_a_rate_that_is_not_adaptive() -> None:
    limit = RateLimit(1000, burst=20, adaptive=False)
    async with (
        RawServer(in_turn(*[always()] * 10, refusal(Retry_After="0"), always())) as server,
        quick_session(server, rate_limit=limit) as session,
    ):
        for _ in range(12):
            await session.get_persona("p1")

        assert session.stats().rate == 1000


async def test_a_retry_after_of_nothing_is_no_reason_to_hurry() -> None:
    server_side = Timed(in_turn(refusal(Retry_After="0"), always()))
    async with RawServer(server_side) as server, quick_session(server, retry=RetryPolicy(base_delay=0.1)) as session:
        await session.get_persona("p1")

    assert server_side.gap() >= 0.09


async def test_the_retry_budget_ends_a_storm() -> None:
    policy = RetryPolicy(attempts=5, base_delay=0, budget=6, budget_per_call=0)
    async with RawServer(refusal(500)) as server, quick_session(server, retry=policy) as session:
        for _ in range(20):
            with pytest.raises(ServerError):
                await session.get_persona("p1")

        assert len(server.requests) == 20 + 6
        assert session.stats().retry_budget == 0


async def test_waiting_out_a_429_costs_no_retry_budget() -> None:
    policy = RetryPolicy(attempts=5, base_delay=0, budget=1, budget_per_call=0)
    async with RawServer(refusal(Retry_After="0")) as server, quick_session(server, retry=policy) as session:
        with pytest.raises(RateLimitedError) as caught:
            await session.get_persona("p1")

        assert (caught.value.attempts, session.stats().retry_budget) == (5, 1)


async def test_a_write_waits_out_a_429_too() -> None:
    async with RawServer(in_turn(refusal(Retry_After="0.05"), always(b"made"))) as server:
        async with quick_session(server) as session:
            assert await session.send(create()) == b"made"

        assert len(server.requests) == 2


async def test_a_retry_that_the_line_holds_too_long_ends_with_the_refusal_before_it() -> None:
    slow = RateLimit(2, burst=1, adaptive=False)
    async with RawServer(refusal(Retry_After="0.05")) as server, quick_session(server, rate_limit=slow) as session:
        with pytest.raises(RateLimitedError, match=r"slow down \(the rate limit of 2/s lets this call go in") as caught:
            await session.get_persona("p1", timeout=0.3)

        assert (caught.value.attempts, len(server.requests)) == (1, 1)
