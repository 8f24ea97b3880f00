"""Waiting for something that is read again and again, in virtual time."""

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from tavus_async import Call
from tavus_async._bulk.polling import LONGEST_POLL_DELAY, POLL_DELAY, SPREAD, Polls
from tavus_async._bulk.session_part import Send
from tavus_async.errors import (
    DeadlineExceededError,
    NotFoundError,
    ProcessingFailedError,
    ServerError,
    SessionClosedError,
    TavusError,
)
from tests.support.virtual_time import in_virtual_time

CALL: Call[int] = Call(method="GET", path="/v2/videos/v1", decode=int)


@attrs.define(kw_only=True)
class Reading:
    """Reads numbers that grow by one with each reading, or raises what stands in the place of one."""

    failures: dict[int, Exception] = attrs.field(factory=dict)
    times: list[float] = attrs.field(factory=list)
    seconds: float = 0.0

    async def __call__(self, call: Call[Any], *, timeout: float | None = None) -> Any:
        assert call is CALL
        self.times.append(asyncio.get_running_loop().time())
        number = len(self.times)
        await asyncio.sleep(self.seconds)
        if number in self.failures:
            raise self.failures[number]
        return number

    @property
    def gaps(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]


class PollsOf(Polls):
    """Polls of which all readings are by one function."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self.send = send


def at_least(number: int) -> Callable[[int], str | None]:
    return lambda value: f"at {value}" if value >= number else None


def waiting(polls: "PollsOf", number: int, *, timeout: float | None = None, **more: Any) -> "asyncio.Task[str]":
    wait = polls.wait(CALL, at_least(number), send=polls.send, key="v1", what="the video v1", timeout=timeout, **more)
    return asyncio.get_running_loop().create_task(wait)


def refused(kind: type[Any], status: int) -> TavusError:
    error: TavusError = kind("no", status=status)
    return error


@in_virtual_time
async def test_it_reads_at_once_and_then_less_and_less_often() -> None:
    reading = Reading()
    polls = PollsOf(reading)

    assert await waiting(polls, 10) == "at 10"
    assert POLL_DELAY <= reading.gaps[0] <= POLL_DELAY * (1 + SPREAD) + 0.01
    assert LONGEST_POLL_DELAY <= reading.gaps[-1] <= LONGEST_POLL_DELAY * (1 + SPREAD) + 0.01
    assert polls._polls == {}


@in_virtual_time
async def test_one_reading_serves_all_who_wait_for_the_same() -> None:
    reading = Reading()
    polls = PollsOf(reading)

    assert set(await asyncio.gather(*(waiting(polls, 4) for _ in range(100)))) == {"at 4"}
    assert len(reading.times) == 4


@in_virtual_time
async def test_each_gets_what_it_waits_for_as_soon_as_it_is_there() -> None:
    polls = PollsOf(Reading())

    assert await asyncio.gather(*(waiting(polls, number) for number in (1, 2, 3))) == ["at 1", "at 2", "at 3"]


@in_virtual_time
async def test_a_newcomer_is_told_what_was_read_last_and_is_read_for_soon() -> None:
    reading = Reading()
    polls = PollsOf(reading)
    patient = waiting(polls, 20)
    await asyncio.sleep(60)
    before = len(reading.times)

    assert await waiting(polls, before) == f"at {before}"
    assert len(reading.times) == before

    joined = asyncio.get_running_loop().time()
    assert await waiting(polls, before + 1) == f"at {before + 1}"
    assert reading.times[before] - joined <= POLL_DELAY * (1 + SPREAD) + 0.01
    patient.cancel()


@in_virtual_time
async def test_newcomers_do_not_make_it_read_more_often_than_at_first() -> None:
    reading = Reading()
    polls = PollsOf(reading)
    waits = []
    for _ in range(200):
        waits.append(waiting(polls, 1_000))
        await asyncio.sleep(0.1)

    assert len(reading.times) <= 20 / POLL_DELAY + 1
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


@in_virtual_time
async def test_progress_is_told_when_something_has_changed() -> None:
    seen: list[int] = []
    polls = PollsOf(Reading())

    await waiting(polls, 3, on_progress=seen.append)

    assert seen == [1, 2, 3]


@in_virtual_time
async def test_what_has_not_changed_is_no_progress() -> None:
    seen: list[str] = []

    async def read(call: Call[Any], *, timeout: float | None = None) -> str:
        return "queued"

    polls = PollsOf(read)
    with pytest.raises(DeadlineExceededError):
        await polls.wait(
            CALL,
            lambda _value: None,
            send=polls.send,
            key="v1",
            what="it",
            timeout=60,
            on_progress=lambda value: seen.append(str(value)),
        )

    assert seen == ["queued"]


@in_virtual_time
async def test_the_end_of_the_time_is_told_with_what_was_waited_for() -> None:
    reading = Reading()
    polls = PollsOf(reading)
    with pytest.raises(DeadlineExceededError, match=r"^the video v1 did not come within 30 s$"):
        await waiting(polls, 1_000, timeout=30)

    assert polls._polls == {}
    read = len(reading.times)
    await asyncio.sleep(600)
    assert len(reading.times) == read


@in_virtual_time
async def test_a_failure_that_will_pass_is_read_over() -> None:
    polls = PollsOf(Reading(failures={1: refused(ServerError, 503), 2: DeadlineExceededError("late")}))

    assert await waiting(polls, 3) == "at 3"


@in_virtual_time
async def test_one_that_does_not_pass_in_time_is_told() -> None:
    polls = PollsOf(Reading(failures=dict.fromkeys(range(1, 100), refused(ServerError, 503))))
    with pytest.raises(DeadlineExceededError, match=r"within 30 s; the last reading failed: GET  was answered 503"):
        await waiting(polls, 1, timeout=30)


@in_virtual_time
async def test_any_other_failure_ends_everybodys_wait() -> None:
    polls = PollsOf(Reading(failures={2: refused(NotFoundError, 404)}))
    ends = await asyncio.gather(*(waiting(polls, 9) for _ in range(3)), return_exceptions=True)

    assert [type(end) for end in ends] == [NotFoundError] * 3
    assert len({id(end) for end in ends}) == 3
    assert polls._polls == {}


@in_virtual_time
async def test_a_bug_in_reading_is_not_swallowed() -> None:
    polls = PollsOf(Reading(failures={1: ZeroDivisionError()}))
    with pytest.raises(ZeroDivisionError):
        await waiting(polls, 9)


@in_virtual_time
async def test_what_looking_raises_goes_to_the_one_who_looks() -> None:
    def look(value: int) -> None:
        raise ProcessingFailedError("the video failed: no face", value=value, reason="no face")

    polls = PollsOf(Reading())
    other = waiting(polls, 3)
    with pytest.raises(ProcessingFailedError):
        await polls.wait(CALL, look, send=polls.send, key="v1", what="the video v1", timeout=None)

    assert await other == "at 3"


@in_virtual_time
async def test_what_a_callback_raises_goes_to_the_one_whose_it_is() -> None:
    polls = PollsOf(Reading())
    other = waiting(polls, 3)
    with pytest.raises(ZeroDivisionError):
        await waiting(polls, 3, on_progress=lambda value: 1 // 0)

    assert await other == "at 3"


@in_virtual_time
async def test_cancelling_one_leaves_the_others_waiting() -> None:
    reading = Reading(seconds=0.5)
    polls = PollsOf(reading)
    first, second = waiting(polls, 3), waiting(polls, 3)
    await asyncio.sleep(0.2)
    first.cancel()

    assert await second == "at 3"
    assert first.cancelled()


@in_virtual_time
async def test_when_the_last_one_gives_up_nothing_is_read_any_more() -> None:
    reading = Reading(seconds=0.5)
    polls = PollsOf(reading)
    wait = waiting(polls, 3)
    await asyncio.sleep(0.2)
    wait.cancel()
    await asyncio.wait({wait})
    await asyncio.sleep(60)

    assert len(reading.times) == 1
    assert len(asyncio.all_tasks()) == 1


@in_virtual_time
async def test_who_comes_as_the_last_reading_ends_is_read_for() -> None:
    """In the turn of the loop in which the reading has ended, and before those who waited have gone."""
    polls = PollsOf(Reading())
    first = waiting(polls, 1)
    await asyncio.sleep(0)
    (poll,) = polls._polls.values()
    wait = polls.wait(CALL, at_least(2), send=polls.send, key="v1", what="the video v1", timeout=60)
    assert poll.task is not None
    await asyncio.wait({poll.task})
    polls._polls["v1"] = poll  # as it is before they have gone

    assert await wait == "at 2"
    assert await first == "at 1"


@in_virtual_time
async def test_after_all_have_gone_another_may_come() -> None:
    polls = PollsOf(Reading())
    first = waiting(polls, 3)
    await asyncio.sleep(0.2)
    first.cancel()

    assert await waiting(polls, 3) == "at 3"


@in_virtual_time
async def test_closing_ends_everybodys_wait() -> None:
    polls = PollsOf(Reading(seconds=0.5))
    waits = [waiting(polls, 3) for _ in range(3)]
    await asyncio.sleep(0.2)
    await polls.aclose()
    ends = await asyncio.gather(*waits, return_exceptions=True)

    assert [type(end) for end in ends] == [SessionClosedError] * 3
    assert len(asyncio.all_tasks()) == 1


@in_virtual_time
async def test_what_is_there_already_needs_one_reading() -> None:
    reading = Reading()

    assert await waiting(PollsOf(reading), 1) == "at 1"
    assert len(reading.times) == 1
