"""Limits of single endpoints."""

from tavus_async.sandbox.clock import Clock
from tavus_async.sandbox.windows import RequestWindows


def test_so_many_are_admitted_within_the_time_and_no_more() -> None:
    clock = Clock()
    windows = RequestWindows(clock=clock)
    waits = [windows.take("a", most=3, seconds=60.0) for _ in range(5)]

    assert waits == [0.0, 0.0, 0.0, 60.0, 60.0]


def test_the_wait_is_until_the_oldest_is_forgotten() -> None:
    clock = Clock()
    windows = RequestWindows(clock=clock)
    windows.take("a", most=2, seconds=60.0)
    clock.advance(20.0)
    windows.take("a", most=2, seconds=60.0)
    clock.advance(10.0)
    wait = windows.take("a", most=2, seconds=60.0)
    clock.advance(wait)

    assert wait == 30.0
    assert windows.take("a", most=2, seconds=60.0) == 0.0


def test_keys_have_windows_of_their_own() -> None:
    windows = RequestWindows(clock=Clock())
    first = [windows.take(key, most=1, seconds=60.0) for key in ("a", "b", "a")]

    assert first == [0.0, 0.0, 60.0]


def test_keys_that_were_not_used_for_long_are_forgotten() -> None:
    windows = RequestWindows(clock=Clock())
    windows.take("first", most=1, seconds=60.0)
    for number in range(20_000):
        windows.take(number, most=1, seconds=60.0)

    assert windows.take("first", most=1, seconds=60.0) == 0.0
    assert windows.take(19_999, most=1, seconds=60.0) == 60.0
