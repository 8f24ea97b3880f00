"""Writes tables of `docs/performance.md` and the README from what was measured: `python -m benchmarks.document`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENT = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
PLOTS = ROOT / "docs" / "plots"
NO_GOAL = "–"
_BLOCK = re.compile(r"(?P<head><!-- bench: (?P<name>[\w ]+) -->\n).*?(?P<tail><!-- end -->)", re.DOTALL)


def number(value: float, unit: str = "") -> str:
    """Spell a number with as many digits as mean something."""
    if value == int(value) and abs(value) >= 10:
        text = f"{int(value):,}"
    elif abs(value) >= 100:
        text = f"{value:,.0f}"
    elif abs(value) >= 10:
        text = f"{value:.1f}"
    else:
        text = f"{value:.2f}".removesuffix(".00") if not unit else f"{value:.2f}"
    return f"{text} {unit}" if unit else text


def goal_of(line: Mapping[str, Any]) -> str:
    """Spell a goal."""
    if line["goal"] is None:
        return NO_GOAL
    return f"{'≥' if line['better'] == 'higher' else '≤'} {number(line['goal'], line['unit'])}"


def is_met(line: Mapping[str, Any]) -> bool | None:
    """Tell whether the median meets the goal; None where there is none. What must not be lost, never may."""
    if line["goal"] is None:
        return None
    if line["better"] == "higher":
        return bool(line["median"] >= line["goal"])
    return bool((line["median"] if line["goal"] else line["high"]) <= line["goal"])


def spread(line: Mapping[str, Any]) -> str:
    """Spell the lowest and the highest round."""
    return f"{number(line['low'])} … {number(line['high'])}"


def cells_of(line: Mapping[str, Any]) -> list[str]:
    """Make a line's cells."""
    verdict = {None: "", True: "yes", False: "no"}[is_met(line)]
    return [
        line["figure"],
        line["against"],
        number(line["median"], line["unit"]),
        spread(line),
        goal_of(line),
        verdict,
    ]


HEAD = ("figure", "against", "median", "lowest … highest", "goal", "met")


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    """Make a table, of which the first columns are words and the rest numbers."""
    rule = ["---"] * words + ["--:"] * (len(head) - words)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, rule, *rows])


def lines_table(part: Mapping[str, Any]) -> str:
    """Make the table of a part's lines."""
    return markdown(HEAD, [cells_of(line) for line in part["lines"]], 2)


def detail_table(part: Mapping[str, Any]) -> str:
    """Make the table of the numbers behind them."""
    table = part["table"]
    rows = [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in table["rows"]]
    return markdown(table["columns"], rows, 1)


def goals_table(parts: Mapping[str, Any]) -> str:
    """Make the table of every line that has a goal."""
    lines = [line for part in parts.values() for line in part["lines"] if line["goal"] is not None]
    return markdown(HEAD, [cells_of(line) for line in lines], 2)


def summary_table(parts: Mapping[str, Any]) -> str:
    """Make the README's table: what is measured most, beside what one would write by hand."""
    throughput, convergence = parts["throughput"]["table"], parts["convergence"]["table"]
    ours, by_hand = (row_of(throughput, name) for name in ("tavus_async", "hand-written aiohttp, get + json()"))
    fetched, looped = (
        row_of(convergence, name)
        for name in ("tavus_async, rate configured 5 × too high", "plain aiohttp loop, 3 attempts")
    )
    rows = [
        *(
            (f"calls per second, {column}", ours[place], by_hand[place])
            for place, column in enumerate(throughput["columns"][1:])
            if column in {"1 at once", "100 at once"}
        ),
        ("2,000 personas from a server that admits 200 a second: × the ideal time", fetched[0], looped[0]),
        ("… how many of them are lost", fetched[1], looped[1]),
    ]
    spelled = [[label, number(mine), number(theirs)] for label, mine, theirs in rows]
    return markdown(("", "tavus_async", "aiohttp by hand"), spelled, 1)


def row_of(table: Mapping[str, Any], name: str) -> list[float]:
    """Return the numbers of the row with this name."""
    [row] = [row for row in table["rows"] if row[0] == name]
    numbers: list[float] = row[1:]
    return numbers


def machine_line(machine: Mapping[str, Any]) -> str:
    """Say where it was measured."""
    return "Measured with " + ", ".join(f"{name} {value}" for name, value in machine.items()) + ".\n"


def blocks(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name every block that a document may hold, with its text."""
    yield "machine", machine_line(results["machine"])
    yield "goals", goals_table(results["parts"])
    yield "summary", summary_table(results["parts"])
    for name, part in results["parts"].items():
        yield f"{name} lines", lines_table(part)
        yield f"{name} details", detail_table(part)


def write(document: str, results: Mapping[str, Any]) -> str:
    """Make a document's blocks anew."""
    return fill(document, dict(blocks(results)))


def fill(document: str, texts: Mapping[str, str]) -> str:
    """Put texts in place of the blocks of their names."""
    return _BLOCK.sub(lambda found: found["head"] + texts[found["name"]] + found["tail"], document)


def load() -> dict[str, Any]:
    """Read the results of the last whole run."""
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def rewrite() -> None:
    """Bring the documents up to date."""
    for page in (DOCUMENT, README):
        page.write_text(write(page.read_text(encoding="utf-8"), load()), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
