"""Writes the tables of `docs/fleet.md` from what was measured: `python -m benchmarks.fleet.document`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks import document

RESULTS = document.ROOT / "benchmarks" / "fleet.json"
PAGE = document.ROOT / "docs" / "fleet.md"
PLOTS = document.PLOTS / "fleet"
HEAD = ("figure", "measured", "goal", "met")


def cells_of(line: Mapping[str, Any]) -> list[str]:
    """Make the cells of a figure that was measured once."""
    figure, _, measured, _, goal, verdict = document.cells_of(line)
    return [figure, measured, goal, verdict]


def lines_table(part: Mapping[str, Any]) -> str:
    """Make the table of a part's goals."""
    return document.markdown(HEAD, [cells_of(line) for line in part["lines"]], 1)


def summary(parts: Mapping[str, Any]) -> str:
    """Count the goals, and name those that were missed."""
    lines = [line for part in parts.values() for line in part["lines"]]
    missed = [cells_of(line) for line in lines if document.is_met(line) is False]
    text = f"Goals met: {len(lines) - len(missed)} of {len(lines)}.\n"
    return f"{text}\n{document.markdown(HEAD, missed, 1)}" if missed else text


def blocks(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name every block that the page may hold, with its text."""
    yield "machine", document.machine_line(results["machine"])
    yield "goals", summary(results["parts"])
    for name, part in results["parts"].items():
        yield f"{name} lines", lines_table(part)
        yield f"{name} details", document.detail_table(part)


def write(page: str, results: Mapping[str, Any]) -> str:
    """Make a page's blocks anew."""
    return document.fill(page, dict(blocks(results)))


def load() -> dict[str, Any]:
    """Read the results of the last whole run."""
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def rewrite() -> None:
    """Bring the page up to date."""
    PAGE.write_text(write(PAGE.read_text(encoding="utf-8"), load()), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
