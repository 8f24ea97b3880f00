import heapq
import itertools
import math
from collections.abc import Callable, Iterator

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_async import RateLimit
from tavus_async._engine.pace import DEEPEST_CUT, LOWEST_LEARNED_RATE, Pace
from tavus_async._engine.token_bucket import TokenBucket

MOST_EVENTS = 60_000
EPSILON = 1e-6


@attrs.define
class Server:
    """A token bucket on the other side, as plain arithmetic."""

    rate: float
    burst: float
    tokens: float = attrs.field(init=False)
    seen_at: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.tokens = self.burst

    def missing(self, now: float) -> float:
        """Serve one attempt and return 0, or refuse it and return the seconds until one could be served."""
        self.tokens = min(self.burst, self.tokens + (now - self.seen_at) * self.rate)
        self.seen_at = now
        if self.tokens < 1:
            return (1 - self.tokens) / self.rate
        self.tokens -= 1
        return 0.0


def whole_seconds(missing: float) -> float:
    return math.ceil(missing)


def to_the_point(missing: float) -> float:
    return missing


# Seconds: what the retry policy makes of a 429 that names none.
BACKOFF = 0.5


@attrs.define(kw_only=True)
class Simulation:
    """Sends attempts through a bucket to a server, those that it refuses again, until all were served.

    Events happen in order of time; for the next token there is one timer, and never a second.
    """

    bucket: TokenBucket
    server: Server
    waiting: int
    latency: float = 0.02
    retry_after: Callable[[float], float] = whole_seconds
    slots: int = 400
    now: float = 0.0
    under_way: int = 0
    refused: int = 0
    timer_at: float = math.inf
    _events: list[tuple[float, int, str, int, float]] = attrs.field(init=False, factory=list)
    _order: Iterator[int] = attrs.field(init=False, factory=itertools.count)

    def run(self) -> "Simulation":
        self.send()
        for _ in range(MOST_EVENTS):
            if not self._events:
                return self
            self.now, _, kind, serial, missing = heapq.heappop(self._events)
            if kind == "arrival":
                self.plan(self.latency / 2, "answer", serial, self.server.missing(self.now))
            elif kind == "answer":
                self.answer(serial, missing)
            elif self.now == self.timer_at:
                self.timer_at = math.inf
                self.send()
        pytest.fail(f"no end after {MOST_EVENTS} events: {self.waiting} still wait at {self.now} s")

    def plan(self, seconds: float, kind: str, serial: int = 0, missing: float = 0.0) -> float:
        heapq.heappush(self._events, (self.now + seconds, next(self._order), kind, serial, missing))
        return self.now + seconds

    def answer(self, serial: int, missing: float) -> None:
        self.under_way -= 1
        if missing:
            self.refused += 1
            self.waiting += 1
            pause = self.retry_after(missing)
            self.bucket.throttled(serial, self.now, seconds=pause or BACKOFF, is_named=bool(pause))
        self.bucket.ended(serial, self.now, is_admitted=not missing)
        self.send()

    def send(self) -> None:
        while self.waiting and self.under_way < self.slots:
            wait = self.bucket.wait(self.now)
            if wait > 0:
                if self.now + wait < self.timer_at:
                    self.timer_at = self.plan(wait + EPSILON, "timer")
                return
            self.plan(self.latency / 2, "arrival", self.bucket.take(self.now))
            self.waiting -= 1
            self.under_way += 1


def simulate(
    limit: RateLimit,
    server: Server,
    number: int,
    *,
    latency: float = 0.02,
    retry_after: Callable[[float], float] = whole_seconds,
) -> Simulation:
    bucket = TokenBucket(limit, now=0.0, chance=lambda: 0.5)
    return Simulation(bucket=bucket, server=server, waiting=number, latency=latency, retry_after=retry_after).run()


