"""Terminals: how wide they are, what they can show, and whether somebody looks at them."""

import io
import shutil
import sys
from typing import Final

from rich.console import Console, ConsoleDimensions

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
    console.size = ConsoleDimensions(min(width, WIDEST), height)
    return console
