"""Writes with long bodies: sent whole, in pieces; an answer that comes before their end counts."""

import asyncio

import pytest

from tavus_async import AmbiguousOutcomeError, ApiError, PersonaDraft
from tavus_async._http.transport import LARGEST_WRITE
from tests.faults import rig
from tests.faults.rig import Fault, Rig, with_length
from tests.support.quick import create, quick_session

PROMPT = "You are Ada. " * (LARGEST_WRITE // 10)


@pytest.mark.parametrize("size", [LARGEST_WRITE, LARGEST_WRITE + 1])
async def test_a_body_of_any_length_comes_whole(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    async with Rig() as server, quick_session(server) as session:
        await session.send(create(body))

        (request,) = server.requests
        assert request.body == body
        assert request.headers["content-length"] == str(size)
        assert request.headers["content-type"] == "application/json"
        assert "transfer-encoding" not in request.headers


async def test_a_long_body_that_was_refused_is_sent_again_from_its_begin() -> None:
    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(answer=rig.says(with_length(b"{}", status=503, Retry_After="0"))), times=1)
        await session.create_persona(PersonaDraft(persona_name="Ada", system_prompt=PROMPT))

        first, second = server.requests
        assert len(first.body) > LARGEST_WRITE
        assert first.body == second.body


async def test_a_refusal_that_comes_before_the_body_is_through_is_the_answer() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(with_length(b'{"message": "too large"}', status=413))
        await writer.drain()
        await reader.read()  # all that still comes: a close with bytes unread would cut the answer off

    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(greet=refuse))

        with pytest.raises(ApiError, match="too large") as caught:
            await session.create_persona(PersonaDraft(persona_name="Ada", system_prompt=PROMPT * 5))

        assert caught.value.status == 413
        assert server.greeted == 1


async def test_a_long_body_that_nobody_reads_is_ended_by_the_deadline() -> None:
    async with Rig() as server, quick_session(server) as session:
        await server.misbehave(Fault(greet=rig.ignore))

        with pytest.raises(AmbiguousOutcomeError):
            await session.create_persona(PersonaDraft(persona_name="Ada", system_prompt=PROMPT * 5), timeout=0.2)
        assert server.greeted == 1
        assert session.stats().in_flight == 0