@pytest.mark.parametrize("latency", [0.005, 0.02, 0.1])
@pytest.mark.parametrize(("rate", "burst"), [(20, 1), (20, 10), (200, 10), (200, 50), (1_000, 10)])
def test_with_the_servers_own_limit_configured_nothing_is_refused_and_no_time_is_lost(
    rate: float, burst: int, latency: float
) -> None:
    number = int(rate * 10)
    done = simulate(RateLimit(rate, burst=burst), Server(rate, burst), number, latency=latency)

    assert done.refused <= 0.002 * number
    assert done.now <= 1.02 * (number - burst) / rate + latency + 0.3


@pytest.mark.parametrize("retry_after", [whole_seconds, to_the_point])
@pytest.mark.parametrize("latency", [0.005, 0.02, 0.1])
@pytest.mark.parametrize("burst", [1, 10])
@pytest.mark.parametrize("rate", [50, 200])
def test_a_rate_configured_five_times_too_high_comes_down_to_the_servers(
    rate: float, burst: int, latency: float, retry_after: Callable[[float], float]
) -> None:
    number = int(rate * 15)
    limit = RateLimit(rate * 5, burst=10)
    done = simulate(limit, Server(rate, burst), number, latency=latency, retry_after=retry_after)

    # Where a 429 names milliseconds, it takes some more of them to tell a limit from chance. And a burst of one, where
    # ten were told, looks like a bucket that others use.
    is_short, looks_shared = retry_after is to_the_point, retry_after is whole_seconds and burst == 1
    assert done.refused <= (0.12 if is_short else 0.045) * number
    assert done.now <= (1.7 if looks_shared else 1.45 if is_short else 1.3) * (number - burst) / rate + latency
    assert done.bucket.rate(done.now) <= 1.3 * rate


@pytest.mark.parametrize("retry_after", [whole_seconds, to_the_point, lambda _: 0.0, lambda _: 7.0])
@pytest.mark.parametrize("latency", [0.005, 0.1])
@pytest.mark.parametrize("times_too_high", [1, 5, 20])
@pytest.mark.parametrize("burst", [1, 5, 50])
@pytest.mark.parametrize("rate", [5, 200])
def test_whatever_the_server_allows_everything_is_served_in_the_end(
    rate: float, burst: int, times_too_high: float, latency: float, retry_after: Callable[[float], float]
) -> None:
    number = 500
    limit = RateLimit(rate * times_too_high, burst=20)
    done = simulate(limit, Server(rate, burst), number, latency=latency, retry_after=retry_after)

    assert done.waiting == done.under_way == 0
    assert done.refused <= 500
    assert done.now <= 15 * number / rate + 60


def learned(per_second: float, burst: int, *, admitted: int, refused: int, seconds: float, pause: float = 1.0) -> Pace:
    """A pace after one exhaustion: so many attempts were served within these seconds, then some were refused."""
    pace = Pace(per_second, burst)
    pace.is_costly = True
    total = admitted + refused
    for serial in range(1, total + 1):
        pace.marks.sent(serial, seconds * (serial - 1) / max(1, total - 1), after_quiet=serial == 1)
    for serial in range(admitted + 1, total + 1):
        pace.refused(serial, total, seconds)
    pace.learn(total, seconds, seconds + pause)
    return pace


@attrs.define
class DarkServer(Server):
    """A server that refuses everything at first, whatever the rate."""

    light_at: float = 0.0

    def missing(self, now: float) -> float:
        return 1.0 if now < self.light_at else super().missing(now)


@attrs.define
class BlinkingServer(Server):
    """A server that refuses everything at the end of each ten seconds, whatever the rate."""

    dark_for: float = 0.3

    def missing(self, now: float) -> float:
        return 1.0 if now % 10 > 10 - self.dark_for else super().missing(now)


@attrs.define
class CountingServer(Server):
    """A server that admits as many as its rate in each second by the clock, all at once if they come so."""

    second: int = 0

    def missing(self, now: float) -> float:
        if int(now) != self.second:
            self.second, self.tokens = int(now), self.rate
        if self.tokens < 1:
            return self.second + 1 - now
        self.tokens -= 1
        return 0.0


