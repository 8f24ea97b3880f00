"""What stands in a column of a table: short texts made of a record's fields."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from tavus_async.cli.screen import texts

Column: TypeAlias = Callable[[Any], str | None]
"""Makes the text of a record; "" or None for what the server did not say."""


def field(*names: str) -> Column:
    """Return the column of the first of these fields that holds something."""
    return lambda record: next(filter(None, (texts.brief(getattr(record, name, None)) for name in names)), "")


def size(name: str) -> Column:
    """Return the column that tells how many items a field holds."""

    def count(record: Any) -> str:
        value = getattr(record, name, None)
        return "" if value is None else f"{len(value):,}"

    return count


def minute(name: str) -> Column:
    """Return the column of a point in time, to the minute and in UTC."""
    return lambda record: written(getattr(record, name, None), "%Y-%m-%d %H:%M")


def day(*names: str) -> Column:
    """Return the column of the day, in UTC, of the first of these points in time that is known."""
    return lambda record: next(filter(None, (written(getattr(record, name, None), "%Y-%m-%d") for name in names)), "")


def written(when: object, form: str) -> str:
    """Write a point in time in UTC; "" for anything else."""
    return f"{when.astimezone(UTC):{form}}" if isinstance(when, datetime) else ""
