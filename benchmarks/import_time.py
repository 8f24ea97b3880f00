"""The time of `import tavus_async` against that of `import aiohttp`, each in fresh interpreters."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Line, Part, Scale, Table, ratios

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import time
started = time.process_time()
import {module}
print((time.process_time() - started) * 1e3)
"""


def milliseconds(module: str, cache: str) -> float:
    """Tell the processor's milliseconds of an import in a fresh interpreter."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(module=module)],
        env=environment | {"PYTHONPYCACHEPREFIX": cache},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def run(scale: Scale) -> Part:
    """Run this part. Compiled files are there for both, as after any first import."""
    modules = ("tavus_async", "aiohttp")
    found: dict[str, list[float]] = {module: [] for module in modules}
    with tempfile.TemporaryDirectory() as cache:
        for number in range(scale(25, 5) + 1):
            for module in modules:
                taken = milliseconds(module, cache)
                if number:
                    found[module].append(taken)
    line = Line.of(
        ratios(found["tavus_async"], found["aiohttp"]),
        figure="import tavus_async",
        against="import aiohttp, which the first session loads",
        unit="×",
        goal=0.9,
        better="lower",
    )
    rows: list[list[str | float]] = [
        [f"import {module}", round(statistics.median(taken), 1)] for module, taken in found.items()
    ]
    return Part(lines=[line], table=Table(["in a fresh interpreter", "CPU ms"], rows))
