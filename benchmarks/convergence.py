"""The time to fetch 2,000 personas from a server that admits 200 a second, against the ideal, (N - burst) / rate."""

import asyncio
import statistics
import time
from dataclasses import dataclass

import aiohttp

from benchmarks.figures import Line, Part, Scale, Table, pin
from benchmarks.peers import KEY, RefusedError, plain_loop
from benchmarks.server import serve
from tavus_async import AsyncSession, RateLimit, Timeouts

RATE, BURST = 200, 20
AT_ONCE = 100
SILENCE = 1.0
"""Seconds after which an attempt is given up; the server's silence lasts for ever."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How the session is set, what the server does, and what the time may be."""

    words: str
    limit: RateLimit
    faults: bool
    goal: float
    refused: float | None = None
    """The share of 429s that is allowed, in percent."""


KNOWN, RATE_UNKNOWN, BOTH_UNKNOWN = RateLimit(RATE, BURST), RateLimit(5 * RATE, BURST), RateLimit(5 * RATE, 5 * BURST)
FAULTS = "5 % 503s, 2 % resets, 1 % silence"
SCENARIOS = (
    Scenario(words="rate configured", limit=KNOWN, faults=False, goal=1.02, refused=0.2),
    Scenario(words="rate configured 5 × too high", limit=RATE_UNKNOWN, faults=False, goal=1.12, refused=3.0),
    Scenario(words="rate and burst 5 × too high", limit=BOTH_UNKNOWN, faults=False, goal=1.12, refused=3.0),
    Scenario(words=f"rate configured; {FAULTS}", limit=KNOWN, faults=True, goal=1.22),
    Scenario(words=f"rate 5 × too high; {FAULTS}", limit=RATE_UNKNOWN, faults=True, goal=1.22),
    Scenario(words=f"rate and burst 5 × too high; {FAULTS}", limit=BOTH_UNKNOWN, faults=True, goal=1.22),
)


@dataclass(frozen=True)
class Fetch:
    """What became of one fetch of them all."""

    times_ideal: float
    lost: int
    refused: float | None
    """429s in percent of the personas."""


def ideal(count: int) -> float:
    """Tell the seconds that nobody can beat."""
    return (count - BURST) / RATE


def server(*, faults: bool) -> tuple[str, ...]:
    """Tell the server's arguments."""
    return ("limited", str(RATE), str(BURST), *(["faults"] if faults else []))


async def fetch(scenario: Scenario, count: int) -> Fetch:
    """Fetch them with this package."""
    ids = [f"small{number}" for number in range(count)]
    with serve(*server(faults=scenario.faults)) as url:
        timeouts = Timeouts(attempt=SILENCE)
        async with AsyncSession(KEY, base_url=url, rate_limit=scenario.limit, timeouts=timeouts) as session:
            started = time.perf_counter()
            good = sum([outcome.ok async for outcome in session.iter_personas(ids)])
            elapsed = time.perf_counter() - started
            refused = session.stats().rate_limited
    return Fetch(elapsed / ideal(count), count - good, refused / count * 100)


async def fetch_plainly(attempts: int, count: int, *, faults: bool) -> Fetch:
    """Fetch them with a plain loop of retries over aiohttp, 100 at once."""
    ids = iter([f"small{number}" for number in range(count)])
    lost = 0
    timeout = aiohttp.ClientTimeout(total=SILENCE)
    with serve(*server(faults=faults)) as url:
        async with aiohttp.ClientSession(headers={"x-api-key": KEY}, timeout=timeout) as http:
            get = plain_loop(http, url, attempts=attempts)

            async def work() -> None:
                nonlocal lost
                for each in ids:
                    try:
                        await get(each)
                    except RefusedError:
                        lost += 1

            started = time.perf_counter()
            await asyncio.gather(*(work() for _ in range(AT_ONCE)))
            elapsed = time.perf_counter() - started
    return Fetch(elapsed / ideal(count), lost, None)


def lines_of(scenario: Scenario, fetches: list[Fetch], count: int) -> list[Line]:
    """Tell the time, the lost, and where there is a goal for them the 429s."""
    figure = f"time to fetch {count:,}: {scenario.words}"
    lines = [
        Line.of(
            [each.times_ideal for each in fetches],
            figure=figure,
            against="the ideal",
            unit="×",
            goal=scenario.goal,
            better="lower",
        ),
        Line.of(
            [each.lost for each in fetches], figure=f"{figure}: lost", against="–", unit="", goal=0, better="lower"
        ),
    ]
    if scenario.refused is not None:
        shares = [each.refused or 0.0 for each in fetches]
        words = {"figure": f"{figure}: 429s", "against": "personas", "unit": "%", "better": "lower"}
        lines.append(Line.of(shares, goal=scenario.refused, **words))
    return lines


async def measure(scale: Scale) -> Part:
    """Measure every scenario, and the plain loops beside them."""
    count, rounds = scale(2000, 500), scale(3, 1)
    found: dict[str, list[Fetch]] = {scenario.words: [] for scenario in SCENARIOS}
    for _ in range(rounds):
        for scenario in SCENARIOS:
            found[scenario.words].append(await fetch(scenario, count))
    named = {f"tavus_async, {words}": fetches for words, fetches in found.items()}
    for attempts in (3, 10):
        for faults in (False, True):
            words = f"plain aiohttp loop, {attempts} attempts" + (f"; {FAULTS}" if faults else "")
            named[words] = [await fetch_plainly(attempts, count, faults=faults)]
    rows: list[list[str | float]] = [
        [
            words,
            round(statistics.median(each.times_ideal for each in fetches), 3),
            max(each.lost for each in fetches),
            "–" if fetches[0].refused is None else round(statistics.median(each.refused or 0 for each in fetches), 2),
        ]
        for words, fetches in named.items()
    ]
    return Part(
        lines=[line for scenario in SCENARIOS for line in lines_of(scenario, found[scenario.words], count)],
        table=Table(["who", "time, × the ideal", "lost, at most", "429s in % of the personas"], rows),
        data={
            "ideal": ideal(count),
            "count": count,
            "fetches": [
                {
                    "words": words,
                    "ours": words.startswith("tavus_async"),
                    "times_ideal": [each.times_ideal for each in fetches],
                    "lost": max(each.lost for each in fetches),
                }
                for words, fetches in named.items()
            ],
        },
    )


def run(scale: Scale) -> Part:
    """Run this part."""
    pin(0)
    return asyncio.run(measure(scale))
