"""The file of what could not be fetched, beside the file of what could: one JSON object a line."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tavus_async.cli.exits import UsageError
from tavus_async.cli.export.files import append, explained, keep_from_others, open_to_append, open_to_read, replaced
from tavus_async.cli.export.ids import IdSet
from tavus_async.cli.export.jsonl import is_torn, read_line
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

    def check(self, *, resume: bool, overwrite: bool) -> None:
        """Validate that what stands there may be continued or removed; UsageError where it may not."""
        file = open_to_read(self.path)
        if file is None:
            return
        with explained(self.path), file:
            if not (resume or overwrite) and file.read(1):
                raise UsageError(f"{self.path} is not empty: --resume continues it, --overwrite begins anew")
            for number, line in enumerate(file, 1):
                is_cut = not line.endswith(b"\n") and is_torn(line)
                if line.strip() and not is_cut and read_id(line) is None:
                    raise UsageError(f"line {number} of {self.path} is not a failure of a fetch: choose another FILE")

    def resume(self, fetched: IdSet) -> None:
        """Keep what earlier runs have left, but for what was fetched since."""
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
        if self._file is None:
            self._file = open_to_append(self.path, is_followed=False)
            keep_from_others(self._file)
        with explained(self.path):
            append(self._file, f"{dumps(failure)}\n".encode())

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
    file = open_to_read(path)
    if file is None:
        return
    kept = 0
    with explained(path):
        with replaced(path) as sifted, file:
            for number, line in enumerate(file):
                key = read_id(line)
                if key is not None and keep(number, key):
                    append(sifted, line)
                    kept += 1
        if not kept:
            path.unlink(missing_ok=True)


def read_id(line: bytes) -> str | None:
    """Return the id of the failure on a line; None where there is none, or only half a one."""
    if not line.endswith(b"\n"):
        return None
    failure = read_line(line)
    key = failure.get("id")
    return key if isinstance(key, str) and isinstance(failure.get("error"), str) else None
