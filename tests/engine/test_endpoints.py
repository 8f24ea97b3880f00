import asyncio
from typing import Any

import attrs
import pytest

from tavus_async import Call, RateLimit, RetryPolicy
from tavus_async._engine.endpoints import FORGOTTEN_AFTER, WATCHED_FOR, Endpoints, endpoint_of
from tavus_async._engine.gate import Gate
from tests.support.quick import quick_session, until
from tests.support.raw_server import Exchange, RawServer, words

READ, LIST = Call.json("GET", "/v2/personas/p0123"), Call.json("GET", "/v2/personas")
PATIENT = RetryPolicy(attempts=10, base_delay=0.01, max_delay=0.01)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def make_endpoints(clock: Clock | None = None) -> Endpoints:
    class Idle:
        waiting = in_flight = 0

    gate: Any = Idle
    made: list[Gate] = []

    def make() -> Gate:
        made.append(gate())
        return made[-1]

    return Endpoints(make, clock=clock or Clock())


@pytest.mark.parametrize(
    ("method", "path", "endpoint"),
    [
        ("GET", "/v2/personas", "GET /v2/personas"),
        ("GET", "/v2/personas/p0123abc", "GET /v2/personas/-"),
        ("PATCH", "/v2/personas/p0123abc", "PATCH /v2/personas/-"),
        ("POST", "/v2/conversations/c1/end", "POST /v2/conversations/-/end"),
        ("GET", "/v2/documents/d1%20x/tags", "GET /v2/documents/-/tags"),
        ("GET", "/v2/memory-stores/ms1", "GET /v2/memory-stores/-"),
        ("GET", "/v2/pronunciation-dictionaries", "GET /v2/pronunciation-dictionaries"),
        ("POST", "/v2/conversations/c1/send-app-message", "POST /v2/conversations/-/send-app-message"),
    ],
)
def test_an_endpoint_is_a_method_and_a_path_without_ids(method: str, path: str, endpoint: str) -> None:
    assert endpoint_of(Call.json(method, path)) == endpoint


def test_where_a_limit_is_documented_its_first_429_is_its_own_and_each_objects() -> None:
    endpoints = make_endpoints()
    one, other = (attrs.evolve(Call.json("POST", f"/v2/visits/{each}/note"), has_own_limit=True) for each in "ab")

    assert endpoints.refused(one, "Too many requests")
    assert endpoints.gate(one) is not None
    assert endpoints.gate(other) is None


def test_where_all_refusals_are_one_endpoints_among_many_others_the_limit_is_its_own() -> None:
    endpoints = make_endpoints()
    for _ in range(3):
        assert not endpoints.refused(LIST, "Too many requests")
        endpoints.ended(LIST, is_admitted=False)
        for _ in range(10):
            endpoints.ended(READ, is_admitted=True)

    assert endpoints.gate(LIST) is not None
    assert endpoints.gate(READ) is None
    assert endpoints.refused(LIST, "Too many requests")


def test_where_there_is_one_endpoint_alone_nothing_tells_that_the_limit_is_its_own() -> None:
    endpoints = make_endpoints()
    for _ in range(50):
        assert not endpoints.refused(READ, "Too many requests")
        endpoints.ended(READ, is_admitted=False)

    assert endpoints.gate(READ) is None


def test_where_others_are_refused_as_well_it_is_everyones() -> None:
    endpoints = make_endpoints()
    for _ in range(20):
        for call in (LIST, READ):
            assert not endpoints.refused(call, "Too many requests")
            endpoints.ended(call, is_admitted=False)
            endpoints.ended(READ, is_admitted=True)

    assert endpoints.gate(LIST) is endpoints.gate(READ) is None


@pytest.mark.parametrize("text", ["Rate limit for this endpoint exceeded", "Too many calls to /v2/personas: slow down"])
def test_the_servers_words_may_tell_it_at_once(text: str) -> None:
    endpoints = make_endpoints()

    assert endpoints.refused(LIST, text)
    assert endpoints.gate(LIST) is not None


def test_an_own_limit_is_forgotten_after_a_while_without_a_refusal() -> None:
    clock = Clock()
    endpoints = make_endpoints(clock)
    endpoints.refused(LIST, "slow down on this endpoint")
    clock.now += FORGOTTEN_AFTER + 1

    assert endpoints.gate(LIST) is None
    assert not endpoints.are_watched


def test_nothing_is_watched_for_long() -> None:
    clock = Clock()
    endpoints = make_endpoints(clock)
    assert not endpoints.are_watched
    endpoints.refused(LIST, "")
    assert endpoints.are_watched
    clock.now += WATCHED_FOR + 1
    endpoints.ended(READ, is_admitted=True)

    assert not endpoints.are_watched


@pytest.mark.parametrize("header", [{}, {"Retry-After": "0.2"}])
async def test_lists_that_are_refused_slow_no_reads(header: dict[str, str]) -> None:
    """A server whose list has a limit of its own, next to nothing: reads go on at their rate."""
    lists = 0

    async def answer(exchange: Exchange) -> None:
        nonlocal lists
        if exchange.path.partition("?")[0].endswith("/personas"):
            lists += 1
            await exchange.reply(words("slow down"), 429, header)
        else:
            await exchange.reply()

    limit = RateLimit(400, burst=20)
    async with RawServer(answer) as server, quick_session(server, rate_limit=limit, retry=PATIENT) as session:

        async def list_again() -> None:
            while True:
                await asyncio.gather(session.send(LIST), return_exceptions=True)

        listing = asyncio.create_task(list_again())
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*(session.get_persona(f"p{number}") for number in range(800)))
        took = asyncio.get_running_loop().time() - begun
        await until(lambda: lists >= 3)
        listing.cancel()

    # 1.95 s at 400/s; three pauses of 0.2 s come before it is known whose limit it is.
    assert took < (800 - 20) / 400 * 1.15 + (0.75 if header else 0.0)
