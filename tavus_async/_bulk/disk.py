"""Files that outlive whoever writes them: on the disk before work goes on, and locked meanwhile."""

import os
from contextlib import suppress
from io import FileIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LOCKED_BYTE = 2**40


def append(file: FileIO, data: bytes) -> None:
    """Write to the end of a file, and return when it is on the disk."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]
    os.fsync(file.fileno())


def lock(file: FileIO) -> bool:
    """Lock a file until it is closed; return False where somebody else has."""
    try:
        import fcntl  # noqa: PLC0415 (not every system has it)
    except ImportError:
        return _lock_on_windows(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_on_windows(file: FileIO) -> bool:
    from importlib import import_module  # noqa: PLC0415 (likewise)

    msvcrt: Any = import_module("msvcrt")
    file.seek(LOCKED_BYTE)  # what is locked there cannot be read, so it lies behind all that is written
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    finally:
        file.seek(0)
    return True


def sync_folder(folder: "Path") -> None:
    """Let a new name reach the disk, where the system has a way to say so."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some file systems know no such thing, and need none
            os.fsync(number)
    finally:
        os.close(number)
