"""What a limit costs where it holds nobody back, at 20,000 a second, and one who comes late to a busy fleet."""

from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.fleet.arrivals import percentile
from benchmarks.fleet.fleet import PROCESSES, Outcome, Plan, run
from benchmarks.fleet.limiters import WORDS
from benchmarks.fleet.redis_server import RedisServer

RATE, BURST = 200, 20
FAST, FAST_BURST = 20_000, 2_000
LATE = 3.0
"""Seconds after which the newcomer comes."""
KINDS = ("shared", "throttled", "pyrate")
LAST = PROCESSES - 1


def waits_of(outcome: Outcome, process: int | None = None) -> list[float]:
    """Return the seconds that calls waited before they were sent: all, or those of one process."""
    reports = outcome.alive if process is None else [outcome.reports[process] or {"waited": []}]
    return [wait for report in reports for wait in report["waited"]]


def idle(kind: str, seconds: float, redis: RedisServer) -> Outcome:
    """Let all call at half of the rate, at even times."""
    at_once = RATE // 2 // PROCESSES
    plan = Plan(
        kind=kind, rate=RATE, burst=BURST, seconds=seconds, work="pace", at_once=at_once, is_listened_to=True
    )  # fmt: skip
    return run(plan, redis.url)


def fast(seconds: float, redis: RedisServer) -> Outcome:
    """Let all take tokens as fast as a high rate gives them, and send nothing."""
    plan = Plan(kind="shared", rate=FAST, burst=FAST_BURST, seconds=seconds, work="acquire", at_once=50)
    return run(plan, redis.url)


def newcomer(seconds: float, redis: RedisServer) -> float:
    """Let one come late to a fleet that wants more than there is; return the seconds until it may send."""
    plan = Plan(
        kind="shared", rate=RATE, burst=BURST, seconds=LATE + seconds, late={LAST: LATE}, is_listened_to=True
    )  # fmt: skip
    return min(waits_of(run(plan, redis.url), LAST), default=seconds)


def horizon() -> float:
    """Return the seconds for which slots are leased, as they are by default."""
    from tavus_async.integrations.redis import SharedRateLimit  # noqa: PLC0415 (not all need Redis)

    return SharedRateLimit("redis://127.0.0.1", "horizon", per_second=RATE, burst=BURST).horizon


def run_part(scale: Scale, redis: RedisServer) -> Part:
    """Run this part."""
    seconds = scale(6, 2)
    kinds = KINDS[: scale(len(KINDS), 1)]
    calm = {kind: idle(kind, seconds, redis) for kind in kinds}
    waits = {kind: [wait * 1e3 for wait in waits_of(outcome)] for kind, outcome in calm.items()}
    busy = fast(seconds, redis)
    late, longest = newcomer(seconds, redis), 1.2 * horizon()
    p50, p99 = (percentile(waits["shared"], share) for share in (0.5, 0.99))
    figures: list[tuple[str, float, str, float]] = [
        ("wait below saturation, p50", p50, "ms", 1.0),
        ("wait below saturation, p99", p99, "ms", 10.0),
        (f"CPU of a token at {FAST:,} a second over the fleet", busy.cpu_us, "µs", 30.0),
        ("wait of a newcomer to a busy fleet (goal: 1.2 × the horizon)", late, "s", longest),
    ]
    rows: list[list[str | float]] = [
        [WORDS[kind], *(round(percentile(waits[kind], share), 2) for share in (0.5, 0.99, 1))] for kind in kinds
    ]
    rows.append([f"tokens a second, of {FAST:,}, 8 processes", round(busy.done / busy.lasted), "–", "–"])
    return Part(
        lines=[
            Line.of([value], figure=words, against="–", unit=unit, goal=goal, better="lower")
            for words, value, unit, goal in figures
        ],
        table=Table(["wait at half of the rate, ms", "p50", "p99", "longest"], rows),
    )
