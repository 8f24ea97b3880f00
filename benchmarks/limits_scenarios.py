"""The servers whose figures are measured over sockets, and simulated: sessions told 200/s and a burst of 20."""

import random
from collections.abc import Callable, Mapping
from typing import Literal

import attrs

from benchmarks.limits_kinds import Case, between
from benchmarks.limits_servers import (
    NOTHING,
    TO_THE_POINT,
    WHOLE_SECONDS,
    Backends,
    BrokenBackend,
    BrownOuts,
    Clusters,
    EveryNth,
    FirstRequests,
    FixedWindow,
    LimitedKind,
    RandomStrays,
    RetryAfter,
    Server,
    SlidingWindow,
    Strays,
    TokenBucket,
    always,
)
from benchmarks.limits_statistics import Outcome

RATE, BURST = 200, 20
SECONDS = 60
JOB = 2_000
"""Calls of a job that several sessions do together."""
LONGEST_JOB = 600
RUNS = 5
"""Of what several sessions do."""
# Calls a second of another kind, beside the backlog.
OTHERS = 1.0

Make = Callable[[random.Random], Server]
Figure = Literal["used", "settled", "steady", "evenness", "times_ideal"]


@attrs.frozen
class Goal:
    """What a figure of an outcome is to be."""

    figure: Figure
    bound: float
    better: Literal["higher", "lower"] = "higher"

    def tell(self, outcome: Outcome) -> str:
        """Spell the goal and whether an outcome meets it."""
        value: float = getattr(outcome, self.figure)
        is_met = value >= self.bound if self.better == "higher" else value <= self.bound
        return f"{self.figure} {value:.3f} {'met' if is_met else 'MISSED'} ({self.bound:g})"


@attrs.frozen(kw_only=True)
class Scenario:
    """A server, and the sessions before it."""

    words: str
    make: Make
    """Make the server, with the dice for what it leaves to chance."""
    goals: tuple[Goal, ...] = ()
    clients: int = 1
    runs: int = 1
    """How often it is measured over sockets: what several sessions do to each other varies."""
    job: int = 0
    """Calls of each client; 0 for a backlog of SECONDS."""
    other: str = ""
    """Which calls come beside the backlog, two at a time: "list" or "write"."""
    per_connection: int = 0
    """Requests after which the server closes a connection; 0 for never."""

    def draw(self, dice: random.Random) -> Case:
        """Draw the case to simulate."""
        return Case(
            server=self.make(dice),
            rate=RATE,
            burst=BURST,
            latency=between(dice, 0.005, 0.2),
            jitter=between(dice, 0.01, 0.5),
            seconds=LONGEST_JOB if self.job else SECONDS,
            clients=self.clients,
            listings=OTHERS if self.other else 0.0,
            other=self.other or "list",
            per_connection=self.per_connection,
            job=self.job,
        )


def roomy() -> TokenBucket:
    """Return a bucket that a session never empties."""
    return TokenBucket(5 * RATE, 5 * BURST)


def strays(make: Callable[[random.Random], Strays], asks: RetryAfter = NOTHING) -> Make:
    """Return what makes a server with room that refuses like this."""
    return lambda dice: Server(limit=roomy(), strays=make(dice), stray_asks=asks)


def limited(rate: float, burst: float, asks: RetryAfter = NOTHING) -> Make:
    """Return what makes an honest server."""
    return lambda _: Server(limit=TokenBucket(rate, burst), asks=asks)


def used(bound: float) -> tuple[Goal, ...]:
    """Return the goal that so much is used."""
    return (Goal("used", bound),)


FOUND = (Goal("settled", 0.95), Goal("steady", 0.8))
EVEN = Goal("evenness", 0.5)

