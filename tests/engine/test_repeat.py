import asyncio
import statistics
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_async import (
    ApiError,
    ConnectionLostError,
    RateLimitedError,
    ServerError,
    TavusError,
)
from tavus_async._engine.repeat import RetryBudget, jitter, retry
from tests.support.virtual_time import elapsed, in_virtual_time

LOST = ConnectionLostError("lost")


def refusal(status: int, retry_after: float | None = None) -> ApiError:
    kind = RateLimitedError if status == 429 else ServerError if status >= 500 else ApiError
    return kind("no", status=status, retry_after=retry_after)


def test_a_budget_starts_full_pays_for_retries_and_is_earned_back() -> None:
    budget = RetryBudget(2)

    assert [budget.spend(), budget.spend(), budget.spend()] == [True, True, False]
    assert budget.left == 0
    budget.earn(0.6)
    assert not budget.spend()
    budget.earn(0.6)
    assert budget.spend()
    assert budget.left == pytest.approx(0.2)
    budget.earn(1e9)
    assert budget.left == 2


@given(st.integers(1, 50), st.lists(st.none() | st.floats(0, 3), max_size=100))
def test_a_budget_is_never_overdrawn_nor_overfull(capacity: int, history: list[float | None]) -> None:
    budget = RetryBudget(capacity)
    spent, earned = 0, 0.0
    for amount in history:
        if amount is None:
            spent += budget.spend()
        else:
            earned += amount
            budget.earn(amount)
        assert 0 <= budget.left <= capacity

    assert spent <= capacity + earned


def test_the_dice_are_fair() -> None:
    throws = [jitter() for _ in range(2_000)]

    assert 0 <= min(throws) <= max(throws) <= 1
    assert statistics.mean(throws) == pytest.approx(0.5, abs=0.1)


@attrs.define
class Story:
    """What becomes of each further attempt, and what was asked and slept meanwhile."""

    outcomes: list[Any]
    delays: list[float | None]
    asked: list[tuple[str, int]] = attrs.field(factory=list)
    slept: list[float] = attrs.field(factory=list)
    sent: int = 0

    async def attempt(self) -> Any:
        self.sent += 1
        outcome = self.outcomes.pop(0)
        await asyncio.sleep(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def next_delay(self, error: TavusError, attempts: int) -> float | None:
        self.asked.append((str(error), attempts))
        return self.delays.pop(0)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds)

    async def tell(self, first: str = "one") -> Any:
        return await retry(self.attempt, first=TavusError(first), next_delay=self.next_delay, sleep=self.sleep)


@in_virtual_time
async def test_attempts_are_repeated_until_one_succeeds() -> None:
    story = Story([TavusError("two"), TavusError("three"), "fine"], [0.5, 1.0, 2.0])

    assert await story.tell() == "fine"
    assert story.asked == [("one", 1), ("two", 2), ("three", 3)]
    assert story.slept == [0.5, 1.0, 2.0]
    assert story.sent == 3
    assert elapsed() == pytest.approx(3.5, abs=0.01)


@pytest.mark.parametrize("value", [None, 0, "", b"", False, []])
@in_virtual_time
async def test_any_value_is_a_success(value: object) -> None:
    assert await Story([value], [0.0]).tell() is value


@in_virtual_time
async def test_with_no_wait_granted_the_error_stands_as_it_is() -> None:
    story = Story([TavusError("two"), "never"], [0.5, None])

    with pytest.raises(TavusError, match=r"^two$") as caught:
        await story.tell()
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert story.sent == 1


@in_virtual_time
async def test_where_the_first_failure_is_final_nothing_is_sent() -> None:
    story = Story([], [None])

    with pytest.raises(TavusError, match=r"^one$"):
        await story.tell()
    assert (story.sent, story.slept) == (0, [])


@pytest.mark.parametrize("failure", [ValueError("a bug"), asyncio.CancelledError(), KeyboardInterrupt()])
@in_virtual_time
async def test_what_is_no_error_of_ours_passes_through(failure: BaseException) -> None:
    story = Story([failure, "never"], [0.5, 0.5])

    with pytest.raises(type(failure)) as caught:
        await story.tell()
    assert caught.value is failure
    assert story.asked == [("one", 1)]


@pytest.mark.parametrize("moment", [0.25, 1.0])
@in_virtual_time
async def test_cancellation_ends_it_at_once(moment: float) -> None:
    async def hang() -> str:
        await asyncio.sleep(1_000)
        return "never"

    story = Story([], [0.5])
    story_attempt: Callable[[], Any] = hang
    told = retry(story_attempt, first=TavusError("one"), next_delay=story.next_delay, sleep=story.sleep)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(moment):
            await told

    assert elapsed() == pytest.approx(moment, abs=0.01)


@in_virtual_time
async def test_stories_told_at_once_do_not_mix() -> None:
    stories = [Story([TavusError(f"{number}")] * number + [number], [0.1] * (number + 1)) for number in range(20)]

    assert await asyncio.gather(*(story.tell(f"first of {number}") for number, story in enumerate(stories))) == list(
        range(20)
    )
    for number, story in enumerate(stories):
        assert story.asked[0] == (f"first of {number}", 1)
        assert [attempts for _, attempts in story.asked] == list(range(1, number + 2))
        assert {text for text, _ in story.asked[1:]} <= {str(number)}
