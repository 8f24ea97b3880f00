import itertools

import pytest
from hypothesis import given, strategies as st

from tavus_async import RateLimit
from tavus_async._engine.token_bucket import TokenBucket

START = 1_000.0
# A bucket of quiet settings: it learns nothing.
FIXED = RateLimit(10, burst=5, adaptive=False)


def take_all(bucket: TokenBucket, now: float, most: int = 1_000) -> int:
    """Take every token that is there at this moment."""
    for number in range(most):
        if bucket.wait(now) > 0:
            return number
        bucket.take(now)
    return most


def arrivals(bucket: TokenBucket, number: int, *, latency: float) -> list[float]:
    """Take so many tokens, each as soon as it is there; every attempt is answered after *latency* seconds."""
    now = START
    taken: list[float] = []
    answers: list[float] = []
    while len(taken) < number:
        while answers and answers[0] <= now:
            bucket.ended(0, answers.pop(0), is_admitted=True)
        wait = bucket.wait(now)
        if wait > 0:
            now = min([now + wait + 1e-9, *answers[:1]])
        else:
            bucket.take(now)
            taken.append(now)
            answers.append(now + latency)
    return taken


def most_in_a_window(times: list[float], limit: RateLimit) -> float:
    """By how many attempts the fullest window exceeds what the limit allows; at most 0 if none does."""
    return max(
        (last - first + 1 - limit.burst - limit.per_second * (times[last] - times[first]))
        for first, last in itertools.combinations_with_replacement(range(len(times)), 2)
    )


def test_a_new_bucket_gives_its_burst_at_once() -> None:
    bucket = TokenBucket(FIXED, now=START)

    assert bucket.tokens(START) == 5
    assert take_all(bucket, START) == 5
    assert bucket.tokens(START) == 0
    assert bucket.sent == 5


def test_the_wait_for_a_token_ends_when_one_is_there() -> None:
    bucket = TokenBucket(FIXED, now=START)
    take_all(bucket, START)

    wait = bucket.wait(START)
    assert wait > 0
    assert bucket.wait(START + wait - 0.01) == pytest.approx(0.01)
    assert bucket.wait(START + wait + 1e-9) == 0


@pytest.mark.parametrize("burst", [1, 2, 10, 50])
@pytest.mark.parametrize("rate", [0.5, 10, 1_000])
@pytest.mark.parametrize("latency", [0.005, 0.2])
def test_whatever_the_burst_the_long_run_rate_is_the_configured_one(rate: float, burst: int, latency: float) -> None:
    limit = RateLimit(rate, burst=burst)
    number = 200 + burst
    times = arrivals(TokenBucket(limit, now=START), number, latency=latency)
    ideal = (number - burst) / rate

    assert most_in_a_window(times[: 2 * burst + 20], limit) <= 1e-6
    assert times[-1] - START >= ideal - 1e-6
    assert times[-1] - START <= ideal * 1.01 + latency + 0.6


def evenly(bucket: TokenBucket, number: int, now: float, *, refuse_first: bool = False) -> list[float]:
    """When a bucket with a backlog lets each of so many go, each answered at once; the first is refused if so said."""
    times: list[float] = []
    for index in range(number):
        while (wait := bucket.wait(now)) > 0:
            now += wait + 1e-9
        serial = bucket.take(now)
        times.append(now)
        is_refused = refuse_first and not index
        if is_refused:
            bucket.throttled(serial, now, seconds=0.0, is_named=False)
        bucket.ended(serial, now, is_admitted=not is_refused)
    return times


def gaps_after_a_backlog(limit: RateLimit, chances: list[float], *, refuse_first: bool) -> list[float]:
    given = itertools.cycle(chances)
    times = evenly(TokenBucket(limit, now=START, chance=lambda: next(given)), 300, START, refuse_first=refuse_first)
    return [later - sooner for sooner, later in itertools.pairwise(times[100:])]


@pytest.mark.parametrize(("refuse_first", "spread"), [(False, 0.75), (True, 3.0)])
def test_with_a_backlog_attempts_are_put_off_by_chance_and_the_rate_stays(*, refuse_first: bool, spread: float) -> None:
    limit = RateLimit(100, burst=10)
    even = gaps_after_a_backlog(limit, [0.0], refuse_first=refuse_first)
    spread_out = gaps_after_a_backlog(limit, [0.0] * 6 + [1.0], refuse_first=refuse_first)

    assert even == pytest.approx([0.01] * len(even), abs=1e-6)
    assert max(spread_out) == pytest.approx(0.01 * (1 + spread), abs=1e-6)
    assert sum(spread_out) == pytest.approx(sum(even), abs=0.01 * spread + 1e-6)


def test_an_attempt_is_never_put_off_by_more_than_a_twentieth_of_a_second() -> None:
    gaps = gaps_after_a_backlog(RateLimit(10, burst=10), [0.0, 1.0], refuse_first=True)

    assert max(gaps) == pytest.approx(0.15, abs=1e-6)