@pytest.mark.parametrize("latency", [0.02, 0.05, 0.2])
@pytest.mark.parametrize(("server", "most"), [(BlinkingServer(1_000, 100), 1.4), (CountingServer(100, 100), 1.35)])
def test_what_is_no_bucket_is_not_taken_for_a_much_slower_one(server: Server, most: float, latency: float) -> None:
    rate = min(200, server.rate)
    number = int(45 * rate)
    limit = RateLimit(200, burst=20)
    done = simulate(limit, attrs.evolve(server), number, latency=latency, retry_after=lambda _: 0.5)

    assert done.now <= most * number / rate


@pytest.mark.parametrize("seconds", [2, 5, 20])
def test_a_server_that_refuses_everything_for_a_while_costs_one_cut_of_the_rate(seconds: float) -> None:
    done = simulate(RateLimit(50, burst=10), DarkServer(50, 10, light_at=seconds), 50)

    assert done.refused <= 10 + 2 * seconds
    assert done.now <= seconds + 2 + 50 / (50 * DEEPEST_CUT)


def test_a_server_that_serves_nothing_in_between_and_then_little_is_found_out() -> None:
    done = simulate(RateLimit(50, burst=10), DarkServer(2, 1, light_at=3), 40)

    assert done.refused <= 30
    assert done.now <= 3 * (3 + 40 / 2)


def test_a_first_pause_for_nothing_saves_nothing_up_since_others_may_have_caused_it() -> None:
    bucket = TokenBucket(RateLimit(200, burst=20), now=0.0, chance=lambda: 0.0)
    now, serials = 0.0, []
    while now < 2:
        now += 0.001
        while not bucket.wait(now):
            serials.append(bucket.take(now))
            if len(serials) > 20:
                bucket.ended(serials[-21], now, is_admitted=True)
    bucket.throttled(serials[-20], now, seconds=1.0, is_named=True)
    for serial in serials[-19:]:
        bucket.ended(serial, now, is_admitted=True)

    assert bucket.rate(now + 1) == 200, "it was dismissed"
    assert bucket.tokens(now + 1.001) < 2


def test_a_learned_burst_is_forgotten_after_ten_minutes() -> None:
    bucket = TokenBucket(RateLimit(100, burst=50), now=0.0)
    serials = [bucket.take(0.0) for _ in range(50)]
    bucket.throttled(serials[10], 0.1, seconds=1.0, is_named=True)
    while bucket.tokens(300.0) and not bucket.wait(300.0):
        bucket.take(300.0)
    smaller = bucket.sent - 50

    assert smaller < 50
    assert bucket.tokens(599.0) == pytest.approx(smaller, abs=1)
    assert bucket.tokens(660.0) == 50


def test_a_new_pace_is_the_configured_one() -> None:
    pace = Pace(100, 10)

    assert not pace.is_learned
    assert pace.rate(0.0) == pace.rate(1e9) == 100
    assert pace.learned_burst == 10
    assert not pace.learn(0, 0.0, 1.0)


def test_the_rate_is_what_the_server_served_beyond_its_burst() -> None:
    pace = learned(1_000, 10, admitted=210, refused=5, seconds=1.0)

    assert pace.rate(2.0) == pytest.approx(200, rel=0.06)
    assert pace.is_learned


def test_a_second_exhaustion_tells_burst_and_rate_apart() -> None:
    pace = learned(1_000, 50, admitted=20, refused=8, seconds=0.06)
    now = 2.0
    for serial in range(29, 329):
        pace.marks.sent(serial, now + (serial - 29) / 150, after_quiet=False)
    pace.admitted += 299
    pace.refused(328, 328, now + 2)
    pace.learn(328, now + 2, now + 3)

    assert pace.rate(now + 3) == pytest.approx(150, rel=0.1)
    assert pace.learned_burst < 20


