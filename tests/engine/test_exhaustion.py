"""What is learned of a bucket each time that it is found empty."""

import pytest

from tavus_async._engine.exhaustion import MARGIN, SHALLOWEST_CUT, Exhaustion, Fit, burst_of, fit, fit_refill


def test_two_stretches_settle_rate_and_burst() -> None:
    both = [Exhaustion(30, 0.1, 1.0), Exhaustion(220, 2.0, 1.0)]
    fitted = fit(both, found=both[1], rate=500, burst=50, guess=1)

    assert fitted.rate == pytest.approx(100 * MARGIN)
    assert fitted.burst == pytest.approx(20)


def test_a_short_stretch_tells_the_burst_and_nothing_of_the_rate() -> None:
    found = Exhaustion(20, 0.01, 1.0)

    assert found.is_short
    assert fit([found], found=found, rate=500, burst=50, guess=99) == Fit(99, 12)


def test_a_long_stretch_tells_the_rate_beyond_the_burst_that_is_known() -> None:
    found = Exhaustion(122, 1.0, 1.0)

    assert fit([found], found=found, rate=500, burst=20, guess=99) == Fit(100 * MARGIN, 20)


def test_a_rate_that_a_stretch_does_not_disprove_is_cut_as_little_as_possible() -> None:
    found = Exhaustion(120, 1.0, 1.0)

    assert fit([found], found=found, rate=100, burst=20, guess=1) == Fit(100 * SHALLOWEST_CUT, 20)


def test_soon_after_a_429_all_that_was_admitted_has_come_in_since() -> None:
    assert fit_refill(Exhaustion(6, 0.5, 1.0)) == Fit(4 * MARGIN, 6)


def test_a_clock_that_stands_still_makes_no_infinite_rate() -> None:
    assert fit_refill(Exhaustion(0, 0.0, 0.0)) == Fit(0, 1)


@pytest.mark.parametrize(("admitted", "burst"), [(0, 1), (10, 6), (100, 20)])
def test_a_burst_is_made_smaller_and_never_larger(admitted: int, burst: float) -> None:
    assert burst_of(Exhaustion(admitted, 0.0, 1.0), 20) == burst
