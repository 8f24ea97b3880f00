"""Runs a fleet: a server, the processes that call it, what goes wrong meanwhile, and what came of it."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import IO, Any, Self

from benchmarks.document import ROOT
from benchmarks.fleet.arrivals import Arrivals

PROCESSES = 8
LEAD = 0.3
"""Seconds between the word to begin and the beginning, in which every process hears it."""
APART = 0.03
"""Seconds between the beginnings of two processes: real ones do not begin in step, nor then poll in step."""
LONGEST = 60.0
"""Seconds in which a process must be ready, or end."""
_numbers = count(1)


class Child:
    """A program of ours as a process of its own, which is told things by lines and tells them so."""

    def __init__(self, module: str, argument: str) -> None:
        command = [sys.executable, "-m", f"benchmarks.fleet.{module}", argument]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    @property
    def _pipes(self) -> tuple[IO[str], IO[str]]:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None and stdout is not None  # noqa: PT018, S101 (for the type checker)
        return stdin, stdout

    def hear(self) -> str:
        """Return the next line that it writes."""
        return self._pipes[1].readline().strip()

    def tell(self, line: str) -> None:
        """Write it a line."""
        stdin, _ = self._pipes
        with contextlib.suppress(BrokenPipeError):  # It may have been killed.
            stdin.write(f"{line}\n")
            stdin.flush()

    def end(self) -> str:
        """End its input, and return what it writes from now on; nothing where it was killed."""
        text, _ = self.process.communicate(timeout=LONGEST)
        return text

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        self.process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        with self.process:  # It closes the pipes, and waits.
            pass


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A fleet, and what it does."""

    kind: str
    """Of limiter: a key of `limiters.OPEN`."""
    rate: float
    """Attempts per second that every process is told, for all of them together."""
    burst: int
    seconds: float
    work: str = "saturate"
    at_once: int = 20
    calls: int = 0
    processes: int = PROCESSES
    is_enforced: bool = False
    """Whether the server refuses what is too much; else it only records."""
    served: float | None = None
    """Attempts per second that the server admits, where it is not the rate."""
    clocks: Mapping[int, float] = field(default_factory=dict)
    """Seconds by which the wall clock of a process is off."""
    redis_urls: Mapping[int, str] = field(default_factory=dict)
    """Where a process finds Redis, if elsewhere than the others."""
    late: Mapping[int, float] = field(default_factory=dict)
    """Seconds after which a process begins, if later than the others."""
    is_listened_to: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    begin: float
    arrivals: Arrivals
    reports: Sequence[Mapping[str, Any] | None]
    """Of each process; None of one that was killed."""
    lasted: float
    """Seconds from the beginning until the last process had ended its work."""

    @property
    def alive(self) -> list[Mapping[str, Any]]:
        """The reports of those that were not killed."""
        return [report for report in self.reports if report is not None]

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time for each call, of all processes."""
        return sum(report["cpu"] for report in self.alive) / max(1, self.done) * 1e6

    @property
    def done(self) -> int:
        """The number of calls that succeeded."""
        return sum(report["calls"] for report in self.alive)

    @property
    def longest(self) -> float:
        """Seconds of the longest call."""
        return max((max(report["took"], default=0.0) for report in self.alive), default=0.0)

    @property
    def errors(self) -> int:
        """How often a limiter or a call has failed."""
        return sum(sum(report["errors"].values()) for report in self.alive)


@dataclass(frozen=True)
class Fleet:
    """The processes of a plan, as what goes wrong may reach them."""

    server: Child
    workers: Sequence[Child]


Event = tuple[float, Callable[[Fleet], object]]
"""Seconds after the beginning, and what happens then."""


@contextlib.contextmanager
def serve(rate: float, burst: float, *, is_enforced: bool) -> Iterator[tuple[Child, str]]:
    """Run a server of the API, and give it and its URL."""
    with Child("server", json.dumps({"rate": rate, "burst": burst, "is_enforced": is_enforced})) as server:
        yield server, f"http://127.0.0.1:{server.hear()}"


def record_of(server: Child) -> Arrivals:
    """End a server, and return what it has recorded."""
    return Arrivals(**json.loads(server.end().splitlines()[-1]))


def tasks_of(plan: Plan, url: str, redis_url: str) -> Iterator[str]:
    """Spell the task of each process."""
    name = f"fleet-{time.time_ns()}-{next(_numbers)}"
    quota = {"per_second": plan.rate, "burst": plan.burst, "processes": plan.processes, "name": name}
    for process in range(plan.processes):
        yield json.dumps(
            {
                "kind": plan.kind,
                "process": process,
                "quota": {**quota, "redis_url": plan.redis_urls.get(process, redis_url)},
                "url": url,
                "work": plan.work,
                "at_once": plan.at_once,
                "calls": plan.calls,
                "clock": plan.clocks.get(process, 0.0),
                "is_late": process in plan.late,
                "is_listened_to": plan.is_listened_to,
            }
        )


def run(plan: Plan, redis_url: str, events: Sequence[Event] = ()) -> Outcome:
    """Run a fleet to its end; what happens meanwhile is done on time."""
    rate = plan.rate if plan.served is None else plan.served
    with contextlib.ExitStack() as stack:
        server, url = stack.enter_context(serve(rate, plan.burst, is_enforced=plan.is_enforced))
        workers = [stack.enter_context(Child("worker", task)) for task in tasks_of(plan, url, redis_url)]
        begin = start(plan, workers)
        for after, happen in sorted(events, key=lambda event: event[0]):
            time.sleep(max(0.0, begin + after - time.monotonic()))
            happen(Fleet(server, workers))
        texts = [worker.end() for worker in workers]
        check(workers)
        reports = [json.loads(text) if text else None for text in texts]
        lasted = max(report["elapsed"] for report in reports if report is not None)
        return Outcome(begin, record_of(server), reports, lasted)


def start(plan: Plan, workers: Sequence[Child]) -> float:
    """Wait until all are ready, tell them when to begin, and return that moment."""
    for process, worker in enumerate(workers):
        if worker.hear() != "ready":
            raise RuntimeError(f"process {process} of the fleet, {plan.kind}, did not start")
    begin = time.monotonic() + LEAD
    for process, worker in enumerate(workers):
        late = plan.late.get(process, process * APART)
        worker.tell(f"{begin + late} {plan.seconds - late}")
    return begin


def check(workers: Sequence[Child]) -> None:
    """Raise an error where a process has ended otherwise than by its work, or by being killed."""
    codes = [worker.process.returncode for worker in workers]
    if wrong := [code for code in codes if code not in {0, -signal.SIGKILL}]:
        raise RuntimeError(f"processes of the fleet have failed, with codes {wrong}")


def at_half(plan: Plan) -> Plan:
    """Return the same plan at a server that admits half of what the fleet is told."""
    return replace(plan, is_enforced=True, served=plan.rate / 2)
