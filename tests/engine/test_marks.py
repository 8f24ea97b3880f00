"""When which attempt was let go, and which stretches of time follow."""

import math

import pytest

from tavus_async._engine.exhaustion import SHORTEST_STRETCH, Exhaustion
from tavus_async._engine.marks import LONGEST_LATENCY, MARKS, Marks


def sent_at(*times: float) -> Marks:
    marks = Marks()
    for serial, at in enumerate(times, start=1):
        marks.sent(serial, at, after_quiet=False)
    return marks


def told(found: Exhaustion | None) -> tuple[float, float, float]:
    assert found is not None
    return found.admitted, found.seconds, found.paused


def test_the_age_of_an_attempt_is_known_about() -> None:
    marks = Marks()
    marks.sent(1, 10.0, after_quiet=True)
    marks.sent(2, 10.2, after_quiet=False)

    assert marks.latency(1, 10.3) == pytest.approx(0.3)
    assert marks.latency(2, 10.3) == pytest.approx(0.1)
    assert marks.latency(1, 99.0) == LONGEST_LATENCY
    marks.sent(3, 10.22, after_quiet=True)
    assert marks.latency(3, 10.3) == pytest.approx(0.08)
    marks.answered(10.25)
    assert marks.latency(3, 10.3) == pytest.approx(0.05)
    assert Marks().latency(1, 10.0) == 0.0


def test_attempts_close_together_share_a_mark() -> None:
    marks = sent_at(10.0, 10.0, 10.0 + SHORTEST_STRETCH / 2, 10.0 + SHORTEST_STRETCH)

    found = marks.exhaustion(4, 10.0 + SHORTEST_STRETCH, burst=1, refused=0, paused=2.0)

    assert told(found) == pytest.approx((4, SHORTEST_STRETCH, 2.0))
    assert marks.seconds(11.0) == pytest.approx(1.0)


def test_the_past_is_remembered_for_some_seconds() -> None:
    marks = sent_at(*(0.1 * number for number in range(2 * MARKS)))

    assert marks.seconds(0.2 * MARKS) == pytest.approx(0.1 * MARKS)
    marks.clear()
    assert marks.seconds(0.2 * MARKS) == 0.0


def test_the_rate_at_present_is_that_of_the_latest_stretch_that_is_long_enough() -> None:
    marks = sent_at(0.0, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)

    assert marks.rate(7, 1.5) == pytest.approx(5 / 0.5)
    assert Marks().rate(7, 1.5) == math.inf


def test_what_is_proven_leaves_out_two_bursts_and_what_was_refused() -> None:
    marks = sent_at(*(0.1 * number for number in range(21)))

    assert marks.proven(21, 2.0, burst=3, refused=1) == pytest.approx((21 - 1 - 6) / 2.0)
    assert marks.proven(21, 2.0, burst=3, refused=[20, 21]) == pytest.approx((21 - 2 - 6) / 2.0)
    assert Marks().proven(21, 2.0, burst=3, refused=0) == 0.0


def test_an_exhaustion_is_the_stretch_that_proves_the_highest_rate() -> None:
    slow, fast = [0.1 * number for number in range(10)], [1.0 + 0.01 * number for number in range(50)]
    marks = sent_at(*slow, *fast)

    found = marks.exhaustion(60, 1.5, burst=5, refused=2, paused=0.0)

    assert told(found) == pytest.approx((48, 0.5, 0.0))
    assert Marks().exhaustion(60, 1.5, burst=5, refused=2, paused=0.0) is None


def test_without_a_stretch_that_is_long_enough_a_short_one_is_told() -> None:
    found = sent_at(1.0, 1.001).exhaustion(2, 1.001, burst=5, refused=1, paused=0.0)

    assert told(found) == pytest.approx((1, 0.001, 0.0))
