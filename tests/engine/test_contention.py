"""Signs of others at the same limit, and what they change where a 429 costs a pause."""

import pytest

from tavus_async._engine.contention import DISMISSED_WITHIN, KNOWN_FOR, LONGEST_RECOVERY, SHARED_CALM, Contention
from tavus_async._engine.pace import Pace

TOLD = 200.0


def known() -> Contention:
    contention = Contention()
    contention.exhausted(3, burst=20, now=0.0)
    return contention


@pytest.mark.parametrize(
    ("admitted", "burst", "is_sign"), [(0, 20, True), (14, 20, True), (15, 20, False), (15, 500, False), (1, 1, False)]
)
def test_a_bucket_that_should_have_been_full_and_was_not_is_a_sign(
    admitted: int, burst: float, *, is_sign: bool
) -> None:
    contention = Contention()
    contention.exhausted(admitted, burst=burst, now=5.0)

    assert contention.is_known(5.0) is is_sign


def test_a_second_pause_for_nothing_is_a_sign_if_it_comes_soon() -> None:
    contention = Contention()
    contention.dismissed(0.0)
    assert not contention.is_known(0.0)
    contention.dismissed(DISMISSED_WITHIN + 1)
    assert not contention.is_known(DISMISSED_WITHIN + 1)
    contention.dismissed(DISMISSED_WITHIN + 2)
    assert contention.is_known(DISMISSED_WITHIN + 2)


def test_others_are_forgotten_unless_the_limit_is_met_again() -> None:
    contention = known()
    assert contention.is_known(KNOWN_FOR - 1)
    assert not contention.is_known(KNOWN_FOR)
    contention.cut(100.0, configured=TOLD, now=KNOWN_FOR - 1)
    assert contention.is_known(2 * KNOWN_FOR - 2)


def test_a_limit_that_is_met_at_the_same_rate_is_cut_less_and_looked_for_later_each_time() -> None:
    contention = known()
    cuts = [contention.cut(100.0, configured=TOLD, now=1.0) for _ in range(4)]
    assert cuts == [50, 75, 87.5, 93.75]
    assert contention.recovery() == (SHARED_CALM, 32)

    assert contention.cut(60.0, configured=TOLD, now=1.0) == 30
    assert contention.recovery() == (SHARED_CALM, 4)


def test_recovery_takes_no_longer_than_where_nobody_else_is_known_of() -> None:
    contention = known()
    for _ in range(2_000):
        contention.cut(100.0, configured=TOLD, now=1.0)

    assert contention.recovery() == (SHARED_CALM, LONGEST_RECOVERY)


def test_what_is_met_at_the_configured_rate_is_never_the_same_limit() -> None:
    contention = known()

    assert [contention.cut(TOLD, configured=TOLD, now=1.0) for _ in range(3)] == [100, 100, 100]


def make_pace() -> Pace:
    """A pace that was refused 17 of its first 20 attempts, with a pause of a second."""
    pace = Pace(TOLD, 20)
    pace.is_costly = True
    for serial in range(1, 21):
        pace.marks.sent(serial, 0.0, after_quiet=serial == 1)
    for serial in range(4, 21):
        pace.refused(serial, 20, 0.1)
    assert pace.learn(20, 0.0, 1.1)
    return pace


def test_who_finds_a_bucket_emptied_by_others_halves_the_rate_and_soon_has_it_back() -> None:
    pace = make_pace()

    assert pace.rate(1.1) == TOLD / 2
    assert pace.rate(6.0) == TOLD
    assert not pace.is_careful(1.1)


def test_nothing_recovers_in_a_pause() -> None:
    pace = make_pace()
    before = pace.rate(3.0)
    pace.marks.sent(21, 2.9, after_quiet=False)
    pace.refused(21, 21, 3.0)

    assert pace.rate(9.0) == before
