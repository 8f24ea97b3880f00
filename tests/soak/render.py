"""Thousands of videos: `python -m tests.soak.render VIDEOS KILLS` renders them under faults, killed again and again.

It fails unless there is a file of each video at the end, the right one, and each was created once. The sandbox counts.
"""

import asyncio
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tavus_async import RateLimit
from tavus_async.sandbox import Faults, Sandbox
from tests.examples.programs import environment
from tests.support.documents import ROOT

FAULTS = Faults(error=0.03, reset=0.02, truncate=0.02, garble=0.01, cut=0.1, error_statuses=(500, 502, 503, 504))
RATE = RateLimit(150, burst=50)
# More than the server admits, so that it refuses some.
RATE_OF_THE_PROGRAM = 200
SPEED = 20.0
SEED = 15


def write(line: str) -> None:
    """Write a line to stdout."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def run(sandbox: Sandbox, drafts: Path, folder: Path, *, seconds: float | None) -> bool:
    """Run the program until it has ended, or is killed after so many seconds; return whether it has ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "examples/render_videos.py", str(drafts), "-o", str(folder)),
        *("--rate", str(RATE_OF_THE_PROGRAM)),
        env=environment(sandbox, PYTHONPATH=str(ROOT)),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    told = asyncio.create_task(process.stderr.read()) if process.stderr is not None else None
    try:
        async with asyncio.timeout(seconds):
            code = await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        code = None
    words = (await told).decode() if told is not None else ""
    write(f"  {'killed' if code is None else f'ended with {code}'}: {words.splitlines()[-1:]}")
    if code:
        write(words)
    return code is not None


def script_of(sandbox: Sandbox, video_id: str) -> str:
    """Return what a video was made of."""
    document: Any = sandbox.stored(video_id, resource="videos")
    return str(document["data"]["script"])


def problems(sandbox: Sandbox, scripts: list[str], folder: Path) -> list[str]:
    """Return what is not as it should be."""
    ids = {script_of(sandbox, each): each for each in sandbox.ids("videos")}
    created = Counter(script_of(sandbox, each) for each in sandbox.ids("videos"))
    found = [f"created {count} times: {script}" for script, count in created.items() if count != 1]
    found += [f"never created: {script}" for script in scripts if script not in created]
    files = sorted(folder.glob("*.mp4"))
    if len(files) != len(scripts):
        found.append(f"{len(files)} files of {len(scripts)}")
    for script, file in zip(scripts, files, strict=False):
        if hashlib.sha256(ids[script].encode()).digest() not in file.read_bytes():
            found.append(f"{file.name} is of another video")
    return found + [f"left behind: {each}" for each in folder.glob("*.part")]


async def soak(videos: int, kills: int) -> list[str]:
    """Render so many videos, killed so many times; return what is not as it should be."""
    dice = random.Random(SEED)
    scripts = [f"Hello number {number}." for number in range(videos)]
    async with Sandbox(personas=1, rate_limit=RATE, faults=FAULTS, speed=SPEED) as sandbox:
        with tempfile.TemporaryDirectory() as name:
            drafts, folder = Path(name, "drafts.jsonl"), Path(name, "videos")
            # Of every third name there are several, and every third has none.
            rows = [
                {
                    "replica_id": "r1",
                    "script": script,
                    "video_name": (f"Video {number}", f"Twin {number % 30}", "")[number % 3],
                }
                for number, script in enumerate(scripts)
            ]
            drafts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            began = time.monotonic()
            for _ in range(kills):
                share = videos / (kills + 1) / RATE.per_second
                if await run(sandbox, drafts, folder, seconds=2 + share * dice.uniform(0.6, 1.4)):
                    write("  ended before it was killed")
            await run(sandbox, drafts, folder, seconds=None)
            write(f"{videos} videos, {kills} kills, {time.monotonic() - began:.0f} s, {sandbox.stats()}")
            return problems(sandbox, scripts, folder)


def main() -> None:
    """Run it with the numbers on the command line."""
    found = asyncio.run(soak(*map(int, sys.argv[1:3])))
    write("\n".join(found[:20]) or "a file of each video, each created once")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
