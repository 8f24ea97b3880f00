"""A journal: a file that says what a bulk run is about to create, and what it has created.

It is there for a run that is killed. Before a create is sent, the run writes down under which name it will be found;
after it, with which id. A run that goes on with the same journal knows then what was created, and what has to be looked
for first, since only its answer may have been lost.

Each line is a JSON object, the first one a header. Lines are only ever added, and are on the disk before the run goes
on. A last line without its end was cut off by the kill, and says nothing.
"""

import asyncio
import os
import threading
from collections.abc import Iterator
from io import FileIO
from typing import TYPE_CHECKING, Any, Final

import attrs

from tavus_async._bulk.disk import append, lock, sync_folder
from tavus_async._records import json
from tavus_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

KIND: Final = "tavus-async journal"
VERSION: Final = 1


@attrs.define
class Entry:
    """What a journal knows of one draft."""

    digest: str
    """Of the draft, so that another is not taken for it."""
    name: str
    """Under which it was sent."""
    at: float
    """When it was about to be sent, in seconds since 1970."""
    item_id: str | None = None
    """What was created of it."""
    is_refused: bool = False
    """Whether it is certain that nothing was created."""


class Journal:
    """An open journal, which no other run can open until it is closed."""

    def __init__(self, path: "Path", file: FileIO, entries: dict[int, Entry]) -> None:
        self._path = path
        self._file = file
        self._guard = threading.Lock()
        self._turn = asyncio.Lock()
        self._waiting: list[bytes] = []
        self._failure: OSError | None = None
        self.entries = entries
        """What it knows of drafts that this run has not come to yet, by their numbers."""

    @property
    def count(self) -> int:
        """How many drafts there are at least, by what it knew when it was opened and was not asked for since."""
        return max(self.entries, default=-1) + 1

    async def intend(self, number: int, entry: Entry) -> None:
        """Write down that a draft is about to be created."""
        await self._write({"n": number, "draft": entry.digest, "name": entry.name, "at": entry.at})

    async def created(self, number: int, item_id: str) -> None:
        """Write down what was created of a draft."""
        await self._write({"n": number, "id": item_id})

    async def refused(self, number: int, reason: str) -> None:
        """Write down that nothing was created of a draft, so that nobody looks for it."""
        await self._write({"n": number, "refused": reason})

    def close(self) -> None:
        """Close it, once what is being written is on the disk; closing twice is fine."""
        with self._guard:
            self._file.close()

    async def _write(self, line: dict[str, Any]) -> None:
        """Return when a line is on the disk: all that wait at one time get there by one write."""
        written = _line(line)
        self._waiting.append(written)
        async with self._turn:
            # Compared by identity, since two lines may be alike.
            if any(each is written for each in self._waiting):
                lines, self._waiting = self._waiting, []
                # Shielded, since the lines of others are among them.
                await asyncio.shield(asyncio.to_thread(self._append, b"".join(lines)))
            elif self._failure is not None:
                raise self._failure

    def _append(self, data: bytes) -> None:
        with self._guard:
            if self._failure is not None:
                raise self._failure  # after half a line, what follows it could not be read
            try:
                append(self._file, data)
            except OSError as error:
                self._failure = OSError(error.errno, error.strerror or str(error), str(self._path))
                raise self._failure from error


def open_journal(path: "Path", *, of: str) -> Journal:
    """Open the journal at a path, made if there is none, of a run that creates these things.

    Raises InvalidRequestError where another run has it open, and for a file that is none, or of other things.
    """
    is_new = not path.exists()
    file = FileIO(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+")
    try:
        refuse_shared(file, path)
        data, header = file.readall() or b"", _line({"journal": KIND, "version": VERSION, "of": of})
        whole = data.rfind(b"\n") + 1
        # Before anything is cut off: it may be another file altogether.
        entries = read_entries(data[:whole] if whole or not header.startswith(data) else header, path, of)
        if whole < len(data):
            file.truncate(whole)
        if not whole:
            append(file, header)
            if is_new:
                sync_folder(path.parent)
    except BaseException:
        file.close()
        raise
    return Journal(path, file, entries)


def refuse_shared(file: FileIO, path: "Path") -> None:
    """Lock a journal; InvalidRequestError where another run has."""
    if not lock(file):
        raise InvalidRequestError(f"the journal {path} is in use by another run")


def read_entries(data: bytes, path: "Path", of: str) -> dict[int, Entry]:
    """Return what whole lines say; InvalidRequestError for what no journal of these things has."""
    entries: dict[int, Entry] = {}
    for number, line in enumerate(lines_of(data) if data else [None]):
        try:
            if number:
                take(entries, line)
            elif line != {"journal": KIND, "version": VERSION, "of": of}:
                raise InvalidRequestError(f"{path} is no journal of {of}: remove it, or name another file")
        except (KeyError, TypeError):
            raise InvalidRequestError(f"line {number + 1} of the journal {path} cannot be read") from None
    return entries


def lines_of(data: bytes) -> Iterator[Any]:
    """Yield what each line says; None for what is no JSON object."""
    for line in data.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        yield value if json.is_object(value) else None


def take(entries: dict[int, Entry], line: Any) -> None:
    """Take in one line; KeyError or TypeError where it makes no sense."""
    number = line["n"]
    if type(number) is not int:
        raise TypeError
    if "draft" in line:
        entries[number] = Entry(digest=line["draft"], name=line["name"], at=line["at"])
    elif "id" in line:
        entries[number].item_id = line["id"]
    else:
        entries[number].is_refused = bool(line["refused"])


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value) + b"\n"
