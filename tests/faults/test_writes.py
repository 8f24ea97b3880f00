"""A create happens at most once, whatever goes wrong; what may have happened is told."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings, strategies

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    ConnectError,
    DecodeError,
    NotFoundError,
    PersonaDraft,
    Pool,
    RetryPolicy,
    TavusError,
    Timeouts,
)
from tests.faults import rig
from tests.faults.cases import EXPECTED, GOOD, MAX_BODY, Case
from tests.faults.rig import Fault, Rig
from tests.support.quick import KEY, NO_LIMIT
from tests.support.raw_server import Exchange

# Those that show at once, in one attempt.
QUICK = [case for case in EXPECTED if not (case.hurried or case.primed or case.fault.refuse or case.next)]
# After these the server has said that it did nothing.
REFUSALS = {case.name for case in QUICK if case.create_attempts > 1}
ATTEMPTS = 4


def patient(url: str) -> AsyncSession:
    return AsyncSession(
        KEY,
        base_url=url,
        rate_limit=NO_LIMIT,
        retry=RetryPolicy(attempts=ATTEMPTS, base_delay=0),
        timeouts=Timeouts(connect=10, read=10, attempt=10),
        pool=Pool(max_body=MAX_BODY),
    )


def draft(name: str = "Ada") -> PersonaDraft:
    return PersonaDraft(persona_name=name, system_prompt="You are Ada.")


async def kind_of(call: Awaitable[object]) -> type[TavusError] | None:
    try:
        await call
    except TavusError as error:
        return type(error)
    return None


@pytest.mark.parametrize("ending", [rig.says_and_closes, rig.says_and_resets])
async def test_an_answer_lost_at_any_byte_leaves_one_create(ending: Callable[[bytes], rig.Answer]) -> None:
    async with Rig() as server, patient(server.url) as session:
        for length in range(len(GOOD)):
            await server.misbehave(Fault(answer=ending(GOOD[:length])))
            before = server.attempts

            assert await kind_of(session.create_persona(draft())) is AmbiguousOutcomeError, length
            assert server.attempts == before + 1, length


async def test_a_request_that_is_cut_off_at_any_byte_is_not_repeated() -> None:
    async with Rig() as server, patient(server.url) as session:
        await session.create_persona(draft())
        (whole,) = server.requests
        size = len(whole.body) + 200
        for length in (*range(1, size, 23), size):

            async def take_some(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upto: int = length) -> None:
                await reader.read(upto)
                await rig.cut(reader, writer)

            await server.misbehave(Fault(greet=take_some))
            before = server.attempts

            assert await kind_of(session.create_persona(draft())) is AmbiguousOutcomeError
            assert server.attempts == before + 1


@settings(max_examples=60)
@given(strategies.lists(strategies.sampled_from(QUICK), min_size=1, max_size=ATTEMPTS))
def test_one_create_at_most_whatever_comes_after_what(faults: list[Case]) -> None:
    async def scenario() -> None:
        async with Rig() as server, patient(server.url) as session:
            server.follow([case.fault for case in faults])
            error = await kind_of(session.create_persona(draft()))

            sent = faults[: server.attempts]
            refused = [case for case in sent if case.name in REFUSALS]
            assert [case for case in sent[:-1] if case.name not in REFUSALS] == []
            assert server.attempts - len(refused) <= 1
            if server.attempts > len(faults):
                assert error is None
            else:
                assert error is sent[-1].create

    asyncio.run(scenario())


async def test_of_many_creates_at_once_none_happens_twice_and_none_is_lost() -> None:
    dice = random.Random(5)
    done: Counter[str] = Counter()

    async def answer(exchange: Exchange) -> None:
        name = json.loads(exchange.body)["persona_name"]
        case = dice.choice([None, None, *QUICK])
        if case is not None and case.name in REFUSALS:
            await case.fault.answer(exchange)
            return
        done[name] += 1
        await (case.fault.answer if case is not None else rig.well)(exchange)

    async with Rig() as server, patient(server.url) as session:
        await server.misbehave(Fault(answer=answer))
        names = [f"Ada {number}" for number in range(300)]
        ends = await asyncio.gather(*(kind_of(session.create_persona(draft(name))) for name in names))

    for name, end in zip(names, ends, strict=True):
        assert done[name] <= 1
        if end in (None, DecodeError, AmbiguousOutcomeError):
            assert done[name] == 1
    assert {None, AmbiguousOutcomeError} < set(ends)
    assert max(done.values()) == 1


async def test_a_create_is_repeated_until_somebody_listens() -> None:
    async with Rig() as server, patient(server.url) as session:
        await server.misbehave(Fault(refuse=True))

        assert await kind_of(session.create_persona(draft())) is ConnectError
        assert session.stats().requests == ATTEMPTS

        await server.heal()
        await session.create_persona(draft())

        assert server.attempts == 1


async def test_a_delete_that_worked_before_its_answer_was_lost_is_done() -> None:
    async def deleted(exchange: Exchange) -> None:
        if len(server.requests) == 1:
            exchange.reset()
        else:
            await exchange.reply(b'{"error": "Invalid persona_id"}', 400)

    async with Rig() as server, patient(server.url) as session:
        await server.misbehave(Fault(answer=deleted))

        assert await kind_of(session.delete_persona("p1")) is None
        assert await kind_of(session.delete_persona("p1")) is NotFoundError