def test_no_attempt_is_put_off_where_a_429_costs_everyone_a_pause() -> None:
    bucket = TokenBucket(RateLimit(100, burst=10), now=START, chance=lambda: 1.0)
    evenly(bucket, 100, START)
    bucket.throttled(100, START + 1, seconds=1.0, is_named=True)
    bucket.ended(100, START + 1, is_admitted=False)
    times = evenly(bucket, 100, START + 2)

    assert max(later - sooner for sooner, later in itertools.pairwise(times[50:])) < 1.06 / bucket.rate(times[50])


def test_what_comes_in_during_a_pause_after_an_empty_bucket_does_not_go_at_once() -> None:
    bucket = TokenBucket(RateLimit(100, burst=10), now=START)
    serials = [bucket.take(START) for _ in range(10)]
    for serial in serials:
        bucket.throttled(serial, START + 0.01, seconds=0.0, is_named=False)
        bucket.ended(serial, START + 0.01, is_admitted=False)
    pause = bucket.paused_for(START + 0.01)

    assert pause >= 0.1
    assert bucket.tokens(START + 0.01 + pause) < 1


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[float, str, float]]:
    """What may happen to a bucket: seconds that pass, what happens then, and how much of it."""
    seconds = st.sampled_from([0.0, 1e-6, 0.001, 0.03, 0.1, 0.7, 3.0, 40.0]) | st.floats(0, 2)
    events = st.sampled_from(["take", "take", "take", "give_back", "answered", "pause", "throttled", "look"])
    return draw(st.lists(st.tuples(seconds, events, seconds), max_size=60))


@given(
    st.floats(0.1, 500),
    st.integers(1, 30),
    st.booleans(),
    histories(),
)
def test_no_window_ever_sees_more_than_burst_and_rate_allow(
    rate: float, burst: int, adaptive: bool, history: list[tuple[float, str, float]]
) -> None:
    limit = RateLimit(rate, burst=burst, adaptive=adaptive)
    bucket = TokenBucket(limit, now=START)
    now = START
    paused_until = START
    taken: list[float] = []
    for passed, event, amount in history:
        now += passed
        if event == "take":
            # Everything that is there; waiting for one more now and then.
            for _ in range(take_all(bucket, now, most=int(amount * 10) + 1)):
                taken.append(now)
                assert now >= paused_until
        elif event == "give_back" and taken and taken[-1] == now:
            bucket.give_back(0, START)
            taken.pop()
        elif event == "answered" and taken:
            bucket.ended(0, now, is_admitted=True)
        elif event == "pause":
            bucket.pause(amount, now)
            paused_until = max(paused_until, now + amount)
        elif event == "throttled" and taken:
            bucket.throttled(bucket.sent, now, seconds=0.0, is_named=True)
        assert 0 <= bucket.tokens(now) <= burst
        assert 0 < bucket.rate(now) <= rate
        assert bucket.wait(now) >= 0

    assert not taken or most_in_a_window(taken, limit) <= 1e-6


@given(st.floats(0.1, 500), st.integers(1, 30), histories())
def test_after_a_quiet_time_the_whole_burst_is_there_again(
    rate: float, burst: int, history: list[tuple[float, str, float]]
) -> None:
    bucket = TokenBucket(RateLimit(rate, burst=burst, adaptive=False), now=START)
    now = START
    for passed, event, amount in history:
        now += passed
        if event == "take":
            take_all(bucket, now)
        elif event == "give_back" and bucket.sent:
            bucket.give_back(0, START)
        elif event == "pause":
            bucket.pause(amount, now)

    assert bucket.tokens(now + burst / rate + 50) == burst


def test_a_token_that_was_given_back_can_be_taken_again() -> None:
    bucket = TokenBucket(FIXED, now=START)
    take_all(bucket, START)

    bucket.give_back(0, START)

    assert bucket.tokens(START) == 1
    assert take_all(bucket, START) == 1


def test_more_cannot_be_given_back_than_the_bucket_holds() -> None:
    bucket = TokenBucket(FIXED, now=START)
    bucket.take(START)

    bucket.give_back(0, START)
    bucket.give_back(0, START)

    assert take_all(bucket, START) == 5


def test_nothing_is_given_out_during_a_pause_and_no_pause_cuts_another_short() -> None:
    bucket = TokenBucket(FIXED, now=START)
    bucket.pause(10, START)
    bucket.pause(2, START + 1)

    assert bucket.wait(START + 1) == pytest.approx(9)
    assert bucket.paused_for(START + 4) == pytest.approx(6)
    assert bucket.tokens(START + 9.9) == 0
    assert bucket.wait(START + 10) == 0
    assert bucket.paused_for(START + 11) == 0


def test_the_wait_behind_others_is_estimated() -> None:
    bucket = TokenBucket(RateLimit(10, burst=5), now=START)

    assert bucket.queue_wait(4, START) == 0
    assert bucket.queue_wait(5, START) == pytest.approx(0.1)
    assert bucket.queue_wait(104, START) == pytest.approx(10)
    bucket.pause(3, START)
    assert bucket.queue_wait(5, START) == pytest.approx(3)  # in which its token comes in as well
    assert bucket.queue_wait(104, START) == pytest.approx(10)
    assert take_all(bucket, START + 3) == 5
    assert bucket.queue_wait(0, START + 3) == pytest.approx(bucket.wait(START + 3))


