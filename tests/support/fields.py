"""The names of a record's fields."""

import attrs

from tavus_async.models import Record


def names_of(record: Record | type[Record]) -> tuple[str, ...]:
    """Those that stand for fields of a body."""
    kind = record if isinstance(record, type) else type(record)
    return tuple(field.name for field in attrs.fields(kind) if field.name not in {"extra", "_wire_names"})
