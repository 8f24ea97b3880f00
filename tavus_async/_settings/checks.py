"""Checks of settings, as attrs validators; each raises ConfigurationError."""

import sys
from typing import Any, TypeGuard

import attrs

from tavus_async.errors import ConfigurationError, TavusError

LOWEST_RATE = 1e-9
"""Attempts per second; so few are one in thirty years."""


def positive(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Take a finite number above 0."""
    if not is_number(value) or value <= 0:
        refuse(instance, attribute, "a number above 0", value)


def rate(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Take a finite number of which the inverse is one as well: from LOWEST_RATE up."""
    if not is_number(value) or value < LOWEST_RATE:
        refuse(instance, attribute, f"a number above 0, and not below {LOWEST_RATE}", value)


def positive_or_none(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Take a finite number above 0, or None."""
    if value is not None:
        positive(instance, attribute, value)


def not_negative_or_none(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Take a finite number from 0 up, or None."""
    if value is not None:
        not_negative(instance, attribute, value)


def not_negative(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Take a finite number from 0 up."""
    if not is_number(value) or value < 0:
        refuse(instance, attribute, "a number from 0 up", value)


def count(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Take a whole number from 1 up."""
    if type(value) is not int or not 1 <= value <= sys.float_info.max:
        refuse(instance, attribute, "a whole number from 1 up", value)


def flag(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Take True or False."""
    if type(value) is not bool:
        refuse(instance, attribute, "True or False", value)


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether this is a number that a float can hold; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return -sys.float_info.max <= value <= sys.float_info.max


def refuse(instance: object, attribute: "attrs.Attribute[Any]", expected: str, value: object) -> None:
    """Raise the error that names the setting, what it takes, and what it was given."""
    message = f"{type(instance).__name__}.{attribute.name} must be {expected}, not {value!r}"
    raise ConfigurationError(message)


def of_kind(
    name: str, value: object, kind: type | tuple[type, ...], *, error: type[TavusError] = ConfigurationError
) -> None:
    """Take an argument of the right class; raise *error* for any other."""
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = " or ".join(kind.__name__ for kind in kinds)
        article = "an" if names[0] in "AEIOU" else "a"
        raise error(f"{name} must be {article} {names}, not a {type(value).__name__}")


def is_text(value: object) -> TypeGuard[str]:
    """Tell whether this is a string, whatever a type checker was told."""
    return isinstance(value, str)
