"""5,000 ids by four workers, one of which is killed: the programs of `examples/fleet`, before an enforcing server."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.document import ROOT
from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.fleet.arrivals import Arrivals, counts, name_of
from benchmarks.fleet.fleet import Child, record_of, serve
from benchmarks.fleet.redis_server import RedisServer

RATE, BURST = 400, 80
WORKERS, SIZE = 4, 50
KEY = "not-a-key"
LONGEST = 90.0
"""Seconds after which a run is given up."""
ENDS = 15.0
"""Seconds in which the programs end, once everything is done."""
STARTED_LATELY = 2.5
"""Seconds in which a Redis may be taken for one that has lost its state; then nobody sends for a second."""
STEP = 0.25
STARTED = re.compile(r"worker 0 is process (\d+)")


@dataclass(frozen=True, kw_only=True)
class Job:
    """Ids, and where what becomes of them is written."""

    ids: Sequence[str]
    folder: Path
    url: str
    redis_url: str
    log: Path

    @property
    def arguments(self) -> list[str]:
        """What every program of the job is told."""
        return [
            f"--ids={self.folder}.txt",
            f"--folder={self.folder}",
            f"--size={SIZE}",
            f"--workers={WORKERS}",
            f"--per-second={RATE}",
            f"--burst={BURST}",
            f"--redis={self.redis_url}",
        ]

    def start(self, program: str) -> subprocess.Popen[bytes]:
        """Start one of the programs."""
        environment = {**os.environ, "TAVUS_API_KEY": KEY, "TAVUS_BASE_URL": self.url}
        command = [sys.executable, "-m", f"examples.fleet.{program}", *self.arguments]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=ROOT)

    @property
    def is_done(self) -> bool:
        """Whether every chunk has its file."""
        return len(list(self.folder.glob("chunk-*.jsonl"))) >= -(-len(self.ids) // SIZE)


@dataclass(frozen=True)
class Run:
    """What came of a job."""

    seconds: float
    lost: int
    doubled: int
    repeated: int
    arrivals: Arrivals


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to run a job: what is started, and which process is killed."""

    words: str
    start: Callable[[Job], list[subprocess.Popen[bytes]]]
    victim: Callable[[Job, Sequence[subprocess.Popen[bytes]]], int]
    is_divided: bool
    """Whether a chunk's worker is known from its number."""


def by_supervisor(job: Job) -> list[subprocess.Popen[bytes]]:
    """Start the supervisor, which starts the workers."""
    return [job.start("supervisor")]


def first_supervised(job: Job, _: Sequence[subprocess.Popen[bytes]]) -> int:
    """Return the process of the first worker, as the supervisor tells it."""
    found = STARTED.search(job.log.read_text(encoding="utf-8"))
    if found is None:
        raise RuntimeError(f"the supervisor has not started its workers:\n{job.log.read_text(encoding='utf-8')}")
    return int(found[1])


def by_docket(job: Job) -> list[subprocess.Popen[bytes]]:
    """Start the workers that docket hands chunks to."""
    return [job.start("docket_worker") for _ in range(WORKERS)]


def first_started(_: Job, programs: Sequence[subprocess.Popen[bytes]]) -> int:
    """Return the process of the first worker."""
    return programs[0].pid


WAYS = (
    Way(words="no engine: a supervisor starts it again", start=by_supervisor, victim=first_supervised, is_divided=True),
    Way(words="docket: others take its chunks", start=by_docket, victim=first_started, is_divided=False),
)


