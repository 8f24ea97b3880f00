"""Runs all workers of a job on this machine, and starts those again that end before their time.

    python -m examples.fleet.supervisor --ids ids.txt --folder out --workers 4

Ctrl-C or SIGTERM ends it with its workers. Started again, it goes on where it was; so it does after a crash of the
whole machine.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from examples.fleet.job import Job, add_arguments
from examples.fleet.worker import WRONG_USAGE
from tavus_async import InvalidRequestError

Started = Callable[[int, asyncio.subprocess.Process], None]
"""Is called with the number of each worker that is started, and its process."""


def tell_start(number: int, process: asyncio.subprocess.Process) -> None:
    """Say which process is which worker."""
    print(f"worker {number} is process {process.pid}", flush=True)


async def keep_running(job: Job, number: int, *, restarts: int, pause: float, on_start: Started) -> bool:
    """Run one worker until its chunks are done, and return whether they are."""
    command = (sys.executable, "-m", "examples.fleet.worker", *job.to_arguments(), f"--worker={number}")
    for left in range(restarts, -1, -1):
        process = await asyncio.create_subprocess_exec(*command)
        on_start(number, process)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
        if code == 0:
            return True
        if code == WRONG_USAGE:
            break
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        print(f"worker {number} ended {how}, {left} restarts left", file=sys.stderr, flush=True)
        await asyncio.sleep(pause if left else 0)
    return False


async def supervise(job: Job, *, restarts: int = 20, pause: float = 1.0, on_start: Started = tell_start) -> bool:
    """Run all workers, and return whether they have done everything; a SIGTERM cancels this."""
    task = asyncio.current_task()
    if task is not None and sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with asyncio.TaskGroup() as group:
        running = [
            group.create_task(keep_running(job, number, restarts=restarts, pause=pause, on_start=on_start))
            for number in range(job.workers)
        ]
    return all(each.result() for each in running)


def main() -> int:
    """Run the workers of a job; return 1 where something is left to do."""
    parser = argparse.ArgumentParser(description="Runs the workers of a job, and starts again those that are killed.")
    add_arguments(parser)
    parser.add_argument("--restarts", type=int, default=20, help="how often a worker is started again at most (20)")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds before it is (1)")
    arguments = parser.parse_args()
    job = Job.from_arguments(arguments)
    is_done = False
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        is_done = asyncio.run(supervise(job, restarts=arguments.restarts, pause=arguments.pause))
    try:
        print(job.report())
    except InvalidRequestError as error:
        print(error, file=sys.stderr)
    return 0 if is_done else 1


if __name__ == "__main__":
    sys.exit(main())
