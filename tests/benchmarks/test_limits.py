"""The part of the benchmarks about limits: its lines, its table, and the figures that are kept to compare with."""

import random
from collections.abc import Sequence
from typing import Any

import attrs
import pytest

from benchmarks import document, limits
from benchmarks.limits_against import UnknownRevisionError
from benchmarks.limits_kinds import KINDS
from benchmarks.limits_scenarios import BURST, RATE, SCENARIOS, SECONDS
from benchmarks.limits_sockets import judge, measure
from benchmarks.limits_statistics import Outcome, summarize

OUTCOME = Outcome(used=0.9, settled=0.96, steady=0.7, evenness=0.4, refused=1.0, lost=0.0)
SUMMARIES: dict[str, Any] = {kind: attrs.asdict(summarize([OUTCOME])) for kind in KINDS}
SAME = {"revision": limits.REVISION, "servers": 7, "program": "one"}


def test_every_goal_has_a_line_that_says_whether_it_is_met() -> None:
    lines = list(limits.lines_of({name: [OUTCOME] for name in SCENARIOS}))
    goals = [(goal.figure, goal.bound) for scenario in SCENARIOS.values() for goal in scenario.goals]
    verdicts = {line.figure: document.is_met(attrs.asdict(_values(line))) for line in lines}

    assert [line.goal for line in lines if line.goal is not None] == [bound for _, bound in goals]
    assert len(verdicts) == len(lines) >= len(SCENARIOS)
    assert verdicts["a random 1 % refused: used"]
    assert not verdicts["a random 0.1 % refused: used"]
    assert verdicts["a bucket of 40/s: used after 10 s"]
    assert verdicts["a random 5 % refused: used"] is None


@attrs.frozen
class _Values:
    median: float
    high: float
    goal: float | None
    better: str


def _values(line: Any) -> _Values:
    return _Values(line.median, line.high, line.goal, line.better)


def test_the_table_has_both_packages_side_by_side() -> None:
    table = limits.table_of(SAME | {"before": SUMMARIES, "now": SUMMARIES})

    assert [row[0] for row in table.rows] == [kind.words for kind in KINDS.values()]
    assert {len(row) for row in table.rows} == {len(table.columns)} == {11}
    assert list(table.rows[0][1:6]) == list(table.rows[0][6:]) == ["0.900", "0.900", "0.900", "1.00", "0.40"]


def test_a_kind_that_was_not_simulated_before_is_left_open() -> None:
    kept = {name: summary for name, summary in SUMMARIES.items() if name != "honest"}
    table = limits.table_of(SAME | {"before": kept, "now": SUMMARIES})

    assert [list(row[1:6]) for row in table.rows if document.NO_GOAL in row] == [[document.NO_GOAL] * 5]


def unknown(_revision: str, _arguments: Sequence[str]) -> dict[str, list[Outcome]]:
    raise UnknownRevisionError("git knows no such revision here")


def test_figures_of_the_same_servers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "kept_results", lambda: SAME | {"before": SUMMARIES, "now": {}})
    monkeypatch.setattr(limits, "simulate_revision", unknown)

    assert limits.before(SAME) == SUMMARIES


def test_figures_of_other_servers_are_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def simulate(_revision: str, arguments: Sequence[str]) -> dict[str, list[Outcome]]:
        asked.append(arguments)
        return {"known": [OUTCOME]}

    monkeypatch.setattr(limits, "kept_results", lambda: SAME | {"program": "other", "before": {}, "now": {}})
    monkeypatch.setattr(limits, "simulate_revision", simulate)

    assert limits.before(SAME) == {"known": SUMMARIES["known"]}
    assert asked == [["--servers", "7"]]


def test_without_the_revision_the_kept_figures_are_all_there_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "kept_results", lambda: SAME | {"program": "other", "before": SUMMARIES, "now": {}})
    monkeypatch.setattr(limits, "simulate_revision", unknown)

    assert limits.before(SAME) == SUMMARIES
    assert "the last run that had it" in capsys.readouterr().err


def test_with_neither_the_revision_nor_kept_figures_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "kept_results", dict)
    monkeypatch.setattr(limits, "simulate_revision", unknown)

    with pytest.raises(UnknownRevisionError):
        limits.before(SAME)


def test_the_servers_counts_are_judged_by_what_it_could_admit() -> None:
    most = SCENARIOS["random-1"].draw(random.Random(1)).could(SECONDS)
    every_other = [number / RATE * 2 for number in range(RATE * SECONDS // 2 + 50)]
    outcome = judge(SCENARIOS["random-1"], [{"reads": every_other, "refused": 60}], 3, SECONDS)

    assert most == pytest.approx(0.99 * (BURST + RATE * SECONDS))
    assert outcome.used == pytest.approx(0.5 / 0.99, rel=0.01)
    assert outcome.refused == pytest.approx(1.0, rel=0.01)


def test_over_sockets_two_sessions_stand_before_one_server() -> None:
    outcome = measure("pair", 1.0)

    assert 0 < outcome.used <= 1.05
    assert 0 < outcome.evenness <= 1
