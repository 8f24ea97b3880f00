"""The same eight processes while something breaks: a process, Redis, its clock, the network, or theirs."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.fleet.arrivals import counts, excess, refusals, used
from benchmarks.fleet.fleet import PROCESSES, Child, Event, Fleet, Plan, run
from benchmarks.fleet.limiters import HEARING, WORDS
from benchmarks.fleet.redis_server import MissingProgramError, RedisServer, replicate

RATE, BURST = 200, 20
AT = 3.0
"""Seconds after the beginning, when it breaks."""
SECONDS = 11.0
HALFWAY = SECONDS / 2
STEP = 0.25
PEERS = ("throttled", "pyrate")
FAILOVER = 0.5
"""Seconds until the replica is the primary."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How a fleet is set up for a fault, and what then happens."""

    redis_url: str
    events: Sequence[Event] = ()
    redis_urls: Mapping[int, str] = field(default_factory=dict)
    clocks: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that breaks."""

    words: str
    set_up: Callable[[contextlib.ExitStack, RedisServer], Setting]
    at: float = AT
    lasts: float = 0.0
    """Seconds, where it ends again."""
    seconds: float = SECONDS
    goal: float = 0.93
    """The least share of what may be sent that is to be used."""
    is_for_peers: bool = False


@dataclass(frozen=True)
class Result:
    """What one way of sharing gave under one fault."""

    excess: float
    used: float
    refused: int
    errors: int
    counts: list[list[int]]


def nothing(_: contextlib.ExitStack, redis: RedisServer) -> Setting:
    """Let nothing break."""
    return Setting(redis_url=redis.url)


def kill_two_halfway(_: contextlib.ExitStack, redis: RedisServer) -> Setting:
    """Kill two processes of the eight: what they may have is kept back to the end, as they may be cut off only."""

    def happen(fleet: Fleet) -> None:
        for worker in fleet.workers[:2]:
            worker.kill()

    return Setting(redis_url=redis.url, events=[(HALFWAY, happen)])


def restart(down: float) -> Callable[[contextlib.ExitStack, RedisServer], Setting]:
    """Kill Redis, and start it with nothing in its store some seconds later."""

    def set_up(_: contextlib.ExitStack, redis: RedisServer) -> Setting:
        return Setting(redis_url=redis.url, events=[(AT, lambda _: redis.kill()), (AT + down, lambda _: redis.start())])

    return set_up


def stop(_: contextlib.ExitStack, redis: RedisServer) -> Setting:
    """Let Redis hang for two seconds."""
    return Setting(redis_url=redis.url, events=[(AT, lambda _: redis.stop()), (AT + 2, lambda _: redis.resume())])


def flush(_: contextlib.ExitStack, redis: RedisServer) -> Setting:
    """Empty the store."""
    return Setting(redis_url=redis.url, events=[(AT, lambda _: redis.ask("FLUSHALL"))])


def fail_over(clock: float) -> Callable[[contextlib.ExitStack, RedisServer], Setting]:
    """Kill the primary, and go on with a replica whose clock is off."""

    def set_up(stack: contextlib.ExitStack, _: RedisServer) -> Setting:
        primary, replica = RedisServer(), RedisServer(clock=clock)
        stack.enter_context(primary)
        stack.enter_context(replica)
        replicate(primary, replica)
        proxy, url = enter_proxy(stack, primary)

        def promote(_: Fleet) -> None:
            replica.ask("REPLICAOF", "NO", "ONE")
            proxy.tell(f"to {replica.port}")

        return Setting(redis_url=url, events=[(AT, lambda _: primary.kill()), (AT + FAILOVER, promote)])

    return set_up


def cut_off(seconds: float) -> Callable[[contextlib.ExitStack, RedisServer], Setting]:
    """Cut one process from Redis, and from nothing else."""

    def set_up(stack: contextlib.ExitStack, redis: RedisServer) -> Setting:
        proxy, url = enter_proxy(stack, redis)
        events: list[Event] = [(AT, lambda _: proxy.tell("cut")), (AT + seconds, lambda _: proxy.tell("heal"))]
        return Setting(redis_url=redis.url, redis_urls={0: url}, events=events)

    return set_up


def wrong_clocks(_: contextlib.ExitStack, redis: RedisServer) -> Setting:
    """Put the wall clocks of every second process off by five seconds, half of them fast and half of them slow."""
    clocks = {process: 5.0 if process % 4 == 1 else -5.0 for process in range(1, PROCESSES, 2)}
    return Setting(redis_url=redis.url, clocks=clocks)


def enter_proxy(stack: contextlib.ExitStack, redis: RedisServer) -> tuple[Child, str]:
    """Put a proxy before a server of Redis, until the stack is closed."""
    proxy = stack.enter_context(Child("proxy", str(redis.port)))
    return proxy, f"redis://127.0.0.1:{proxy.hear()}/0"


FAULTS = (
    Fault(words="nothing", set_up=nothing, goal=0.99),
    Fault(words="kill -9 of 2 of 8, halfway", at=HALFWAY, set_up=kill_two_halfway, goal=0.87, is_for_peers=True),
    Fault(words="Redis restarted, state lost: at once", set_up=restart(0)),
    Fault(words="Redis restarted, state lost: 1 s down", set_up=restart(1), lasts=1, is_for_peers=True),
    Fault(words="Redis restarted, state lost: 3 s down", set_up=restart(3), lasts=3),
    Fault(words="Redis stopped for 2 s", set_up=stop, lasts=2, goal=0.87, is_for_peers=True),
    Fault(words="Redis flushed", set_up=flush, is_for_peers=True),
    Fault(words="failover, the replica's clock 10 s behind", set_up=fail_over(-10), lasts=FAILOVER),
    Fault(words="failover, the clocks agree", set_up=fail_over(0), lasts=FAILOVER),
    Fault(words="failover, the replica's clock 10 s ahead", set_up=fail_over(10), lasts=FAILOVER),
    Fault(words="1 of 8 cut off from Redis for 5 s", set_up=cut_off(5), lasts=5, is_for_peers=True),
    Fault(words="1 of 8 cut off from Redis for 8 s", set_up=cut_off(8), lasts=8, seconds=14.0),
    Fault(words="wall clocks of half of them off by ±5 s", set_up=wrong_clocks, is_for_peers=True),
)
QUICK = ("Redis restarted, state lost: 1 s down", "failover, the replica's clock 10 s ahead")
QUICK_SECONDS = 5.0


def measure(kind: str, setting: Setting, seconds: float) -> Result:
    """Run one way of sharing under a fault."""
    plan = Plan(
        kind=kind,
        rate=RATE,
        burst=BURST,
        seconds=seconds,
        is_enforced=kind in HEARING,
        redis_urls=setting.redis_urls,
        clocks=setting.clocks,
    )
    outcome = run(plan, setting.redis_url, setting.events)
    arrivals = outcome.arrivals
    within = arrivals.between(outcome.begin, outcome.begin + plan.seconds)
    return Result(
        excess=excess(arrivals.at, RATE, BURST),
        used=used(sum(within.admitted), rate=RATE, burst=BURST, seconds=plan.seconds),
        refused=arrivals.refused if plan.is_enforced else refusals(arrivals.at, RATE, BURST),
        errors=outcome.errors,
        counts=counts(within, begin=outcome.begin, seconds=plan.seconds, step=STEP, processes=PROCESSES),
    )


def lines_of(fault: Fault, result: Result) -> list[Line]:
    """Tell what is asked of this package under a fault."""
    figures: list[tuple[str, float, float, str]] = [
        ("refused by a server that enforces the limit", result.refused, 0, "lower"),
        ("excess over burst + rate · t", result.excess, 2.0, "lower"),
        ("used of what may be sent", result.used, fault.goal, "higher"),
    ]
    return [
        Line.of([value], figure=f"{fault.words}: {words}", against="–", unit="", goal=goal, better=better)
        for words, value, goal, better in figures
    ]


def row_of(fault: Fault, results: Mapping[str, Result]) -> list[str | float]:
    """Set the figures of each way side by side."""
    cells: list[str | float] = [fault.words]
    for kind in ("shared", *PEERS):
        result = results.get(kind)
        cells += ["–"] * 3 if result is None else [round(result.excess, 1), round(result.used, 3), result.refused]
    return cells


def panel(fault: Fault, kind: str, result: Result) -> dict[str, Any]:
    """Give what a plot of it needs."""
    lasts = fault.lasts if fault.set_up not in {nothing, wrong_clocks} else None
    return {"words": fault.words, "kind": WORDS[kind], "at": fault.at, "lasts": lasts, "counts": result.counts}


def run_part(scale: Scale, redis: RedisServer) -> Part:
    """Run this part. What is set up is old when its turn comes, as it is where a fleet has been at work for long."""
    faults = [fault for fault in FAULTS if not scale.quick or fault.words in QUICK]
    lines: list[Line] = []
    rows: list[list[str | float]] = []
    panels: list[dict[str, Any]] = []
    with contextlib.ExitStack() as stack:
        ready: list[tuple[Fault, Setting]] = []
        for fault in faults:
            try:
                ready.append((fault, fault.set_up(stack, redis)))
            except MissingProgramError as error:
                rows.append([f"{fault.words}: not measured, {error}", *["–"] * 9])
        for fault, setting in ready:
            kinds = ("shared", *(PEERS if fault.is_for_peers and not scale.quick else ()))
            seconds = QUICK_SECONDS if scale.quick else fault.seconds
            results = {kind: measure(kind, setting, seconds) for kind in kinds}
            lines += lines_of(fault, results["shared"])
            rows.append(row_of(fault, results))
            panels += [panel(fault, kind, result) for kind, result in results.items()]
    columns = [
        f"{words}{who}"
        for who in (", ours", ", throttled-py", ", pyrate-limiter")
        for words in ("excess", "used", "refused")
    ]
    return Part(
        lines=lines,
        table=Table([f"fault ({RATE}/{BURST})", *columns], rows),
        data={"step": STEP, "rate": RATE, "panels": panels},
    )
