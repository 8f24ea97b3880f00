"""Where the microseconds of one call go, layer by layer, in processor time.

Each layer is measured alone where it can be, and else by what is left when the others are taken away.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.bodies import ID, SIZES
from benchmarks.figures import Line, Part, Scale, Table, drive, pin
from benchmarks.peers import KEY, NO_LIMIT, aiohttp_read
from benchmarks.server import serve
from tavus_async import AsyncSession
from tavus_async._http.attempt import Attempt
from tavus_async._records import json
from tavus_async._values import Response
from tavus_async.resources.personas import calls as personas

BODY = SIZES["full"][1]
TIMES = 2000
WHOLE = "the whole call, over a socket"
OVER_NOTHING = "the whole call, without its exchange"
PEER = "hand-written aiohttp, get + read()"


class NullTransport:
    """A transport that has the answer already."""

    is_closed = False

    async def send(self, attempt: Attempt) -> Response:
        """Give the answer."""
        attempt.was_sent = True
        persona_id = attempt.call.path.rpartition("/")[2]
        return Response(status=200, headers={}, body=BODY.replace(ID.encode(), persona_id.encode()))


def cpu(work: Callable[[str], object]) -> float:
    """Tell the microseconds that a function takes."""
    ids = [f"full{number}" for number in range(TIMES)]
    started = time.process_time()
    for each in ids:
        work(each)
    return (time.process_time() - started) / TIMES * 1e6


async def cpu_of_calls(work: Callable[[str], Awaitable[object]]) -> float:
    """Tell the microseconds that a call takes, one at a time."""
    ids = [f"full{number}" for number in range(TIMES)]
    started = time.process_time()
    for each in ids:
        await work(each)
    return (time.process_time() - started) / TIMES * 1e6


async def one_round(url: str) -> dict[str, float]:
    """Measure every layer once."""
    found: dict[str, float] = {}
    decode = personas.get_persona(ID).decode
    async with AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session, aiohttp_read(url) as read:
        for name, call in ((WHOLE, session.get_persona), (PEER, read)):
            await drive(call, calls=100, at_once=10, key="full")
            found[name] = (await drive(call, calls=TIMES, at_once=10, key="full")).cpu_us
        engine: Any = session._lifecycle._engine
        gate, transport, engine._transport = engine._gate, engine._transport, NullTransport()
        found[OVER_NOTHING] = await cpu_of_calls(session.get_persona)
        engine._transport = transport

        def pass_gate(_persona_id: str) -> None:
            gate.leave(gate.try_enter(), is_admitted=True)

        found["making the call: the id checked and quoted"] = cpu(personas.get_persona)
        found["the gate: a slot and a token, taken and given back"] = cpu(pass_gate)
        found["JSON to values"] = cpu(lambda _: json.loads(BODY))
        found["decoding"] = cpu(lambda _: decode(BODY))
    return found


def layers(found: dict[str, list[float]]) -> dict[str, float]:
    """Make the medians, and what is left of them, into parts that add up to the whole."""
    middle = {name: statistics.median(times) for name, times in found.items()}
    decoding, parsing = middle.pop("decoding"), middle["JSON to values"]
    whole, inner = middle.pop(WHOLE), middle.pop(OVER_NOTHING)
    peer = middle.pop(PEER)
    middle["values to a Persona"] = decoding - parsing
    known = sum(middle.values())
    return {
        "the exchange: writing, the event loop, aiohttp's parser": whole - inner,
        **middle,
        "the rest: sharing, retries and deadlines at hand, counters": inner - known,
        WHOLE: whole,
        f"for comparison: {PEER}": peer,
    }


async def measure(scale: Scale) -> Part:
    """Measure in rounds."""
    found: dict[str, list[float]] = {}
    with serve("canned") as url:
        for _ in range(scale(9, 2)):
            for name, time_taken in (await one_round(url)).items():
                found.setdefault(name, []).append(time_taken)
    inner = Line.of(
        [inside / whole for inside, whole in zip(found[OVER_NOTHING], found[WHOLE], strict=True)],
        figure="share of a call's processor time outside its exchange",
        against=WHOLE,
        unit="×",
    )
    rows: list[list[str | float]] = [[name, round(took, 1)] for name, took in layers(found).items()]
    return Part(lines=[inner], table=Table(["of one get_persona of a full persona", "CPU µs"], rows))


def run(scale: Scale) -> Part:
    """Run this part."""
    pin(0)
    return asyncio.run(measure(scale))
