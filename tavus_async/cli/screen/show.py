"""What people look at: records, tables and facts."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from tavus_async.cli.characters import harmless, without_line_ends
from tavus_async.cli.screen import output
from tavus_async.cli.screen.console import NARROW, make_console
from tavus_async.cli.screen.texts import Row

# What a terminal too narrow for all columns gets.
NARROW_COLUMNS: Final = 4


class Display:
    """What is shown on stdout or *stderr*, block after block with an empty line between them."""

    def __init__(self, *, stderr: bool = False) -> None:
        self._console = make_console(stderr=stderr)
        self._put = output.tell if stderr else output.put
        self._write = output.write_aside if stderr else output.write
        self._is_seen = stderr or self._console.is_terminal or output.is_displayed()
        self._is_empty = True

    def record(self, headline: Row, fields: Iterable[Row], sections: Iterable[tuple[str, list[Row]]]) -> None:
        """Show a record: what it is called and its id, its fields, and the fields of what it consists of."""
        title, item_id = headline
        table = self._table(fields)
        for number, (name, rows) in enumerate(sections):
            if not number:
                table.add_row()
            table.add_row(self._text(name, "bold"), "" if rows else "(empty)")
            for field, value in rows:
                table.add_row(self._text(f"  {field}", "cyan"), self._text(value))
        self._block(self._text(title, "bold").append("  ").append_text(self._text(item_id, "dim")), table)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show a table, a line for each row, its first column whole; a narrow terminal gets only some of the others."""
        number = NARROW_COLUMNS if self._console.width < NARROW else len(columns)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for place, name in enumerate(columns[:number]):
            # What wraps is narrowed to fit, the widest first. Its texts do not wrap all the same: see below.
            table.add_column(name, no_wrap=not place)
        for first, *others in rows:
            cells = [self._text(text, is_cut=True) for text in others[: number - 1]]
            table.add_row(self._text(first), *cells)
        self._block(table)

    def facts(self, title: str, facts: Iterable[Row]) -> None:
        """Show a line, and below it what there is to know, by name."""
        self._block(self._text(title, "bold"), self._table((f"  {name}", value) for name, value in facts))

    def paragraph(self, text: str) -> None:
        """Show a text."""
        self._block(self._text(text))

    def _block(self, *parts: Text | Table) -> None:
        if not self._is_empty:
            self._put("")
        self._is_empty = False
        # A console that writes by itself ends the program where nobody reads any more.
        with self._console.capture() as capture:
            self._console.print(*parts, sep="\n")
        if self._console.is_terminal:
            self._write(capture.get().removesuffix("\n"))
            return
        for line in capture.get().splitlines():
            self._put(line.rstrip())

    def _table(self, rows: Iterable[Row]) -> Table:
        """Return names on the left and values beside them."""
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(self._text(name, "cyan"), self._text(value))
        return table

    def _text(self, text: str, style: str = "", *, is_cut: bool = False) -> Text:
        """Return a text that does nothing to a terminal but show; one that *is_cut* ends with dots where it has to."""
        line = harmless(text) if self._is_seen else without_line_ends(text)
        return Text(line, style, no_wrap=is_cut or None, overflow="ellipsis" if is_cut else None)
