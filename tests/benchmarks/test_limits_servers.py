"""The servers that limits are measured at refuse what they say, and know what the best client would get."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from benchmarks.limits_servers import (
    NOTHING,
    TO_THE_POINT,
    WHOLE_SECONDS,
    Backends,
    BrokenBackend,
    BrownOuts,
    ChangingBucket,
    Clusters,
    EveryNth,
    FirstRequests,
    FixedWindow,
    Limit,
    LimitedKind,
    RandomStrays,
    Refusal,
    Request,
    RetryAfter,
    Server,
    SlidingWindow,
    Strays,
    Tiers,
    TokenBucket,
    always,
)

READ = Request()
SECONDS = 12.0
STEP = 0.002

LIMITS: dict[str, Callable[[], Limit]] = {
    "bucket": lambda: TokenBucket(40, 15),
    "a bucket of one": lambda: TokenBucket(25, 1),
    "changing": lambda: ChangingBucket(((0, 80), (4, 10), (8, 80)), 30),
    "fixed window": lambda: FixedWindow(50, 1.0, 0.4),
    "long fixed window": lambda: FixedWindow(100, 5.0, 2.0),
    "sliding window": lambda: SlidingWindow(50, 1.0),
    "tiers": lambda: Tiers((TokenBucket(60, 10), SlidingWindow(150, 5.0))),
    "backends": lambda: Backends(3, 60, 30, random.Random(1)),
}


def admitted_at_best(limit: Limit, rate: float, burst: float) -> int:
    """What a client gets whose refused attempts cost nothing, asking all the time."""
    own, admitted = burst, 0
    for step in range(int(SECONDS / STEP)):
        own = min(burst, own + rate * STEP)
        while own >= 1 and limit.missing(step * STEP) <= 0:
            own, admitted = own - 1, admitted + 1
    return admitted


@pytest.mark.parametrize("name", LIMITS)
@given(rate=st.floats(5, 300), burst=st.integers(1, 60))
@settings(max_examples=8)
def test_no_client_gets_more_than_the_most(name: str, rate: float, burst: int) -> None:
    limit = LIMITS[name]()

    assert admitted_at_best(limit, rate, burst) <= limit.most(rate, burst, SECONDS) + 1


@pytest.mark.parametrize("name", sorted(set(LIMITS) - {"sliding window", "tiers"}))
@pytest.mark.parametrize(("rate", "burst"), [(10, 5), (35, 60), (200, 20)])
def test_a_client_that_knows_everything_gets_nearly_the_most(name: str, rate: float, burst: int) -> None:
    limit = LIMITS[name]()

    assert admitted_at_best(limit, rate, burst) >= 0.95 * limit.most(rate, burst, SECONDS) - 2


def test_a_sliding_window_admits_no_more_than_its_count_in_any_window() -> None:
    limit = SlidingWindow(5, 1.0)

    assert [limit.missing(0.5) for _ in range(5)] == [0] * 5
    assert limit.missing(1.0) == pytest.approx(0.5)
    assert limit.missing(1.5) == 0


def test_a_fixed_window_begins_anew_by_its_own_clock() -> None:
    limit = FixedWindow(2, 10.0, 7.0)

    assert [limit.missing(now) for now in (0, 1)] == [0, 0]
    assert limit.missing(2.0) == pytest.approx(1.0)
    assert limit.missing(3.0) == 0


def test_a_bucket_says_when_it_has_a_token() -> None:
    limit = TokenBucket(10, 1)

    assert limit.missing(5.0) == 0
    assert limit.missing(5.04) == pytest.approx(0.06)
    assert limit.missing(5.1) == 0


def refusals(strays: Strays, number: int = 10_000, every: float = 0.01) -> list[int]:
    return [index for index in range(number) if strays.refuses(index * every, READ)]


@pytest.mark.parametrize(
    ("strays", "share"),
    [
        (RandomStrays(0.05, random.Random(1)), 0.05),
        (EveryNth(20), 0.05),
        (Clusters(5, 0.05, random.Random(1)), 0.05),
        (BrownOuts(0.5, 10), 0.05),
        (BrokenBackend(4, 20, 40, random.Random(1)), 0.05),
        (FirstRequests(), 0.0),
        (LimitedKind("list", TokenBucket(1, 1)), 0.0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_strays_refuse_the_share_that_they_say_and_admit_the_rest_at_best(strays: Strays, share: float) -> None:
    refused = len(refusals(strays)) / 10_000

    assert refused == pytest.approx(share, rel=0.15)
    assert strays.most(100, 1, 100) == pytest.approx((1 - share) * 10_001, rel=0.01)


def test_strays_in_clusters_come_in_a_row() -> None:
    refused = refusals(Clusters(4, 0.01, random.Random(2)))
    begins = [index for index in refused if index - 1 not in refused]

    assert all(begin + further in refused for begin in begins for further in range(4))
    assert len(refused) == pytest.approx(4 * len(begins), rel=0.1)


def test_a_brown_out_costs_only_what_the_client_cannot_save_up() -> None:
    strays = BrownOuts(0.5, 10)

    assert strays.most(100, 80, 30) == 3080
    assert strays.most(100, 20, 30) == 3020 - 3 * 30


def test_one_kind_of_calls_is_limited_alone() -> None:
    strays = LimitedKind("list", TokenBucket(1, 1))

    assert [strays.refuses(0.0, Request("list")) for _ in range(2)] == [False, True]
    assert not strays.refuses(0.0, READ)
    assert strays.refuses(0.5, Request("list"))
    assert not strays.refuses(1.5, Request("list"))


def test_the_first_request_of_a_connection_is_refused() -> None:
    assert FirstRequests().refuses(0.0, Request(is_first=True))
    assert not FirstRequests().refuses(0.0, READ)


@pytest.mark.parametrize(
    ("asks", "seconds"),
    [(NOTHING, None), (TO_THE_POINT, 1.235), (WHOLE_SECONDS, 2.0), (always(0.05), 0.05), (always(0), 0)],
)
def test_a_429_asks_for_what_it_is_told_to(asks: RetryAfter, seconds: float | None) -> None:
    assert asks.seconds(1.2341) == (None if seconds is None else pytest.approx(seconds))


def test_what_strays_refuse_takes_nothing_of_the_limit() -> None:
    server = Server(limit=TokenBucket(1, 2), strays=EveryNth(2), asks=WHOLE_SECONDS, stray_asks=always(0.05))

    answers = [server.refusal(0.0, READ) for _ in range(5)]

    assert answers == [None, Refusal(0.05), None, Refusal(0.05), Refusal(1.0)]


def test_a_server_admits_at_most_what_its_limit_and_its_strays_do() -> None:
    assert Server().most(10, 5, 10) == 105
    assert Server(limit=TokenBucket(4, 5), strays=EveryNth(2)).most(10, 5, 10) == 45
    assert Server(limit=TokenBucket(40, 5), strays=EveryNth(2)).most(10, 5, 10) == 52.5
