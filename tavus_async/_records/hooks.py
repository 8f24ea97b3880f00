"""What each type of field takes: the functions that make its values of JSON values."""

import sys
from datetime import datetime
from typing import Any

from tavus_async._records.immutable import FrozenDict, freeze
from tavus_async._records.json import is_object
from tavus_async._records.secrets import Secret, hide_values
from tavus_async._records.timestamp import ASSUMED_UTC, USUAL, EpochTimestamp, parse_timestamp


class WrongTypeError(TypeError):
    """A value that a field does not take; it goes to the record's extra."""


def structure_text(value: Any, _kind: Any) -> str:
    """Read a string."""
    if type(value) is not str:
        raise WrongTypeError
    return value


def structure_secret(value: Any, kind: Any) -> Secret:
    """Read a secret as the server shows it: it may be masked or shortened in any way."""
    if isinstance(value, Secret):
        return value
    return Secret(structure_text(value, kind), is_masked=True)


def structure_secrets(value: Any, _kind: Any) -> FrozenDict:
    """Read an object whose values are secrets, some of them with asterisks."""
    if not is_object(value):
        raise WrongTypeError
    return FrozenDict(hide_values(freeze(value)))


def structure_bool(value: Any, _kind: Any) -> bool:
    """Read a boolean, or one spelled as a string."""
    if type(value) is bool:
        return value
    if value == "true":
        return True
    if value == "false":
        return False
    raise WrongTypeError


def structure_int(value: Any, _kind: Any) -> int:
    """Read a whole number."""
    if type(value) is not int:
        raise WrongTypeError
    return value


def structure_number(value: Any, _kind: Any) -> float:
    """Read a number that a float can hold, so that one can reckon with it."""
    if type(value) is not float and (type(value) is not int or not -sys.float_info.max <= value <= sys.float_info.max):
        raise WrongTypeError
    return value


def structure_number_or_text(value: Any, kind: Any) -> float | str:
    """Read a number or a string."""
    return value if type(value) is str else structure_number(value, kind)


def structure_timestamp(value: Any, _kind: Any) -> datetime:
    """Read a timestamp in any spelling that the API uses, or as other readers, such as YAML's, make it."""
    if value.__class__ is str:
        # As in 2026-03-02T09:15:41.120934Z: of this form the standard library takes nothing else, but what follows a
        # null.
        is_usual = (
            len(value) == USUAL and value[19] == "." and value[10] == "T" and value[26] == "Z" and value[7] == "-"
        )
        return datetime.fromisoformat(value) if is_usual and "\0" not in value else parse_timestamp(value)
    if not isinstance(value, datetime):
        raise WrongTypeError
    return value if value.tzinfo else value.replace(tzinfo=ASSUMED_UTC)


def structure_instant(value: Any, kind: Any) -> datetime:
    """Read a timestamp as `structure_timestamp` does, or a number of seconds since 1970."""
    if value.__class__ is float or value.__class__ is int:
        return EpochTimestamp.of(value)
    return structure_timestamp(value, kind)


def structure_any(value: Any, _kind: Any) -> Any:
    """Read any JSON value."""
    return freeze(value)


def structure_object(value: Any, _kind: Any) -> Any:
    """Read a JSON object."""
    if not is_object(value):
        raise WrongTypeError
    return freeze(value)


def structure_texts(value: Any, _kind: Any) -> tuple[str, ...]:
    """Read a list of strings."""
    if value.__class__ is not list:
        raise WrongTypeError
    for item in value:
        if item.__class__ is not str:
            raise WrongTypeError
    return tuple(value)


def structure_texts_or_objects(value: Any, _kind: Any) -> tuple[Any, ...]:
    """Read a list in which each item is a string or a JSON object."""
    if value.__class__ is not list:
        raise WrongTypeError
    for item in value:
        if item.__class__ is not str and item.__class__ is not dict:
            raise WrongTypeError
    return tuple(map(freeze, value))


def structure_objects(value: Any, _kind: Any) -> tuple[Any, ...]:
    """Read a list of JSON objects."""
    if value.__class__ is not list:
        raise WrongTypeError
    for item in value:
        if item.__class__ is not dict:
            raise WrongTypeError
    return tuple(map(freeze, value))
