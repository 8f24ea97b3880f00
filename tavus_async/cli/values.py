"""Kinds of option values: each reads a text, or says what it must be."""

import math
from argparse import ArgumentTypeError
from typing import Final

# Longer numbers are typing errors, and slow to read.
_LONGEST: Final = 18


def positive(text: str) -> float:
    """Read a finite number above 0."""
    number = _finite(text)
    if number is None or number <= 0:
        raise ArgumentTypeError(f"must be a number above 0, not {text!r}")
    return number


def not_negative(text: str) -> float:
    """Read a finite number from 0 up."""
    number = _finite(text)
    if number is None or number < 0:
        raise ArgumentTypeError(f"must be a number from 0 up, not {text!r}")
    return number


def probability(text: str) -> float:
    """Read a number from 0 to 1."""
    number = _finite(text)
    if number is None or not 0 <= number <= 1:
        raise ArgumentTypeError(f"must be a number from 0 to 1, not {text!r}")
    return number


def count(text: str) -> int:
    """Read a whole number from 1 up."""
    return _whole(text, least=1)


def count_or_zero(text: str) -> int:
    """Read a whole number from 0 up."""
    return _whole(text, least=0)


def port(text: str) -> int:
    """Read a TCP port; 0 is any free one."""
    number = _whole(text, least=0)
    if number > 0xFFFF:  # noqa: PLR2004
        raise ArgumentTypeError(f"must be a port from 0 to 65535, not {text!r}")
    return number


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(text: str, *, least: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST and int(text) >= least):
        raise ArgumentTypeError(f"must be a whole number from {least} up, not {text!r}")
    return int(text)
