"""Terminals: how wide they are, what they can show, and whether somebody looks at them."""

import io
import shutil
import sys
from typing import Final, Literal

from rich.console import Console, ConsoleDimensions
from rich.text import Text

WIDEST: Final = 100
NARROW: Final = 80


def make_console(*, stderr: bool) -> Console:
    """Return a console for texts that are not ours: nothing in them is markup, or a reason to fail."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        # Where the terminal's encoding lacks a character, it shows a question mark.
        stream.reconfigure(errors="replace")
    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    # Of a dumb terminal rich does not ask the size.
    width, height = shutil.get_terminal_size() if console.is_dumb_terminal else console.size
    # A variable COLUMNS of 0 leaves room for nothing.
    console.size = ConsoleDimensions(min(width or shutil.get_terminal_size().columns, WIDEST), height)
    return console


def has_colours(terminal: Console) -> bool:
    """Return whether a terminal can show colours, and may."""
    return terminal.color_system is not None and not terminal.no_color


class Renderer:
    """Makes of texts what is written to a terminal; a console that writes by itself ends the program where it fails."""

    def __init__(self, terminal: Console) -> None:
        colours: Literal["standard"] | None = "standard" if has_colours(terminal) else None
        self._console = Console(file=io.StringIO(), force_terminal=True, color_system=colours, emoji=False)

    def render(self, text: Text) -> str:
        """Return a text with the codes of its colours."""
        with self._console.capture() as capture:
            self._console.print(text, end="", soft_wrap=True)
        return capture.get()