def test_only_the_first_refusal_of_an_exhaustion_counts_as_one() -> None:
    pace = Pace(100, 10)
    for serial in range(1, 11):
        pace.marks.sent(serial, 0.0, after_quiet=serial == 1)

    assert [pace.refused(serial, 10, 0.1) for serial in (6, 7, 8, 9, 10)] == [True, False, False, False, False]
    assert pace.learn(10, 0.0, 1.0)
    assert not pace.refused(5, 10, 1.1)
    assert not pace.learn(10, 0.0, 2.0)
    assert pace.refused(11, 12, 2.1)


@pytest.mark.parametrize("served", [0, 1, 5, 9])
def test_a_burst_that_was_too_large_is_made_smaller(served: int) -> None:
    pace = learned(100, 10, admitted=served, refused=10 - served, seconds=0.0)

    assert 1 <= pace.learned_burst <= max(1, served)
    assert 10 < pace.rate(1.0) < 100


def test_a_burst_of_which_few_were_served_is_made_smaller_however_long_it_took() -> None:
    pace = learned(200, 20, admitted=2, refused=20, seconds=0.3)

    assert pace.learned_burst <= 2


def exhaust(pace: Pace, now: float, *, first: int = 1_000) -> float:
    """Let the server serve 150 a second for two seconds, and then no more; return the rate that was learned."""
    for serial in range(first, first + 300):
        pace.marks.sent(serial, now + (serial - first) / 150, after_quiet=False)
    pace.admitted += 299
    pace.refused(first + 299, first + 299, now + 2)
    pace.learn(first + 299, now + 2, now + 3)
    return pace.rate(now + 3)


def test_a_refusal_that_comes_late_does_not_count_for_the_next_exhaustion() -> None:
    one, other = (learned(1_000, 10, admitted=210, refused=5, seconds=1.0) for _ in range(2))
    for serial in range(205, 216):
        other.refused(serial, 215, 2.5)

    assert exhaust(other, 3.0) == exhaust(one, 3.0)


def test_after_a_full_recovery_nothing_is_left_of_what_was_learned() -> None:
    pace = learned(1_000, 50, admitted=12, refused=8, seconds=0.06)
    assert pace.rate(1e6) == 1_000

    new = Pace(1_000, 50)
    new.is_costly = True
    assert exhaust(pace, 1e6) == exhaust(new, 1e6)


def test_the_rate_comes_back_slowly_at_first_and_then_quickly() -> None:
    pace = learned(1_000, 10, admitted=210, refused=5, seconds=1.0)
    rates = [pace.rate(2.0 + seconds) for seconds in (0, 21, 67, 134)]

    assert rates[1] < 1.04 * rates[0]
    assert rates[2] == pytest.approx(2 * rates[0], rel=0.02)
    assert rates == sorted(rates)
    assert pace.rate(1e6) == 1_000
    assert not pace.is_learned
    assert pace.learned_burst == 10


@given(
    st.floats(0.1, 1e4),
    st.integers(1, 100),
    st.lists(
        st.tuples(st.integers(1, 200), st.floats(0, 5), st.integers(1, 200), st.floats(0, 30)), min_size=1, max_size=12
    ),
)
def test_no_history_of_refusals_takes_the_pace_out_of_its_bounds(
    per_second: float, burst: int, exhaustions: list[tuple[int, float, int, float]]
) -> None:
    pace = Pace(per_second, burst)
    serial, now = 0, 0.0
    for sent, seconds, refused, pause in exhaustions:
        first = serial + 1
        for number in range(sent):
            serial += 1
            pace.marks.sent(serial, now + seconds * number / sent, after_quiet=number == 0)
        now += seconds
        for number in range(first, min(serial, first + refused) + 1):
            pace.refused(number, serial, now)
        before = pace.rate(now)
        now += pause
        assert pace.learn(serial, now - pause, now)
        assert min(LOWEST_LEARNED_RATE, per_second) <= pace.rate(now) <= max(LOWEST_LEARNED_RATE, per_second)
        assert pace.rate(now) <= max(before * 1.5, LOWEST_LEARNED_RATE) or pause > 1
        assert 1 <= pace.learned_burst <= burst


