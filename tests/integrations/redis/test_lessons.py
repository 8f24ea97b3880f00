"""What a fleet learns from 429s."""

import pytest

from tavus_async.integrations.redis.lessons import Evidence, Lesson, Stretch, learn


def evidence(*stretches: Stretch, full: Stretch | None = None, refused: int = 1, learned: bool = False) -> Evidence:
    return Evidence(stretches=stretches, since_full=full, refused=refused, rate=200.0, is_learned=learned)


def test_a_server_of_half_the_rate_is_measured_by_its_first_429() -> None:
    full = Stretch(30.0, 0.1, 20.0)

    assert learn(evidence(full, full=full)).rate == pytest.approx(100.0, rel=0.05)


def test_since_the_last_429_the_bucket_was_empty_so_the_rate_is_exact() -> None:
    lesson = learn(evidence(Stretch(990.0, 10.0, 0.0), Stretch(400.0, 5.0, 20.0)))

    assert lesson.rate == pytest.approx(99.0, rel=0.03)
    assert lesson.doubled_after == 120.0


def test_one_refusal_among_all_that_is_admitted_cuts_nothing() -> None:
    assert learn(evidence(Stretch(190.0, 1.0, 0.0))) == Lesson()
    assert learn(evidence(Stretch(1750.0, 10.0, 0.0))) == Lesson()


def test_a_learned_rate_that_has_grown_too_far_is_measured_again() -> None:
    assert learn(evidence(Stretch(1750.0, 10.0, 0.0), learned=True)).rate == pytest.approx(175.0, rel=0.03)


def test_refusals_right_after_a_full_bucket_tell_its_burst_alone() -> None:
    full = Stretch(8.0, 0.01, 20.0)

    assert learn(evidence(full, full=full, refused=12)) == Lesson(burst=8.0)


def test_a_single_refusal_right_after_a_full_bucket_tells_nothing() -> None:
    full = Stretch(19.0, 0.01, 20.0)

    assert learn(evidence(full, full=full)) == Lesson()


def test_the_rate_is_never_raised_and_never_nothing() -> None:
    assert learn(evidence(Stretch(0.0, 10.0, 0.0))).rate == pytest.approx(10.0)
