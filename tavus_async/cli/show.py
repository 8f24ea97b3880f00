"""What people look at: personas, facts, a progress bar. The only module that imports rich."""

import io
import shutil
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from rich.console import Console, ConsoleDimensions
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tavus_async import Persona
from tavus_async.cli import output, texts
from tavus_async.cli.texts import Row

WIDEST: Final = 100
NARROW: Final = 60


class Page:
    """What is shown on stdout, block after block with an empty line between them."""

    def __init__(self) -> None:
        self._console = make_console(stderr=False)
        self._is_empty = True

    def persona(self, persona: Persona) -> None:
        """Show a persona: every field that is set, long texts shortened, secrets hidden."""
        name, persona_id = texts.headline(persona)
        table = make_table(texts.fields(persona))
        for number, (layer, settings) in enumerate(texts.layers(persona)):
            if not number:
                table.add_row()
            table.add_row(Text(layer, "bold"), "" if settings else "(empty)")
            for setting, value in settings:
                table.add_row(Text(f"  {setting}", "cyan"), Text(value))
        self._block(Text.assemble((name, "bold"), "  ", (persona_id, "dim")), table)

    def facts(self, title: str, facts: Iterable[Row]) -> None:
        """Show a line, and below it what there is to know, by name."""
        self._block(Text(title, "bold"), make_table((f"  {name}", value) for name, value in facts))

    def paragraph(self, text: str) -> None:
        """Show a text."""
        self._block(Text(text))

    def _block(self, *parts: Text | Table) -> None:
        if not self._is_empty:
            output.put("")
        self._is_empty = False
        if self._console.is_terminal:
            self._console.print(*parts, sep="\n")
            return
        with self._console.capture() as capture:
            self._console.print(*parts, sep="\n")
        for line in capture.get().splitlines():
            output.put(line.rstrip())


class Bar:
    """A progress bar on stderr while it is entered; silent where stderr is no terminal."""

    def __init__(self, what: str, *, total: int) -> None:
        console = make_console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(
            *(columns if console.width >= NARROW else columns[1:3]),
            TextColumn("{task.fields[note]}", style="dim"),
            console=console,
            disable=not is_terminal(),
        )
        self._task = self._progress.add_task(what, total=total, note="")

    def __enter__(self) -> Self:
        if not self._progress.disable:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Older versions of rich end even a disabled bar with an empty line.
        if not self._progress.disable:
            self._progress.stop()

    def move(self, done: int, note: str) -> None:
        """Show how many are done, with a word on how it goes."""
        self._progress.update(self._task, completed=done, note=note)


def make_console(*, stderr: bool) -> Console:
    """Return a console for texts that are not ours: nothing in them is markup, or a reason to fail."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        # Where the terminal's encoding lacks a character, it shows a question mark.
        stream.reconfigure(errors="replace")
    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    # Of a dumb terminal rich does not ask the size.
    width, height = shutil.get_terminal_size() if console.is_dumb_terminal else console.size
    console.size = ConsoleDimensions(min(width, WIDEST), height)
    return console


def make_table(rows: Iterable[Row]) -> Table:
    """Return names on the left and values beside them."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name, "cyan"), Text(value))
    return table


def is_terminal() -> bool:
    """Tell whether stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()  # pyright: ignore[reportUnnecessaryComparison]  # may be closed