@pytest.mark.parametrize("adaptive", [True, False])
def test_a_429_lowers_the_rate_only_where_that_is_wanted(adaptive: bool) -> None:
    bucket = TokenBucket(RateLimit(100, burst=5, adaptive=adaptive), now=START)
    serials = [bucket.take(START) for _ in range(5)]
    bucket.throttled(serials[-1], START + 0.02, seconds=1.0, is_named=True)
    later = START + 1.5
    bucket.wait(later)

    assert (bucket.rate(later) < 100) is adaptive
    assert (bucket.tokens(later) < 5) is adaptive


def test_after_a_429_the_bucket_is_empty_and_rests_until_the_answers_under_way_are_here() -> None:
    bucket = TokenBucket(RateLimit(100, burst=50), now=START)
    serial = bucket.take(START)

    bucket.throttled(serial, START + 0.8, seconds=0.5, is_named=True)

    assert bucket.tokens(START + 0.8) == 0
    assert bucket._limiter._level == 50
    assert bucket.paused_for(START + 0.8) == pytest.approx(0.8)


def test_a_burst_that_was_lowered_leaves_no_debt() -> None:
    bucket = TokenBucket(RateLimit(100, burst=500), now=START)
    serials = [bucket.take(START) for _ in range(20)]
    # The server took ten of them at once, and nothing since.
    for serial in serials[10:]:
        bucket.throttled(serial, START + 0.02, seconds=0.0, is_named=True)
    bucket.pause(1, START + 0.02)
    after = START + 1.03

    assert bucket.wait(after) <= 1.01 / bucket.rate(after)


def test_a_rate_that_was_lowered_comes_back() -> None:
    limit = RateLimit(100, burst=5)
    bucket = TokenBucket(limit, now=START)
    bucket.throttled(bucket.take(START), START + 0.1, seconds=0.5, is_named=True)
    rates = [(bucket.wait(now), bucket.rate(now))[1] for now in (START + 1, START + 60, START + 600, START + 3_600)]

    assert rates == sorted(rates)
    assert rates[0] <= 50
    assert rates[-1] == 100
    assert bucket.tokens(START + 3_600) == 5


def test_a_bucket_whose_rate_has_come_back_fills_at_the_configured_rate() -> None:
    bucket = TokenBucket(RateLimit(100, burst=5), now=START)
    bucket.throttled(bucket.take(START), START + 0.1, seconds=0.5, is_named=True)
    bucket.wait(START + 1)
    later = START + 10_000

    assert bucket.rate(later) == 100
    assert take_all(bucket, later) == 5
    bucket.ended(0, later, is_admitted=True)
    assert take_all(bucket, later + 0.05 + 0.031) == 3


def test_a_large_burst_starts_with_a_few_and_goes_on_as_answers_come() -> None:
    bucket = TokenBucket(RateLimit(1, burst=100), now=START)
    first = take_all(bucket, START)
    assert 1 <= first < 100
    assert 0 < bucket.wait(START) <= 1

    bucket.ended(0, START + 0.01, is_admitted=True)
    assert take_all(bucket, START + 0.01) == 2
    assert take_all(bucket, START + 1) == 100 - first - 2


def test_a_large_burst_that_is_known_to_be_right_goes_at_once() -> None:
    assert take_all(TokenBucket(RateLimit(1, burst=100, adaptive=False), now=START), START) == 100


@pytest.mark.parametrize("rate", [1e-9, 1.0, 1e308])
@pytest.mark.parametrize("burst", [1, 10**308])
def test_any_rate_and_burst_that_a_setting_takes_can_be_kept(rate: float, burst: int) -> None:
    bucket = TokenBucket(RateLimit(rate, burst=burst), now=START)

    assert bucket.wait(START) == 0
    serial = bucket.take(START)
    assert bucket.wait(START) >= 0
    bucket.throttled(serial, START, seconds=0.0, is_named=True)
    assert bucket.wait(START + 1) >= 0
    assert 0 <= bucket.rate(START + 1e6) <= rate


def test_a_burst_that_is_forgotten_comes_back_no_faster_than_the_rate() -> None:
    """However long the window: burst + rate · t, although the bucket was small for ten minutes."""
    bucket = TokenBucket(RateLimit(1, burst=1_000), now=START)
    sent_at: list[float] = []

    def send_all(now: float) -> None:
        while bucket.wait(now) <= 0:
            bucket.take(now)
            bucket.ended(0, now, is_admitted=True)
            sent_at.append(now)

    send_all(START)
    for serial in range(991, 1_001):
        bucket.throttled(serial, START + 0.05, seconds=0.0, is_named=True)
    for second in range(1, 700):
        bucket.wait(START + second)
        if second in {600, 601, 605, 699}:
            send_all(START + second)

    assert len(sent_at) > 1_000
    assert [at for number, at in enumerate(sent_at, 1) if number > 1_000 + (at - START)] == []
