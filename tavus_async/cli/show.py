"""What people look at: personas and facts."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from tavus_async import Persona
from tavus_async.cli import output, texts
from tavus_async.cli.console import make_console
from tavus_async.cli.texts import Row


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


def make_table(rows: Iterable[Row]) -> Table:
    """Return names on the left and values beside them."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name, "cyan"), Text(value))
    return table