def at_a_steady_rate(
    pace: Pace, rate: float, seconds: float, *, begin: float = 0.0, first: int = 1
) -> tuple[int, float]:
    """Let everything that is sent at this rate be admitted; return the last attempt, and when it was sent."""
    number = int(rate * seconds)
    for place in range(number):
        pace.marks.sent(first + place, begin + place / rate, after_quiet=not place)
    pace.admitted += number
    return first + number - 1, begin + seconds


def test_a_refusal_after_seconds_of_a_rate_that_was_admitted_does_not_cut_it() -> None:
    pace = Pace(200, 20)
    newest, now = at_a_steady_rate(pace, 200, 5)
    pace.refused(newest, newest, now)
    pace.learn(newest, now, now + 0.1)

    assert pace.rate(now + 0.1) == 200


def test_no_cut_goes_below_what_was_admitted_between_two_exhaustions() -> None:
    pace = Pace(1_000, 20)
    newest, now = at_a_steady_rate(pace, 200, 0.5)
    pace.refused(newest, newest, now)
    pace.learn(newest, now, now + 0.1)
    newest, end = at_a_steady_rate(pace, 200, 2, begin=now + 0.1, first=newest + 1)
    pace.refused(newest, newest, end)
    pace.learn(newest, end, end + 0.1)

    assert pace.rate(end + 0.1) >= 0.9 * 200


def test_what_was_admitted_of_those_under_way_is_a_floor_as_well() -> None:
    pace = Pace(100, 10)
    for serial in range(1, 11):
        pace.marks.sent(serial, 0.0, after_quiet=serial == 1)
    pace.admitted += 5
    pace.refused(6, 10, 0.1)
    pace.learn(10, 0.0, 0.2, share_admitted=0.8)

    assert pace.rate(0.2) >= 0.75 * 100


def test_where_nothing_is_admitted_the_pauses_double_and_the_rate_stays() -> None:
    pace = Pace(100, 10)
    pauses: list[float] = []
    rates: list[float] = []
    for turn in range(8):
        pace.marks.sent(turn + 1, float(turn), after_quiet=False)
        pace.refused(turn + 1, turn + 1, turn + 0.1)
        pace.learn(turn + 1, float(turn), turn + 0.2)
        pauses.append(pace.pause())
        rates.append(pace.rate(turn + 0.2))

    assert pauses[:5] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0])
    assert pauses[-1] == pytest.approx(1.0)
    assert min(rates[1:]) >= rates[0]


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_a_trial_is_at_a_rate_at_which_a_limit_of_that_share_would_refuse_nothing(share: float) -> None:
    pace = Pace(200, 20)
    newest, now = at_a_steady_rate(pace, 200, 3)
    pace.begin_trial(share, newest, now)

    assert pace.rate(now) <= max(0.5, 1 - share) * 200
    pace.end_trial(now)
    assert pace.rate(now) == 200


def test_a_limit_that_a_trial_finds_is_what_was_delivered_before_it() -> None:
    pace = Pace(200, 20)
    newest, now = at_a_steady_rate(pace, 200, 3)
    refused = [serial for serial in range(1, newest) if serial % 4 == 0]
    pace.begin_trial(0.25, newest, now, refused=refused)
    pace.keep_to(0.25, 0.0, now + 0.5)

    assert pace.rate(now + 0.5) == pytest.approx(150 * 0.97, rel=0.02)


def test_a_limit_that_is_found_where_it_was_is_met_again_later_each_time() -> None:
    pace = Pace(400, 10)
    waits: list[float] = []
    newest, now = 0, 0.0
    for _ in range(5):
        newest, now = at_a_steady_rate(pace, 133, 3, begin=now, first=newest + 1)
        pace.begin_trial(0.25, newest, now)
        pace.keep_to(0.25, 0.0, now)
        base = pace.rate(now)
        waits.append(next(wait / 10 for wait in range(1, 10_000) if pace.rate(now + wait / 10) > 1.1 * base))

    assert waits[-1] > 4 * waits[0]
