"""A file that is written beside its place, and takes its name once it is whole."""

import errno
import os
import threading
from contextlib import suppress
from io import FileIO
from typing import TYPE_CHECKING, Final

from tavus_async._bulk.disk import lock, sync_folder

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".part"


class PartFile:
    """What is there of a file, under its name with `.part` at the end; nobody else can write it meanwhile.

    Its methods use the disk, so they belong into a thread, but for `discard`. They may be called from any.
    """

    def __init__(self, path: "Path", part: "Path", file: FileIO, *, overwrite: bool) -> None:
        self.path = path
        self._part = part
        self._file = file
        self._overwrite = overwrite
        self._guard = threading.Lock()
        self._is_over = False
        self.size = 0
        """Bytes that are there."""
        self.total: int | None = None
        """Bytes of the whole, as announced."""
        self.validator: str | None = None
        """What tells this version of what is downloaded from every other: its ETag, or its date."""

    def write(self, data: bytes) -> None:
        """Add to the end."""
        with self._guard:
            rest = memoryview(data)
            while rest and not self._is_over:
                written = self._file.write(rest) or 0
                self.size += written
                rest = rest[written:]

    def restart(self) -> None:
        """Forget what is there."""
        with self._guard:
            self._file.seek(0)
            self._file.truncate()
            self.size, self.total, self.validator = 0, None, None

    def finish(self) -> None:
        """Let it take its name; FileExistsError where somebody else has by now, and it was not to be overwritten."""
        with self._guard:
            if self._is_over:
                return
            os.fsync(self._file.fileno())
            if os.name == "nt":
                self._file.close()  # or it could not be renamed
            if not self._overwrite:
                refuse_existing(self.path)
            self._part.replace(self.path)
            self._is_over = True
            self._file.close()
            sync_folder(self.path.parent)

    def discard(self) -> None:
        """Remove what is there, unless it has taken its name."""
        with self._guard:
            if not self._is_over:
                self._is_over = True
                with suppress(FileNotFoundError):
                    self._part.unlink()
            self._file.close()


def open_part(path: "Path", *, overwrite: bool) -> PartFile:
    """Begin a file anew, over what somebody who was killed has left of it.

    Raises FileExistsError where it is there already and is not to be overwritten, IsADirectoryError for a folder, and
    BlockingIOError while somebody else is writing it.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "there is a folder where the file is to be", str(path))
    if not overwrite:
        refuse_existing(path)
    part = path.with_name(path.name + SUFFIX)
    while True:
        file = FileIO(os.open(part, os.O_RDWR | os.O_CREAT, 0o666), "r+")
        try:
            refuse_locked(file, part)
            # Whoever had it may have renamed or removed it just before the lock was free.
            if is_at(file, part):
                file.truncate(0)
                return PartFile(path, part, file, overwrite=overwrite)
        except BaseException:
            file.close()
            raise
        file.close()


def refuse_locked(file: FileIO, path: "Path") -> None:
    """Lock a file; BlockingIOError where somebody else has."""
    if not lock(file):
        raise BlockingIOError(errno.EAGAIN, "somebody else is writing it", str(path))


def is_at(file: FileIO, path: "Path") -> bool:
    """Return whether an open file is the one that lies at a path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def refuse_existing(path: "Path") -> None:
    """Raise FileExistsError for a file that is there."""
    if path.exists():
        raise FileExistsError(errno.EEXIST, "there is such a file already (overwrite=True replaces it)", str(path))
