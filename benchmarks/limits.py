"""What is used of servers that refuse: thousands of simulated ones, and some over sockets, which have goals."""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from benchmarks import document
from benchmarks.figures import Line, Part, Scale, Table
from benchmarks.limits_against import UnknownRevisionError, simulate_revision
from benchmarks.limits_kinds import KINDS
from benchmarks.limits_scenarios import SCENARIOS, SECONDS, Figure, Goal
from benchmarks.limits_simulated import simulate_all
from benchmarks.limits_sockets import AT_ONCE, measure_all
from benchmarks.limits_statistics import Outcome, summarize

REVISION = "a2b5215"
"""Of the limiter to compare with, which takes every 429 for an empty bucket."""
# For each figure: what is measured, against what, and its unit.
WORDS: Mapping[Figure, tuple[str, str, str]] = {
    "used": ("used", "what could be admitted", ""),
    "settled": ("used after 10 s", "what could be admitted", ""),
    "steady": ("used in the least 5 s after 10 s", "what could be admitted", ""),
    "evenness": ("the lesser session's", "the other's", ""),
    "times_ideal": ("time", "the ideal", "×"),
}
COLUMNS = ("used", "5 % below", "least", "429s per 100", "share")


def simulate(servers: int) -> dict[str, Any]:
    """Simulate so many servers of each kind, with this package and with the one to compare with."""
    same = {"revision": REVISION, "servers": servers, "program": digest()}
    words = {name: kind.words for name, kind in KINDS.items()}
    now = summaries(simulate_all(list(KINDS), range(servers)))
    return same | {"words": words, "before": before(same), "now": now}


def before(same: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summaries of the package to compare with: those kept, if they are of the same servers.

    Where git does not know it, as in a copy of this project without its history, those kept are all there is.
    """
    kept = kept_results()
    if kept and same.items() <= kept.items():
        return dict(kept["before"])
    try:
        return summaries(simulate_revision(REVISION, ["--servers", str(same["servers"])]))
    except UnknownRevisionError as error:
        if not kept:
            raise
        sys.stderr.write(f"{error}: the figures to compare with are those of the last run that had it\n")
        return dict(kept["before"])


def kept_results() -> Mapping[str, Any]:
    """Return what the last run found, if there was one."""
    results = json.loads(document.RESULTS.read_text(encoding="utf-8")) if document.RESULTS.exists() else {"parts": {}}
    data: Mapping[str, Any] = results["parts"].get("limits", {"data": {}})["data"]
    return data


def summaries(found: Mapping[str, list[Outcome]]) -> dict[str, Any]:
    """Summarize each kind, as JSON values."""
    return {kind: attrs.asdict(summarize(outcomes)) for kind, outcomes in found.items()}


def digest() -> str:
    """Return what changes when the simulation does."""
    names = ("buckets", "kinds", "servers", "simulated", "statistics")
    files = [Path(__file__).with_name(f"limits_{name}.py") for name in names]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def table_of(data: Mapping[str, Any]) -> Table:
    """Set the simulated kinds side by side: the package to compare with, and this one."""
    columns = [f"each of {data['servers']} servers", *(f"{name}: before" for name in COLUMNS), *COLUMNS]
    rows = [[kind.words, *row_of(data["before"].get(name)), *row_of(data["now"][name])] for name, kind in KINDS.items()]
    return Table(columns, rows)


def row_of(summary: Mapping[str, Any] | None) -> list[str]:
    """Spell a summary; a kind that the kept figures do not have is left open."""
    if summary is None:
        return [document.NO_GOAL] * len(COLUMNS)
    shares = [f"{summary[name]:.3f}" for name in ("mean", "low", "least")]
    is_shared = summary["uneven"] < 1
    return [*shares, f"{summary['refused']:.2f}", f"{summary['evenness']:.2f}" if is_shared else ""]


def lines_of(found: Mapping[str, Sequence[Outcome]]) -> Iterator[Line]:
    """Make the lines of what was measured over sockets: those with goals first."""
    for name, outcomes in found.items():
        for goal in SCENARIOS[name].goals:
            yield line_of(name, outcomes, goal.figure, goal)
    for name, outcomes in found.items():
        if not SCENARIOS[name].goals:
            yield line_of(name, outcomes, "used", None)
            if SCENARIOS[name].clients > 1:
                yield line_of(name, outcomes, "evenness", None)


def line_of(name: str, outcomes: Sequence[Outcome], figure: Figure, goal: Goal | None) -> Line:
    """Make a line of one figure."""
    words, against, unit = WORDS[figure]
    return Line.of(
        [getattr(outcome, figure) for outcome in outcomes],
        figure=f"{SCENARIOS[name].words}: {words}",
        against=against,
        unit=unit,
        goal=goal.bound if goal else None,
        better=goal.better if goal else "higher",
    )


def run(scale: Scale) -> Part:
    """Run this part."""
    data = simulate(scale(100, 2))
    names = list(SCENARIOS)
    at_once = scale(AT_ONCE, len(names))
    found = measure_all(names, scale(SECONDS, 16), at_once=at_once, is_repeated=not scale.quick)
    measured = {name: [attrs.asdict(outcome) for outcome in outcomes] for name, outcomes in found.items()}
    return Part(lines=list(lines_of(found)), table=table_of(data), data=data | {"over sockets": measured})
