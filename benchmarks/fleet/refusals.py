"""Servers that refuse: one 429 that all are to hear of, and a server that admits half of what it is said to."""

from typing import Any

from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.fleet.arrivals import counts, strays, used
from benchmarks.fleet.fleet import PROCESSES, Outcome, Plan, at_half, run
from benchmarks.fleet.limiters import WORDS
from benchmarks.fleet.redis_server import RedisServer

FAST, FAST_BURST = 2000, 200
RATE, BURST = 200, 20
PAUSE = 1.0
"""Seconds that the server's Retry-After asks for."""
AT = 2.0
STEP = 0.25
KINDS = ("shared", "divided")
HALF_KINDS = ("shared", "divided", "unshared")


def stray(kind: str, seconds: float, redis: RedisServer) -> Outcome:
    """Let the server refuse one request of a busy fleet."""
    plan = Plan(kind=kind, rate=FAST, burst=FAST_BURST, seconds=seconds, is_enforced=True)
    return run(plan, redis.url, [(AT, lambda fleet: fleet.server.tell("refuse"))])


def strays_of(outcome: Outcome) -> tuple[int, float]:
    """Return how many came during the pause after the first 429, and how many seconds after it the last one came."""
    arrivals = outcome.arrivals
    refused = [at for at, admitted in zip(arrivals.at, arrivals.admitted, strict=True) if not admitted]
    return strays(arrivals.at, refused[0], PAUSE) if refused else (0, 0.0)


def half(kind: str, seconds: float, redis: RedisServer) -> Outcome:
    """Tell a fleet twice the rate that the server admits."""
    return run(at_half(Plan(kind=kind, rate=RATE, burst=BURST, seconds=seconds)), redis.url)


def used_of(outcome: Outcome, seconds: float) -> float:
    """Return the share of what the server would have admitted."""
    within = outcome.arrivals.between(outcome.begin, outcome.begin + seconds)
    return used(sum(within.admitted), rate=RATE / 2, burst=BURST, seconds=seconds)


def panel(words: str, rate: float, at: float | None, outcome: Outcome, seconds: float) -> dict[str, Any]:
    """Give what a plot of it needs."""
    lasts = None if at is None else PAUSE
    table = counts(outcome.arrivals, begin=outcome.begin, seconds=seconds, step=STEP, processes=PROCESSES)
    return {"words": words, "rate": rate, "at": at, "lasts": lasts, "counts": table}


def run_part(scale: Scale, redis: RedisServer) -> Part:
    """Run this part."""
    short, long = 5.0, float(scale(20, 5))
    kinds, half_kinds = KINDS[: scale(len(KINDS), 1)], HALF_KINDS[: scale(len(HALF_KINDS), 1)]
    single = {kind: stray(kind, short, redis) for kind in kinds}
    halved = {kind: half(kind, long, redis) for kind in half_kinds}
    late = {kind: strays_of(outcome) for kind, outcome in single.items()}
    share = {kind: used_of(outcome, long) for kind, outcome in halved.items()}
    ours = halved["shared"].arrivals.refused
    figures: list[tuple[str, float, str, float, str]] = [
        (f"the last stray arrival after a 429, at {FAST:,} a second", late["shared"][1] * 1e3, "ms", 10.0, "lower"),
        (f"429s in {long:.0f} s of a server that admits half of the rate", ours, "", 3, "lower"),
        ("used of that server's rate", share["shared"], "", 0.9, "higher"),
    ]
    rows: list[list[str | float]] = [
        [f"one 429 at {FAST:,}/{FAST_BURST}: {WORDS[kind]}", number, round(last * 1e3, 1), "–", "–"]
        for kind, (number, last) in late.items()
    ]
    rows += [
        [f"half of the rate: {WORDS[kind]}", "–", "–", outcome.arrivals.refused, round(share[kind], 3)]
        for kind, outcome in halved.items()
    ]
    panels = [panel(f"one 429, {WORDS[kind]}", FAST, AT, single[kind], short) for kind in kinds]
    panels += [panel(f"half, {WORDS[kind]}", RATE / 2, None, halved[kind], long) for kind in half_kinds]
    return Part(
        lines=[
            Line.of([value], figure=words, against="–", unit=unit, goal=goal, better=better)
            for words, value, unit, goal, better in figures
        ],
        table=Table(["", "arrivals during the pause", "the last one, ms", "429s", "used"], rows),
        data={"step": STEP, "panels": panels},
    )