SCENARIOS: Mapping[str, Scenario] = {
    "random-1": Scenario(
        words="a random 1 % refused", make=strays(lambda dice: RandomStrays(0.01, dice)), goals=used(0.90)
    ),
    "random-0.1": Scenario(
        words="a random 0.1 % refused", make=strays(lambda dice: RandomStrays(0.001, dice)), goals=used(0.97)
    ),
    "seventh": Scenario(
        words="every 7th refused, Retry-After 0.05 s",
        make=strays(lambda _: EveryNth(7), always(0.05)),
        goals=used(0.5),
    ),
    "brown-out": Scenario(
        words="all refused for 0.3 s every 10 s", make=strays(lambda _: BrownOuts(0.3, 10)), goals=used(0.85)
    ),
    "lists": Scenario(
        words="lists refused, reads not: the reads",
        make=strays(lambda _: LimitedKind("list", TokenBucket(0.01, 1))),
        goals=used(0.95),
        other="list",
    ),
    "forty": Scenario(words="a bucket of 40/s", make=limited(40, 20), goals=FOUND),
    "forty-whole": Scenario(
        words="a bucket of 40/s, Retry-After in whole seconds", make=limited(40, 20, WHOLE_SECONDS), goals=FOUND
    ),
    "forty-exact": Scenario(
        words="a bucket of 40/s, Retry-After to the point", make=limited(40, 20, TO_THE_POINT), goals=FOUND
    ),
    "pair": Scenario(
        words="two sessions, one bucket of 200/s",
        make=limited(RATE, BURST),
        clients=2,
        runs=RUNS,
        goals=(Goal("used", 0.87), EVEN),
    ),
    "pair-whole": Scenario(
        words="two sessions, one bucket of 200/s, Retry-After in whole seconds",
        make=limited(RATE, BURST, WHOLE_SECONDS),
        clients=2,
        runs=RUNS,
        goals=(Goal("used", 0.87), EVEN),
    ),
    "job": Scenario(
        words=f"two sessions, one bucket of 200/s: {JOB:,} calls",
        make=limited(RATE, BURST),
        clients=2,
        runs=RUNS,
        job=JOB // 2,
        goals=(Goal("times_ideal", 1.15, "lower"), EVEN),
    ),
    "job-whole": Scenario(
        words=f"two sessions, one bucket of 200/s: {JOB:,} calls, Retry-After in whole seconds",
        make=limited(RATE, BURST, WHOLE_SECONDS),
        clients=2,
        runs=RUNS,
        job=JOB // 2,
        goals=(Goal("times_ideal", 1.15, "lower"), EVEN),
    ),
    "random-5": Scenario(words="a random 5 % refused", make=strays(lambda dice: RandomStrays(0.05, dice))),
    "random-20": Scenario(words="a random 20 % refused", make=strays(lambda dice: RandomStrays(0.2, dice))),
    "twentieth": Scenario(words="every 20th refused", make=strays(lambda _: EveryNth(20))),
    "random-named": Scenario(
        words="a random 0.1 % refused, Retry-After 1 s", make=strays(lambda dice: RandomStrays(0.001, dice), always(1))
    ),
    "backend": Scenario(
        words="one of 5 backends refuses all from 20 to 30 s",
        make=strays(lambda dice: BrokenBackend(5, 20, 30, dice)),
    ),
    "first-requests": Scenario(
        words="the first request of each connection refused, each carries 500",
        make=strays(lambda _: FirstRequests()),
        per_connection=500,
    ),
    "writes": Scenario(
        words="writes refused, reads not: the reads",
        make=strays(lambda _: LimitedKind("write", TokenBucket(0.01, 1))),
        other="write",
    ),
    "fives": Scenario(words="1 % refused, five in a row each time", make=strays(lambda dice: Clusters(5, 0.01, dice))),
    "clock-second": Scenario(
        words="100 in each second by the clock", make=lambda _: Server(limit=FixedWindow(100, 1.0, 0.3))
    ),
    "any-second": Scenario(words="100 in any second", make=lambda _: Server(limit=SlidingWindow(100, 1.0))),
    "ten-seconds": Scenario(
        words="600 in any 10 s, Retry-After in whole seconds",
        make=lambda _: Server(limit=SlidingWindow(600, 10.0), asks=WHOLE_SECONDS),
    ),
    "quarters": Scenario(
        words="4 backends, each with a quarter of 160/s",
        make=lambda dice: Server(limit=Backends(4, 160, 80, dice)),
    ),
    "noisy-150": Scenario(
        words="a bucket of 150/s, and a random 1 % refused",
        make=lambda dice: Server(limit=TokenBucket(150, 20), strays=RandomStrays(0.01, dice)),
    ),
    "nearly": Scenario(words="a bucket of 190/s", make=limited(190, 20)),
    "half": Scenario(words="a bucket of 100/s and a burst of 5", make=limited(100, 5)),
    "foursome": Scenario(words="four sessions, one bucket of 200/s", make=limited(RATE, BURST), clients=4, runs=RUNS),
}
