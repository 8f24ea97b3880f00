"""A job on a sandbox, two of whose workers are killed: nothing is lost, and nothing doubled.

    python -m examples.fleet.demo
    python -m examples.fleet.demo --redis redis://127.0.0.1/0
    python -m examples.fleet.demo --redis redis://127.0.0.1/0 --docket

Without a Redis, each worker has an equal part of the rate; with one they share it. The last needs pydocket.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

import attrs

from examples.fleet.job import Job
from examples.fleet.supervisor import supervise, tell_start
from tavus_async import RateLimit
from tavus_async.sandbox import Sandbox

KILLED = (1, 2)


@attrs.define
class Processes:
    """The newest process of each worker, and how many of them were killed."""

    newest: dict[int, asyncio.subprocess.Process] = attrs.field(factory=dict)
    killed: int = 0

    def note(self, number: int, process: asyncio.subprocess.Process) -> None:
        """Note which process is which worker."""
        tell_start(number, process)
        self.newest[number] = process

    async def kill(self, number: int, sandbox: Sandbox, *, after: int) -> None:
        """Kill a worker once the sandbox has answered so many requests, if it still runs."""
        while sandbox.stats().total < after:  # noqa: ASYNC110 (a sandbox has no event for it)
            await asyncio.sleep(0.01)
        if self.newest[number].returncode is None:
            self.newest[number].kill()
            self.killed += 1


async def run_docket(job: Job, processes: Processes) -> bool:
    """Run the workers by docket, and return whether those that were left have done everything."""
    command = (sys.executable, "-m", "examples.fleet.docket_worker", *job.to_arguments())
    workers = [await asyncio.create_subprocess_exec(*command) for _ in range(job.workers)]
    for number, worker in enumerate(workers):
        processes.note(number, worker)
    codes = await asyncio.gather(*(worker.wait() for worker in workers))
    return codes.count(0) == job.workers - processes.killed


async def run(personas: int, limit: RateLimit, *, redis: str | None, by_docket: bool) -> int:
    """Run a job of so many ids, and return the exit code."""
    processes = Processes()
    with tempfile.TemporaryDirectory() as place:
        async with Sandbox(personas=personas, rate_limit=limit) as sandbox:
            os.environ.update(TAVUS_API_KEY=sandbox.api_key, TAVUS_BASE_URL=sandbox.url)
            ids = Path(place, "ids.txt")
            await asyncio.to_thread(ids.write_text, "\n".join(sandbox.persona_ids), encoding="utf-8")
            rate, burst, folder = limit.per_second, limit.burst, Path(place, "out")
            job = Job(ids=ids, folder=folder, size=10, workers=4, per_second=rate, burst=burst, redis=redis)
            kills = [
                asyncio.create_task(processes.kill(number, sandbox, after=personas * turn // 3))
                for turn, number in enumerate(KILLED, 1)
            ]
            running = run_docket(job, processes) if by_docket else supervise(job, on_start=processes.note)
            is_done = await running
            await asyncio.gather(*kills)
            repeated = sandbox.stats().total - sandbox.stats().rate_limited - personas
            print(job.report())
            print(f"{processes.killed} workers were killed, {repeated} requests were repeated")
    return 0 if is_done else 1


def main() -> int:
    """Run the job; return 1 where something is left to do."""
    parser = argparse.ArgumentParser(description="Runs a job on a sandbox, and kills two of its workers.")
    parser.add_argument("--personas", type=int, default=400, help="how many there are to fetch (400)")
    parser.add_argument("--per-second", type=float, default=100.0, help="requests that the sandbox admits (100)")
    parser.add_argument("--redis", metavar="URL", help="where the workers share the rate")
    parser.add_argument("--docket", action="store_true", help="run the job by docket, which needs --redis")
    arguments = parser.parse_args()
    if arguments.docket and not arguments.redis:
        parser.error("docket keeps its tasks in a Redis: give --redis")
    limit = RateLimit(arguments.per_second, burst=20)
    return asyncio.run(run(arguments.personas, limit, redis=arguments.redis, by_docket=arguments.docket))


if __name__ == "__main__":
    sys.exit(main())
