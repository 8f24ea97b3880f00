"""A table that is shown as its rows come."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tavus_async.cli.characters import harmless, one_line
from tavus_async.cli.screen import output
from tavus_async.cli.screen.console import NARROW, Renderer, make_console
from tavus_async.cli.screen.show import NARROW_COLUMNS

GAP: Final = 2
NARROWEST: Final = 4
# What the second column gets for longer texts that are yet to come, if there is room.
SPARE: Final = 16


class Listing:
    """A table on stdout; its first rows say how wide the columns are, and longer texts are cut, but in the first."""

    def __init__(self, headings: Sequence[str]) -> None:
        terminal = make_console(stderr=False)
        self._room = terminal.width
        self._renderer = Renderer(terminal)
        self._headings = headings[: NARROW_COLUMNS if self._room < NARROW else len(headings)]
        self._widths: list[int] = []

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Show some rows, the first below the headings; OSError where stdout cannot be written."""
        lines = [[harmless(one_line(text)) for text in row[: len(self._headings)]] for row in rows]
        if not self._widths:
            self._widths = fitted([self._headings, *lines], self._room)
            self._show(self._headings, "bold")
        for line in lines:
            self._show(line)
        output.flush()

    def _show(self, line: Sequence[str], style: str = "") -> None:
        first, *others = map(Text, line)
        first.pad_right(self._widths[0] - first.cell_len)
        for text, width in zip(others, self._widths[1:], strict=True):
            text.truncate(width, overflow="ellipsis", pad=True)
        row = Text(" " * GAP, style).join([first, *others])
        row.rstrip()
        row.stylize(style)
        output.write(self._renderer.render(row))


def fitted(lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the widths of columns that take these lines, the widest but the first narrowed as far as they must be."""
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    spare = room - sum(widths) - GAP * (len(widths) - 1)
    if len(widths) > 1:
        widths[1] += max(0, min(spare, SPARE))
    for _ in range(-spare):
        widest = max(range(1, len(widths)), key=widths.__getitem__, default=0)
        if widest and widths[widest] > NARROWEST:
            widths[widest] -= 1
    return widths
