"""One process of a fleet: `python -m benchmarks.fleet.worker '{"kind": "shared", …}'`.

It writes `ready` when it has its connections, reads when to begin, by the system's monotonic clock, and writes what it
has seen as JSON at the end.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

PATIENCE = 0.1
"""Seconds after which one whose limiter has failed tries again, as a careful user would have it."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker has to do."""

    kind: str
    """Of limiter."""
    process: int
    quota: dict[str, Any]
    url: str
    """Of the API."""
    work: str
    at_once: int = 20
    """How many tasks call one after the other; for `pace`, calls a second."""
    calls: int = 0
    """For `fetch`: how many personas."""
    clock: float = 0.0
    """By how many seconds the wall clock is off."""
    is_late: bool = False
    """Whether it makes no call before it begins."""
    is_listened_to: bool = False
    """Whether its waits for the limit are recorded."""


@dataclass
class Report:
    """What a worker has seen."""

    calls: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    cpu: float = 0.0
    """Seconds of processor time, from the beginning to the end."""
    took: list[float] = field(default_factory=list)
    """Seconds of each call, its wait for the limit among them."""
    waited: list[float] = field(default_factory=list)
    """Seconds from the start of each call to its first attempt, where that is listened to."""
    elapsed: float = 0.0

    def failed(self, error: Exception) -> None:
        """Count an error."""
        name = type(error).__name__
        self.errors[name] = self.errors.get(name, 0) + 1


def put_clock_off(seconds: float) -> None:
    """Let this process believe that it is another time; done before anything else is imported."""
    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + seconds
    time.time_ns = lambda: right_ns() + int(seconds * 1e9)


class Worker:
    """Makes calls, each by way of the limiter, until it is time to end."""

    def __init__(self, task: Task, client: Any, report: Report) -> None:
        from benchmarks.fleet.arrivals import name_of  # noqa: PLC0415 (the clock comes first)

        self.task, self.client, self.report = task, client, report
        self._name_of = name_of
        self._number = 0
        self.acquiring: dict[str, float] = {}
        """Seconds that each call under way has waited for a limiter before the session."""

    async def call(self) -> None:
        """Make the next call; one that fails is counted."""
        self._number += 1
        name, started = self._name_of(self.task.process, self._number), time.perf_counter()
        try:
            await self.client.acquire()
            self.acquiring[name] = time.perf_counter() - started
            await self.client.session.get_persona(name)
        except Exception as error:  # noqa: BLE001 (whatever a limiter raises)
            self.report.failed(error)
            await asyncio.sleep(PATIENCE)
        else:
            self.report.calls += 1
            self.report.took.append(time.perf_counter() - started)
        finally:
            self.acquiring.pop(name, None)

    async def keep_calling(self) -> None:
        """Make one call after the other."""
        while True:
            await self.call()

    async def saturate(self) -> None:
        """Want more than there is."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.task.at_once):
                group.create_task(self.keep_calling())

    async def keep_pace(self) -> None:
        """Make calls at even times, below the limit, whether or not the one before has ended."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self.call())
                due += 1 / self.task.at_once
                await asyncio.sleep(due - loop.time())

    async def fetch(self) -> None:
        """Fetch so many personas in bulk."""
        names = [self._name_of(self.task.process, number) for number in range(1, self.task.calls + 1)]
        async for outcome in self.client.session.iter_personas(names):
            self.report.calls += 1
            if outcome.error is not None:
                self.report.failed(outcome.error)

    async def only_acquire(self) -> None:
        """Take tokens as attempts do, and send nothing."""
        gate = self.client.session._lifecycle.open().gate  # what a call asks, without the call
        places = iter(range(1, sys.maxsize))

        async def work() -> None:
            while True:
                serial = gate.try_enter() or await gate.enter(next(places))
                self.report.calls += 1
                gate.leave(serial, is_admitted=True)

        async with asyncio.TaskGroup() as group:
            for _ in range(self.task.at_once):
                group.create_task(work())


def listen(worker: Worker) -> None:
    """Record how long calls wait for their first attempt: for a limiter before the session, and in it."""
    from tavus_async import CallListener  # noqa: PLC0415 (the clock comes first)

    class Waits(CallListener):
        def attempt_sent(self, call: Any, /) -> None:
            if call.attempts == 1:
                before = worker.acquiring[call.path.rpartition("/")[2]]
                worker.report.waited.append(before + asyncio.get_running_loop().time() - call.started)

    worker.client.session.events.add(Waits())


async def perform(worker: Worker, begin: float, seconds: float) -> None:
    """Do the work from *begin* on, for so many seconds at most."""
    works: dict[str, Callable[[], Awaitable[None]]] = {
        "saturate": worker.saturate,
        "pace": worker.keep_pace,
        "fetch": worker.fetch,
        "acquire": worker.only_acquire,
    }
    await asyncio.sleep(begin - time.monotonic())
    cpu = time.process_time()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await works[worker.task.work]()
    worker.report.cpu = time.process_time() - cpu
    worker.report.elapsed = time.monotonic() - begin


async def main(task: Task) -> Report:
    """Open a session, wait for the word, work, and close."""
    from benchmarks.fleet.limiters import OPEN, Quota  # noqa: PLC0415 (the clock comes first)

    report = Report()
    async with OPEN[task.kind](Quota(**task.quota), task.url) as client:
        worker = Worker(task, client, report)
        if not task.is_late:
            await worker.call()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        begin, seconds = (await asyncio.to_thread(sys.stdin.readline)).split()
        report.calls, report.took = 0, []
        if task.is_listened_to:
            listen(worker)
        await perform(worker, float(begin), float(seconds))
        return report


if __name__ == "__main__":
    told = Task(**json.loads(sys.argv[1]))
    if told.clock:
        put_clock_off(told.clock)
    json.dump(asdict(asyncio.run(main(told))), sys.stdout)
