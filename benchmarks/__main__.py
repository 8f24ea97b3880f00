"""Runs the benchmarks: `make bench`, or some of them: `make bench ARGS="throughput decode"`.

What is measured replaces its part of `benchmarks/results.json`, and the plots and tables are made anew.
`--quick` only shows that everything works: its figures mean little, and are not written.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import document
from benchmarks.figures import Part, Scale, machine

PARTS = ("throughput", "convergence", "limits", "decode", "large_bodies", "webhooks", "memory", "import_time", "layers")


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    """Set a table for a terminal: words to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    texts = [
        "  ".join(
            cell.ljust(width) if index < words else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]
    return "\n".join(texts)


def show(part: Mapping[str, Any]) -> str:
    """Show a part: its lines, and the numbers behind them."""
    table = part["table"]
    rows = [[cell if isinstance(cell, str) else document.number(cell) for cell in row] for row in table["rows"]]
    lines = columns(document.HEAD, [document.cells_of(line) for line in part["lines"]], 2)
    return f"{lines}\n\n{columns(table['columns'], rows, 1)}"


def measure(name: str, scale: Scale) -> dict[str, Any]:
    """Run one part, and show what it gives."""
    started = time.monotonic()
    sys.stdout.write(f"== {name}\n")
    sys.stdout.flush()
    part: Part = importlib.import_module(f"benchmarks.{name}").run(scale)
    values: dict[str, Any] = json.loads(json.dumps(part.to_dict()))
    sys.stdout.write(f"{show(values)}\n({time.monotonic() - started:.0f} s)\n\n")
    return values


def store(found: Mapping[str, Any]) -> None:
    """Write the results, beside those of other parts if they are of the same machine; plots and tables follow."""
    from benchmarks import plots  # noqa: PLC0415 (it loads matplotlib, which the measurements are better off without)

    here = machine()
    old = document.load() if document.RESULTS.exists() else {"machine": here, "parts": {}}
    kept = old["parts"] if old["machine"] == here else {}
    parts = {name: found.get(name, kept.get(name)) for name in PARTS if name in found or name in kept}
    results = {"machine": here, "parts": parts}
    document.RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    plots.draw(parts, document.PLOTS)
    if parts.keys() == set(PARTS):
        document.rewrite()


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        prog="benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}; none means all")
    parser.add_argument("--quick", action="store_true", help="a short run, which is not written down")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    found = {name: measure(name, Scale(quick=options.quick)) for name in options.parts or PARTS}
    goals = [document.is_met(line) for part in found.values() for line in part["lines"]]
    sys.stdout.write(f"goals met: {goals.count(True)} of {len(goals) - goals.count(None)}\n")
    if not options.quick:
        store(found)


if __name__ == "__main__":
    main()
