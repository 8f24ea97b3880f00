"""What reprs of records show of values: how much there is, and not all of what is long."""

from collections.abc import Collection
from itertools import islice
from typing import Any

from tavus_async._records.immutable import is_mapping, is_sequence

LONGEST_TEXT = 60
MOST_NAMES = 8


class Shown:
    """A text that rich shows as it is, without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def show(value: Any) -> str:
    """Show a field's value in a repr, but not all of a long one."""
    if is_mapping(value) or is_sequence(value) or isinstance(value, int):
        return show_size(value)
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[: LONGEST_TEXT - 1]!r}… ({len(value)} characters)"
    return repr(value)


def show_size(value: Any) -> str:
    """Show how much a value holds, and not what; a number or a boolean is shown, unless it is huge."""
    if is_mapping(value):
        return f"<{len(value)} keys>"
    if is_sequence(value):
        return f"<{len(value)} items>"
    if isinstance(value, str):
        return f"<{len(value)} characters>"
    if isinstance(value, int) and value.bit_length() > LONGEST_TEXT:
        return f"<{value.bit_length()} bits>"
    return repr(value)


def show_names(names: Collection[object]) -> str:
    """Show the first names of a mapping, and how many there are besides."""
    shown = [
        name if len(name) <= LONGEST_TEXT else f"{name[: LONGEST_TEXT - 1]}…"
        for name in map(str, islice(names, MOST_NAMES))
    ]
    if len(names) > MOST_NAMES:
        shown.append(f"and {len(names) - MOST_NAMES} more")
    return f"<{', '.join(shown)}>"
