"""Equal reads with deadlines of their own: one caller's haste is not the others' failure."""

import asyncio

import pytest

from tavus_async import RetryPolicy, ServerError
from tests.support.quick import quick_session
from tests.support.raw_server import Answer, Exchange, RawServer

PATIENT = RetryPolicy(base_delay=0)


def refusing_first(go: asyncio.Event) -> Answer:
    """Refuses the first request, once it may *go*, and answers the others."""

    async def answer(exchange: Exchange) -> None:
        if exchange.connection > 1:
            await exchange.reply()
            return
        await go.wait()
        await exchange.reply(b"{}", 503, {"Retry-After": "5", "Connection": "close"})
        exchange.close()

    return answer


async def test_a_refusal_that_one_caller_has_no_time_to_sit_out_is_not_given_to_those_who_have() -> None:
    go = asyncio.Event()
    async with RawServer(refusing_first(go)) as server, quick_session(server, retry=PATIENT) as session:
        hurried = asyncio.create_task(session.get_persona("p1", timeout=1))
        await server.received(1)
        patient = asyncio.create_task(session.get_persona("p1"))
        await asyncio.sleep(0)
        go.set()

        with pytest.raises(ServerError):
            await hurried
        assert (await patient).persona_id == "p1"
        assert len(server.requests) == 2


async def test_a_refusal_that_is_final_is_given_to_all() -> None:
    go = asyncio.Event()
    once = RetryPolicy(attempts=1)
    async with RawServer(refusing_first(go)) as server, quick_session(server, retry=once) as session:
        first = asyncio.create_task(session.get_persona("p1", timeout=1))
        await server.received(1)
        second = asyncio.create_task(session.get_persona("p1"))
        await asyncio.sleep(0)
        go.set()

        for call in (first, second):
            with pytest.raises(ServerError):
                await call
        assert len(server.requests) == 1


async def test_a_wait_that_nobody_would_sit_out_is_refused_to_all() -> None:
    go = asyncio.Event()
    async with RawServer(refusing_first(go)) as server:
        async with quick_session(server, retry=RetryPolicy(max_retry_after=1)) as session:
            first = asyncio.create_task(session.get_persona("p1", timeout=1))
            await server.received(1)
            second = asyncio.create_task(session.get_persona("p1"))
            await asyncio.sleep(0)
            go.set()

            for call in (first, second):
                with pytest.raises(ServerError):
                    await call
        assert len(server.requests) == 1
