"""The fleet on docket: in this process, and as processes of which one is killed."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import attrs
import pytest

from examples.fleet.job import Job
from tavus_async import RateLimit
from tavus_async._settings.config import API_KEY, BASE_URL
from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.support.quick import until
from tests.support.redis_server import run_redis_server

programs.load("docket", needs="docket")
SIZE = 5
WORKERS = 2


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=120, rate_limit=RateLimit(150, burst=20)) as sandbox:
        yield sandbox


@pytest.fixture
def job(sandbox: Sandbox, tmp_path: Path) -> Job:
    """All personas of the sandbox."""
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(sandbox.persona_ids), encoding="utf-8")
    return Job(ids=ids, folder=tmp_path / "out", size=SIZE, workers=WORKERS, per_second=120.0, burst=20)


@pytest.mark.filterwarnings("default")
async def test_one_worker_does_what_is_missing(job: Job, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    example = programs.load("examples.fleet.docket_worker", needs="docket")
    monkeypatch.setenv(API_KEY, sandbox.api_key)
    monkeypatch.setenv(BASE_URL, sandbox.url)
    for _ in range(2):
        await example.work(job, redis=f"memory://{job.folder}", redelivery=4.0)

    assert job.report().startswith("120 ids, each once, 0 of them failed")
    assert len(sandbox.requests) == 120


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
async def test_the_chunks_of_a_killed_worker_are_done_by_another(job: Job, sandbox: Sandbox) -> None:
    with run_redis_server() as redis:
        shared = attrs.evolve(job, redis=redis.url)
        arguments = ("-m", "examples.fleet.docket_worker", *shared.to_arguments(), "--redelivery=1")
        async with AsyncExitStack() as stack:
            env = programs.environment(sandbox)
            killed, other = [
                await stack.enter_async_context(programs.running(*arguments, env=env)) for _ in range(WORKERS)
            ]
            await until(lambda: len(sandbox.requests) >= 60)
            killed.process.send_signal(signal.SIGKILL)
            assert await killed.process.wait() == -signal.SIGKILL
            async with asyncio.timeout(30):
                assert await other.process.wait() == 0, other.text

    assert [file.name for file in sorted(job.folder.iterdir())] == [chunk.name for chunk in job.chunks()]
    assert job.report().startswith("120 ids, each once, 0 of them failed")
    asked = Counter(request.path for request in sandbox.requests if request.status == 200)
    assert len(asked) == 120
    # What was fetched of the two chunks that the killed one had in hand.
    assert sum(asked.values()) - len(asked) <= 2 * SIZE


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
@pytest.mark.parametrize("words", [(), ("--docket",)], ids=["without an engine", "docket"])
async def test_the_demo_loses_and_doubles_nothing(sandbox: Sandbox, words: tuple[str, ...]) -> None:
    with run_redis_server() as redis:
        arguments = ("-m", "examples.fleet.demo", "--personas=200", "--redis", redis.url, *words)
        async with programs.running(*arguments, env=programs.environment(sandbox)) as program:
            assert await program.process.wait() == 0, program.text
            await program.reading[0]

    assert "200 ids, each once, 0 of them failed\n2 workers were killed" in program.text
