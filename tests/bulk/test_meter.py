"""Counting what is done, and the rate over the last seconds."""

import pytest

from tavus_async import Progress
from tavus_async._bulk.meter import RATE_WINDOW, Hold, Meter


def meter(*, total: int | None = None) -> Meter:
    """A meter that has begun at 100 s."""
    made = Meter(total=total)
    made.start(100.0)
    return made


def test_before_the_first_item_nothing_is_done() -> None:
    assert meter(total=7).read(101.0, Hold(waiting=True)) == Progress(done=0, failed=0, total=7, rate=0.0, waiting=True)


def test_a_pause_and_an_outage_are_told() -> None:
    told = meter().read(101.0, Hold(paused=3.5, outage=12.0))

    assert (told.waiting, told.paused, told.outage) == (False, 3.5, 12.0)


def test_failures_count_as_done() -> None:
    counted = meter()
    counted.count(101.0, failed=False)
    counted.count(102.0, failed=True)
    progress = counted.read(102.0, Hold(waiting=False))

    assert (progress.done, progress.failed, progress.total, progress.waiting) == (2, 1, None, False)


def test_the_rate_is_that_of_a_steady_stream() -> None:
    counted = meter()
    for number in range(1, 2_001):
        now = 100 + number / 50
        counted.count(now, failed=False)
        assert counted.read(now, Hold(waiting=False)).rate == pytest.approx(min(number, 50), rel=0.01)


def test_a_burst_at_the_begin_makes_no_rate_that_nothing_keeps() -> None:
    counted = meter()
    for number in range(1, 11):
        counted.count(100 + number / 1_000, failed=False)
        assert counted.read(100 + number / 1_000, Hold(waiting=False)).rate == number


def test_the_rate_follows_a_change_within_a_few_seconds() -> None:
    counted = meter()
    now = 100.0
    for per_second in (200, 10):
        for _ in range(round(2 * RATE_WINDOW * per_second)):
            now += 1 / per_second
            counted.count(now, failed=False)

    assert counted.read(now, Hold(waiting=False)).rate == pytest.approx(10, rel=0.05)


def test_the_rate_falls_while_nothing_comes() -> None:
    counted = meter()
    for number in range(1, 101):
        counted.count(100 + number / 100, failed=False)
    rates = [counted.read(101 + seconds, Hold(waiting=True)).rate for seconds in range(10)]

    assert rates == sorted(rates, reverse=True)
    assert rates[9] == pytest.approx(10)


@pytest.mark.parametrize("stall", [RATE_WINDOW - 1, RATE_WINDOW + 1, 60.0])
def test_the_first_items_after_a_pause_make_no_rate_of_their_own(stall: float) -> None:
    counted = meter()
    counted.count(101.0, failed=False)
    for number in range(1, 4):
        counted.count(101 + stall + number / 1_000, failed=False)
        rate = counted.read(101 + stall + number / 1_000, Hold(waiting=False)).rate
        assert 0 < rate <= 4 / stall


def test_what_it_remembers_does_not_grow_with_the_items() -> None:
    counted = meter()
    for number in range(1, 50_001):
        counted.count(100 + number / 100, failed=False)

    assert len(counted._marks) <= RATE_WINDOW / 0.25 + 2
