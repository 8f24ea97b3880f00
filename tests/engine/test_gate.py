import asyncio
import contextlib
import itertools
import time
import traceback
from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from tavus_async import DeadlineExceededError, QueueTimeoutError, RateLimit, SessionClosedError, TavusError
from tavus_async._engine.gate import Gate
from tavus_async._engine.lifecycle import make_bucket
from tavus_async._engine.token_bucket import TokenBucket
from tests.support.quick import until
from tests.support.virtual_time import be_busy, elapsed, in_virtual_time, run, settle

NO_LIMIT = RateLimit(1e6, burst=1_000_000)
FIVE = RateLimit(10, burst=5, adaptive=False)


def make_gate(limit: Any = NO_LIMIT, *, slots: int = 100) -> Gate:
    return Gate(slots=slots, bucket=make_bucket(limit, asyncio.get_running_loop()), loop=asyncio.get_running_loop())


class Visitors:
    """Attempts that pass a gate, stay a while, and leave; remembers when each got in."""

    def __init__(self, gate: Gate, **limits: Any) -> None:
        self.gate = gate
        self.limits = limits
        self.entered: list[tuple[int, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def send(self, place: int, *, stay: float = 0.0, **limits: Any) -> asyncio.Task[None]:
        self.tasks.append(asyncio.ensure_future(self._pass_through(place, stay, {**self.limits, **limits})))
        return self.tasks[-1]

    async def _pass_through(self, place: int, stay: float, limits: dict[str, Any]) -> None:
        _ = self.gate.try_enter() or await self.gate.enter(place, **limits)
        self.entered.append((place, elapsed()))
        try:
            await asyncio.sleep(stay)
        finally:
            self.gate.leave(0, is_admitted=True)

    async def all_gone(self) -> list[BaseException | None]:
        return await asyncio.gather(*self.tasks, return_exceptions=True)

    @property
    def places(self) -> list[int]:
        return [place for place, _ in self.entered]

    @property
    def times(self) -> list[float]:
        return [when for _, when in self.entered]


def is_idle(gate: Gate) -> bool:
    """Tell whether nothing is left of anybody who was there."""
    return gate.in_flight == gate.waiting == 0 and not gate._line and gate._timer is None and not gate._sleepers


@in_virtual_time
async def test_with_a_slot_and_a_token_free_nobody_waits() -> None:
    gate = make_gate(FIVE)

    assert [gate.try_enter() for _ in range(6)] == [1, 2, 3, 4, 5, 0]
    assert (gate.in_flight, gate.waiting) == (5, 0)
    gate.leave(0, is_admitted=True)
    assert gate.in_flight == 4


@in_virtual_time
async def test_attempts_go_in_order_of_arrival_as_tokens_come() -> None:
    visitors = Visitors(make_gate(FIVE))
    for place in range(30):
        visitors.send(place)
    await settle()
    assert visitors.places == [0, 1, 2, 3, 4]
    assert visitors.gate.waiting == 25

    await visitors.all_gone()

    assert visitors.places == list(range(30))
    assert visitors.times[-1] == pytest.approx(2.5, abs=0.4)
    assert is_idle(visitors.gate)


async def test_those_who_come_behind_others_set_no_timer_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, gate = asyncio.get_running_loop(), make_gate(RateLimit(1, burst=1))
    set_timer = gate._set_timer
    timers: list[float] = []

    def count_timer(when: float) -> None:
        timers.append(when)
        set_timer(when)

    monkeypatch.setattr(gate, "_set_timer", count_timer)
    assert gate.try_enter() == 1
    waiting = [loop.create_task(gate.enter(place)) for place in range(2, 22)]
    await until(lambda: gate.waiting == len(waiting))

    assert len(timers) == 1
    first = gate._timer
    gate._look_again()
    assert gate._timer is first is not None

    gate.close()
    assert all(isinstance(each, SessionClosedError) for each in await asyncio.gather(*waiting, return_exceptions=True))


@in_virtual_time
async def test_a_retry_goes_before_calls_that_came_later() -> None:
    visitors = Visitors(make_gate(FIVE))
    for place in (1, 2, 3, 4, 5, 11, 12, 13):
        visitors.send(place)
    await settle()
    visitors.send(7)
    await visitors.all_gone()

    assert visitors.places == [1, 2, 3, 4, 5, 7, 11, 12, 13]


@in_virtual_time
async def test_newcomers_do_not_pass_those_in_line_although_a_token_is_there() -> None:
    visitors = Visitors(make_gate(FIVE))
    for place in range(6):
        visitors.send(place)
    await settle()
    be_busy(1)

    assert visitors.gate.tokens >= 1
    assert visitors.gate.try_enter() == 0
    await visitors.all_gone()
    assert visitors.places == [0, 1, 2, 3, 4, 5]


@in_virtual_time
async def test_never_more_are_inside_than_there_are_slots_and_no_token_is_hoarded() -> None:
    visitors = Visitors(make_gate(FIVE, slots=2))
    for place in range(4):
        visitors.send(place, stay=10)
    await settle()
    assert (visitors.gate.in_flight, visitors.gate.waiting) == (2, 2)
    await asyncio.sleep(5)
    assert visitors.gate.tokens == 5

    await visitors.all_gone()
    assert visitors.times == pytest.approx([0, 0, 10, 10], abs=0.01)


@in_virtual_time
async def test_a_waiter_that_gives_up_costs_nothing() -> None:
    visitors = Visitors(make_gate(FIVE))
    for place in range(25):
        visitors.send(place)
    await settle()
    for task in visitors.tasks[5:20]:
        task.cancel()
    await settle()
    assert visitors.gate.waiting == 5

    await visitors.all_gone()
    assert visitors.places == [0, 1, 2, 3, 4, 20, 21, 22, 23, 24]
    assert visitors.times[-1] == pytest.approx(0.5, abs=0.3)
    assert is_idle(visitors.gate)


@in_virtual_time
async def test_the_line_does_not_grow_by_those_who_give_up() -> None:
    visitors = Visitors(make_gate(RateLimit(0.001, burst=1)))
    visitors.send(0)
    await settle()
    for place in range(1, 500):
        visitors.send(place)
        await asyncio.sleep(0)
        if place % 50:
            visitors.tasks[-1].cancel()
            await settle()

    assert visitors.gate.waiting == 9
    assert len(visitors.gate._line) <= 20
    visitors.gate.close()
    await visitors.all_gone()


@in_virtual_time
async def test_one_that_is_cancelled_as_it_is_let_in_gives_everything_back() -> None:
    gate = make_gate(FIVE, slots=1)
    assert gate.try_enter()
    task = asyncio.ensure_future(gate.enter(2))
    await settle()
    tokens = gate.tokens

    gate.leave(0, is_admitted=True)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert gate.tokens == pytest.approx(tokens, abs=0.01)
    assert is_idle(gate)


@in_virtual_time
async def test_when_one_is_cancelled_as_it_is_let_in_the_next_goes() -> None:
    gate = make_gate(FIVE, slots=1)
    visitors = Visitors(gate)
    assert gate.try_enter()
    first, second = visitors.send(1), visitors.send(2)
    await settle()

    gate.leave(0, is_admitted=True)
    first.cancel()
    await second

    assert visitors.places == [2]
    assert is_idle(gate)


@in_virtual_time
async def test_a_wait_that_would_be_too_long_is_not_begun() -> None:
    gate = make_gate(RateLimit(10, burst=5, max_wait=1.0))
    visitors = Visitors(gate)
    for place in range(40):
        visitors.send(place)
    outcomes = await visitors.all_gone()
    refused = [error for error in outcomes if error is not None]

    assert visitors.times[-1] <= 1.5
    assert 20 <= len(refused) <= 30
    assert {type(error) for error in refused} == {QueueTimeoutError}
    assert "longer than its max_wait (1.0 s)" in str(refused[0])
    assert isinstance(refused[-1], QueueTimeoutError)
    assert refused[-1].wait > 1
    assert is_idle(gate)


@in_virtual_time
async def test_thousands_who_wait_do_not_stop_the_loop_for_those_who_come() -> None:
    gate = make_gate(RateLimit(10_000, burst=5, max_wait=3.0))
    visitors = Visitors(gate)
    started = time.process_time()
    for place in range(20_000):
        visitors.send(place)
    outcomes = await visitors.all_gone()

    assert outcomes == [None] * 20_000
    assert time.process_time() - started < 10  # it was minutes as long as each was compared with all before it


@in_virtual_time
async def test_a_retry_is_held_back_only_by_those_before_it() -> None:
    gate = make_gate(RateLimit(10, burst=5, max_wait=1.0))
    visitors = Visitors(gate)
    for place in range(10, 40):
        visitors.send(place, stay=5)
    await settle()

    visitors.send(99)
    visitors.send(1)
    *_, refused, retried = await visitors.all_gone()
    assert isinstance(refused, QueueTimeoutError)
    assert retried is None
    assert visitors.places.index(1) == 5


@in_virtual_time
async def test_a_429_makes_everyone_wait() -> None:
    gate = make_gate(FIVE)
    visitors = Visitors(gate)
    serial = gate.try_enter()
    visitors.send(2)
    gate.throttled(serial, 7.0, is_named=True)
    visitors.send(3)
    assert gate.tokens == 0
    assert gate.try_enter() == 0
    await visitors.all_gone()

    assert visitors.times == pytest.approx([7, 7], abs=0.01)


@in_virtual_time
async def test_a_429_lowers_the_rate_of_an_adaptive_limit() -> None:
    gate = make_gate(RateLimit(100, burst=5))
    serial = gate.try_enter()
    gate.throttled(serial, 1.0, is_named=True)
    await asyncio.sleep(1.1)

    assert gate.tokens < 5
    assert gate.rate < 100


@in_virtual_time
async def test_a_pause_beyond_patience_sends_everyone_away_at_once() -> None:
    gate = make_gate(FIVE)
    visitors = Visitors(gate, patience=60)
    serial = [gate.try_enter() for _ in range(5)][-1]
    for place in range(3):
        visitors.send(place)
    await settle()
    gate.throttled(serial, 3_600.0, is_named=True)
    outcomes = await visitors.all_gone()
    with pytest.raises(QueueTimeoutError, match="no more calls for 3600 s"):
        await gate.enter(9, patience=60)

    assert [type(error) for error in outcomes] == [QueueTimeoutError] * 3
    assert len(set(map(id, outcomes))) == 3
    assert elapsed() < 0.1
    assert gate.waiting == 0
    await asyncio.sleep(3_600)
    assert gate.try_enter()


@in_virtual_time
async def test_a_pause_that_the_bucket_hears_of_by_itself_sends_the_impatient_away_as_well() -> None:
    gate = make_gate(FIVE, slots=5)
    visitors = Visitors(gate, patience=60)
    for place in range(6):
        visitors.send(place, stay=1)
    await settle()
    bucket = gate.bucket
    assert isinstance(bucket, TokenBucket)
    bucket.pause(3_600.0, asyncio.get_running_loop().time())
    bucket.on_more()
    outcomes = await visitors.all_gone()

    assert [type(outcome) for outcome in outcomes] == [*[type(None)] * 5, QueueTimeoutError]
    assert elapsed() < 2


@in_virtual_time
async def test_those_who_give_up_as_they_are_sent_away_are_not_counted_any_more() -> None:
    gate = make_gate(FIVE, slots=1)
    visitors = Visitors(gate, patience=60)
    serial = gate.try_enter()
    for place in range(4):
        visitors.send(place)
    await settle()

    visitors.tasks[0].cancel()
    gate.throttled(serial, 3_600.0, is_named=True)
    await visitors.all_gone()

    assert gate.waiting == 0
    await asyncio.sleep(3_600)
    visitors.send(9)
    await settle()
    assert gate.waiting == 1
    gate.leave(0, is_admitted=True)
    await visitors.all_gone()
    assert is_idle(gate)


@in_virtual_time
async def test_closing_sends_everyone_away_and_lets_nobody_in() -> None:
    gate = make_gate(FIVE, slots=1)
    visitors = Visitors(gate)
    assert gate.try_enter()
    visitors.send(1)
    visitors.send(2)
    sleeper = asyncio.ensure_future(gate.sleep(100))
    await settle()

    visitors.tasks[1].cancel()
    gate.close()
    outcomes = await visitors.all_gone()

    assert [type(outcome) for outcome in outcomes] == [SessionClosedError, asyncio.CancelledError]
    with pytest.raises(SessionClosedError):
        await sleeper
    with pytest.raises(SessionClosedError):
        await gate.enter(3)
    with pytest.raises(SessionClosedError):
        await gate.sleep(1)
    assert gate.try_enter() == 0
    gate.leave(0, is_admitted=True)
    gate.close()
    assert is_idle(gate)
    assert elapsed() < 0.1


@in_virtual_time
async def test_whoever_was_let_in_as_it_closed_is_sent_away_too() -> None:
    visitors = Visitors(gate := make_gate(FIVE, slots=1))
    assert gate.try_enter()
    visitors.send(1)
    await settle()

    gate.leave(0, is_admitted=True)
    gate.close()

    assert [type(outcome) for outcome in await visitors.all_gone()] == [SessionClosedError]
    assert (visitors.places, gate.tokens) == ([], 4)
    assert is_idle(gate)


@in_virtual_time
async def test_a_closed_gate_waits_for_no_token() -> None:
    visitors = Visitors(make_gate(RateLimit(0.01, burst=1)))
    visitors.send(1)
    visitors.send(2)
    await settle()

    visitors.gate.close()
    outcomes = await visitors.all_gone()

    assert [type(outcome) for outcome in outcomes] == [type(None), SessionClosedError]
    assert is_idle(visitors.gate)
    await asyncio.sleep(1_000)
    assert visitors.gate.tokens == 1
    assert visitors.gate.try_enter() == 0


@in_virtual_time
async def test_one_sleeps_without_a_slot_and_can_be_woken() -> None:
    gate = make_gate(FIVE, slots=1)
    await gate.sleep(3)
    assert elapsed() == pytest.approx(3, abs=0.01)

    sleeper = asyncio.ensure_future(gate.sleep(100))
    await settle()
    assert gate.try_enter()
    sleeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeper
    gate.leave(0, is_admitted=True)
    assert is_idle(gate)


@attrs.define
class Custom:
    """A limiter of somebody's own: it counts, and does what it is told."""

    gate_in_flight: list[int] = attrs.field(factory=list)
    notes: list[float | None] = attrs.field(factory=list)
    opened: asyncio.Event = attrs.field(factory=asyncio.Event)
    failure: Exception | None = None
    gate: Gate | None = None

    async def acquire(self) -> None:
        if self.gate is not None:
            self.gate_in_flight.append(self.gate.in_flight)
        if self.failure is not None:
            raise self.failure
        await self.opened.wait()

    def throttled(self, retry_after: float | None) -> None:
        self.notes.append(retry_after)


@in_virtual_time
async def test_no_slot_is_held_while_a_limiter_of_ones_own_is_asked_for_those_that_have_one_to_go_with() -> None:
    limiter = Custom()
    gate = limiter.gate = make_gate(limiter, slots=1)
    visitors = Visitors(gate)
    visitors.send(1, stay=1)
    visitors.send(2)
    await settle()
    assert limiter.gate_in_flight == [0]
    assert gate.in_flight == 0
    assert visitors.entered == []
    assert gate.try_enter() == 0
    assert gate.tokens == 0

    limiter.opened.set()
    await visitors.all_gone()

    assert limiter.gate_in_flight == [0, 0]
    assert visitors.places == [1, 2]
    assert gate.tokens == gate.rate == float("inf")
    assert is_idle(gate)


@in_virtual_time
async def test_a_limiter_of_ones_own_is_told_of_a_429() -> None:
    limiter = Custom()
    gate = make_gate(limiter)
    gate.throttled(1, 0.5, is_named=False)
    gate.throttled(1, 7.0, is_named=True)

    assert limiter.notes == [None, 7.0]


@in_virtual_time
async def test_closing_ends_the_wait_for_a_limiter_of_ones_own() -> None:
    gate = make_gate(Custom(), slots=2)
    visitors = Visitors(gate)
    for place in range(4):
        visitors.send(place)
    await settle()
    gate.close()

    assert [type(outcome) for outcome in await visitors.all_gone()] == [SessionClosedError] * 4
    assert is_idle(gate)


@pytest.mark.parametrize("failure", [None, RuntimeError("Redis is gone")])
@in_virtual_time
async def test_a_slot_is_given_back_when_the_wait_for_a_limiter_of_ones_own_fails(failure: Exception | None) -> None:
    gate = make_gate(Custom(failure=failure), slots=1)
    task = asyncio.ensure_future(gate.enter(1))
    await settle()
    task.cancel()

    with pytest.raises(asyncio.CancelledError if failure is None else RuntimeError):
        await task
    assert is_idle(gate)


@attrs.frozen
class Visit:
    """When somebody comes, how long they stay inside, and when they lose patience, if they do."""

    comes: float
    stays: float
    gives_up: float | None


MOMENTS = st.sampled_from([0.0, 0.001, 0.05, 0.1, 0.5, 1.0, 3.0]) | st.floats(0, 5)
VISITS = st.lists(st.builds(Visit, MOMENTS, MOMENTS, st.none() | st.none() | MOMENTS), min_size=1, max_size=40)
PAUSES = st.lists(st.tuples(MOMENTS, MOMENTS), max_size=3)


@attrs.define
class Day:
    """A day at a gate: who came, got in and left when."""

    gate: Gate
    came: dict[int, float] = attrs.field(factory=dict)
    got_in: dict[int, float] = attrs.field(factory=dict)
    left: dict[int, float] = attrs.field(factory=dict)
    gone: dict[int, float] = attrs.field(factory=dict)
    pauses: list[tuple[float, float]] = attrs.field(factory=list)

    async def visit(self, visit: Visit) -> None:
        await asyncio.sleep(visit.comes)
        place = len(self.came)
        self.came[place] = elapsed()
        try:
            async with asyncio.timeout(visit.gives_up):
                _ = self.gate.try_enter() or await self.gate.enter(place)
        except TimeoutError:
            self.gone[place] = elapsed()
            return
        self.got_in[place] = elapsed()
        try:
            await asyncio.sleep(visit.stays)
        finally:
            self.left[place] = elapsed()
            self.gate.leave(0, is_admitted=True)

    async def pause(self, at: float, seconds: float) -> None:
        await asyncio.sleep(at)
        self.pauses.append((elapsed(), elapsed() + seconds))
        self.gate.throttled(0, seconds, is_named=True)


async def spend_a_day(
    limit: RateLimit, slots: int, visits: Sequence[Visit], pauses: Sequence[tuple[float, float]]
) -> Day:
    day = Day(make_gate(limit, slots=slots))
    async with asyncio.timeout(100_000):
        await asyncio.gather(*(day.visit(visit) for visit in visits), *(day.pause(*pause) for pause in pauses))
    assert is_idle(day.gate)
    await asyncio.sleep(limit.burst / limit.per_second + 4_000)
    assert day.gate.tokens == limit.burst
    return day


@given(st.floats(0.5, 200), st.integers(1, 8), st.booleans(), st.integers(1, 8), VISITS, PAUSES)
@settings(max_examples=200)
def test_whoever_comes_and_goes_the_gate_keeps_its_promises(
    rate: float,
    burst: int,
    adaptive: bool,
    slots: int,
    visits: list[Visit],
    pauses: list[tuple[float, float]],
) -> None:
    day = run(spend_a_day(RateLimit(rate, burst=burst, adaptive=adaptive), slots, visits, pauses))

    assert day.got_in.keys() | day.gone.keys() == day.came.keys(), "nobody is forgotten"
    assert day.gone.keys() <= {place for place in day.came if place not in day.got_in}
    assert_rate_held(sorted(day.got_in.values()), rate, burst)
    assert_pauses_held(day)
    assert_slots_held(day, slots)
    assert_order_held(day)


def assert_rate_held(times: list[float], rate: float, burst: int) -> None:
    for first, last in itertools.combinations(range(len(times)), 2):
        # A task runs some turns of the loop after it was let in.
        assert last - first + 1 <= burst + rate * (times[last] - times[first] + 0.001)


def assert_pauses_held(day: Day) -> None:
    for begin, end in day.pauses:
        assert [when for when in day.got_in.values() if begin + 0.001 < when < end - 0.001] == []


def assert_slots_held(day: Day, slots: int) -> None:
    for when in day.got_in.values():
        inside = [place for place, entered in day.got_in.items() if entered <= when < day.left[place]]
        assert len(inside) <= slots


def assert_order_held(day: Day) -> None:
    for place, when in day.got_in.items():
        before = [other for other in day.came if other < place and day.came[other] < when]
        waiting = [other for other in before if day.got_in.get(other, day.gone.get(other, 0.0)) > when + 0.001]
        assert waiting == [], f"{place} went before {waiting}"


@given(st.floats(1, 200), st.integers(1, 8), st.integers(1, 60), st.integers(0, 30))
def test_those_who_give_up_leave_their_tokens_to_the_others(rate: float, burst: int, number: int, fickle: int) -> None:
    gives_up = burst / rate / 3
    visits = [Visit(0.0, 0.0, gives_up) for _ in range(fickle)] + [Visit(0.0, 0.0, None) for _ in range(number)]
    day = run(spend_a_day(RateLimit(rate, burst=burst), 1_000, visits, []))
    served = len(day.got_in)

    assert max(day.got_in.values()) <= max(0, served - burst) / rate + 0.35


@in_virtual_time
async def test_an_error_of_the_gate_holds_no_part_of_it() -> None:
    gate = make_gate(FIVE)
    gate.close()
    error: TavusError | None = None
    with contextlib.suppress(SessionClosedError):
        try:
            await gate.enter(1)
        except SessionClosedError as caught:
            error = caught
            raise

    assert error is not None
    assert vars(error) == {}
    assert traceback.format_exception_only(error) == ["tavus_async.errors.SessionClosedError: the session is closed\n"]


@in_virtual_time
async def test_who_comes_too_late_is_not_told_of_a_pause_that_there_is_not() -> None:
    gate = make_gate(FIVE, slots=1)
    assert gate.try_enter()
    now = asyncio.get_running_loop().time()

    with pytest.raises(DeadlineExceededError, match=r"its time ends in 0\.00 s"):
        await gate.enter(1, deadline=now - 1)
