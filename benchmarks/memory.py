"""Memory: how it grows while 200,000 outcomes are streamed, and what a persona that is kept takes."""

import asyncio
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.bodies import ID, SIZES
from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.server import serve

ROOT = Path(__file__).resolve().parent.parent
STATM = Path("/proc/self/statm")
MIB = 1024 * 1024
MARKS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)
QUICK_MARKS = (1_000, 2_000, 5_000)
GATHERED = 20_000
KEPT = 10_000


def resident() -> int:
    """Tell the bytes of this process that are in memory: now where the system says so, else at most so far."""
    if STATM.exists():
        return int(STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


async def stream(url: str, marks: list[int]) -> list[int]:
    """Stream outcomes, and read the highest memory so far at each mark."""
    from benchmarks.peers import KEY, NO_LIMIT  # noqa: PLC0415 (not in the process that watches)
    from tavus_async import AsyncSession  # noqa: PLC0415

    found: list[int] = []
    highest = done = 0
    async with AsyncSession(KEY, base_url=url, rate_limit=NO_LIMIT) as session:
        async for outcome in session.iter_personas(f"small{number}" for number in range(marks[-1])):
            outcome.unwrap()
            done += 1
            if done % 500 == 0:
                highest = max(highest, resident())
            if done in marks:
                found.append(highest)
    return found


async def gather(url: str, marks: list[int]) -> list[int]:
    """Do what people write by hand: one task for each id, over aiohttp, and keep what comes."""
    import aiohttp  # noqa: PLC0415

    found: list[int] = []
    for mark in marks:
        async with aiohttp.ClientSession() as http:

            async def get(number: int, http: aiohttp.ClientSession = http) -> Any:
                async with http.get(f"{url}/v2/personas/small{number}") as response:
                    return await response.json()

            kept = await asyncio.gather(*(get(number) for number in range(mark)))
            found.append(resident())
            del kept
    return found


def keep(how: str) -> list[int]:
    """Keep many full personas, and tell the bytes that each takes."""
    from benchmarks.typed import model_of  # noqa: PLC0415
    from tavus_async import calls  # noqa: PLC0415
    from tavus_async.models import Persona  # noqa: PLC0415

    decoders: dict[str, Callable[[bytes], object]] = {
        "tavus_async": calls.get_persona(ID).decode,
        "pydantic": model_of(Persona).model_validate_json,
        "json": json.loads,
    }
    body, decode = SIZES["full"][1], decoders[how]
    decode(body)
    gc.collect()
    before = resident()
    kept = [decode(body) for _ in range(KEPT)]
    return [(resident() - before) // len(kept)]


def child(*arguments: str) -> list[int]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.memory", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [int(number) for number in json.loads(done.stdout)]


def run(scale: Scale) -> Part:
    """Run this part."""
    marks = list(QUICK_MARKS if scale.quick else MARKS)
    gathered = [mark for mark in marks if mark <= GATHERED]
    with serve("canned") as url:
        streamed = child("stream", url, json.dumps(marks))
        held = child("gather", url, json.dumps(gathered))
    kept = {
        words: child("keep", how)[0] / 1024
        for words, how in (
            ("tavus_async, Persona", "tavus_async"),
            ("pydantic v2 model", "pydantic"),
            ("json.loads, dict", "json"),
        )
    }
    line = Line.of(
        [(streamed[-1] - streamed[0]) / MIB],
        figure=f"memory growth, streaming {marks[-1]:,} outcomes",
        against=f"{marks[0]:,} outcomes",
        unit="MiB",
        goal=16,
        better="lower",
    )
    return Part(
        lines=[line],
        table=Table(["a full persona that is kept", "KiB"], [[words, round(size, 2)] for words, size in kept.items()]),
        data={
            "series": [
                {"words": "tavus_async, iter_personas", "ours": True, "n": marks, "mib": rebase(streamed)},
                {"words": "aiohttp, gather, answers kept", "ours": False, "n": gathered, "mib": rebase(held)},
            ]
        },
    )


def rebase(found: list[int]) -> list[float]:
    """Count in MiB from the first mark."""
    return [(each - found[0]) / MIB for each in found]


def main(what: str, *arguments: str) -> None:
    """Measure in this process, and print what was found."""
    if what == "keep":
        found = keep(arguments[0])
    else:
        url, marks = arguments[0], json.loads(arguments[1])
        found = asyncio.run(stream(url, marks) if what == "stream" else gather(url, marks))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
