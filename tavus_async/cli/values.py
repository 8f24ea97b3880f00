"""Types of option values: each reads a text, or says what it must be."""

import math
import os
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, Final

from tavus_async.cli.jsons import loads

_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_PART: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd]|$)", re.ASCII)
# Longer numbers are typing errors, and slow to read.
_LONGEST_NUMBER: Final = 18


def text(given: str) -> str:
    """Read a text, which is in UTF-8 whatever the locale says; names of files may be anything."""
    if given.isascii() or not any("\ud800" <= character <= "\udfff" for character in given):
        return given
    try:
        return os.fsencode(given).decode()
    except UnicodeError:
        raise ArgumentTypeError("must be text in UTF-8") from None


def identifier(given: str) -> str:
    """Read the id of something; not what was meant as an option, which may hold a key."""
    if given.startswith("--"):
        raise ArgumentTypeError("must be an id, and begins as an option does")
    return text(given)


def file_name(given: str) -> str:
    """Read the name of a file, which may be anything but empty, as that of a variable that is not set is."""
    if not given:
        raise ArgumentTypeError("must be the name of a file, and is empty")
    return given


def _number(what: str, is_right: Callable[[float], bool]) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and is_right(number)):
            raise ArgumentTypeError(f"must be a {what}, not {text!r}")
        return number

    return read


def duration(text: str) -> float:
    """Read a time in seconds, or with units, as in `90`, `10m` or `1h30m`."""
    parts = _PART.findall(text)
    if not parts or "".join(map("".join, parts)) != text:
        raise ArgumentTypeError(f"must be a time such as 90 (seconds), 10m or 1h30m, not {text!r}")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def whole_duration(text: str) -> int:
    """Read a time as `duration` does, in whole seconds."""
    return math.ceil(duration(text))


def _whole_number(what: str, least: int, most: float = math.inf) -> Callable[[str], int]:
    def read(text: str) -> int:
        is_whole = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
        if not is_whole or not least <= int(text) <= most:
            raise ArgumentTypeError(f"must be a {what}, not {text!r}")
        return int(text)

    return read


_any_number = _number("number", lambda _: True)
positive = _number("number above 0", lambda number: number > 0)
not_negative = _number("number from 0 up", lambda number: number >= 0)
probability = _number("number from 0 to 1", lambda number: 0 <= number <= 1)


def words(given: str) -> list[str]:
    """Read texts between commas; one alone is fine."""
    found = [word.strip() for word in text(given).split(",")]
    if not all(found):
        raise ArgumentTypeError(f"must be texts between commas, not {given!r}")
    return found


def json_value(given: str) -> Any:
    """Read a JSON value."""
    try:
        return loads(given)
    except ValueError as error:
        raise ArgumentTypeError(f"must be JSON: {error}") from None


def number(given: str) -> float:
    """Read a number, a whole one as such."""
    try:
        return int(given) if given.lstrip("-").isdecimal() and len(given) <= _LONGEST_NUMBER else _any_number(given)
    except ValueError:
        raise ArgumentTypeError(f"must be a number, not {given!r}") from None


count = _whole_number("whole number from 1 up", 1)
count_or_zero = _whole_number("whole number from 0 up", 0)
port = _whole_number("port from 0 to 65535", 0, 65_535)
"""A TCP port; 0 is any free one."""
