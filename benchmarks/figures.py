"""What a benchmark gives: lines with a median, its spread and perhaps a goal, and a table behind them."""

import asyncio
import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, Literal, Self

Call = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure: the median of its rounds, and the lowest and the highest of them."""

    figure: str
    against: str
    unit: str
    median: float
    low: float
    high: float
    goal: float | None = None
    better: Literal["higher", "lower"] = "higher"

    @classmethod
    def of(cls, samples: Sequence[float], **words: Any) -> Self:
        """Make the line of these rounds."""
        return cls(median=statistics.median(samples), low=min(samples), high=max(samples), **words)


@dataclass(frozen=True)
class Table:
    """Numbers behind the lines, for the reader."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]


@dataclass(frozen=True)
class Part:
    """What one part of the benchmarks gives; *data* is what the plots are drawn from."""

    lines: Sequence[Line]
    table: Table
    data: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Scale:
    """How long to measure."""

    quick: bool

    def __call__(self, full: int, quick: int) -> int:
        """Choose a number of rounds, calls or items."""
        return quick if self.quick else full


def machine() -> dict[str, Any]:
    """Describe where this was measured, as far as it matters to the figures."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "event loop": "asyncio",
        **{name: version(name) for name in ("aiohttp", "attrs", "httpx", "jiter", "pydantic", "tavus-cli")},
    }


def pin(core: int) -> None:
    """Stay on one core, where the system lets a process choose and there are two of them."""
    if sys.platform == "linux" and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(0, {cores[core]})


@dataclass(frozen=True)
class Pace:
    """How fast calls were: by the clock on the wall, and by the processor's time of this process."""

    per_second: float
    cpu_us: float


async def drive(call: Call, *, calls: int, at_once: int, key: str) -> Pace:
    """Make so many calls, so many of them at a time, each for a key of its own."""
    keys = iter([f"{key}{number}" for number in range(calls)])

    async def work() -> None:
        for each in keys:
            await call(each)

    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Pace(calls / wall, cpu / calls * 1e6)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Divide round by round, as far as both took part: what disturbs a whole round disturbs both."""
    return [mine / other for mine, other in zip(ours, theirs, strict=False)]
