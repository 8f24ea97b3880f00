"""The file of what could not be fetched, beside the file of what could: one JSON object a line."""

import contextlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tavus_async.cli.export.ids import IdSet
from tavus_async.cli.export.jsonl import explained, read_line, write_all
from tavus_async.cli.jsons import dumps


class FailuresFile:
    """The ids that failed, each with its error, its message and the number of attempts.

    It is there while there are any. Those of earlier runs stay until their id has been tried again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._earlier = IdSet()
        self._tried = IdSet()
        self._file: io.FileIO | None = None

    def resume(self, fetched: IdSet) -> None:
        """Keep what earlier runs have left, but for what was fetched since."""
        with explained(self.path):
            sift(self.path, lambda _, key: key not in fetched and self._earlier.add(key))

    def clear(self) -> None:
        """Forget what earlier runs have left."""
        with explained(self.path):
            self.path.unlink(missing_ok=True)

    def settle(self, key: str) -> None:
        """Note that an id has been tried again, so that its earlier failure can go."""
        if key in self._earlier:
            self._tried.add(key)

    def add(self, failure: dict[str, Any]) -> None:
        """Write one failure."""
        with explained(self.path):
            if self._file is None:
                self._file = io.FileIO(self.path, "ab")
            write_all(self._file, f"{dumps(failure)}\n".encode())

    def close(self) -> None:
        """Let go of the failures that are none any more, and let the others reach the disk."""
        with explained(self.path):
            if self._file is not None:
                with self._file:
                    os.fsync(self._file.fileno())
            if self._tried:
                earlier = len(self._earlier)
                sift(self.path, lambda number, key: number >= earlier or key not in self._tried)


def sift(path: Path, keep: Callable[[int, str], bool]) -> None:
    """Keep those lines of a file of failures that are to be kept, judged by their number and their id.

    The file is replaced in one step, or removed where nothing is left. Lines that are no failure go.
    """
    part = path.with_name(f"{path.name}.part")
    kept = 0
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file, part.open("wb") as sifted:
        for number, line in enumerate(file):
            key = read_id(line)
            if key is not None and keep(number, key):
                sifted.write(line)
                kept += 1
        sifted.flush()
        os.fsync(sifted.fileno())
    if kept:
        part.replace(path)
    else:
        part.unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def read_id(line: bytes) -> str | None:
    """Return the id of the failure on a line; None where there is none, or only half a one."""
    if not line.endswith(b"\n"):
        return None
    key = read_line(line).get("id")
    return key if isinstance(key, str) else None
