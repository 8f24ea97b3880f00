"""Where ids come from: arguments, a file or stdin, one at a time; and which were met before, in a few bytes each."""

import asyncio
import contextlib
import os
import re
import stat
import sys
import threading
from array import array
from collections.abc import AsyncIterator, Generator
from concurrent.futures import Future
from functools import partial
from hashlib import blake2b
from typing import Final

import attrs

from tavus_async.cli.exits import FailedError, MisuseError, UsageError
from tavus_async.cli.inputs import STDIN

CHUNK: Final = 65_536
LONGEST_LINE: Final = 4_096
MOST_CHARACTERS: Final = 200
SMALLEST_TABLE: Final = 1_024
EXPECTED: Final = "one on each line is expected, and nothing else"

# Of these ids consist. Others stand in JSON, in tables, in addresses and in what people write.
_ID: Final = re.compile(r"[\w.~-]+", re.ASCII)
# What a column of ids is headed with.
_COLUMN_NAMES: Final = frozenset({"id", "ids", "name", "pal_id", "pal_ids", "persona", "persona_id", "persona_ids"})
_COMMENT: Final = re.compile(r"(^|\s)#.*", re.DOTALL)


class IdSet:
    """Ids that were met, in some 20 bytes each however long they are: a table of 64-bit hashes.

    The chance that among a million ids any two look the same is one in thirty million.
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * SMALLEST_TABLE))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: str) -> bool:
        return self._table[self._place(digest(key))] != 0

    def add(self, key: str) -> bool:
        """Remember an id; tell whether it is new."""
        number = digest(key)
        place = self._place(number)
        if self._table[place]:
            return False
        self._table[place] = number
        self._count += 1
        if self._count * 3 > len(self._table) * 2:
            self._grow()
        return True

    def _place(self, number: int) -> int:
        """Return where the number is, or the free place where it belongs."""
        table, last = self._table, len(self._table) - 1
        place = number & last
        while table[place] not in {0, number}:
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        numbers, self._table = self._table, array("Q", bytes(16 * len(self._table)))
        for number in filter(None, numbers):
            self._table[self._place(number)] = number


def digest(key: str) -> int:
    """Return a number for an id that no other is likely to have; never 0."""
    code = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(code, "little") or 1


@attrs.frozen
class Ids:
    """The ids that were asked for, in their order; what occurs twice is there twice."""

    _given: tuple[str, ...] | int = attrs.field(alias="given")
    """The ids, or the file descriptor of a text with an id a line."""
    name: str
    """Where they come from, for messages."""

    @property
    def file(self) -> int | None:
        """The file descriptor of the text, if that is where they are."""
        return self._given if isinstance(self._given, int) else None

    async def __aiter__(self) -> AsyncIterator[str]:
        if isinstance(self._given, int):
            lines = Lines(self.name)
            with lines.explained():
                async for line in read_lines(self._given):
                    if key := lines.take(line):
                        yield key
        else:
            for key in self._given:
                yield key

    def count(self) -> int | None:
        """Validate all ids that are there already, and return how many they are; None where they are yet to come.

        A file is read to its end, from where it stands. Raises UsageError for a line that is no id.
        """
        if not isinstance(self._given, int):
            return len(self._given)
        if not stat.S_ISREG(os.fstat(self._given).st_mode):
            return None
        lines = Lines(self.name, error=UsageError)
        begin = os.lseek(self._given, 0, os.SEEK_CUR)
        try:
            with lines.explained(), os.fdopen(self._given, "rb", closefd=False) as file:
                pieces = iter(partial(file.readline, LONGEST_LINE + 1), b"")
                return sum(bool(lines.take(piece.removesuffix(b"\n"))) for piece in pieces)
        finally:
            os.lseek(self._given, begin, os.SEEK_SET)


@attrs.define
class Lines:
    """Makes ids of one line after the other, and says which line is none."""

    name: str
    """Of the text."""
    error: type[Exception] = attrs.field(default=FailedError, kw_only=True)
    """What is raised."""
    _number: int = attrs.field(init=False, default=0)
    _is_begun: bool = attrs.field(init=False, default=False)

    def take(self, line: bytes) -> str:
        """Return the id on a line; "" where there is none."""
        self._number += 1
        try:
            key = clean(line.decode("utf-8-sig" if self._number == 1 else "utf-8"))
        except UnicodeDecodeError:
            raise self._wrong("is not text in UTF-8") from None
        if len(line) > LONGEST_LINE or len(key) > MOST_CHARACTERS:
            raise self._wrong("is too long to be an id")
        if not self._is_begun and key.lower() in _COLUMN_NAMES:
            raise self._wrong(f"is a heading: {EXPECTED}; tail -n +2 leaves it out")
        if key and not _ID.fullmatch(key):
            raise self._wrong(f"is not an id: {EXPECTED}; of JSON lines, jq -r .persona_id makes that")
        self._is_begun = self._is_begun or bool(key)
        return key

    @contextlib.contextmanager
    def explained(self) -> Generator[None]:
        """Say what cannot be read."""
        try:
            yield
        except OSError as error:
            raise self.error(f"cannot read {self.name}: {error.strerror}") from None

    def _wrong(self, what: str) -> Exception:
        return self.error(f"line {self._number} of {self.name} {what}")


def find_ids(arguments: list[str], path: str | None) -> Ids:
    """Return the ids of the arguments, of a file or of stdin; UsageError where that is unclear."""
    if path is not None and arguments:
        raise MisuseError("ids come from the arguments or from --from, not from both")
    if path is None and STDIN not in arguments:
        if not arguments:
            raise MisuseError("no ids: give some, or a file with --from, or - for stdin")
        return Ids(tuple(map(check_argument, arguments)), "the arguments")
    if len(arguments) > 1:
        raise MisuseError("- stands for ids from stdin, and takes no other ids beside it")
    return open_stdin() if path in {None, STDIN} else open_file(str(path))


def check_argument(text: str) -> str:
    """Return the id in an argument; UsageError, which does not repeat what might be a key, where there is none."""
    key = text.strip()
    if not _ID.fullmatch(key) or len(key) > MOST_CHARACTERS:
        raise MisuseError("an argument is not an id: letters, digits and -._~ are expected, as in p5317866")
    return key


def open_stdin() -> Ids:
    """Return the ids that stdin will hold."""
    try:
        return Ids(sys.stdin.fileno(), "stdin")
    except (AttributeError, OSError, ValueError):
        raise UsageError("stdin is closed, so no ids can come from it") from None


def open_file(path: str) -> Ids:
    """Return the ids of a file, or of a pipe that has a name."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        kind = os.fstat(descriptor).st_mode
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if stat.S_ISDIR(kind):
        raise UsageError(f"cannot read {path}: it is a folder")
    return Ids(descriptor, path)


async def read_lines(descriptor: int) -> AsyncIterator[bytes]:
    """Yield the lines of a text as it comes; of one that is far too long, the begin."""
    rest = b""
    while chunk := await read_chunk(descriptor):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > LONGEST_LINE:
            yield rest
            rest = b""
    if rest:
        yield rest


def clean(line: str) -> str:
    """Return the id on a line; "" where there is none."""
    return _COMMENT.sub("", line).strip()


async def read_chunk(descriptor: int) -> bytes:
    """Read what there is, or wait for it; b"" at the end.

    In a thread of its own, which nobody waits for: an input that never comes must not keep the program from ending.
    """
    result = Future[bytes]()
    # So that nobody who has stopped waiting cancels it: the thread will set it all the same.
    result.set_running_or_notify_cancel()

    def read() -> None:
        try:
            result.set_result(os.read(descriptor, CHUNK))
        except OSError as error:
            result.set_exception(error)

    threading.Thread(target=read, daemon=True).start()
    return await asyncio.wrap_future(result)
