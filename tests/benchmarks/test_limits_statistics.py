"""What the outcomes of runs are, and what many of them amount to."""

import attrs
import pytest

from benchmarks.limits_statistics import Outcome, least_window, outcome_of, quantile, summarize, table


def could(seconds: float) -> float:
    return 10 * seconds


def every(period: float, until: float) -> list[float]:
    return [number * period for number in range(round(until / period))]


def test_what_is_used_is_what_was_admitted_of_what_could_have_been() -> None:
    outcome = outcome_of([every(0.2, 20)], could, 20, refused=5, lost=1)

    assert outcome.used == outcome.settled == outcome.steady == 0.5
    assert (outcome.refused, outcome.lost, outcome.evenness) == (5, 1, 1)


def test_the_begin_does_not_count_once_it_is_settled() -> None:
    outcome = outcome_of([[at for at in every(0.1, 20) if at >= 5]], could, 20, refused=0, lost=0)

    assert outcome.used == pytest.approx(0.75)
    assert outcome.settled == 1


def test_the_least_window_is_found() -> None:
    times = [at for at in every(0.1, 30) if not 17.05 <= at < 19.05]

    assert least_window(times, 30) == 30
    assert outcome_of([times], could, 30, refused=0, lost=0).steady == pytest.approx(0.6)


def test_the_client_with_least_is_compared_with_the_one_with_most() -> None:
    outcome = outcome_of([every(0.1, 20), every(0.4, 20), every(0.2, 20)], could, 20, refused=0, lost=0)

    assert outcome.evenness == 0.25


def test_a_job_is_measured_by_the_time_it_takes_and_shared_while_all_are_at_work() -> None:
    first, second = every(0.1, 10), [at * 2 for at in every(0.1, 10)]
    outcome = outcome_of([first, second], lambda seconds: 20 * seconds, 600, job=100, refused=0, lost=0)

    assert outcome.times_ideal == pytest.approx(19.8 / 10, rel=0.01)
    assert outcome.evenness == pytest.approx(0.5)


def test_a_client_that_got_nothing_is_no_division_by_zero() -> None:
    outcome = outcome_of([[], []], could, 20, refused=7, lost=0)

    assert outcome.used == pytest.approx(0, abs=0.01)
    assert (outcome.evenness, outcome.refused) == (0, 700)


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.25, 2), (0.05, 1.2), (1, 5)])
def test_a_quantile_lies_between_two_values_if_need_be(share: float, value: float) -> None:
    assert quantile([5, 1, 4, 2, 3], share) == pytest.approx(value)


def test_outcomes_are_summarized_by_their_mean_and_their_low_end() -> None:
    one = Outcome(used=1.0, settled=1.0, steady=1.0, evenness=1.0, refused=0.0, lost=0.0)
    other = attrs.evolve(one, used=0.5, steady=0.2, evenness=0.6, refused=2.0)
    summary = summarize([one, other])

    assert (summary.servers, summary.mean, summary.least) == (2, 0.75, 0.5)
    assert summary.low == pytest.approx(0.525)
    assert (summary.refused, summary.evenness, summary.uneven) == (1.0, 0.8, 0.6)
    assert [line.split()[0] for line in table({"a": (summary, summary)}).splitlines()] == ["kind", "a", "a"]
