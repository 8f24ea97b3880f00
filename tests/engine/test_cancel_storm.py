"""Thousands of calls cancelled wherever they are: queueing, connecting, sending, reading, sleeping. Nothing is left."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tavus_async import AsyncSession, Persona, Pool, RateLimit, RetryPolicy, TavusError, Timeouts
from tests.support.loops import on_each_loop
from tests.support.quick import KEY, until
from tests.support.raw_server import PERSONA, Exchange, RawServer, always, head, words

CALLS = 2_000
BURST = 100
CONNECTIONS = 25
# So many come at once, and each is cancelled within so many seconds, but for some that wait for the others' end.
BATCH = 250
PATIENT = 20
SECONDS = 0.5
LIMIT = RateLimit(1_000, burst=BURST)
POLICY = RetryPolicy(base_delay=0.2, budget=CALLS)
# Those that the server never answers give their connections back, so that however slow the machine, there are retries.
TIMEOUTS = Timeouts(attempt=2 * SECONDS)

PersonaTask = asyncio.Task[Persona]


class Moody:
    """A server that answers at once, in pieces, late, never, or with what is to be repeated later."""

    def __init__(self) -> None:
        self.dice = random.Random(4)
        self.moods: Counter[str] = Counter()
        self.is_calm = False

    async def __call__(self, exchange: Exchange) -> None:
        mood = self.dice.choice(["well", "well", "close", "pieces", "late", "never", "reset", "error", "busy"])
        if self.is_calm:
            mood = "well"
        self.moods[mood] += 1
        if mood == "pieces":
            await exchange.send(head(200, {"Content-Length": str(len(PERSONA))}) + PERSONA[:9])
            await asyncio.sleep(self.dice.random() * 0.05)
            with contextlib.suppress(ConnectionError):
                await exchange.send(PERSONA[9:])
        elif mood == "never":
            await exchange.hang()
        elif mood == "reset":
            exchange.reset()
        elif mood == "error":
            await exchange.reply(words("no"), 500)
        elif mood == "busy":
            await exchange.reply(words("later"), 503, {"Retry-After": "0.4"})
        else:
            await asyncio.sleep(self.dice.random() * 0.05 if mood == "late" else 0)
            with contextlib.suppress(ConnectionError):
                await exchange.reply()
            if mood == "close":
                exchange.close()


def has_succeeded(call: PersonaTask) -> bool:
    return call.done() and not call.cancelled() and call.exception() is None


async def storm(
    session: AsyncSession, calls: int, *, seconds: float, is_enough: Callable[[list[PersonaTask]], bool]
) -> list[Any]:
    """Makes so many calls, some for the same persona, some with a deadline, and cancels each at a random time.

    However slow the machine, the last are cancelled once enough has happened.
    """
    dice = random.Random(5)
    tasks: list[PersonaTask] = []
    for first in range(0, calls, BATCH):
        batch: list[PersonaTask] = []
        for number in range(first, min(first + BATCH, calls)):
            key = f"p{number}" if number % 4 else f"shared{number % 40}"
            call = session.get_persona(key, timeout=dice.choice([None, None, 0.5, 1.5]))
            batch.append(asyncio.create_task(call))
        # The time of a call begins when it has, however slow the machine.
        await asyncio.sleep(0)
        for number, task in enumerate(batch):
            if number % PATIENT:
                asyncio.get_running_loop().call_later(seconds * dice.random(), task.cancel)
        await asyncio.sleep(seconds * BATCH / calls)
        tasks += batch
    await asyncio.sleep(seconds)
    await until(lambda: is_enough(tasks))
    for task in tasks:
        task.cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)


@on_each_loop
async def test_thousands_of_calls_cancelled_anywhere_leave_nothing() -> None:
    def is_enough(calls: list[PersonaTask]) -> bool:
        return session.stats().retries > 10 and any(map(has_succeeded, calls))

    moody = Moody()
    # A host name has to be looked up, and short keep-alive makes many connections.
    pool = Pool(connections=CONNECTIONS, keepalive=0.01, dns_ttl=0)
    async with RawServer(moody) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        async with AsyncSession(
            KEY, base_url=url, rate_limit=LIMIT, pool=pool, retry=POLICY, timeouts=TIMEOUTS
        ) as session:
            others = asyncio.all_tasks()
            ends = await storm(session, CALLS, seconds=SECONDS, is_enough=is_enough)

            kinds = Counter(type(end) for end in ends)
            assert kinds[asyncio.CancelledError] > CALLS / 2
            assert kinds[Persona]
            assert all(isinstance(end, (Persona, asyncio.CancelledError, TavusError)) for end in ends)
            assert len(moody.moods) == 8
            assert session.stats().requests > CALLS / 20

            await until(lambda: (session.stats().waiting, session.stats().in_flight) == (0, 0))
            await until(lambda: session.stats().tokens == BURST)
            await until(lambda: asyncio.all_tasks() - server._tasks <= others)
            assert session._lifecycle._engine is not None
            assert session._lifecycle._engine._reads._requests == {}
            moody.is_calm = True
            personas = await asyncio.gather(*(session.get_persona(f"p{n}", timeout=20) for n in range(CONNECTIONS)))
            assert len(personas) == CONNECTIONS
            assert session.stats().open_connections <= CONNECTIONS
        await until(lambda: not server.open_connections)


@on_each_loop
async def test_a_storm_while_a_429_holds_everyone_back_leaves_nothing() -> None:
    async def refuse(exchange: Exchange) -> None:
        if is_over:
            await exchange.reply()
        else:
            await exchange.reply(words("Rate limit exceeded"), 429, {"Retry-After": "0.2"})

    is_over = False
    async with (
        RawServer(refuse) as server,
        AsyncSession(KEY, base_url=server.url, rate_limit=LIMIT, pool=Pool(connections=CONNECTIONS)) as session,
    ):
        others = asyncio.all_tasks()
        ends = await storm(
            session, CALLS // 10, seconds=SECONDS / 4, is_enough=lambda _: session.stats().rate_limited > 0
        )
        is_over = True

        assert {type(end) for end in ends} >= {asyncio.CancelledError}
        assert (session.stats().waiting, session.stats().in_flight) == (0, 0)
        await until(lambda: asyncio.all_tasks() - server._tasks <= others)
        await until(lambda: session.stats().tokens >= 1)
        assert (await session.get_persona("p1", timeout=20)).persona_id == "p1"


@pytest.mark.parametrize("cancelled", [1, 40, 60, 99, 100])
@on_each_loop
async def test_those_who_are_cancelled_together_are_counted_once(cancelled: int) -> None:
    slow = RateLimit(0.001, burst=1)
    async with RawServer(always()) as server, AsyncSession(KEY, base_url=server.url, rate_limit=slow) as session:
        await session.get_persona("p0")
        tasks = [asyncio.ensure_future(session.get_persona(f"p{number}")) for number in range(1, 101)]
        await until(lambda: session.stats().waiting == 100)
        for task in tasks[-cancelled:]:
            task.cancel()
        await asyncio.gather(*tasks[-cancelled:], return_exceptions=True)
        assert session.stats().waiting == 100 - cancelled

        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert session.stats().waiting == 0


@pytest.mark.parametrize("turns", range(12))
@on_each_loop
async def test_cancelled_at_any_turn_of_the_loop_it_leaves_nothing(turns: int) -> None:
    async with (
        RawServer(always()) as server,
        AsyncSession(KEY, base_url=server.url, rate_limit=LIMIT, pool=Pool(connections=1)) as session,
    ):
        tasks = [asyncio.ensure_future(session.get_persona(f"p{number}")) for number in range(3)]
        for task in tasks:
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        assert (session.stats().waiting, session.stats().in_flight) == (0, 0)
        assert (await session.get_persona("p1", timeout=20)).persona_id == "p1"
