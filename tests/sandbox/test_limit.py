import time
from email.utils import parsedate_to_datetime

import pytest

from tavus_async import RateLimit
from tavus_async.sandbox.limit import EnforcedLimit, retry_after_headers


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_admitted_and_then_the_rate() -> None:
    clock = Clock()
    bucket = EnforcedLimit(rate=RateLimit(10, burst=3), clock=clock)

    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == pytest.approx(0.1)

    admitted = 0
    for _ in range(200):
        clock.now += 0.01
        admitted += bucket.take() == 0

    assert admitted == 20


def test_a_refused_request_costs_nothing() -> None:
    clock = Clock()
    bucket = EnforcedLimit(rate=RateLimit(1, burst=1), clock=clock)
    bucket.take()
    for _ in range(50):
        bucket.take()
    clock.now += 1

    assert bucket.take() == 0


def test_tokens_do_not_pile_up_beyond_the_burst() -> None:
    clock = Clock()
    bucket = EnforcedLimit(rate=RateLimit(100, burst=2), clock=clock)
    clock.now += 3600

    assert [bucket.take() > 0 for _ in range(3)] == [False, False, True]


def test_a_request_exactly_on_time_is_admitted() -> None:
    clock = Clock()
    bucket = EnforcedLimit(rate=RateLimit(10, burst=1), clock=clock)
    bucket.take()
    for _ in range(100):
        clock.now += 0.1
        assert bucket.take() == 0


def test_the_wait_is_told_in_three_ways() -> None:
    date = retry_after_headers(2.5, "date")["Retry-After"]

    assert retry_after_headers(1.0, "seconds") == {"Retry-After": "1"}
    assert retry_after_headers(0.25, "seconds") == {"Retry-After": "0.25"}
    assert retry_after_headers(0.0015, "milliseconds") == {"retry-after-ms": "2"}
    assert date.endswith(" GMT")
    assert 1 < parsedate_to_datetime(date).timestamp() - time.time() <= 4
