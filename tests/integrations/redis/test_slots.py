"""The slots that a member holds."""

import math

import pytest

from tavus_async.integrations.redis.slots import Lease, Slots, Unused

LEASE = Lease(epoch=3, first=7, count=4, start=100.0, origin=100.05, lacks=-1.0, rate=10.0)


def held(lease: Lease = LEASE) -> Slots:
    slots = Slots()
    slots.add(lease, difference=-90.0)
    return slots


def test_those_that_are_free_come_at_once_and_others_as_the_bucket_refills() -> None:
    assert [LEASE.moment(position) for position in range(4)] == pytest.approx([100.0, 100.0, 100.15, 100.25])


def test_a_slot_is_there_at_its_time_and_not_before() -> None:
    slots = held()

    assert slots.wait(9.9) == pytest.approx(0.1)
    assert (slots.wait(10.0), slots.take().number, slots.take().number) == (0.0, 7, 8)
    assert slots.wait(10.0) == pytest.approx(0.15)


def test_one_that_is_late_is_not_used_and_is_told() -> None:
    slots = held()

    assert slots.wait(10.15) == 0.0
    assert slots.take().number == 9
    assert slots.take_unused() == Unused(2, 100.0, 3)
    assert slots.take_unused() == Unused()


def test_one_that_is_put_back_in_time_is_for_the_next() -> None:
    slots = held()
    first = slots.take()
    slots.put_back(first, 10.01)

    assert (slots.left, slots.take()) == (4, first)


def test_all_that_is_given_up_is_told() -> None:
    slots = held()
    slots.take()

    assert slots.release() == Unused(3, 100.0, 3)
    assert (slots.left, slots.wait(10.0)) == (0, math.inf)


def test_a_new_epoch_voids_them() -> None:
    slots = held()
    slots.void()

    assert (slots.left, slots.wait(10.0), slots.take_unused()) == (0, math.inf, Unused())


def test_the_time_of_each_is_known_ahead() -> None:
    slots = held()
    slots.take()

    assert [slots.nth_at(number) for number in range(3)] == pytest.approx([10.0, 10.15, 10.25])
