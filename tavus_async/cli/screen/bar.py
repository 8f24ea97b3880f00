"""A progress bar for people: one line on stderr, which follows the terminal's width and makes room for messages."""

import contextlib
import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TextIO

from rich.text import Text

from tavus_async.cli.characters import encodable, harmless
from tavus_async.cli.screen import output
from tavus_async.cli.screen.console import NARROW, WIDEST, Renderer, has_colours, make_console
from tavus_async.cli.screen.texts import duration
from tavus_async.cli.signals import stops_noticed

# Seconds between two drawings.
REDRAW_EVERY: Final = 0.1
LENGTH: Final = 24
NARROW_LENGTH: Final = 8

HIDE_CURSOR: Final = "\x1b[?25l"
SHOW_CURSOR: Final = "\x1b[?25h"
# The cursor waits at the begin of the bar. When a terminal that becomes narrower breaks the bar's line in two, it still
# does, and all that has become of the bar is behind it.
ERASE: Final = "\r\x1b[J"
# Between the moment in which a terminal becomes narrower and the one in which it says so, the bar is too long.
NO_WRAP: Final = "\x1b[?7l"
WRAP: Final = "\x1b[?7h"


class Bar:
    """A progress bar on stderr while it is entered, if it *is_wanted*; silent where stderr is no terminal.

    One that *is_passing* leaves nothing behind.
    """

    def __init__(self, what: str, *, total: int | None, is_passing: bool = False, is_wanted: bool = True) -> None:
        self._what = what
        self._total = total
        self._is_passing = is_passing
        self._is_shown = is_wanted and output.is_watched()
        terminal = make_console(stderr=True)
        self._renderer = Renderer(terminal)
        # One that cannot move its cursor can only be told at the end.
        self._is_drawn = self._is_shown and not (terminal.is_dumb_terminal or terminal.legacy_windows)
        self._piece = "━" if is_encodable("━", terminal.encoding) else "="
        # Without colours they must differ in something else.
        self._rest = self._piece if has_colours(terminal) else " "
        self._done = 0
        self._notes = ("", "")
        self._begun = time.monotonic()
        self._stream = sys.stderr
        self._above = Above(self._stream, self._write_above)
        self._lock = threading.RLock()
        self._is_stale = True
        self._width = 0
        self._ended = threading.Event()
        self._drawer = threading.Thread(target=self._keep_drawing, name="progress bar", daemon=True)
        self._stops = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if self._is_drawn:
            self._write(HIDE_CURSOR)
            self._draw()
            # What else is written to stderr meanwhile stands above the bar.
            sys.stderr = self._above
            self._stops.enter_context(stops_noticed(self._make_way, self._come_back))
            self._drawer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Leave the bar as it stands, or remove it if it is passing; ending it twice is fine."""
        if not self._is_shown:
            return
        self._is_shown = False
        if self._is_drawn:
            self._ended.set()
            self._drawer.join()
            self._stops.close()
            self._above.write_rest()
            if self._is_stale:
                self._draw()
            sys.stderr = self._stream
        last = "" if self._is_passing else f"{self._line(f'in {duration(time.monotonic() - self._begun)}')}\n"
        self._write(f"{ERASE}{last}{SHOW_CURSOR}" if self._is_drawn else last)

    def move(self, done: int, note: str, brief: str) -> None:
        """Show how many are done, and how it goes: at length, or in brief where the terminal is narrow."""
        self._done, self._notes = done, (note, brief)
        self._is_stale = True

    def _write_above(self, text: str) -> None:
        """Write lines where the bar stands; it comes back below them."""
        with self._lock:
            self._write(f"{ERASE}{text}")
            self._is_stale = True

    def _make_way(self) -> None:
        """Leave the terminal to others; a signal's handler must not write through a stream that may be writing."""
        with contextlib.suppress(OSError, ValueError):
            os.write(self._stream.fileno(), f"{ERASE}{SHOW_CURSOR}".encode())

    def _come_back(self) -> None:
        """Take the terminal again, unless the program goes on in the background."""
        self._is_stale = True
        with contextlib.suppress(OSError, ValueError):
            if os.tcgetpgrp(self._stream.fileno()) == os.getpgrp():
                os.write(self._stream.fileno(), HIDE_CURSOR.encode())

    def _keep_drawing(self) -> None:
        while not self._ended.wait(REDRAW_EVERY):
            with self._lock:
                if self._is_stale or width_of(self._stream) != self._width:
                    self._draw()

    def _draw(self) -> None:
        self._is_stale = False
        self._write(f"{ERASE}{NO_WRAP}{self._line()}{WRAP}\r")

    def _line(self, note: str | None = None) -> str:
        """Return the bar as wide as there is room for."""
        self._width = width_of(self._stream)
        is_narrow = self._width < NARROW
        # One column stays free: in the last one some terminals begin a new line.
        room = max(1, self._width - 1)
        line = self._assemble(self._notes[is_narrow] if note is None else note, is_narrow=is_narrow)
        if note is None and line.cell_len > room:
            line = self._assemble(self._notes[1], is_narrow=is_narrow)
        line.truncate(room, overflow="ellipsis")
        return self._renderer.render(line).rstrip()

    def _assemble(self, note: str, *, is_narrow: bool) -> Text:
        """Return the bar as long as it comes."""
        length = NARROW_LENGTH if is_narrow else LENGTH
        filled = length * min(self._done, self._total) // self._total if self._total else 0
        total = "?" if self._total is None else f"{self._total:,}"
        return Text.assemble(
            "" if is_narrow else f"{self._what} ",
            (self._piece * filled, "bar.complete" if filled < length else "bar.finished"),
            (self._rest * (length - filled), "bar.back"),
            (f" {self._done:,}/{total} ", "progress.download"),
            (harmless(note), "dim"),
        )

    def _write(self, text: str) -> None:
        """Write to the terminal; a bar without one is no reason to fail."""
        try:
            self._stream.write(encodable(text, output.encoding_of(self._stream)))
            self._stream.flush()
        except (OSError, ValueError):
            self._ended.set()


class Above(io.TextIOBase):
    """Stands in for stderr while there is a bar, and writes whole lines above it."""

    def __init__(self, stream: TextIO, write_above: Callable[[str], None]) -> None:
        self._stream = stream
        self._write_above = write_above
        self._rest = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The terminal's."""
        return output.encoding_of(self._stream)

    def write(self, text: str, /) -> int:
        """Write those lines that have come to their ends."""
        lines, end, self._rest = (self._rest + text).rpartition("\n")
        if end:
            self._write_above(lines + end)
        return len(text)

    def write_rest(self) -> None:
        """Write a line that has no end."""
        if self._rest:
            self.write("\n")

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the terminal's file descriptor."""
        return self._stream.fileno()


def is_encodable(text: str, encoding: str) -> bool:
    """Return whether an encoding has all characters of a text."""
    return encodable(text, encoding) == text


def width_of(stream: TextIO) -> int:
    """Return the columns of a terminal as it is at this moment."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDEST
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns
