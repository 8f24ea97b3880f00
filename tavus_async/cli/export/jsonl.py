"""The file that personas are fetched into: one JSON object a line, and never half a one for long."""

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.export.files import append, explained, is_same, keep_from_others, open_to_append
from tavus_async.cli.export.ids import IdSet
from tavus_async.cli.jsons import is_object

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

ID_NAMES: Final = ("persona_id", "pal_id")


class PersonasFile:
    """A file of personas, open for one writer.

    Opening it refuses (UsageError) a file that another run writes, one that holds something where neither *resume*
    nor *overwrite* allows it, and, to be resumed, one with a line that is not a persona. In a file to be resumed, a
    last line that was cut short by a kill is removed; one to be overwritten stays as it is until `begin`.
    A disk that fails is a FailedError.
    """

    def __init__(self, path: Path, *, resume: bool, overwrite: bool) -> None:
        self.path = path
        self.ids = IdSet()
        """The ids of the personas in it."""
        self.found = 0
        """How many were in it when it was opened."""
        self.written = 0
        self._overwrite = overwrite
        self._file = open_to_append(path)
        try:
            self._claim(resume=resume)
        except BaseException:
            self._file.close()
            raise

    def begin(self) -> None:
        """Empty the file, if it is to be overwritten and was not begun yet."""
        if self._overwrite:
            self._overwrite = False
            with explained(self.path):
                self._file.truncate(0)

    def write(self, line: str) -> None:
        """Write one line, all of it or nothing."""
        self.begin()
        with explained(self.path):
            append(self._file, f"{line}\n".encode())
        self.written += 1

    def close(self) -> None:
        """Let what was written reach the disk, and close the file; FailedError where it is no longer at its path."""
        with self._file, explained(self.path):
            os.fsync(self._file.fileno())
            if self.written and not is_same(self._file.fileno(), self.path):
                raise FailedError(f"{self.path} was removed or replaced meanwhile, and what was fetched with it")

    def _claim(self, *, resume: bool) -> None:
        """Make sure that this file can be written, and by nobody else."""
        with explained(self.path):
            lock(self._file, self.path)
            size = os.fstat(self._file.fileno()).st_size
            if size and resume:
                self._resume()
            elif size and not self._overwrite:
                raise UsageError(f"{self.path} is not empty: --resume continues it, --overwrite begins anew")
            keep_from_others(self._file)

    def _resume(self) -> None:
        """Take the ids of the file, and make its last line whole or cut it off."""
        end, is_whole = 0, True
        self._file.seek(0)
        with open(self._file.fileno(), "rb", closefd=False) as file:
            for number, line in enumerate(file, 1):
                ids = ids_of(read_line(line))
                is_whole = line.endswith(b"\n")
                if not ids and not is_whole and is_torn(line):
                    break
                if not ids and line.strip():
                    raise UsageError(
                        f"line {number} of {self.path} is not a persona, so --resume cannot continue this file"
                    )
                end += len(line)
                self.found += bool(ids)
                for key in ids:
                    self.ids.add(key)
            else:
                if not is_whole:
                    append(self._file, b"\n")
                return
        self._file.truncate(end)


def read_line(line: bytes) -> Mapping[str, Any]:
    """Return the JSON object on a line; an empty one where there is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if is_object(value) else {}


def ids_of(body: Mapping[str, Any]) -> list[str]:
    """Return the ids under which a persona may be asked for, given its body; none where it is not a persona."""
    return [body[name] for name in ID_NAMES if isinstance(body.get(name), str)]


def is_torn(line: bytes) -> bool:
    """Return whether this may be the begin of a line that a kill or a crash has cut short."""
    return line.startswith(b"{") or not line.strip(b"\0")


def lock(file: io.FileIO, path: Path) -> None:
    """Claim the file for this process until it is closed, where the system knows such locks."""
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"another run is writing {path}") from None
    except OSError:
        return  # a file system without locks
