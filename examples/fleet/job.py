"""What all workers of a job agree on: the ids, how they are cut, where files go, and how fast it may be."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

import attrs

from tavus_async import Chunk, RateLimit, chunks, missing_chunks, read_chunks

if TYPE_CHECKING:
    from tavus_async.integrations.redis import SharedRateLimit


@attrs.frozen(kw_only=True)
class Job:
    """One job, as the arguments of every program here tell it."""

    ids: Path
    """A file of ids, one a line: the same for all, in the same order."""
    folder: Path
    """Where the files of chunks go; workers on other machines need the same folder."""
    size: int
    """How many ids a chunk has: what a killed worker has fetched of a chunk is fetched again."""
    workers: int
    per_second: float
    """What the account may send, by all workers together."""
    burst: int
    redis: str | None = None
    """The URL of a Redis where the workers share the rate; None where each has an equal part of it."""

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace) -> Self:
        """Return the job that a command line tells of."""
        return cls(**{field.name: getattr(arguments, field.name) for field in attrs.fields(cls)})

    def to_arguments(self) -> list[str]:
        """Return the command line that tells of this job."""
        given = attrs.asdict(self).items()
        return [f"--{name.replace('_', '-')}={value}" for name, value in given if value is not None]

    def chunks(self) -> Iterator[Chunk]:
        """Return the chunks of the job, the same in every process."""
        return chunks(self.ids.read_text(encoding="utf-8").split(), self.size)

    def limit(self) -> "RateLimit | SharedRateLimit":
        """Return what one worker may send of the account's rate."""
        if self.redis is None:
            return RateLimit(self.per_second, burst=self.burst).share(self.workers)
        from tavus_async.integrations.redis import SharedRateLimit  # noqa: PLC0415 (without a Redis none is needed)

        return SharedRateLimit(self.redis, "tavus", per_second=self.per_second, burst=self.burst)

    def report(self) -> str:
        """Tell what the files hold, or what is missing."""
        missing = sum(1 for _ in missing_chunks(self.folder, self.chunks()))
        if missing:
            return f"{missing:,} of {sum(1 for _ in self.chunks()):,} chunks are missing: start it again"
        failed = ["error" in line for line in read_chunks(self.folder, self.chunks())]
        return f"{len(failed):,} ids, each once, {sum(failed):,} of them failed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what every program of a job takes."""
    add = parser.add_argument
    add("--ids", type=file_of_ids, required=True, metavar="FILE", help="a file of persona ids, one a line")
    add("--folder", type=Path, required=True, help="where the files of chunks go: one that all workers share")
    add("--size", type=int, default=20, help="ids of a chunk (20)")
    add("--workers", type=int, default=4, help="how many workers there are in all (4)")
    add("--per-second", type=float, default=10.0, help="requests a second, of all workers together (10)")
    add("--burst", type=int, default=10, help="requests that may come at once, of all workers together (10)")
    add("--redis", metavar="URL", help="where the workers share the rate, such as redis://127.0.0.1/0")


def file_of_ids(text: str) -> Path:
    """Return the path of a file that is there."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path
