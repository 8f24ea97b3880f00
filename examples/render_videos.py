"""Renders a video of each row of a CSV or JSONL file, and downloads them: `python render_videos.py rows.csv -o out/`.

A column, or a field, is one of a VideoDraft: `replica_id`, `script`, `video_name` and so on. Run it again after
whatever has ended it, even `kill -9`: what was created is not created again, and what was downloaded stays. The key
comes from TAVUS_API_KEY.
"""

import argparse
import asyncio
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tavus_async import AsyncSession, Outcome, TavusError
from tavus_async.models import RenderProgress, Video, VideoDraft

DOWNLOADS_AT_ONCE = 8
FLAGS = {"true": True, "false": False}


def read_drafts(path: Path) -> Iterator[VideoDraft]:
    """Yield the drafts of a file; what is empty in a CSV is left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows: Iterator[dict[str, Any]] = csv.DictReader(file) if path.suffix == ".csv" else map(json.loads, file)
        for row in rows:
            fields = {name: FLAGS.get(value, value) for name, value in row.items() if value not in (None, "")}
            yield VideoDraft.from_dict(fields)


def report(progress: RenderProgress) -> None:
    """Show how far it is."""
    print(
        f"\r{progress.created} created, {progress.waiting} in the making, {progress.ready} ready, "
        f"{progress.failed} failed of {progress.total}",
        end="",
        file=sys.stderr,
    )


class Renderer:
    """Renders into a folder, a file for each draft."""

    def __init__(self, tavus: AsyncSession, folder: Path) -> None:
        self.tavus = tavus
        self.folder = folder
        self.turns = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        self.failures: list[str] = []

    async def render(self, drafts: list[VideoDraft], journal: Path) -> None:
        """Render all drafts, and download each video as it is ready."""
        paths = {
            id(draft): self.folder / f"{number:05}.{'webm' if draft.transparent_background else 'mp4'}"
            for number, draft in enumerate(drafts, 1)
        }
        outcomes = self.tavus.render_videos(drafts, journal=journal, on_progress=report)
        async with asyncio.TaskGroup() as downloads, outcomes:
            async for outcome in outcomes:
                await self.turns.acquire()
                download = downloads.create_task(self.download(outcome, paths[id(outcome.key)]))
                download.add_done_callback(lambda _: self.turns.release())

    async def download(self, outcome: Outcome[Video], path: Path) -> None:
        """Download one video, unless an earlier run has."""
        try:
            await self.tavus.download_video(outcome.unwrap(), path)
        except FileExistsError:
            return
        except TavusError as error:
            self.failures.append(f"{path.stem}: {error}")


async def main() -> int:
    """Render what the arguments say; return the exit code, which is 1 where anything has failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="a .csv with a head, or a .jsonl with an object in each line")
    parser.add_argument("-o", "--output", type=Path, default=Path("videos"), help="the folder for videos and journal")
    parser.add_argument("--rate", type=float, default=10, help="calls in a second, at most")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    async with AsyncSession(rate_limit=options.rate) as tavus:
        renderer = Renderer(tavus, options.output)
        await renderer.render(list(read_drafts(options.file)), options.output / "journal.jsonl")
    print(file=sys.stderr)
    for failure in renderer.failures:
        print(failure, file=sys.stderr)
    return 1 if renderer.failures else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
