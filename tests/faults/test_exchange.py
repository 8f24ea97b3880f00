import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from tavus_async import AsyncSession, PersonaDraft, Pool, RetryPolicy, TavusError, Timeouts
from tests.faults.cases import ATTEMPTS, CASES, EXPECTED, MAX_BODY, Case
from tests.faults.rig import Fault, Rig, with_length
from tests.support.quick import KEY, NO_LIMIT, until

ALL = pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case.name)
REPEATED = [case for case in EXPECTED if case.read_attempts == ATTEMPTS and case.seen]
DRAFT = PersonaDraft(persona_name="Ada", system_prompt="You are Ada.")


def session_for(rig: Rig, case: Case, *, attempts: int = ATTEMPTS, base_delay: float = 0) -> AsyncSession:
    timeouts = Timeouts(connect=10, read=0.1, attempt=0.3) if case.hurried else Timeouts(connect=10)
    return AsyncSession(
        KEY,
        base_url=rig.url,
        rate_limit=NO_LIMIT,
        retry=RetryPolicy(attempts=attempts, base_delay=base_delay),
        timeouts=timeouts,
        pool=Pool(max_body=MAX_BODY),
    )


async def prime(session: AsyncSession, rig: Rig, case: Case) -> None:
    if case.primed:
        await read(session, "before")
        rig.requests.clear()
        assert session.stats().open_connections == 1


async def read(session: AsyncSession, persona_id: str = "p1") -> None:
    assert (await session.get_persona(persona_id)).persona_id == persona_id


async def kind_of(call: Awaitable[object]) -> type[TavusError] | None:
    try:
        await call
    except TavusError as error:
        return type(error)
    return None


async def check_next(session: AsyncSession, rig: Rig, case: Case) -> None:
    """The next call works, once the server does, whatever the fault has left of the connection."""
    await rig.heal()
    assert await kind_of(read(session, "next")) is case.next
    assert len(rig.requests) == (1 if case.next is None else 0)
    assert session.stats().in_flight == 0


async def check_read(case: Case) -> None:
    async with Rig() as rig, session_for(rig, case) as session:
        await prime(session, rig, case)
        await rig.misbehave(case.fault)

        assert await kind_of(read(session)) is case.read
        assert rig.attempts == (case.read_attempts if case.seen else 0)
        assert session.stats().requests == case.read_attempts + case.primed
        await check_next(session, rig, case)


async def check_create(case: Case) -> None:
    async with Rig() as rig, session_for(rig, case) as session:
        await prime(session, rig, case)
        await rig.misbehave(case.fault)

        assert await kind_of(session.create_persona(DRAFT)) is case.create
        assert rig.attempts == (case.create_attempts if case.seen else 0)
        assert session.stats().requests == case.create_attempts + case.primed
        await check_next(session, rig, case)


@ALL
async def test_a_read_gives_what_the_table_says(case: Case) -> None:
    await check_read(case)


@ALL
async def test_a_create_gives_what_the_table_says(case: Case) -> None:
    await check_create(case)


@pytest.mark.parametrize("check", [check_read, check_create])
def test_the_table_holds_on_uvloop_too(check: Callable[[Case], Coroutine[Any, Any, None]]) -> None:
    new_event_loop = pytest.importorskip("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        for case in EXPECTED:
            try:
                runner.run(check(case))
            except AssertionError as error:
                pytest.fail(f"{case.name}: {error}")


@pytest.mark.parametrize("case", REPEATED, ids=lambda case: case.name)
async def test_a_read_survives_a_fault_that_passes(case: Case) -> None:
    async with Rig() as rig, session_for(rig, case) as session:
        await rig.misbehave(case.fault, times=1)

        await read(session)

        assert rig.attempts == 2


async def test_a_read_waits_until_somebody_listens() -> None:
    async with Rig() as rig, session_for(rig, CASES[0], attempts=1_000, base_delay=0.01) as session:
        await rig.misbehave(Fault(refuse=True))
        reading = asyncio.create_task(read(session))
        await until(lambda: session.stats().requests > 1)
        await rig.heal()
        await reading

        assert rig.attempts == 1


@pytest.mark.parametrize(
    "words",
    [
        with_length(b'{"persona_id": "wrong"}'),
        with_length(b"{}", status=408, Connection="close"),
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"noise",
    ],
)
async def test_what_a_server_says_unasked_is_no_answer_to_the_next_call(words: bytes) -> None:
    async with Rig() as rig, session_for(rig, CASES[0]) as session:
        await read(session, "before")
        (exchange,) = rig.requests
        await exchange.send(words)
        async with asyncio.timeout(10):
            await rig.hung_up()  # the client

        await read(session, "next")

        assert [(request.connection, request.path) for request in rig.requests] == [
            (1, "/v2/personas/before"),
            (2, "/v2/personas/next"),
        ]
