"""The streams of a program on pseudo-terminals or pipes: what it writes is what a person or another program gets."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import Literal, NamedTuple, TextIO

import pytest

from tavus_async.cli import main

Kind = Literal["terminal", "pipe"]


class Written(NamedTuple):
    """How the program ended, and what it wrote, with the line breaks that it wrote."""

    code: int
    out: str
    err: str


class Reader:
    """Reads what comes out at one end, until the other is closed."""

    def __init__(self, kind: Kind) -> None:
        self._reading, self.writing = os.openpty() if kind == "terminal" else os.pipe()
        self._data = bytearray()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        # A terminal whose other end is closed answers with an error.
        with contextlib.suppress(OSError):
            while data := os.read(self._reading, 65_536):
                self._data += data
        os.close(self._reading)

    def text(self) -> str:
        """Return all that came, once the other end is closed."""
        self._thread.join()
        # A terminal turns a line break into two characters.
        return self._data.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")


async def run_on(kind: Kind, *args: str, typed: str = "y\n", monkeypatch: pytest.MonkeyPatch) -> Written:
    """Run `main` in a thread, with stdout and stderr of this kind, and on a terminal with somebody who types."""
    readers = {"stdout": Reader(kind), "stderr": Reader(kind)}
    with monkeypatch.context() as patch, contextlib.ExitStack() as streams:
        for name, reader in readers.items():
            stream = streams.enter_context(open(reader.writing, "w", encoding="utf-8"))  # noqa: PTH123 - a number
            patch.setattr(sys, name, stream)
        patch.setattr(sys, "stdin", streams.enter_context(keyboard(typed) if kind == "terminal" else nobody()))
        code = await asyncio.to_thread(main, args)
    return Written(code, readers["stdout"].text(), readers["stderr"].text())


@contextlib.contextmanager
def stdout_without_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextIO]:
    """Make stdout a pipe at whose other end nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    with monkeypatch.context() as patch, open(writing, "w", encoding="utf-8") as pipe:  # noqa: PTH123 - a number
        patch.setattr(sys, "stdout", pipe)
        yield pipe


@contextlib.contextmanager
def keyboard(typed: str) -> Iterator[object]:
    """Give a terminal at which this was typed."""
    person, program = os.openpty()
    os.write(person, typed.encode())
    try:
        with open(program, encoding="utf-8") as stream:  # noqa: PTH123 - a number, not a path
            yield stream
    finally:
        os.close(person)


@contextlib.contextmanager
def nobody() -> Iterator[object]:
    """Give a stream that ends at once."""
    with open(os.devnull, encoding="utf-8") as stream:  # noqa: PTH123 - no folder of ours
        yield stream
