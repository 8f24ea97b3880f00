"""Streaming does not gather: the memory of many outcomes is that of a few.

A process of its own streams some, notes the most memory it has had, streams many, and tells how much more it was.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tavus_async import AsyncSession, Progress, RateLimit, ServerError
from tavus_async._http.attempt import Attempt
from tavus_async._values import Response

FEW = 1_000
MANY = 10_000
"""The goal is 200,000, which takes too long here; what grows with the items shows with fewer."""
MOST_GROWTH = 16 * 2**20
PERSONA = b'{"persona_id": "p1", "persona_name": "Ada", "system_prompt": "%s"}' % (b"Be kind. " * 100)
NO_LIMIT = RateLimit(1_000_000, burst=1_000_000)


class NullTransport:
    """Has every answer already; each tenth call gets none."""

    is_closed = False
    open_connections = 0
    sent = 0

    async def send(self, attempt: Attempt) -> Response:
        attempt.was_sent = True
        self.sent += 1
        if not self.sent % 100:
            await asyncio.sleep(0)
        if attempt.call.path.endswith("0"):
            raise ServerError("no", status=501, body="no" * 1_000)
        return Response(status=200, headers={}, body=PERSONA)

    async def aclose(self) -> None:
        """Nothing was opened."""


def ids(number: int) -> Iterator[str]:
    """Most of them occur once, some occur again."""
    for index in range(number):
        yield f"p{index - index % 7 * (index % 50 == 0)}"


async def ids_later(number: int) -> AsyncIterator[str]:
    for persona_id in ids(number):
        yield persona_id


async def stream(number: int) -> None:
    """Streams so many in each way, with a consumer that is slow at times."""
    async with AsyncSession("key", base_url="http://127.0.0.1:9", rate_limit=NO_LIMIT) as session:
        engine = session._lifecycle.open()
        await engine._transport.aclose()
        vars(engine)["_transport"] = NullTransport()
        for outcomes in (
            session.iter_personas(ids(number), on_progress=print_nothing),
            session.iter_personas(ids_later(number), ordered=True),
        ):
            seen = 0
            async for _ in outcomes:
                seen += 1
                if not seen % 500:
                    await asyncio.sleep(0.001)
            assert seen == number


def print_nothing(progress: Progress) -> None:
    """Takes note of nothing."""


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    import resource  # noqa: PLC0415 - Windows has none

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def tell_growth() -> None:
    """Prints by how many bytes many take more than a few."""
    with asyncio.Runner() as runner:
        runner.run(stream(FEW))
        before = peak()
        runner.run(stream(MANY))
    sys.stdout.write(str(peak() - before))


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell the most memory a process has had")
def test_many_outcomes_take_no_more_memory_than_a_few() -> None:
    program = "from tests.bulk.test_bulk_memory import tell_growth; tell_growth()"
    told = subprocess.check_output([sys.executable, "-c", program], cwd=Path(__file__).parents[2], text=True)

    assert int(told) <= MOST_GROWTH
