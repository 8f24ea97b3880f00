"""Validators of the settings of a sandbox, for attrs fields; each raises ConfigurationError."""

from collections.abc import Callable
from typing import Any, get_args

from attrs import Attribute

from tavus_async._settings.checks import is_number, is_one_of, not_negative, refuse

__all__ = ["count_or_zero", "instance_of", "key", "one_of", "port", "probability", "retry_after", "texts"]


def key(instance: object, attribute: "Attribute[str]", value: object) -> None:
    """Validate an API key, which must not be told."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or value.split() != [value]:
        refuse(instance, attribute, "printable ASCII without spaces", "something else")


def instance_of(kind: type) -> Callable[[object, "Attribute[Any]", object], None]:
    """Return what validates the class of a setting."""

    def check(instance: object, attribute: "Attribute[Any]", value: object) -> None:
        if not isinstance(value, kind):
            refuse(instance, attribute, f"of type {kind.__name__}", value)

    return check


def one_of(literal: object) -> Callable[[object, "Attribute[Any]", object], None]:
    """Return what validates a setting that has one of the values of a *literal* type."""

    def check(instance: object, attribute: "Attribute[Any]", value: object) -> None:
        if not is_one_of(value, get_args(literal)):
            refuse(instance, attribute, f"one of {', '.join(get_args(literal))}", value)

    return check


def retry_after(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    """Validate the wait that a 429 asks for."""
    if value is not None and not is_one_of(value, ("exact",)):
        not_negative(instance, attribute, value)


def port(instance: object, attribute: "Attribute[int]", value: object) -> None:
    """Validate a port."""
    if type(value) is not int or value not in range(65536):
        refuse(instance, attribute, "a port from 0 to 65535", value)


def probability(instance: object, attribute: "Attribute[float]", value: object) -> None:
    """Validate a number from 0 to 1."""
    if not is_number(value) or not 0 <= value <= 1:
        refuse(instance, attribute, "a probability from 0 to 1", value)


def texts(instance: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[object, ...]) -> None:
    """Validate strings in a sequence."""
    if not all(isinstance(text, str) for text in value):
        refuse(instance, attribute, "a sequence of strings", value)


def count_or_zero(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    """Validate an int from 0 up."""
    if type(value) is not int or value < 0:
        refuse(instance, attribute, "a whole number from 0 up", value)
