"""What a member does while Redis does not answer."""

import logging
import math
from typing import Any

import pytest

from tavus_async import ConfigurationError, QueueTimeoutError
from tavus_async._records.secrets import Secret
from tavus_async.integrations.redis.link import RefusedError, UnreachableError
from tavus_async.integrations.redis.outage import OWN_AFTER, REFUSED_FOR, RedisOutage
from tavus_async.integrations.redis.scripts import LeaseAnswer
from tavus_async.integrations.redis.terms import Terms

HORIZON = 0.25
RATE = 100.0
GONE = UnreachableError("no answer")
REFUSED = RefusedError("WRONGPASS")
SLOTS = LeaseAnswer(kind="slots", shown=0.0, members=4)
HOLD = LeaseAnswer(kind="hold", shown=0.0, members=4, seconds=1.0)


def outage(**told: Any) -> RedisOutage:
    terms: dict[str, Any] = {"adaptive": True, "max_wait": None, "alone": None, "on_outage": "share", **told}
    source = Secret("redis://localhost")
    return RedisOutage(Terms(source=source, name="fleet", per_second=RATE, burst=5, horizon=HORIZON, **terms))


def after_a_lease(**told: Any) -> RedisOutage:
    found = outage(**told)
    found.reached(SLOTS, 9.0, last_slot=9.0, rate=RATE)
    return found


def test_it_goes_on_with_one_part_once_all_slots_have_passed() -> None:
    cut = after_a_lease()
    cut.cut_off(10.0, GONE, last_slot=10.2, rate=RATE)
    begins = 10.2 + OWN_AFTER * HORIZON

    assert (cut.is_cut_off, cut.is_on, cut.rate(10.0, RATE)) == (True, True, RATE / 4)
    assert begins <= 10.0 + cut.wait(10.0) <= begins + 4 / RATE
    assert cut.queue_wait(3, 10.0) == pytest.approx(cut.wait(10.0) + 2 * 4 / RATE)
    cut.take(begins + 1.0)
    cut.cut_off(12.0, GONE, last_slot=10.2, rate=RATE)
    assert cut.spent == 1


def test_one_that_has_never_reached_it_waits_unless_it_was_told_its_share() -> None:
    stranger, told = outage(), outage(alone=7.0)
    for each in (stranger, told):
        each.cut_off(10.0, GONE, last_slot=-math.inf, rate=RATE)

    assert (stranger.wait(100.0), stranger.rate(100.0, RATE)) == (math.inf, 0.0)
    assert told.wait(100.0) == 0.0
    assert told.rate(100.0, RATE) == pytest.approx(7.0)


def test_where_all_are_to_wait_nobody_goes() -> None:
    cut = after_a_lease(on_outage="wait")
    cut.cut_off(10.0, GONE, last_slot=9.0, rate=RATE)

    assert (cut.wait(100.0), cut.is_on) == (math.inf, True)


@pytest.mark.parametrize(
    ("told", "error", "expected"),
    [
        ({"on_outage": "fail"}, GONE, QueueTimeoutError),
        ({"on_outage": "wait"}, REFUSED, ConfigurationError),
        ({"on_outage": "share"}, REFUSED, ConfigurationError),
    ],
)
def test_calls_fail_for_a_second_and_then_it_is_asked_again(
    told: dict[str, Any], error: Exception, expected: type[Exception]
) -> None:
    cut = outage(**told)
    cut.cut_off(10.0, error, last_slot=-math.inf, rate=RATE)

    assert cut.wait(10.5) == 0.0
    with pytest.raises(expected):
        cut.take(10.5)
    assert cut.wait(10.0 + REFUSED_FOR) == math.inf


def test_a_redis_that_refuses_is_an_outage_to_one_that_has_a_share() -> None:
    cut = after_a_lease()
    cut.cut_off(10.0, REFUSED, last_slot=9.0, rate=RATE)
    cut.take(100.0)

    assert cut.spent == 1


def test_an_answer_ends_it_and_a_hold_does_not(caplog: pytest.LogCaptureFixture) -> None:
    cut = after_a_lease()
    with caplog.at_level(logging.WARNING, "tavus_async"):
        for _ in range(2):
            cut.cut_off(10.0, GONE, last_slot=9.0, rate=RATE)
        assert cut.reached(HOLD, 11.0, last_slot=9.0, rate=RATE)
        assert (cut.is_cut_off, cut.is_on) == (False, True)
        assert not cut.reached(SLOTS, 12.0, last_slot=9.0, rate=RATE)

    assert (cut.is_on, cut.spent, cut.wait(12.0), cut.rate(12.0, RATE)) == (False, 0, math.inf, RATE)
    assert [record.getMessage().partition(",")[0].split("'")[2] for record in caplog.records] == [
        " has no Redis",
        " has its Redis again",
    ]


def test_in_a_hold_one_that_has_had_slots_goes_on_with_its_share() -> None:
    held, stranger = after_a_lease(), outage()
    for each, last in ((held, 9.0), (stranger, -math.inf)):
        each.reached(HOLD, 10.0, last_slot=last, rate=RATE)

    assert (held.rate(10.0, RATE), stranger.is_on) == (RATE / 4, False)
