from collections.abc import Iterable

import pytest

from tavus_async._engine.refusals import (
    CERTAIN,
    FEWEST,
    HALVES_IN,
    LATEST,
    LONGEST_HALVES_IN,
    NEIGHBOURS,
    Meaning,
    RefusalHistory,
)

ADMITTED, REFUSED = True, False


class Outcomes:
    """Attempts that end one after the other, and what the history makes of them."""

    def __init__(self) -> None:
        self.history = RefusalHistory()
        self.serial = 0
        self.now = 1_000.0

    def end(self, outcomes: Iterable[bool], *, every: float = 0.01) -> list[Meaning]:
        """End attempts like this; return what followed."""
        found: list[Meaning] = []
        for was_admitted in outcomes:
            self.serial += 1
            self.now += every
            told = (self.history.admitted if was_admitted else self.history.refused)(self.serial, self.now)
            found += [told] if told is not None else []
        return found

    def try_lower_rate(self, outcomes: Iterable[bool]) -> list[Meaning]:
        """Begin a trial, and end attempts like this in it."""
        self.history.begin_trial(self.serial)
        return self.end(outcomes)


def every(number: int, of: int) -> list[bool]:
    """So many outcomes, of which every *of*-th is a refusal."""
    return [(place + 1) % of != 0 for place in range(number)]


def test_three_refused_in_a_row_after_one_are_an_empty_bucket() -> None:
    assert Outcomes().end([ADMITTED] * 5 + [REFUSED] * (1 + CERTAIN)) == [Meaning.EXHAUSTED]


def test_a_refusal_among_admitted_neighbours_means_nothing() -> None:
    outcomes = Outcomes()

    assert outcomes.end([ADMITTED] * 50 + [REFUSED] + [ADMITTED] * NEIGHBOURS) == []
    assert outcomes.history.suspect is None


def test_one_in_a_hundred_is_never_taken_for_more() -> None:
    assert Outcomes().end(every(5_000, of=100)) == []


@pytest.mark.parametrize("of", [2, 3, 4])
def test_a_share_of_the_latest_begins_a_trial(of: int) -> None:
    outcomes = Outcomes()
    found = outcomes.end(every(LATEST + NEIGHBOURS + 2, of=of))

    assert found[:1] == [Meaning.TRIAL]
    assert outcomes.history.share == pytest.approx(1 / of, abs=0.15)


def test_where_nothing_is_refused_at_the_lower_rate_it_was_a_limit() -> None:
    outcomes = Outcomes()
    outcomes.end(every(LATEST + NEIGHBOURS + 2, of=4))

    assert outcomes.try_lower_rate([ADMITTED] * 200)[:1] == [Meaning.LIMIT]


def test_where_as_many_are_refused_at_the_lower_rate_it_was_chance_and_is_expected() -> None:
    outcomes = Outcomes()
    outcomes.end(every(LATEST + NEIGHBOURS + 2, of=4))
    found = outcomes.try_lower_rate(every(60, of=4))

    assert found[:1] == [Meaning.CHANCE]
    assert outcomes.history.chance(outcomes.now) == pytest.approx(0.25, abs=0.1)


def test_a_trial_is_not_decided_by_a_few() -> None:
    outcomes = Outcomes()
    outcomes.end(every(LATEST + NEIGHBOURS + 2, of=4))

    assert outcomes.try_lower_rate([ADMITTED] * (FEWEST - 1)) == []


def test_what_was_chance_once_is_soon_forgotten_and_what_was_it_often_later() -> None:
    outcomes = Outcomes()
    lasting: list[float] = []
    chance = 0.0
    for _ in range(8):
        outcomes.end(every(LATEST * 6, of=4), every=1.0)
        outcomes.history.share = 0.25
        outcomes.try_lower_rate(every(60, of=4))
        chance = outcomes.history.chance(outcomes.now)
        lasting.append(outcomes.history.chance(outcomes.now + HALVES_IN) / chance)

    assert lasting[0] < lasting[-1]
    assert outcomes.history.chance(outcomes.now + LONGEST_HALVES_IN) >= chance / 2.2


def test_a_share_that_is_expected_takes_more_to_be_an_empty_bucket() -> None:
    outcomes = Outcomes()
    outcomes.end(every(LATEST + NEIGHBOURS + 2, of=3))
    outcomes.try_lower_rate(every(60, of=3))
    outcomes.history.exhausted(outcomes.serial)

    assert Meaning.EXHAUSTED not in outcomes.end([REFUSED, ADMITTED] + [REFUSED] * 3)
    assert Meaning.EXHAUSTED in outcomes.end([REFUSED] * 20)


def test_an_exhaustion_begins_a_new_count() -> None:
    outcomes = Outcomes()
    outcomes.end(every(LATEST - 4, of=2))
    outcomes.history.exhausted(outcomes.serial)

    assert outcomes.end(every(NEIGHBOURS + 4, of=4)) == []


def test_the_share_of_those_under_way_is_told_of_enough_alone() -> None:
    outcomes = Outcomes()
    outcomes.end([REFUSED, ADMITTED, REFUSED, ADMITTED])
    assert outcomes.history.admitted_after(1) is None
    outcomes.end([ADMITTED])

    assert outcomes.history.admitted_after(1) == 0.75
    assert outcomes.history.refused_from(2) == [3]


def test_a_refusal_is_stray_where_nearly_all_that_followed_was_admitted() -> None:
    outcomes = Outcomes()
    outcomes.end([REFUSED] + [ADMITTED] * (NEIGHBOURS - 1))
    assert not outcomes.history.is_stray(1), "too few to tell"
    outcomes.end([ADMITTED])
    assert outcomes.history.is_stray(1)
    outcomes.end([REFUSED])

    assert not outcomes.history.is_stray(1)
