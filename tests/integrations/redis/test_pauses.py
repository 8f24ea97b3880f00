"""For how long a fleet pauses after a 429."""

import pytest

from tavus_async.integrations.redis.pauses import FIRST_PAUSE, LONGEST_UNNAMED, Pauses


def test_a_pause_passes_and_a_shorter_one_does_not_end_it() -> None:
    pauses = Pauses()
    assert pauses.left(10.0) == 0.0
    pauses.extend(2.0, 10.0)
    pauses.extend(0.5, 10.5)

    assert [pauses.left(at) for at in (10.5, 12.0, 13.0)] == [1.5, 0.0, 0.0]


def test_an_unnamed_pause_is_as_long_as_its_attempt_was_under_way_but_not_for_ever() -> None:
    pauses = Pauses()

    assert [pauses.unnamed(0.0, since=since) for since in (0.0, 0.4, 60.0)] == [FIRST_PAUSE, 0.4, LONGEST_UNNAMED]


def test_each_pause_that_was_of_no_use_doubles_the_next_up_to_the_backoff() -> None:
    pauses = Pauses()
    lengths = []
    for at in range(4):
        pauses.refused(float(at))
        lengths.append(pauses.unnamed(0.5, since=0.0))

    assert lengths == pytest.approx([0.1, 0.2, 0.4, 0.5])
    pauses.admitted()
    assert pauses.unnamed(0.5, since=0.0) == FIRST_PAUSE


def test_a_refusal_within_a_pause_counts_as_none_of_its_own() -> None:
    pauses = Pauses()
    pauses.extend(1.0, 0.0)
    pauses.refused(0.5)

    assert pauses.unnamed(0.5, since=0.0) == FIRST_PAUSE
