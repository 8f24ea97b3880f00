"""What stands in a column of a table."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from tavus_async.cli.screen import columns
from tavus_async.cli.screen.columns import Column

EAST = timezone(timedelta(hours=9))
RECORD = SimpleNamespace(
    status="ready\n!",
    empty=None,
    tags=("a", "b"),
    number=1234,
    parts=(SimpleNamespace(name="x"), SimpleNamespace(name=None), SimpleNamespace(name="y")),
    at=datetime(2026, 1, 2, 3, 4, tzinfo=EAST),
)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (columns.field("status"), "ready !"),
        (columns.field("empty", "status"), "ready !"),
        (columns.field("missing"), ""),
        (columns.field("tags"), "a; b"),
        (columns.size("tags"), "2"),
        (columns.size("empty", "number"), "1,234"),
        (columns.size("empty"), ""),
        (columns.items("parts", "name"), "x, y"),
        (columns.items("empty", "name"), ""),
        (columns.minute("at"), "2026-01-01 18:04"),
        (columns.day("empty", "at"), "2026-01-01"),
        (columns.day("empty"), ""),
        (columns.minute("status"), ""),
    ],
)
def test_a_column_is_a_short_text(column: Column, text: str) -> None:
    assert column(RECORD) == text


def test_what_the_server_did_not_say_is_empty() -> None:
    made: list[Any] = [columns.field("x"), columns.size("x"), columns.items("x", "y"), columns.minute("x")]

    assert [column(SimpleNamespace()) for column in made] == [""] * 4
    assert columns.written(datetime(2026, 1, 2, tzinfo=UTC), "%d.%m.") == "02.01."
