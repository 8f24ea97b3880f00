"""Outages in which something answers in the server's place, or nothing does; and items that fail alone."""

import asyncio
import json
from collections import Counter

import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    BulkError,
    ConnectError,
    CreatedPersona,
    Outcome,
    RetryPolicy,
    Timeouts,
    calls,
)
from tavus_async._engine import outage as outages
from tavus_async._engine.outage import Outage
from tests.support.quick import quick_session, until
from tests.support.raw_server import Exchange, RawServer, always, words
from tests.support.virtual_time import in_virtual_time, settle

IDS = [f"p{number}" for number in range(300)]
BRIEF = Timeouts(attempt=0.3, read=0.3)


@pytest.fixture(autouse=True)
def quick_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "FIRST_PROBE", 0.02)


class Switched:
    """An answer that can be switched to a fault, for all or for some ids."""

    def __init__(self) -> None:
        self.fault: str = ""
        self.poisoned: frozenset[str] = frozenset()
        self.writes: Counter[str] = Counter()

    async def __call__(self, exchange: Exchange) -> None:
        await asyncio.sleep(0.002)
        if exchange.method == "POST":
            self.writes[json.loads(exchange.body)["persona_name"]] += 1
        fault = self.fault or ("502" if exchange.path.rpartition("/")[2] in self.poisoned else "")
        if fault == "reset":
            exchange.reset()
        elif fault == "silence":
            await exchange.hang()
        elif fault:
            await exchange.reply(words("down"), int(fault))
        else:
            await exchange.reply()


async def break_for_a_while(answer: Switched, session: AsyncSession, fault: str) -> None:
    """Let the server fail from some requests on, until the retry budget is spent and one at a time tries."""
    await until(lambda: session.stats().requests >= 50)
    answer.fault = fault
    await until(lambda: session._lifecycle.hold().outage > 0.3)
    answer.fault = ""


@pytest.mark.parametrize("fault", ["reset", "silence", "500", "502"])
async def test_no_item_fails_while_the_server_fails_all(fault: str) -> None:
    answer = Switched()
    policy = RetryPolicy(base_delay=0.01, budget=20)
    async with RawServer(answer) as server, quick_session(server, retry=policy, timeouts=BRIEF) as session:
        run = asyncio.create_task(session.get_personas(IDS, concurrency=30))
        await break_for_a_while(answer, session, fault)

        assert [persona.persona_id for persona in await run] == IDS


async def test_items_that_fail_for_reasons_of_their_own_hold_nobody_up_even_if_they_are_the_last() -> None:
    answer = Switched()
    answer.poisoned = frozenset(IDS[-5:])
    async with RawServer(answer) as server, quick_session(server) as session:
        async with asyncio.timeout(10):
            with pytest.raises(BulkError) as caught:
                await session.get_personas(IDS)

    assert {outcome.key for outcome in caught.value.outcomes if not outcome.ok} == answer.poisoned


async def test_a_gateway_that_passes_nothing_on_costs_a_few_writes_and_the_others_wait_for_the_server() -> None:
    answer = Switched()
    names = [f"n{number}" for number in range(300)]
    async with RawServer(answer) as server, quick_session(server) as session:
        run = asyncio.create_task(collect(session, names))
        await break_for_a_while(answer, session, "502")
        outcomes = await run

    failed = [outcome for outcome in outcomes if not outcome.ok]
    assert {type(outcome.error) for outcome in failed} == {AmbiguousOutcomeError}
    # Those that were under way, and the probes.
    assert outages.MOST_RISKED <= len(failed) <= 40
    assert set(answer.writes.values()) == {1}
    assert sorted(outcome.key for outcome in outcomes) == sorted(names)


async def collect(
    session: AsyncSession, names: list[str], *, max_outage: float = 300.0
) -> list[Outcome[CreatedPersona]]:
    outcomes = session.send_each(
        lambda name: calls.create_persona({"persona_name": name, "system_prompt": "x"}),
        names,
        concurrency=20,
        max_outage=max_outage,
    )
    return [outcome async for outcome in outcomes]


async def test_writes_that_have_waited_too_long_were_not_sent_and_say_so() -> None:
    answer = Switched()
    answer.fault = "502"
    names = [f"n{number}" for number in range(60)]
    async with RawServer(answer) as server, quick_session(server) as session:
        outcomes = await collect(session, names, max_outage=0.2)

    unsent = [outcome for outcome in outcomes if isinstance(outcome.error, ConnectError)]
    assert len(unsent) + answer.writes.total() == 60
    assert len(unsent) >= 30
    assert "max_outage (0.2 s) is over" in str(unsent[0].error)


async def test_a_run_after_one_that_gave_up_waits_as_long_itself() -> None:
    async with RawServer(always()) as server:
        session = quick_session(server)
    async with session:
        loop = asyncio.get_running_loop()
        for _ in range(2):
            began = loop.time()
            with pytest.raises(BulkError):
                await session.get_personas(["p1"], max_outage=0.25)
            assert loop.time() - began >= 0.25


async def test_a_single_call_that_is_answered_ends_the_outage() -> None:
    answer = Switched()
    async with RawServer(answer) as server, quick_session(server) as session:
        answer.fault = "502"
        run = asyncio.create_task(session.get_personas(IDS[:5]))
        await until(lambda: session._lifecycle.hold().outage > 0)
        answer.fault = ""
        await session.get_persona("p999")

        assert session._lifecycle.hold().outage == 0
        assert len(await run) == 5


async def test_a_deadline_that_passes_in_an_outage_does_not_end_it() -> None:
    answer = Switched()
    answer.fault = "silence"
    async with RawServer(answer) as server, quick_session(server) as session:
        outage = session._lifecycle.open().outage
        waiting = asyncio.ensure_future(outage.wait(10.0, is_certain=True))
        await until(lambda: outage.is_on)
        with pytest.raises(BulkError, match="ran out"):
            await session.get_personas(["p1"], timeout=0.05)
        assert outage.is_on
        waiting.cancel()


@in_virtual_time
async def test_an_answer_to_what_was_sent_before_it_began_does_not_end_it() -> None:
    loop = asyncio.get_running_loop()
    outage = Outage(clock=loop.time)
    waiting = asyncio.ensure_future(outage.wait(10.0, is_certain=True))
    await settle()
    outage.answered(loop.time() - 1)
    assert outage.is_on
    outage.answered(loop.time())
    assert not outage.is_on
    assert await waiting


@in_virtual_time
async def test_whoever_has_tried_in_vain_lets_another_try() -> None:
    loop = asyncio.get_running_loop()
    outage = Outage(clock=loop.time)
    tried = Counter[int]()

    async def item(number: int) -> None:
        while await outage.wait(100.0, is_certain=True):
            tried[number] += 1

    await asyncio.gather(*(item(number) for number in range(3)))

    assert min(tried.values()) >= 3
