"""Validators of settings, for attrs fields; each raises ConfigurationError."""

import sys
from collections.abc import Callable, Collection
from types import ModuleType, NoneType
from typing import Any, TypeGuard

import attrs
from attrs.validators import optional

from tavus_async._records.secrets import shown
from tavus_async.errors import ConfigurationError, InvalidRequestError, TavusError

LOWEST_RATE = 1e-9
"""Attempts per second, one in thirty years: the inverse of a lower rate may be no finite number."""

# Characters of a text that is shown: what is longer may be a secret in the wrong place, or a whole document.
LONGEST_WORD = 11
# Characters of anything else that is shown.
LONGEST_REPR = 40

# Packages whose classes go by their names alone.
NEAR = frozenset({"__main__", "builtins", "collections", "tavus_async"})


def positive(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Validate a finite number above 0."""
    if not is_number(value) or value <= 0:
        refuse(instance, attribute, "a number above 0", value)


positive_or_none: Callable[[object, "attrs.Attribute[Any]", object], None] = optional(positive)


def rate(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Validate a finite number from LOWEST_RATE up."""
    if not is_number(value) or value < LOWEST_RATE:
        refuse(instance, attribute, f"a number above 0, and not below {LOWEST_RATE}", value)


def not_negative(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Validate a finite number from 0 up."""
    if not is_number(value) or value < 0:
        refuse(instance, attribute, "a number from 0 up", value)


def not_negative_or_none(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Validate a finite number from 0 up, or None."""
    if value is not None:
        not_negative(instance, attribute, value)


def count(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Validate an int from 1 up that a float can hold."""
    if type(value) is not int or not 1 <= value <= sys.float_info.max:
        refuse(instance, attribute, "a whole number from 1 up", value)


def flag(instance: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    """Validate True or False, and nothing that is merely equal to one."""
    if type(value) is not bool:
        refuse(instance, attribute, "True or False", value)


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether this is a number that a float can hold; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return -sys.float_info.max <= value <= sys.float_info.max


def is_text(value: object) -> TypeGuard[str]:
    """Return whether this is a string, whatever a type checker was told."""
    return isinstance(value, str)


def is_blank(value: object) -> bool:
    """Return whether this is a text with nothing in it but white space."""
    return is_text(value) and not value.strip()


def is_one_of(value: object, words: Collection[object]) -> bool:
    """Return whether this is one of some words; anything but a text is none, whatever it says of being equal."""
    return value in words if value.__class__ is str else is_text(value) and str.__str__(value) in words


def refuse(instance: object, attribute: "attrs.Attribute[Any]", expected: str, value: object) -> None:
    """Raise the error that names the setting, what it may be, and what it was given."""
    raise ConfigurationError(f"{type(instance).__name__}.{attribute.name} must be {expected}, not {display(value)}")


def of_kind(
    name: str, value: object, kind: type | tuple[type, ...], *, error: type[TavusError] = ConfigurationError
) -> None:
    """Validate the class of an argument, which may be in a Hidden; raise *error* for another."""
    if not isinstance(shown(value), kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        expected = " or ".join("None" if kind is NoneType else _with_article(kind.__name__) for kind in kinds)
        raise error(f"{name} must be {expected}, not {describe(shown(value))}")


def display(value: object) -> str:
    """Return the repr of a short text or number; of anything else what it is: it may be a secret in the wrong place.

    So it does of what Python makes no repr of, such as a number of 5,000 digits.
    """
    if isinstance(value, str):
        text = str.__str__(value)
        return repr(text) if len(text) <= LONGEST_WORD else f"a text of {len(text):,} characters"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 (a class of the caller's may raise anything)
        return describe(value)
    is_short = len(text) <= (LONGEST_REPR if isinstance(value, (int, float)) else LONGEST_WORD)
    return text if is_short else describe(value)


def describe(value: object) -> str:
    """Return what a value is, as in `an httpx.AsyncClient`, without showing it."""
    if value is None:
        return "None"
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    kind = type(value)
    package = kind.__module__.partition(".")[0]
    return _with_article(kind.__name__ if package in NEAR else f"{package}.{kind.__name__}")


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOUaeiou' or name.startswith('http') else 'a'} {name}"


def check_seconds(name: str, value: float | None, *, is_needed: bool = False) -> None:
    """Validate a number of seconds, or, unless it *is_needed*, None; InvalidRequestError for anything else."""
    if (is_needed or value is not None) and (not is_number(value) or value <= 0):
        raise InvalidRequestError(f"{name} must be a number of seconds above 0, not {display(value)}")
