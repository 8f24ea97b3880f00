"""Signs of others at the same limit, and what they change where a 429 costs a pause."""

import pytest

from tavus_async._engine.contention import (
    AGREEING,
    CLIMBED_IN,
    DISMISSED_WITHIN,
    KNOWN_FOR,
    LONGEST_RECOVERY,
    MEASURED_IN,
    NEARLY,
    RECOVERED_IN,
    SHARED_CALM,
    STEADY,
    Contention,
)
from tavus_async._engine.pace import Pace

TOLD = 200.0


def cut(
    contention: Contention, rate: float, *, has_grown: bool = True, is_steady: bool = False, now: float = 1.0
) -> float:
    return contention.cut(rate, configured=TOLD, has_grown=has_grown, is_steady=is_steady, now=now)


def known() -> Contention:
    contention = Contention()
    contention.exhausted(3, burst=20, now=0.0)
    return contention


@pytest.mark.parametrize(
    ("admitted", "burst", "is_sign"), [(0, 20, True), (19, 20, True), (20, 20, False), (20, 500, False), (1, 1, False)]
)
def test_a_bucket_that_should_have_been_full_and_was_not_is_a_sign(
    admitted: int, burst: float, *, is_sign: bool
) -> None:
    contention = Contention()
    contention.exhausted(admitted, burst=burst, now=5.0)

    assert contention.is_known(5.0) is is_sign


@pytest.mark.parametrize(("limit", "is_sign"), [(NEARLY * TOLD, True), (TOLD, True), (0.85 * TOLD, False)])
def test_a_first_limit_that_is_nearly_the_configured_one_is_a_sign(limit: float, *, is_sign: bool) -> None:
    contention = Contention()
    contention.measured(limit, MEASURED_IN, configured=TOLD, now=5.0)

    assert contention.is_known(5.0) is is_sign


def test_a_limit_nearly_the_configured_one_is_no_sign_after_another() -> None:
    contention = Contention()
    contention.measured(50.0, 1.0, configured=TOLD, now=5.0)
    contention.measured(TOLD, 1.0, configured=TOLD, now=9.0)

    assert not contention.is_known(9.0)


def test_what_took_too_little_time_is_no_measure() -> None:
    contention = Contention()
    contention.measured(TOLD, MEASURED_IN / 2, configured=TOLD, now=5.0)

    assert not contention.is_known(5.0)
    assert not contention.has_measured


def test_a_limit_that_is_measured_twice_at_the_same_rate_is_this_sessions_own() -> None:
    contention = known()
    contention.measured(100.0, 1.0, configured=TOLD, now=1.0)
    assert contention.is_known(1.0)
    contention.measured(100.0 * (1 + 2 * AGREEING), 1.0, configured=TOLD, now=2.0)
    assert contention.is_known(2.0)
    contention.measured(100.0 * (1 + 1.5 * AGREEING), 1.0, configured=TOLD, now=3.0)
    assert not contention.is_known(3.0)


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
    cut(contention, 100.0, now=KNOWN_FOR - 1)
    assert contention.is_known(2 * KNOWN_FOR - 2)


def test_a_limit_that_is_met_at_the_same_rate_is_cut_less_and_looked_for_later_each_time() -> None:
    contention = known()
    assert [cut(contention, 100.0) for _ in range(3)] == [50, 75, 87.5]
    assert contention.recovery() == (SHARED_CALM, 16 * RECOVERED_IN)

    assert cut(contention, 60.0) == 30
    assert contention.recovery() == (SHARED_CALM, RECOVERED_IN)


def test_recovery_takes_no_longer_than_where_nobody_else_is_known_of() -> None:
    contention = known()
    for _ in range(2_000):
        cut(contention, 100.0)

    assert contention.recovery() == (SHARED_CALM, LONGEST_RECOVERY)


def test_what_is_met_at_the_configured_rate_is_never_the_same_limit() -> None:
    contention = known()

    assert [cut(contention, TOLD) for _ in range(3)] == [100, 100, 100]


def test_who_is_refused_before_it_has_grown_climbs_to_what_it_was() -> None:
    contention = known()
    cut(contention, TOLD)
    assert contention.climb(100.0, CLIMBED_IN) == 100

    assert cut(contention, 100.0, has_grown=False) == 50
    assert contention.climb(50.0, 0.0) == 50
    assert contention.climb(50.0, CLIMBED_IN / 2) == 75
    assert contention.climb(50.0, CLIMBED_IN) == contention.climb(50.0, 99.0) == 100


def test_who_is_refused_after_a_steady_time_keeps_its_rate_and_recovers_at_once() -> None:
    contention = known()
    cut(contention, TOLD)

    assert cut(contention, 100.0, has_grown=False, is_steady=True) == 100
    assert contention.recovery() == (0.0, RECOVERED_IN)
    assert contention.climb(100.0, 99.0) == 100


def test_a_steady_time_excuses_nobody_who_has_grown() -> None:
    assert cut(known(), 120.0, is_steady=True) == 60


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


def refuse(pace: Pace, serial: int, now: float, *, rate: float) -> None:
    """Send at a rate from the end of the last pause until now, and let the last attempt be refused."""
    count = 0
    while 1.1 + count / rate < now:
        pace.marks.sent(21 + count, 1.1 + count / rate, after_quiet=False)
        count += 1
    pace.admitted += count - 1
    pace.refused(serial + count, serial + count, now)
    assert pace.learn(serial + count, now, now + 1)


def test_who_finds_a_bucket_emptied_by_others_halves_the_rate_and_has_it_back_when_they_have_shared_it() -> None:
    pace = make_pace()

    assert pace.rate(1.1) == pace.rate(1.1 + SHARED_CALM) == TOLD / 2
    assert pace.rate(1.1 + SHARED_CALM + RECOVERED_IN) == TOLD
    assert not pace.is_careful(1.1)


def test_who_comes_back_to_others_that_have_not_given_way_is_soon_where_it_was() -> None:
    pace = make_pace()
    refuse(pace, 20, 1.3, rate=100)

    assert pace.rate(2.3) == TOLD / 4
    assert pace.rate(2.3 + CLIMBED_IN) == TOLD / 2


def test_who_keeps_to_its_part_and_is_refused_gives_way_by_little() -> None:
    pace = make_pace()
    refuse(pace, 20, 1.2 + STEADY, rate=100)
    now = 2.2 + STEADY

    lowered = pace.rate(now)

    assert lowered == pytest.approx(0.95 * TOLD / 2)
    assert pace.rate(now + RECOVERED_IN) > 1.5 * lowered


def test_who_was_there_first_gives_half_of_it_to_who_comes() -> None:
    pace = Pace(TOLD, 20)
    pace.is_costly = True
    for serial in range(1, 236):
        pace.marks.sent(serial, max(0, serial - 20) / TOLD, after_quiet=serial == 1)
    pace.refused(235, 235, 1.1)
    assert pace.seems_shared(235, 1.1)
    assert pace.learn(235, 1.1, 2.1)

    assert pace.rate(2.1) == TOLD / 2


def test_nothing_recovers_in_a_pause() -> None:
    pace = make_pace()
    before = pace.rate(3.0)
    pace.marks.sent(21, 2.9, after_quiet=False)
    pace.refused(21, 21, 3.0)

    assert pace.rate(9.0) == before
