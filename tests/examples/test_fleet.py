"""The fleet without an engine: real processes on a sandbox, some of which are killed."""

import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import attrs
import pytest

from examples.fleet.job import Job
from tavus_async import RateLimit
from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.support.quick import until
from tests.support.redis_server import run_redis_server

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
SUPERVISOR = ("-m", "examples.fleet.supervisor", "--pause=0")
SIZE = 5


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox that admits what the job is told, and no more."""
    async with Sandbox(personas=120, rate_limit=RateLimit(150, burst=20)) as sandbox:
        yield sandbox


@pytest.fixture
def job(sandbox: Sandbox, tmp_path: Path) -> Job:
    """All personas of the sandbox, for two workers."""
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(sandbox.persona_ids), encoding="utf-8")
    return Job(ids=ids, folder=tmp_path / "out", size=SIZE, workers=2, per_second=120.0, burst=20)


def workers_of(program: programs.Program, number: int) -> list[int]:
    """The processes that were started for one worker, the newest last."""
    return [int(pid) for pid in re.findall(rf"worker {number} is process (\d+)", program.text)]


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def check_whole(job: Job, sandbox: Sandbox) -> None:
    """Check that each id was written once, and that nothing else is left in the folder."""
    files = sorted(job.folder.iterdir())

    assert [file.name for file in files] == [chunk.name for chunk in job.chunks()]
    assert job.report().startswith(f"{len(sandbox.persona_ids)} ids, each once, 0 of them failed")
    assert sum(len(file.read_bytes().splitlines()) for file in files) == len(sandbox.persona_ids)


async def test_killed_workers_lose_and_double_nothing(job: Job, sandbox: Sandbox) -> None:
    env = programs.environment(sandbox)
    async with programs.running(*SUPERVISOR, *job.to_arguments(), env=env) as program:
        # Early enough that neither of the two can have written all of its sixty.
        await until(lambda: len(sandbox.requests) >= 20)
        for number in range(2):
            os.kill(workers_of(program, number)[-1], signal.SIGKILL)
        assert await program.process.wait() == 0, program.text
        await program.reading[0]

    assert [len(workers_of(program, number)) for number in range(2)] == [2, 2]
    assert program.text.count("ended by SIGKILL") == 2
    check_whole(job, sandbox)
    asked = Counter(request.path for request in sandbox.requests if request.status == 200)
    # What was fetched of the two chunks that each of them had in hand.
    assert sum(asked.values()) - len(asked) <= 2 * 2 * SIZE


async def test_workers_that_share_the_rate_lose_nothing_and_leave_it_to_those_that_are_left(
    job: Job, sandbox: Sandbox
) -> None:
    pytest.importorskip("redis", reason="redis is not installed")
    with run_redis_server() as redis:
        shared = attrs.evolve(job, redis=redis.url)
        env = programs.environment(sandbox)
        async with programs.running(*SUPERVISOR, *shared.to_arguments(), env=env) as program:
            await until(lambda: len(sandbox.requests) >= 40)
            os.kill(workers_of(program, 1)[-1], signal.SIGKILL)
            assert await program.process.wait() == 0, program.text

    check_whole(job, sandbox)
    assert sandbox.stats().rate_limited == 0


async def test_a_supervisor_that_is_ended_takes_its_workers_along_and_goes_on_later(job: Job, sandbox: Sandbox) -> None:
    env = programs.environment(sandbox)
    async with programs.running(*SUPERVISOR, *job.to_arguments(), env=env) as program:
        await until(lambda: len(sandbox.requests) >= 40)
        assert await program.stop() == 1, program.text
        pids = [*workers_of(program, 0), *workers_of(program, 1)]

    assert not any(map(is_running, pids))
    assert "chunks are missing: start it again" in program.text
    async with programs.running(*SUPERVISOR, *job.to_arguments(), env=env) as program:
        assert await program.process.wait() == 0, program.text

    check_whole(job, sandbox)
    assert len(sandbox.requests) <= 120 + 2 * 2 * SIZE


@pytest.mark.parametrize("problem", ["another key", "another list"])
async def test_what_no_restart_would_cure_ends_at_once(job: Job, sandbox: Sandbox, problem: str) -> None:
    env = programs.environment(sandbox)
    if problem == "another key":
        env["TAVUS_API_KEY"] = "sk-another-one-7d41"
    else:
        job.folder.mkdir()
        (job.folder / "chunk-000000.jsonl").write_text('{"id": "p1", "value": 1}\n', encoding="utf-8")
    async with programs.running(*SUPERVISOR, *attrs.evolve(job, workers=1).to_arguments(), env=env) as program:
        assert await program.process.wait() == 1
        await program.reading[0]

    assert len(workers_of(program, 0)) == 1
    assert ("Invalid access token" if problem == "another key" else "is of other ids") in program.text
    assert "sk-another" not in program.text
    assert "Traceback" not in program.text
