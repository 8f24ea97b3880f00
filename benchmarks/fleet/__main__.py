"""Measures a limit that many processes share: `make bench-fleet`, or a part: `make bench-fleet ARGS="faults"`.

What is measured replaces its part of `benchmarks/fleet.json`, and the plots and tables of `docs/fleet.md` are made
anew. `--quick` only shows that everything works: its figures mean little, and are not written.
"""

import argparse
import importlib
import json
import platform
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from benchmarks import document as words
from benchmarks.__main__ import columns
from benchmarks.figures import Part, Scale
from benchmarks.fleet import document

PARTS = ("calm", "faults", "waits", "refusals", "sessions", "bulk")
VERSIONS = ("aiohttp", "redis", "throttled-py", "pyrate-limiter", "pydocket")


def machine(server: str) -> dict[str, Any]:
    """Describe where this was measured, as far as it matters to the figures."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "server": server,
        **{name: version(name) for name in VERSIONS},
    }


def show(part: Mapping[str, Any]) -> str:
    """Show a part for a terminal: its goals, and the numbers behind them."""
    table = part["table"]
    rows = [[cell if isinstance(cell, str) else words.number(cell) for cell in row] for row in table["rows"]]
    goals = columns(document.HEAD, [document.cells_of(line) for line in part["lines"]], 1)
    return f"{goals}\n\n{columns(table['columns'], rows, 1)}"


def measure(name: str, scale: Scale, redis: Any) -> dict[str, Any]:
    """Run one part, and show what it gives."""
    started = time.monotonic()
    sys.stdout.write(f"== {name}\n")
    sys.stdout.flush()
    part: Part = importlib.import_module(f"benchmarks.fleet.{name}").run_part(scale, redis)
    values: dict[str, Any] = json.loads(json.dumps(part.to_dict()))
    sys.stdout.write(f"{show(values)}\n({time.monotonic() - started:.0f} s)\n\n")
    sys.stdout.flush()
    return values


def store(found: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Write the results, beside those of other parts if they are of the same machine; plots and the page follow."""
    from benchmarks.fleet import plots  # noqa: PLC0415 (it loads matplotlib, which the measurements are better off without)

    old = document.load() if document.RESULTS.exists() else {"machine": here, "parts": {}}
    kept = old["parts"] if old["machine"] == here else {}
    parts = {name: found.get(name, kept.get(name)) for name in PARTS if name in found or name in kept}
    results = {"machine": here, "parts": parts}
    document.RESULTS.write_text(json.dumps(results, ensure_ascii=False) + "\n", encoding="utf-8")
    plots.draw(parts, document.PLOTS)
    if parts.keys() == set(PARTS):
        document.rewrite()


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.fleet", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one of {', '.join(PARTS)}; none means all")
    parser.add_argument("--quick", action="store_true", help="a short run, which is not written down")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    from benchmarks.fleet.redis_server import MissingProgramError, RedisServer  # noqa: PLC0415 (--help needs no Redis)

    try:
        with RedisServer() as redis:
            here = machine(redis.version())
            found = {name: measure(name, Scale(quick=options.quick), redis) for name in options.parts or PARTS}
    except MissingProgramError as error:
        parser.exit(1, f"{error}\n")
    goals = [words.is_met(line) for part in found.values() for line in part["lines"]]
    sys.stdout.write(f"goals met: {goals.count(True)} of {len(goals) - goals.count(None)}\n")
    if not options.quick:
        store(found, here)


if __name__ == "__main__":
    main()
