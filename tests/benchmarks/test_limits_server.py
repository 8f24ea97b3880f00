"""The scenarios' server over sockets tells kinds of calls apart, refuses, counts, and closes connections."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from benchmarks import limits_server
from benchmarks.limits_server import Connection, Desk
from benchmarks.limits_servers import EveryNth, FirstRequests, LimitedKind, RandomStrays, Server, TokenBucket, always
from tavus_async import AsyncSession, Call, PersonaDraft, RateLimit, RateLimitedError, RetryPolicy, calls

ONCE = RetryPolicy(attempts=1)
LIMIT = RateLimit(10_000, burst=1_000)


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[str]:
    dice = random.Random(1)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(desk, dice), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture(autouse=True)
def _answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_server, "LATENCY", (0.0, 0.001))


async def test_reads_are_counted_for_each_client_from_the_first_request_on() -> None:
    desk = Desk(Server())
    async with serving(desk) as url:
        for key, number in (("key-0", 3), ("key-1", 2)):
            async with AsyncSession(key, base_url=url, rate_limit=LIMIT) as session:
                personas = [await session.get_persona(f"small{index}") for index in range(number)]
                assert [persona.persona_id for persona in personas] == [f"small{index}" for index in range(number)]
        async with aiohttp.ClientSession() as http, http.get(f"{url}/tally") as reply:
            counted = json.loads(await reply.read())

    assert {key: len(seen["reads"]) for key, seen in counted.items()} == {"key-0": 3, "key-1": 2}
    assert counted["key-0"]["reads"][0] == 0
    assert sorted(counted["key-1"]["reads"]) == counted["key-1"]["reads"]


@pytest.mark.parametrize("kind", ["read", "list", "write"])
async def test_one_kind_of_calls_is_refused_and_no_other(kind: str) -> None:
    desk = Desk(Server(strays=LimitedKind(kind, TokenBucket(1e-3, 1)), stray_asks=always(0.25)))
    draft = PersonaDraft(persona_name="one of many", system_prompt="Be brief.")
    refused = []
    made: dict[str, Call[Any]] = {
        "read": calls.get_persona("small1"),
        "list": calls.list_personas_page(),
        "write": calls.create_persona(draft),
    }
    async with serving(desk) as url, AsyncSession("key-0", base_url=url, rate_limit=LIMIT, retry=ONCE) as session:
        for name, call in made.items():
            await session.send(call)
            try:
                await session.send(call)
            except RateLimitedError as error:
                refused.append((name, error.retry_after))

    assert refused == [(kind, 0.25)]


async def test_a_connection_is_closed_after_so_many_requests_and_its_first_may_be_refused() -> None:
    desk = Desk(Server(strays=FirstRequests(), stray_asks=always(0.01)), per_connection=4)
    async with serving(desk) as url, AsyncSession("key-0", base_url=url, rate_limit=LIMIT, retry=ONCE) as session:
        failed = []
        for index in range(12):
            try:
                await session.get_persona(f"small{index}")
            except RateLimitedError as error:
                failed.append((index, error.retry_after))

    assert failed == [(0, 0.01), (4, 0.01), (8, 0.01)]
    assert desk.clients[b"key-0"].refused == 3


async def test_a_session_gets_all_that_it_asks_for_in_the_end() -> None:
    desk = Desk(Server(strays=EveryNth(5), stray_asks=always(0.01)))
    async with serving(desk) as url, AsyncSession("key-0", base_url=url, rate_limit=LIMIT) as session:
        outcomes = [outcome async for outcome in session.iter_personas(f"small{number}" for number in range(20))]

    assert all(outcome.ok for outcome in outcomes)
    assert len(desk.clients[b"key-0"].reads) == 20


async def test_a_429_may_come_later_than_other_answers() -> None:
    desk = Desk(Server(strays=RandomStrays(1.0, random.Random(1)), late=0.1))
    loop = asyncio.get_running_loop()
    async with serving(desk) as url, AsyncSession("key-0", base_url=url, rate_limit=LIMIT, retry=ONCE) as session:
        began = loop.time()
        with pytest.raises(RateLimitedError):
            await session.get_persona("small1")

    assert loop.time() - began >= 0.1
