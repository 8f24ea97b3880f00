"""What a process may send on its own, and how many others it knows of."""

import math

import pytest

from tavus_async.integrations.redis.own_share import MEMBER_FOR, Fleet, OwnShare


def test_nobody_goes_before_it_has_begun() -> None:
    own = OwnShare()

    assert (own.is_on, own.wait(5.0)) == (False, math.inf)


def test_one_goes_at_a_time_from_a_moment_of_the_first_interval() -> None:
    own = OwnShare()
    own.begin(10.0, rate=4.0, phase=0.5)
    moments = []
    now = 9.0
    for _ in range(3):
        now += own.wait(now)
        own.take(now)
        moments.append(now)

    assert moments == pytest.approx([10.125, 10.375, 10.625])
    assert (own.is_on, own.rate, own.spent) == (True, 4.0, 3)


def test_what_was_not_sent_in_time_is_not_caught_up_with() -> None:
    own = OwnShare()
    own.begin(0.0, rate=10.0, phase=0.0)
    own.take(50.0)

    assert own.wait(50.0) == pytest.approx(0.08)


def test_at_the_end_it_is_told_how_many_have_gone() -> None:
    own = OwnShare()
    own.begin(0.0, rate=10.0, phase=0.0)
    own.take(0.0)

    assert (own.end(), own.spent, own.is_on, own.wait(1.0)) == (1, 0, False, math.inf)


def test_the_most_that_were_seen_within_a_minute_count() -> None:
    fleet = Fleet()
    seen = [fleet.most]
    for members, at in ((8, 0.0), (3, 10.0), (5, 30.0), (2, MEMBER_FOR + 1.0), (1, MEMBER_FOR + 31.0)):
        fleet.hear(members, at)
        seen.append(fleet.most)

    assert seen == [0, 8, 8, 8, 5, 2]