def ids_of(number: int, *, is_divided: bool) -> list[str]:
    """Name so many ids, where it can be after the worker whose chunk each belongs to."""
    return [name_of(place // SIZE % WORKERS if is_divided else 0, place) for place in range(number)]


def run_job(way: Way, number: int, kill_after: float, redis: RedisServer) -> Run:
    """Run a job to its end, and kill a worker meanwhile."""
    ids = ids_of(number, is_divided=way.is_divided)
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tavus-fleet-")))
        server, url = stack.enter_context(serve(RATE, BURST, is_enforced=True))
        folder = place / f"out-{time.time_ns()}"
        job = Job(ids=ids, folder=folder, url=url, redis_url=redis.url, log=place / "log")
        Path(f"{folder}.txt").write_text("\n".join(ids), encoding="utf-8")
        programs = way.start(job)
        for program in programs:
            stack.callback(end, program)
        done = watch(job, server, kill_after, lambda: way.victim(job, programs))
        for program in programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(ENDS)
        arrivals = record_of(server)
        lost, doubled = missed(ids, lines_in(folder))
        return Run(done - arrivals.at[0], lost, doubled, repeats(arrivals), arrivals)


def watch(job: Job, server: Child, kill_after: float, victim: Callable[[], int]) -> float:
    """Kill the victim so many seconds after the first arrival, and return the moment when everything is done."""
    killed_at = float(server.hear()) + kill_after
    ends = killed_at + LONGEST
    is_killed = False
    while not job.is_done:
        now = time.monotonic()
        if now > ends:
            raise TimeoutError(f"the job was not done within {LONGEST:.0f} s:\n{job.log.read_text(encoding='utf-8')}")
        if not is_killed and now >= killed_at:
            os.kill(victim(), signal.SIGKILL)
            is_killed = True
        time.sleep(0.01)
    if not is_killed:
        raise RuntimeError("the job was done before a worker was killed")
    return time.monotonic()


def end(program: subprocess.Popen[bytes]) -> None:
    """End a program that has not ended by itself: first as one is asked to, so that it takes its workers along."""
    if program.poll() is None:
        program.terminate()
        try:
            program.wait(ENDS)
        except subprocess.TimeoutExpired:
            program.kill()
    program.wait()


def lines_in(folder: Path) -> list[dict[str, Any]]:
    """Read what was written."""
    files = sorted(folder.glob("chunk-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def missed(ids: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many ids have no value, and how many lines are of ids that have one already."""
    found = Counter(line["id"] for line in lines if "error" not in line)
    return sum(not found[each] for each in ids), sum(found.values()) - len(found)


def repeats(arrivals: Arrivals) -> int:
    """Return how many requests were answered that had been answered before."""
    answered = Counter(name for name, admitted in zip(arrivals.names, arrivals.admitted, strict=True) if admitted)
    return sum(answered.values()) - len(answered)


def run_part(scale: Scale, _: RedisServer) -> Part:
    """Run this part, each way with a Redis of its own: one who was killed is missed in it for a while."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(RedisServer()) for _ in WAYS]
        time.sleep(STARTED_LATELY)
        return run_ways(scale, servers)


def run_ways(scale: Scale, servers: Sequence[RedisServer]) -> Part:
    """Run each way with its server."""
    number, kill_after = scale(5000, 1000), float(scale(4, 1))
    ideal = (number - BURST) / RATE
    lines: list[Line] = []
    rows: list[list[str | float]] = []
    panels: list[dict[str, Any]] = []
    for way, redis in zip(WAYS, servers, strict=True):
        found = run_job(way, number, kill_after, redis)
        figures: list[tuple[str, float, str, float]] = [
            ("time, of the ideal", found.seconds / ideal, "×", 1.05),
            ("ids lost", found.lost, "", 0),
            ("lines doubled", found.doubled, "", 0),
            ("requests repeated, of all ids", found.repeated / number * 100, "%", 1.0),
        ]
        lines += [
            Line.of([value], figure=f"{way.words}: {words}", against="–", unit=unit, goal=goal, better="lower")
            for words, value, unit, goal in figures
        ]
        rows.append(
            [way.words, round(found.seconds, 1), found.lost, found.doubled, found.repeated, found.arrivals.refused]
        )  # fmt: skip
        begin, seconds = found.arrivals.at[0], max(found.seconds, ideal)
        table = counts(found.arrivals, begin=begin, seconds=seconds, step=STEP, processes=WORKERS)
        panels.append({"words": way.words, "at": kill_after, "lasts": 0.0, "counts": table})
    title = f"{number:,} ids at {RATE}/s, ideal {ideal:.1f} s"
    return Part(
        lines=lines,
        table=Table([title, "seconds", "lost", "doubled", "requests repeated", "refused"], rows),
        data={"step": STEP, "rate": RATE, "panels": panels},
    )
