"""Eight sessions that fetch 200 personas each in bulk, from a server that enforces what they share."""

from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.fleet.fleet import LONGEST, PROCESSES, Outcome, Plan, run
from benchmarks.fleet.limiters import WORDS
from benchmarks.fleet.redis_server import RedisServer

RATE, BURST = 200, 20
KINDS = ("shared", "divided", "unshared")


def fetch(kind: str, calls: int, redis: RedisServer) -> Outcome:
    """Let each fetch so many."""
    plan = Plan(
        kind=kind, rate=RATE, burst=BURST, seconds=LONGEST, work="fetch", calls=calls, is_enforced=True
    )  # fmt: skip
    return run(plan, redis.url)


def run_part(scale: Scale, redis: RedisServer) -> Part:
    """Run this part."""
    calls = scale(200, 50)
    ideal = (PROCESSES * calls - BURST) / RATE
    found = {kind: fetch(kind, calls, redis) for kind in KINDS[: scale(len(KINDS), 2)]}
    ours = found["shared"]
    figures: list[tuple[str, float, str, float]] = [
        (f"8 sessions, {calls} personas each: time, of the ideal", ours.lasted / ideal, "×", 1.03),
        (f"8 sessions, {calls} personas each: refused", ours.arrivals.refused, "", 0),
        (f"8 sessions, {calls} personas each: failed", ours.errors, "", 0),
    ]
    rows: list[list[str | float]] = []
    for kind, outcome in found.items():
        ends = sorted(report["elapsed"] for report in outcome.alive)
        rows.append(
            [WORDS[kind], round(ends[0], 2), round(ends[-1], 2), outcome.arrivals.refused, outcome.errors]
        )  # fmt: skip
    return Part(
        lines=[
            Line.of([value], figure=words, against="–", unit=unit, goal=goal, better="lower")
            for words, value, unit, goal in figures
        ],
        table=Table(
            [f"{calls} each (ideal: {ideal:.2f} s)", "first ended, s", "last ended, s", "refused", "failed"], rows
        ),
    )
