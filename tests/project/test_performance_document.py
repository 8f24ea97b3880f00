"""`docs/performance.md` says what `benchmarks/results.json` holds, in so many words."""

import re

import pytest

from benchmarks import document

LINE = {
    "figure": "calls",
    "against": "a loop",
    "unit": "x",
    "median": 1.5,
    "low": 1.0,
    "high": 12.25,
    "goal": 1.0,
    "better": "higher",
}


def test_the_tables_are_those_of_the_last_run() -> None:
    text = document.DOCUMENT.read_text(encoding="utf-8")

    assert document.write(text, document.load()) == text, "write them anew: python -m benchmarks.document"


def test_every_table_and_plot_of_the_document_exists() -> None:
    text = document.DOCUMENT.read_text(encoding="utf-8")
    plots = re.findall(r"\]\((plots/\w+\.svg)\)", text)

    assert len(plots) == len(list(document.PLOTS.glob("*.svg"))) == 3
    assert all((document.DOCUMENT.parent / plot).is_file() for plot in plots)
    assert set(re.findall(r"<!-- bench: ([\w ]+) -->", text)) <= dict(document.blocks(document.load())).keys()


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({}, ["1.50 x", "1 … 12.2", "≥ 1.00 x", "yes"]),
        ({"median": 0.999}, ["1.00 x", "1 … 12.2", "≥ 1.00 x", "no"]),
        ({"goal": 2, "better": "lower"}, ["1.50 x", "1 … 12.2", "≤ 2.00 x", "yes"]),
        ({"goal": None}, ["1.50 x", "1 … 12.2", document.NO_GOAL, ""]),
        ({"goal": 0, "better": "lower", "median": 0, "low": 0, "high": 1, "unit": ""}, ["0", "0 … 1", "≤ 0", "no"]),
    ],
)
def test_a_line_says_whether_its_goal_is_met(changes: dict[str, object], cells: list[str]) -> None:
    assert document.cells_of(LINE | changes)[2:] == cells


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0, "", "0"), (3.14159, "", "3.14"), (31.4159, "MiB", "31.4 MiB"), (314.159, "", "314"), (8123, "", "8,123")],
)
def test_numbers_have_the_digits_that_mean_something(value: float, unit: str, text: str) -> None:
    assert document.number(value, unit) == text
