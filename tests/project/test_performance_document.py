"""`docs/performance.md` says what `benchmarks/results.json` holds, in so many words."""

import re
from pathlib import Path

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


@pytest.mark.parametrize("page", [document.DOCUMENT, document.README], ids=lambda page: page.name)
def test_the_tables_are_those_of_the_last_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert "<!-- bench: " in text
    assert document.write(text, document.load()) == text, "write them anew: python -m benchmarks.document"


def test_every_table_and_plot_of_the_document_exists() -> None:
    text = document.DOCUMENT.read_text(encoding="utf-8")
    plots = re.findall(r"""(?:src|srcset)="(plots/[\w-]+\.svg)\"""", text)

    assert sorted(plots) == sorted(f"plots/{path.name}" for path in document.PLOTS.glob("*.svg"))
    assert set(re.findall(r"<!-- bench: ([\w ]+) -->", text)) <= dict(document.blocks(document.load())).keys()


@pytest.mark.parametrize("path", sorted(document.PLOTS.glob("*.svg")), ids=lambda path: path.stem)
def test_every_plot_says_what_it_shows_and_has_the_ground_of_its_page(path: Path) -> None:
    svg = path.read_text(encoding="utf-8")
    words = re.findall(r"<text[^>]*>(.*?)</text>", svg)
    ground = re.search(r'id="patch_1">\s*<path d="[^"]*"\s*(?:style="([^"]*)")?', svg)

    assert any("is better" in text for text in words)
    assert path.stem.startswith(("limits", "memory")) or any("median of the rounds" in text for text in words)
    assert ground is None or "fill: none" in (ground[1] or "") or "opacity: 0" in (ground[1] or "")
    assert path.with_stem(f"{path.stem.removesuffix('-dark')}-dark").is_file()


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
