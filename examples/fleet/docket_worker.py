"""The same job on docket: an engine that hands each chunk to a worker, and to another if that one dies.

    pip install 'tavus-async[redis]' 'pydocket>=0.27'
    python -m examples.fleet.docket_worker --redis redis://127.0.0.1/0 --ids ids.txt --folder out --workers 4

Start any number, on any machines that reach the Redis and the folder; they share the rate, too. The first puts in what
is to be done; what the others put in is known already, by its key. Each ends when nothing is left to do.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from docket import Docket, Shared, Worker

from examples.fleet.job import Job, add_arguments
from examples.fleet.worker import AT_ONCE
from tavus_async import AsyncSession, Chunk, missing_chunks, write_chunk


def make_task(job: Job) -> Callable[..., Awaitable[None]]:
    """Return the task of this job, which fetches one chunk."""

    @asynccontextmanager
    async def open_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(rate_limit=job.limit()) as session:
            yield session

    # One session for the worker: with one for each task, nothing would keep the rate, and each would connect anew.
    async def fetch_chunk(chunk: Chunk, session: AsyncSession = Shared(open_session)) -> None:  # noqa: B008 (as docket has it)
        await write_chunk(job.folder, chunk, session.iter_personas(chunk.ids))

    return fetch_chunk


async def work(job: Job, *, redis: str, redelivery: float) -> None:
    """Put in the chunks that are missing, and fetch chunks until all are done."""
    fetch_chunk = make_task(job)
    async with Docket(name=f"tavus-{job.folder.name}", url=redis) as docket:
        docket.register(fetch_chunk)
        # Before the worker begins, so that none ends for want of work.
        for chunk in await asyncio.to_thread(lambda: list(missing_chunks(job.folder, job.chunks()))):
            await docket.add(fetch_chunk, key=f"chunk-{chunk.number}")(chunk)
        # A task that its worker has not renewed for so long is given to another. That it may be done twice is harmless.
        async with Worker(docket, concurrency=AT_ONCE, redelivery_timeout=timedelta(seconds=redelivery)) as worker:
            await worker.run_until_finished()


def main() -> int:
    """Run one worker; return 1 where something is left to do."""
    parser = argparse.ArgumentParser(description="One worker of a job that docket hands out.")
    add_arguments(parser)
    parser.add_argument("--redelivery", type=float, default=4.0, help="seconds until a dead worker's task moves on (4)")
    arguments = parser.parse_args()
    job = Job.from_arguments(arguments)
    if job.redis is None:
        parser.error("docket keeps its tasks in a Redis: give --redis")
    asyncio.run(work(job, redis=job.redis, redelivery=arguments.redelivery))
    print(job.report())
    return 0 if not any(missing_chunks(job.folder, job.chunks())) else 1


if __name__ == "__main__":
    sys.exit(main())
