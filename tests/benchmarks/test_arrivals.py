"""The figures of `make bench-fleet` are worked out as they are defined."""

import pytest
from hypothesis import given, strategies as st

from benchmarks.fleet import arrivals
from benchmarks.fleet.arrivals import Arrivals, TokenBucket

times = st.lists(st.floats(0, 20), min_size=1, max_size=30).map(sorted)
rates = st.floats(0.5, 50)
bursts = st.integers(1, 10)


def excess_of_all_windows(at: list[float], rate: float, burst: int) -> float:
    """The definition, window by window."""
    pairs = [(first, last) for first in range(len(at)) for last in range(first, len(at))]
    return max(last - first + 1 - burst - rate * (at[last] - at[first]) for first, last in pairs)


@given(times, rates, bursts)
def test_the_excess_is_that_of_the_fullest_window(at: list[float], rate: float, burst: int) -> None:
    assert arrivals.excess(at, rate, burst) == pytest.approx(excess_of_all_windows(at, rate, burst), abs=1e-6)


@given(times, rates, bursts)
def test_a_bucket_refuses_nothing_exactly_where_there_is_no_excess(at: list[float], rate: float, burst: int) -> None:
    excess = arrivals.excess(at, rate, burst)

    if abs(excess) > 2 * arrivals.TOLERANCE:
        assert (arrivals.refusals(at, rate, burst) == 0) is (excess < 0)


@given(times, rates, bursts)
def test_what_a_bucket_admits_has_no_excess(at: list[float], rate: float, burst: int) -> None:
    bucket = TokenBucket(rate, burst)
    admitted = [time for time in at if bucket.admit(time)]

    assert arrivals.excess(admitted, rate, burst) <= 2 * arrivals.TOLERANCE


def test_one_hundred_at_once_are_eighty_too_many_for_a_burst_of_twenty() -> None:
    assert arrivals.excess([1.0] * 100, 200, 20) == 80
    assert arrivals.refusals([1.0] * 100, 200, 20) == 80


def test_without_arrivals_the_whole_burst_is_left() -> None:
    assert arrivals.excess([], 200, 20) == -20


def test_an_arrival_knows_its_process() -> None:
    assert arrivals.process_of(arrivals.name_of(3, 17)) == 3


def test_the_least_share_counts_a_process_that_sent_nothing() -> None:
    assert arrivals.shares([0, 0, 1], range(2)) == 0.5
    assert arrivals.shares([0, 0, 1], range(3)) == 0
    assert arrivals.shares([], range(3)) == 0


def test_strays_are_those_of_the_pause_and_not_the_refused_one_itself() -> None:
    number, last = arrivals.strays([0.9, 1.0, 1.002, 1.005, 2.1], 1.0, 1.0)

    assert (number, round(last, 6)) == (2, 0.005)
    assert arrivals.strays([1.0], 1.0, 1.0) == (0, 0.0)


def test_all_that_may_be_sent_is_the_burst_and_the_rate() -> None:
    assert arrivals.used(2020, rate=200, burst=20, seconds=10) == 1


def test_arrivals_are_counted_for_each_process_and_step() -> None:
    found = Arrivals([9.9, 10.0, 10.3, 10.3, 10.6], ["w0n1", "w0n2", "w1n1", "w1n2", "w0n3"], [True] * 4 + [False])

    assert arrivals.counts(found, begin=10, seconds=0.5, step=0.25, processes=2) == [[1, 0], [0, 2]]
    assert found.refused == 1
    assert len(found.between(10, 10.5)) == 3


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 51), (0.99, 100), (1, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert arrivals.percentile(range(1, 101), share) == value
