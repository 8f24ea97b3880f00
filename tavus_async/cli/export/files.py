"""Files of lines that may hold secrets: for their owner's eyes alone, and never with half a line for long."""

import contextlib
import io
import os
import stat
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

from tavus_async.cli.exits import FailedError, UsageError

PRIVATE: Final = 0o600
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

# Some systems lack some of these. Without O_NONBLOCK, to open a pipe would wait for its other end.
_OPEN_FLAGS: Final = sum(getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NONBLOCK"))
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)


def open_to_append(path: Path, *, is_followed: bool = True) -> io.FileIO:
    """Open a file to read it and to append to it; a new one is for its owner alone.

    *is_followed* says whether a symbolic link is followed. Raises UsageError for what is no regular file.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | _OPEN_FLAGS | (0 if is_followed else _NO_LINK)
    with explained(path):
        number = os.open(path, flags, PRIVATE)
        try:
            check_regular(number, path, hint="; -o - writes to stdout" if is_followed else "")
            return io.FileIO(number, "ab+")
        except BaseException:
            os.close(number)
            raise


def open_to_read(path: Path) -> io.BufferedReader | None:
    """Open a file that the user has not named, to read it; None where there is none, UsageError for another thing."""
    with explained(path):
        if path.is_symlink():
            raise UsageError(f"{path} is not a regular file")
        try:
            number = os.open(path, os.O_RDONLY | _OPEN_FLAGS | _NO_LINK)
        except FileNotFoundError:
            return None
        try:
            check_regular(number, path)
        except BaseException:
            os.close(number)
            raise
        return os.fdopen(number, "rb")


def check_regular(number: int, path: Path, *, hint: str = "") -> None:
    """Validate that an open file is a regular one; UsageError where it is not."""
    if not stat.S_ISREG(os.fstat(number).st_mode):
        raise UsageError(f"{path} is not a regular file{hint}")


def keep_from_others(file: io.FileIO) -> None:
    """Let nobody but its owner read or write a file, which may have been open to others before."""
    mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    if mode & OTHERS and hasattr(os, "fchmod"):
        # Of somebody else's file only that one may say who reads it.
        with contextlib.suppress(PermissionError):
            os.fchmod(file.fileno(), mode & ~OTHERS)


@contextlib.contextmanager
def replaced(path: Path) -> Generator[io.FileIO]:
    """Give a new private file that takes the place of another in one step, if nothing fails meanwhile."""
    number, name = tempfile.mkstemp(prefix=".tavus-async-", dir=path.parent)
    try:
        with io.FileIO(number, "wb") as file:
            yield file
            os.fsync(number)
        # As tight as it was.
        Path(name).chmod(stat.S_IMODE(path.stat().st_mode) & PRIVATE)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def append(file: io.FileIO, data: bytes) -> None:
    """Append all of it or nothing: what fits on a disk that is nearly full is only a part."""
    end = os.fstat(file.fileno()).st_size
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) or 0 :]
    except BaseException:
        with contextlib.suppress(OSError):
            file.truncate(end)
        raise


def is_same(one: int | Path, other: int | Path) -> bool:
    """Return whether two descriptors or paths lead to one regular file, by whatever names."""
    try:
        first, second = map(os.stat, (one, other))
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(first.st_mode) and os.path.samestat(first, second)


@contextlib.contextmanager
def explained(path: Path) -> Generator[None]:
    """Turn a failure of the disk into a FailedError that names the file."""
    try:
        yield
    except OSError as error:
        raise FailedError(f"cannot write {path}: {error.strerror or error}") from None
