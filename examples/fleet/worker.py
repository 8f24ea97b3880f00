"""One worker of a job: it fetches every n-th chunk, and leaves out those whose file is there.

    python -m examples.fleet.worker --ids ids.txt --folder out --workers 4 --worker 0

It may be killed at any moment and started again: a file is whole or not there. `supervisor.py` starts all workers of a
machine, and again those that end before their time.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from itertools import islice

from examples.fleet.job import Job, add_arguments
from tavus_async import (
    AsyncSession,
    AuthenticationError,
    Chunk,
    ConfigurationError,
    InvalidRequestError,
    PaymentRequiredError,
    write_chunk,
)

AT_ONCE = 2  # chunks: the next is begun while the last few ids of one are awaited
CANNOT_HEAL = (AuthenticationError, ConfigurationError, InvalidRequestError, PaymentRequiredError)
FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


async def work(job: Job, number: int) -> None:
    """Fetch the chunks of one worker."""
    mine = islice(job.chunks(), number, None, job.workers)
    async with AsyncSession(rate_limit=job.limit()) as session, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(fetch(session, job, mine))


async def fetch(session: AsyncSession, job: Job, mine: Iterator[Chunk]) -> None:
    """Fetch one chunk after another until there are none."""
    for chunk in mine:
        await write_chunk(job.folder, chunk, session.iter_personas(chunk.ids))


def main() -> int:
    """Run one worker; return 2 for what no restart would cure."""
    parser = argparse.ArgumentParser(description="One worker of a job that many processes share.")
    add_arguments(parser)
    parser.add_argument("--worker", type=int, required=True, help="the number of this one, from 0 up")
    arguments = parser.parse_args()
    if not 0 <= arguments.worker < arguments.workers:
        parser.error("the number of a worker is from 0 up, and below --workers")
    code = 0
    try:
        asyncio.run(work(Job.from_arguments(arguments), arguments.worker))
    except* KeyboardInterrupt:
        code = INTERRUPTED
    except* CANNOT_HEAL as group:
        code = complain(arguments.worker, group, WRONG_USAGE)
    except* OSError as group:
        code = complain(arguments.worker, group, FAILED)
    return code


def complain(number: int, group: BaseExceptionGroup[BaseException], code: int) -> int:
    """Say what went wrong, in a line, and return the exit code."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    print(f"worker {number}: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
