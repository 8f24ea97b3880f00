"""What a call says of itself on its way: what it waits for, and why it goes on."""

import logging
import re

import pytest

from tavus_async import DeadlineExceededError, RetryPolicy, ServerError
from tests.faults import rig
from tests.faults.rig import Fault, Rig, with_length
from tests.support.quick import create, quick_session


async def test_a_create_that_ends_before_it_was_sent_says_that_it_waited_for_a_connection() -> None:
    async with Rig() as server:
        await server.misbehave(Fault(greet=rig.ignore))
        async with quick_session(server, base_url=server.url.replace("http:", "https:")) as session:
            with pytest.raises(DeadlineExceededError, match=r"waited for a connection$") as caught:
                await session.send(create(), timeout=0.05)

    assert caught.value.attempts == 1


async def test_retries_pauses_and_a_spent_budget_are_logged_without_bodies(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tavus_async")
    stingy = RetryPolicy(attempts=3, base_delay=0, budget=1, budget_per_call=0, budget_per_success=0)
    async with Rig() as server, quick_session(server, retry=stingy) as session:
        await server.misbehave(Fault(answer=rig.says(with_length(b'{"message": "bad luck"}', status=500))))
        with pytest.raises(ServerError):
            await session.get_persona("p1")
        await server.misbehave(Fault(answer=rig.says(with_length(b"{}", status=429, Retry_After="0.01"))), times=1)
        await session.get_persona("p2")

    said = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "tavus_async"]
    assert [(level, re.sub(r"in \d+ ms", "in N ms", text)) for level, text in said] == [
        ("DEBUG", "GET /v2/personas/p1: 500 in N ms, attempt 1"),
        ("DEBUG", "GET /v2/personas/p1: attempt 1 failed, next in 0.00 s"),
        ("DEBUG", "GET /v2/personas/p1: 500 in N ms, attempt 2"),
        ("WARNING", "GET /v2/personas/p1: not repeated, the session's retry budget is spent"),
        ("DEBUG", "GET /v2/personas/p2: 429 in N ms, attempt 1"),
        ("INFO", "GET /v2/personas/p2: 429, everyone pauses for 0.01 s"),
        ("DEBUG", "GET /v2/personas/p2: attempt 1 failed, next in 0.01 s"),
        ("DEBUG", "GET /v2/personas/p2: 200 in N ms, attempt 2"),
    ]
