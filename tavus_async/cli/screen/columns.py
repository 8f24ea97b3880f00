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


def size(*names: str) -> Column:
    """Return the column of a number, or of how many items there are, in the first of these fields that says so."""

    def count(record: Any) -> str:
        found = next((value for name in names if (value := getattr(record, name, None)) is not None), "")
        return f"{found if isinstance(found, int) else len(found):,}" if found != "" else ""

    return count


def items(name: str, inner: str) -> Column:
    """Return the column that names the items which a field holds, each by a field of its own."""
    return lambda record: texts.cut(", ".join(filter(None, map(field(inner), getattr(record, name, None) or ()))))


def minute(name: str) -> Column:
    """Return the column of a point in time, to the minute and in UTC."""
    return lambda record: written(getattr(record, name, None), "%Y-%m-%d %H:%M")


def day(*names: str) -> Column:
    """Return the column of the day, in UTC, of the first of these points in time that is known."""
    return lambda record: next(filter(None, (written(getattr(record, name, None), "%Y-%m-%d") for name in names)), "")


def written(when: object, form: str) -> str:
    """Write a point in time in UTC; "" for anything else."""
    return f"{when.astimezone(UTC):{form}}" if isinstance(when, datetime) else ""
