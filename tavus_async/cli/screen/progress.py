"""A progress bar where somebody looks and rich is there, and nothing elsewhere."""

import contextlib
from collections.abc import Callable, Generator
from typing import TypeAlias

from tavus_async.cli.screen import output

Move: TypeAlias = Callable[[int, str, str], None]
"""Shows how many are done, and how it goes: at length, and in brief."""


@contextlib.contextmanager
def progress_shown(
    what: str, *, total: int | None, is_wanted: bool = True, is_passing: bool = False
) -> Generator[Move]:
    """Show a bar meanwhile, if it *is_wanted*; one that *is_passing* leaves nothing behind. Give what moves it."""
    if not is_wanted or not output.is_watched():
        yield lambda _done, _note, _brief: None
        return
    try:
        from tavus_async.cli.screen.bar import Bar  # noqa: PLC0415 (rich is an extra)
    except ModuleNotFoundError:
        yield lambda _done, _note, _brief: None
        return
    with Bar(what, total=total, is_passing=is_passing) as bar:
        yield bar.move
