"""Calls per second on one core, against every peer, at 1, 10, 100 and 1000 calls at once."""

import asyncio
import contextlib
import gc
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

import aiohttp
import httpx

from benchmarks.bodies import SIZES
from benchmarks.figures import Call, Line, Pace, Part, Scale, Table, drive, pin, ratios
from benchmarks.peers import (
    BARE,
    GENERATED,
    HAND_WRITTEN,
    KEY,
    NO_LIMIT,
    OFFICIAL,
    OURS,
    PEERS,
    UNPARSED,
    Peer,
)
from benchmarks.server import serve
from tavus_async import AsyncSession

AT_ONCE = (1, 10, 100, 1000)
USUAL = 100
BODY = "full"
SLOW_ROUNDS = 2
GOALS = ((HAND_WRITTEN, 1.3), (UNPARSED, 1.05), (BARE, 0.45), (OFFICIAL, 12.0), (GENERATED, None))
Rounds = Mapping[str, Sequence[Pace]]


async def compare(
    calls: Mapping[str, tuple[Call, bool]], *, count: int, rounds: int, at_once: int, key: str
) -> dict[str, list[Pace]]:
    """Let each have its turn in every round; the first round, in which connections are made, does not count.

    The slow ones take part in the first rounds only. One that raises an error is out: it has no rounds.
    """
    out: set[str] = set()
    paces: dict[str, list[Pace]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, (call, is_slow) in calls.items():
            if name in out or (is_slow and number > SLOW_ROUNDS):
                continue
            some = max(at_once, count // 20 if is_slow else count) if number else min(at_once, 100)
            try:
                paces[name].append(await drive(call, calls=some, at_once=at_once, key=key))
            except* httpx.HTTPError:
                out.add(name)
    return {name: [] if name in out else rounds[1:] for name, rounds in paces.items()}


def per_second(rounds: Sequence[Pace]) -> list[float]:
    """Take the calls per second of each round."""
    return [pace.per_second for pace in rounds]


async def against_peers(url: str, scale: Scale) -> dict[int, dict[str, list[Pace]]]:
    """Measure every peer at every number of calls at once."""
    found: dict[int, dict[str, list[Pace]]] = {}
    for at_once in AT_ONCE:
        async with contextlib.AsyncExitStack() as stack:
            calls = {peer.name: (await stack.enter_async_context(peer.open(url)), peer.is_slow) for peer in PEERS}
            rounds = scale(11 if at_once == USUAL else 5, 1)
            count = scale(2000 if at_once > 1 else 1000, 300)
            found[at_once] = await compare(calls, count=count, rounds=rounds, at_once=at_once, key=BODY)
    return found


Get = Callable[[AsyncSession, str], Awaitable[object]]


class Case(NamedTuple):
    """Something else to read: its name in figures, the hand-written loop's target, and our call."""

    words: str
    target: str
    """After `/v2/`; an id of the case's own is put into `{}`."""
    get: Get
    is_large: bool = False


CASES: dict[str, Case] = {
    **{
        name: Case(words, "personas/{}", lambda session, key: session.get_persona(key), is_large=name == "long")
        for name, (words, _) in SIZES.items()
        if name != "page"
    },
    "page": Case(
        SIZES["page"][0],
        "personas?limit=100&page=1",
        lambda session, _: session.list_personas_page(page=1, limit=100),
        is_large=True,
    ),
    "visit": Case("a conversation", "conversations/{}", lambda session, key: session.get_conversation(key)),
    "visits": Case(
        "a page of 100 conversations",
        "conversations?limit=100&page=1",
        lambda session, _: session.list_conversations_page(page=1, limit=100),
        is_large=True,
    ),
    "clip": Case("a video", "videos/{}", lambda session, key: session.get_video(key)),
    "clips": Case(
        "a page of 100 videos",
        "videos?limit=100&page=0",
        lambda session, _: session.list_videos_page(page=0, limit=100),
        is_large=True,
    ),
    "talk": Case(
        "a conversation with its transcript",
        "conversations/{}?verbose=true",
        lambda session, key: session.get_conversation(key, verbose=True),
    ),
}


async def by_case(url: str, scale: Scale) -> dict[str, dict[str, list[Pace]]]:
    """Measure answers of other sizes and kinds, against the hand-written loop."""
    found: dict[str, dict[str, list[Pace]]] = {}
    async with (
        aiohttp.ClientSession(headers={"x-api-key": KEY}) as http,
        AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session,
    ):
        for name, case in CASES.items():

            async def by_hand(key: str, *, case: Case = case) -> object:
                async with http.get(f"{url}/v2/{case.target.format(key)}") as response:
                    return await response.json()

            async def by_session(key: str, *, case: Case = case) -> object:
                return await case.get(session, key)

            calls = {OURS.name: (by_session, False), HAND_WRITTEN.name: (by_hand, False)}
            count = scale(150, 30) if case.is_large else scale(2000, 200)
            found[name] = await compare(calls, count=count, rounds=scale(7, 2), at_once=10, key=name)
    return found


def peer_lines(rounds: Rounds) -> list[Line]:
    """Tell how many times as many calls this package makes as each of the peers."""
    words = {"figure": f"calls per second, {USUAL} at once", "unit": "×"}
    mine = per_second(rounds[OURS.name])
    return [
        Line.of(ratios(mine, per_second(rounds[peer.name])), against=peer.words, goal=goal, **words)
        for peer, goal in GOALS
    ]


def other_lines(found: Mapping[int, Rounds], others: Mapping[str, Rounds]) -> list[Line]:
    """Tell the same for other numbers of calls at once, and other answers, against the hand-written loop."""
    cases: list[tuple[str, Rounds, float | None]] = [
        (f"calls per second, {at_once} at once", found[at_once], 1.0) for at_once in AT_ONCE if at_once != USUAL
    ]
    cases += [(f"calls per second, {CASES[name].words}, 10 at once", rounds, 1.0) for name, rounds in others.items()]
    return [
        Line.of(
            ratios(per_second(rounds[OURS.name]), per_second(rounds[HAND_WRITTEN.name])),
            figure=figure,
            against=HAND_WRITTEN.words,
            unit="×",
            goal=goal,
        )
        for figure, rounds, goal in cases
    ]


def middle(rounds: Sequence[Pace]) -> tuple[float, float]:
    """Take the medians of calls per second, and of microseconds of the processor for each call."""
    return statistics.median(per_second(rounds)), statistics.median(pace.cpu_us for pace in rounds)


def peer_row(peer: Peer, found: Mapping[int, Rounds]) -> list[str | float]:
    """Make a row of the table."""
    levels = [found[at_once][peer.name] for at_once in AT_ONCE]
    rates: list[str | float] = [round(middle(rounds)[0]) if rounds else "fails" for rounds in levels]
    return [peer.words, *rates, round(middle(found[USUAL][peer.name])[1], 1)]


async def measure(scale: Scale) -> Part:
    """Measure everything."""
    with serve("canned") as url:
        found = await against_peers(url, scale)
        others = await by_case(url, scale)
    columns = ["calls per second", *(f"{at_once} at once" for at_once in AT_ONCE), f"CPU µs per call, {USUAL} at once"]
    data = {
        "at_once": list(AT_ONCE),
        "peers": [
            {
                "words": peer.words,
                "ours": peer.name.startswith(OURS.name),
                "per_second": [per_second(found[at_once][peer.name]) for at_once in AT_ONCE],
            }
            for peer in PEERS
        ],
    }
    return Part(
        lines=[*peer_lines(found[USUAL]), *other_lines(found, others)],
        table=Table(columns, [peer_row(peer, found) for peer in PEERS]),
        data=data,
    )


def run(scale: Scale) -> Part:
    """Run this part."""
    pin(0)
    gc.collect()
    gc.freeze()  # what the peers' libraries have loaded, which no collection of one's answers should have to visit
    return asyncio.run(measure(scale))
