"""Bulk calls of a session against a server: what is asked for, what comes back, and what is refused."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from tavus_async import (
    AsyncSession,
    AuthenticationError,
    BulkError,
    Call,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    PaymentRequiredError,
    Persona,
    Pool,
    Progress,
    RateLimit,
    ServerError,
    SessionClosedError,
)
from tavus_async._bulk.keys import REMEMBERED
from tavus_async._bulk.run import KEYS_PER_WORKER
from tavus_async.sandbox import Answer, Faults, Sandbox
from tests.support.loops import on_each_loop
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import RawServer, always

NO_CREDITS = Answer(status=402, body={"message": "The user is out of conversational credits."})


async def later(ids: Sequence[str]) -> AsyncIterator[str]:
    for persona_id in ids:
        await asyncio.sleep(0)
        yield persona_id


def keys(outcomes: Sequence[Outcome[Persona]]) -> list[str]:
    return [outcome.key for outcome in outcomes]


@pytest.mark.parametrize("make", [list, tuple, set, frozenset, dict.fromkeys, iter, later])
async def test_ids_may_come_from_anything_that_can_be_iterated(make: Callable[[Sequence[str]], Any]) -> None:
    async with Sandbox(personas=70, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        outcomes = [outcome async for outcome in session.iter_personas(make(sandbox.persona_ids))]

        assert sorted(keys(outcomes)) == sorted(sandbox.persona_ids)
        assert all(outcome.unwrap().persona_id == outcome.key for outcome in outcomes)
        assert {outcome.attempts for outcome in outcomes} == {1}
        assert sandbox.stats().total == 70


async def test_an_outcome_tells_how_long_it_took() -> None:
    faults = Faults(latency=0.03)
    async with Sandbox(personas=20, api_key=KEY, faults=faults) as sandbox, quick_session(sandbox) as session:
        outcomes = [outcome async for outcome in session.iter_personas(sandbox.persona_ids, concurrency=4)]

        assert len(outcomes) == 20
        assert all(0.02 < outcome.elapsed < 5 for outcome in outcomes)


@on_each_loop
async def test_outcomes_come_in_the_order_of_the_ids_if_asked_for() -> None:
    faults = Faults(jitter=0.03, error=0.1)
    async with Sandbox(personas=150, api_key=KEY, faults=faults) as sandbox, quick_session(sandbox) as session:
        outcomes = [outcome async for outcome in session.iter_personas(iter(sandbox.persona_ids), ordered=True)]

        assert tuple(keys(outcomes)) == sandbox.persona_ids


async def test_a_generator_of_a_million_ids_is_read_as_the_consumer_goes() -> None:
    pulled = 0

    def a_million() -> Iterator[str]:
        nonlocal pulled
        for pulled in range(1, 1_000_001):
            yield f"p{pulled}"

    async with RawServer(always()) as server, quick_session(server) as session:
        async with session.iter_personas(a_million(), concurrency=5) as outcomes:
            for taken in range(1, 301):
                await anext(outcomes)
                assert pulled <= taken + 5 * KEYS_PER_WORKER
            # A consumer that does something else for a while.
            await asyncio.sleep(0.1)
            sent = len(server.requests)
            await asyncio.sleep(0.1)
        assert sent == len(server.requests) <= 300 + 5 * KEYS_PER_WORKER


async def test_so_many_workers_are_at_the_server_and_no_more() -> None:
    faults = Faults(latency=0.01)
    async with Sandbox(personas=60, api_key=KEY, faults=faults) as sandbox, quick_session(sandbox) as session:
        assert len(await session.get_personas(sandbox.persona_ids, concurrency=7)) == 60
        assert sandbox.stats().peak_concurrency == 7


async def test_a_failed_item_is_an_outcome_and_the_rest_go_on() -> None:
    async with Sandbox(personas=20, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ids = [*sandbox.persona_ids[:10], "p0000000", *sandbox.persona_ids[10:]]
        outcomes = [outcome async for outcome in session.iter_personas(ids, ordered=True)]

        assert [outcome.ok for outcome in outcomes] == [True] * 10 + [False] + [True] * 10
        assert isinstance(outcomes[10].error, NotFoundError)
        with pytest.raises(NotFoundError):
            outcomes[10].unwrap()


async def test_an_outcome_tells_how_often_the_server_was_asked() -> None:
    async with Sandbox(personas=2, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        sandbox.script([503, "reset", "ok", 500, 500, 500, 500, 500])
        outcomes = [o async for o in session.iter_personas(sandbox.persona_ids, concurrency=1)]

        assert [outcome.attempts for outcome in outcomes] == [3, 5]
        assert isinstance(outcomes[1].error, ServerError)


@pytest.mark.parametrize("make", [list, iter, later])
@pytest.mark.parametrize("concurrency", [1, 40])
async def test_an_id_that_occurs_again_costs_one_request(
    make: Callable[[Sequence[str]], Any], concurrency: int
) -> None:
    faults = Faults(jitter=0.002)
    async with Sandbox(personas=30, api_key=KEY, faults=faults) as sandbox, quick_session(sandbox) as session:
        once = list(sandbox.persona_ids)
        ids = [once[0], once[0], *once, *once, once[3], "p0000000", "p0000000"]
        outcomes = session.iter_personas(make(ids), concurrency=concurrency, ordered=True)
        seen = [outcome async for outcome in outcomes]

        assert keys(seen) == ids
        assert [outcome.ok for outcome in seen] == [True] * (len(ids) - 2) + [False] * 2
        assert sandbox.stats().total == 31


@pytest.mark.parametrize(
    ("make", "distance", "requests"),
    [(list, 2 * REMEMBERED, 1), (iter, REMEMBERED - 10, 1), (iter, REMEMBERED + 10, 2), (later, REMEMBERED - 10, 1)],
)
async def test_it_may_be_far_away(make: Callable[[Sequence[str]], Any], distance: int, requests: int) -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        between = ["" for _ in range(distance)] if make is list else [f"\n{number}" for number in range(distance)]
        ids = ["p1", *between, "p1"]
        outcomes = [o async for o in session.iter_personas(make(ids), concurrency=1) if o.ok]

        # What cannot be an id is refused without a request, and remembered like any other.
        assert keys(outcomes) == ["p1", "p1"]
        assert len(server.requests) == requests


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ids": "p5317866"}, "not one string"),
        ({"ids": b"p5317866"}, "not one string"),
        ({"ids": 5317866}, "not an int"),
        ({"ids": None}, "not None"),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": -1}, "concurrency"),
        ({"concurrency": 2.5}, "concurrency"),
        ({"concurrency": True}, "concurrency"),
        ({"concurrency": "3"}, "concurrency"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "1"}, "timeout"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anything_is_sent(arguments: dict[str, Any], words: str) -> None:
    async with Sandbox(api_key=KEY) as sandbox, quick_session(sandbox) as session:
        arguments = {"ids": sandbox.persona_ids} | arguments
        with pytest.raises(InvalidRequestError, match=words):
            session.iter_personas(**arguments)
        for prefer in ("get", "list"):
            with pytest.raises(InvalidRequestError, match=words):
                await session.get_personas(**arguments, prefer=prefer)

        assert sandbox.stats().total == 0
        assert session.stats().calls == 0


async def awaited(progress: Progress) -> None: ...


class Awaited:
    async def __call__(self, progress: Progress) -> None: ...


@pytest.mark.parametrize("on_progress", [awaited, partial(awaited), Awaited(), 7, "print"])
async def test_a_progress_callback_that_cannot_be_called_is_refused(on_progress: Any) -> None:
    async with Sandbox(api_key=KEY) as sandbox, quick_session(sandbox) as session:
        with pytest.raises(InvalidRequestError, match="on_progress"):
            session.iter_personas(sandbox.persona_ids, on_progress=on_progress)
        for prefer in ("get", "list"):
            with pytest.raises(InvalidRequestError, match="on_progress"):
                await session.get_personas(sandbox.persona_ids, on_progress=on_progress, prefer=prefer)

        assert sandbox.stats().total == 0


@pytest.mark.parametrize("prefer", ["fast", "", None, ["get"]])
async def test_only_two_ways_can_be_preferred(prefer: Any) -> None:
    async with Sandbox(api_key=KEY) as sandbox, quick_session(sandbox) as session:
        with pytest.raises(InvalidRequestError, match="prefer"):
            await session.get_personas(sandbox.persona_ids, prefer=prefer)

        assert sandbox.stats().total == 0


NO_IDS: list[Any] = ["", "..", "a\nb", None, 7, b"p5317866", ["p5317866"], {"persona_id": "p5317866"}]


@pytest.mark.parametrize("prefer", ["get", "list"])
async def test_what_cannot_be_an_id_is_a_failed_item(prefer: Any) -> None:
    async with Sandbox(personas=20, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ids = [*sandbox.persona_ids, *NO_IDS]
        outcomes = [outcome async for outcome in session.iter_personas(ids, ordered=True)]
        with pytest.raises(BulkError) as caught:
            await session.get_personas(ids, prefer=prefer)

    for found in (outcomes, caught.value.outcomes):
        assert keys(found) == ids
        assert all(outcome.ok for outcome in found[:20])
        assert all(isinstance(outcome.error, InvalidRequestError) for outcome in found[20:])
        assert {outcome.attempts for outcome in found[20:]} == {0}


async def test_a_wrong_key_is_met_by_each_worker_at_most_once() -> None:
    async with Sandbox(personas=500, api_key=KEY) as sandbox:
        async with AsyncSession("wrong", base_url=sandbox.url, rate_limit=RateLimit(1000, burst=1000)) as session:
            seen: list[Outcome[Persona]] = []
            with pytest.raises(AuthenticationError, match="TAVUS_API_KEY"):
                await collect(session.iter_personas(sandbox.persona_ids, concurrency=8), seen)

        assert 1 <= len(seen) <= 8
        assert {type(outcome.error) for outcome in seen} == {AuthenticationError}
        assert len(seen) <= sandbox.stats().total <= 8


async def collect(outcomes: AsyncIterator[Outcome[Persona]], seen: list[Outcome[Persona]]) -> None:
    async for outcome in outcomes:
        seen.append(outcome)  # noqa: PERF401 - those before an error are wanted too


@on_each_loop
async def test_credits_that_run_out_end_the_run_and_keep_what_was_got() -> None:
    async with Sandbox(personas=300, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        sandbox.script(["ok" for _ in range(100)])
        sandbox.script([NO_CREDITS] * 200)
        with pytest.raises(BulkError, match=r"^\d+ of 300 items failed; the first, p\w+: .*credits") as caught:
            await session.get_personas(sandbox.persona_ids, concurrency=10)

        outcomes = caught.value.outcomes
        assert tuple(keys(outcomes)) == sandbox.persona_ids
        got = [outcome for outcome in outcomes if outcome.ok]
        assert 90 <= len(got) <= 100
        assert {type(outcome.error) for outcome in outcomes if not outcome.ok} == {PaymentRequiredError}
        # Those that were not fetched say so.
        assert sum(outcome.attempts == 0 for outcome in outcomes) >= 190
        assert sandbox.stats().total <= 110


async def test_a_closed_session_ends_the_run() -> None:
    async with Sandbox(personas=300, api_key=KEY, faults=Faults(latency=0.01)) as sandbox:
        session = quick_session(sandbox)
        closing: list[asyncio.Task[None]] = []
        with pytest.raises(BulkError) as caught:
            await session.get_personas(sandbox.persona_ids, concurrency=5, on_progress=closer(session, closing))

        await closing[0]
        assert {type(outcome.error) for outcome in caught.value.outcomes if not outcome.ok} == {SessionClosedError}
        assert 50 <= sum(outcome.ok for outcome in caught.value.outcomes) < 100
        assert sandbox.stats().total < 100


def closer(session: AsyncSession, closing: list[asyncio.Task[None]]) -> Callable[[Progress], None]:
    """What closes the session once fifty items are done."""

    def on_progress(progress: Progress) -> None:
        if progress.done == 50 and not closing:
            closing.append(asyncio.create_task(session.aclose()))

    return on_progress


@pytest.mark.parametrize("make", [list, iter, later])
async def test_a_list_of_personas_comes_in_the_order_of_the_ids(make: Callable[[Sequence[str]], Any]) -> None:
    async with (
        Sandbox(personas=40, api_key=KEY, faults=Faults(jitter=0.01)) as sandbox,
        quick_session(sandbox) as session,
    ):
        ids = [*reversed(sandbox.persona_ids), sandbox.persona_ids[7]]
        personas = await session.get_personas(make(ids))

        assert [persona.persona_id for persona in personas] == ids
        assert sandbox.stats().total == 40


async def test_of_no_ids_come_no_personas() -> None:
    async with RawServer(always()) as server, quick_session(server) as session:
        assert await session.get_personas([]) == []
        assert await session.get_personas([], prefer="list") == []
        assert [outcome async for outcome in session.iter_personas([])] == []
        assert server.connections == 0


async def test_a_single_failure_fails_the_list_and_loses_nothing() -> None:
    async with Sandbox(personas=30, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        with pytest.raises(BulkError, match="1 of 31 items failed; the first, p0000000: ") as caught:
            await session.get_personas([*sandbox.persona_ids, "p0000000"])

        assert [outcome.ok for outcome in caught.value.outcomes] == [True] * 30 + [False]
        assert caught.value.outcomes[3].unwrap().persona_id == sandbox.persona_ids[3]


@pytest.mark.parametrize("make", [iter, later])
async def test_what_the_iterator_of_ids_raises_comes_to_the_caller(make: Callable[[Any], Any]) -> None:
    def broken() -> Iterator[str]:
        yield "p1"
        raise ZeroDivisionError

    async def broken_later() -> AsyncIterator[str]:
        for key in broken():
            yield key

    async with RawServer(always()) as server, quick_session(server) as session:
        ids: Any = broken if make is iter else broken_later
        with pytest.raises(ZeroDivisionError):
            await session.get_personas(ids())
        seen: list[Outcome[Persona]] = []
        with pytest.raises(ZeroDivisionError):
            await collect(session.iter_personas(ids()), seen)
        assert keys(seen) == ["p1"]


async def test_any_call_can_be_made_in_bulk() -> None:
    def rename(persona_id: str) -> Call[bytes]:
        if persona_id == "locked":
            raise InvalidRequestError("this one stays as it is")
        body = b'[{"op": "replace", "path": "/persona_name", "value": "Ada"}]'
        return Call(method="PATCH", path=f"/v2/personas/{persona_id}", decode=bytes, body=body)

    bodies = [{"persona_id": f"p{index}", "persona_name": "Bo", "system_prompt": "Hm."} for index in range(40)]
    async with Sandbox(personas=bodies, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ids = [*sandbox.persona_ids, "locked"]
        outcomes = [outcome async for outcome in session.send_each(rename, ids)]

        assert all(sandbox.stored(key)["persona_name"] == "Ada" for key in sandbox.persona_ids)
        assert [outcome.key for outcome in outcomes if not outcome.ok] == ["locked"]


async def test_progress_tells_of_the_wait_for_a_rate_and_of_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tavus_async._bulk.run.HEARTBEAT", 0.1)
    limit = RateLimit(40, burst=5)
    refusal = Answer(status=429, body={"message": "Rate limit exceeded"}, headers={"Retry-After": "0.4"})
    async with (
        Sandbox(personas=9, api_key=KEY) as sandbox,
        AsyncSession(KEY, base_url=sandbox.url, rate_limit=limit, pool=Pool(connections=5)) as session,
    ):
        told: list[Progress] = []
        sandbox.script(["ok", "ok", "ok", refusal])
        await session.get_personas(sandbox.persona_ids, on_progress=told.append)

        # At each heartbeat, so at least twice in the pause, in which nothing is done.
        paused = [progress for progress in told if progress.waiting]
        assert max(sum(progress.done == done for progress in paused) for done in range(9)) >= 2
        assert (told[-1].done, told[-1].failed, told[-1].total, told[-1].waiting) == (9, 0, 9, False)
        assert all(earlier.done <= later.done for earlier, later in pairwise(told))
        assert told[-1].rate > 0


async def test_calls_of_its_own_go_between_the_items_of_a_bulk_call() -> None:
    limit = RateLimit(100, burst=1)
    async with (
        Sandbox(personas=60, api_key=KEY) as sandbox,
        AsyncSession(KEY, base_url=sandbox.url, rate_limit=limit) as session,
        session.iter_personas(sandbox.persona_ids, concurrency=5) as outcomes,
    ):
        for _ in range(5):
            await anext(outcomes)
        single = asyncio.create_task(session.get_persona(sandbox.persona_ids[-1]))
        for _ in range(25):
            await anext(outcomes)
        assert single.done()
