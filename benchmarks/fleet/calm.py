"""Eight processes that want more than there is, with nothing going wrong: each way of sharing, at two rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.fleet.arrivals import counts, excess, refusals, shares, used
from benchmarks.fleet.fleet import PROCESSES, Outcome, Plan, run
from benchmarks.fleet.limiters import HEARING, WORDS
from benchmarks.fleet.redis_server import RedisServer

LIMITS = ((200, 20), (2000, 200))
CALLS = {200: 0.25, 2000: 0.06}
"""The goals: calls of Redis for each attempt, at each rate."""
KINDS = ("shared", "throttled", "pyrate", "divided", "unshared")
AT_ONCE = 50
"""Tasks of each process, which make one call after the other."""
STEP = 0.25


@dataclass(frozen=True)
class Calm:
    """What one way of sharing gave at one rate."""

    excess: float
    used: float
    share: float
    refused: int
    calls: float
    cpu: float
    longest: float
    counts: list[list[int]]


def judge(outcome: Outcome, plan: Plan, calls: int) -> Calm:
    """Work out the figures of a run in which clients called Redis so often."""
    arrivals = outcome.arrivals
    end = outcome.begin + plan.seconds
    within = arrivals.between(outcome.begin, end)
    limit = {"rate": plan.rate, "burst": plan.burst}
    return Calm(
        excess=excess(arrivals.at, **limit),
        used=used(sum(within.admitted), seconds=plan.seconds, **limit),
        share=shares(within.processes, range(plan.processes)),
        refused=arrivals.refused if plan.is_enforced else refusals(arrivals.at, **limit),
        calls=calls / max(1, len(arrivals)),
        cpu=outcome.cpu_us,
        longest=outcome.longest,
        counts=counts(
            within, begin=outcome.begin, seconds=plan.seconds, step=STEP, processes=plan.processes
        ),
    )  # fmt: skip


def measure(kind: str, rate: int, burst: int, seconds: float, redis: RedisServer) -> Calm:
    """Run one way of sharing at one rate."""
    plan = Plan(
        kind=kind, rate=rate, burst=burst, seconds=seconds, at_once=AT_ONCE, is_enforced=kind in HEARING
    )  # fmt: skip
    calls = redis.calls()
    outcome = run(plan, redis.url)
    return judge(outcome, plan, redis.calls() - calls)


def baseline(rate: int, burst: int, seconds: float, redis: RedisServer) -> float:
    """Return the microseconds of a call that no limiter holds back, at the same rate."""
    plan = Plan(kind="unlimited", rate=rate, burst=burst, seconds=seconds, work="pace", at_once=rate // PROCESSES)
    return run(plan, redis.url).cpu_us


def lines_of(rate: int, burst: int, calm: Calm) -> list[Line]:
    """Tell what is asked of this package at one rate."""
    figures: list[tuple[str, float, str, float, str]] = [
        ("excess over burst + rate · t", calm.excess, "", 1.0, "lower"),
        ("used of what may be sent", calm.used, "", 0.99, "higher"),
        ("least share of a process, of the largest", calm.share, "", 0.95, "higher"),
        ("calls of Redis for each attempt", calm.calls, "", CALLS[rate], "lower"),
        ("refused by a server that enforces the limit", calm.refused, "", 0, "lower"),
    ]
    return [
        Line.of([value], figure=f"{words}, {rate}/{burst}", against="–", unit=unit, goal=goal, better=better)
        for words, value, unit, goal, better in figures
    ]


def table_of(
    found: Mapping[tuple[str, int], Calm], bases: Mapping[int, float], limits: Sequence[tuple[int, int]]
) -> Table:
    """Set the figures of each way side by side, those of both rates in one cell."""
    rates = [rate for rate, _ in limits]

    def both(cells: Iterable[str]) -> str:
        return " / ".join(cells)

    rows: list[list[str | float]] = []
    for kind in KINDS:
        calms = [found[kind, rate] for rate in rates]
        rows.append([
            WORDS[kind],
            both(f"{calm.excess:.1f}" for calm in calms),
            both(f"{calm.used:.3f}" for calm in calms),
            both(f"{calm.share:.2f}" for calm in calms),
            both(f"{calm.refused:,}" for calm in calms),
            both(f"{calm.calls:.2f}" for calm in calms),
            both(f"{calm.cpu:,.0f}" for calm in calms),
            both(f"{calm.longest:.1f}" for calm in calms),
        ])  # fmt: skip
    rows.append([WORDS["unlimited"], *["–"] * 5, both(f"{bases[rate]:,.0f}" for rate in rates), "–"])
    columns = [
        "excess",
        "used",
        "least / most share",
        "refused",
        "calls of Redis an attempt",
        "CPU µs a call",
        "longest call, s",
    ]
    return Table([f"8 processes at {both(f'{rate}/{burst}' for rate, burst in limits)}", *columns], rows)


def run_part(scale: Scale, redis: RedisServer) -> Part:
    """Run this part."""
    seconds = scale(10, 2)
    limits = LIMITS[: scale(2, 1)]
    found: dict[tuple[str, int], Calm] = {}
    for rate, burst in limits:
        for kind in KINDS:
            found[kind, rate] = measure(kind, rate, burst, seconds, redis)
    bases = {rate: baseline(rate, burst, seconds, redis) for rate, burst in limits}
    return Part(
        lines=[line for rate, burst in limits for line in lines_of(rate, burst, found["shared", rate])],
        table=table_of(found, bases, limits),
        data={
            "step": STEP,
            "rate": LIMITS[0][0],
            "panels": [{"words": WORDS[kind], "counts": found[kind, LIMITS[0][0]].counts} for kind in KINDS],
        },
    )
