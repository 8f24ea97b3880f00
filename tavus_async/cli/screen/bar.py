"""A progress bar for people."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tavus_async.cli.screen import output
from tavus_async.cli.screen.console import NARROW, make_console
from tavus_async.cli.screen.texts import duration


class Bar:
    """A progress bar on stderr while it is entered, if it *is_wanted*; silent where stderr is no terminal.

    One that *is_passing* leaves nothing behind.
    """

    def __init__(self, what: str, *, total: int | None, is_passing: bool = False, is_wanted: bool = True) -> None:
        console = make_console(stderr=True)
        self._is_narrow = console.width < NARROW
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=8 if self._is_narrow else 24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", style="dim"),
        )
        self._progress = Progress(
            *(columns[1:] if self._is_narrow else columns),
            console=console,
            # What goes to stdout is data, and no business of the terminal's.
            redirect_stdout=False,
            transient=is_passing,
            # Of what is passing a dumb terminal shows nothing but an empty line.
            disable=not (is_wanted and output.is_watched()) or (is_passing and console.is_dumb_terminal),
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
            elapsed = self._progress.tasks[self._task].elapsed or 0
            self._progress.update(self._task, note=f"in {duration(elapsed)}")
            self._progress.stop()

    def move(self, done: int, note: str, brief: str) -> None:
        """Show how many are done, and how it goes: at length, or in brief where the terminal is narrow."""
        self._progress.update(self._task, completed=done, note=brief if self._is_narrow else note)
