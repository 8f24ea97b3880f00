"""Functions of the user's own in a bulk call: whatever they raise, nothing is lost in silence."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

import pytest

from tavus_async import AsyncSession, InvalidRequestError, Progress
from tests.support.quick import quick_session
from tests.support.raw_server import RawServer, always


class CancelledByItself:
    """An iterator, plain or not, that raises a CancelledError of its own after so many keys."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if not self.left:
            raise asyncio.CancelledError
        self.left -= 1
        return f"p{self.left}"


class CancelledLater(CancelledByItself):
    __iter__ = None  # type: ignore[assignment]

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        await asyncio.sleep(0)
        return self.__next__()


@pytest.mark.parametrize("kind", [CancelledByItself, CancelledLater])
async def test_keys_that_end_by_a_cancellation_of_their_own_lose_none_in_silence(kind: Callable[[int], Any]) -> None:
    got: list[str] = []

    async def take_all(session: AsyncSession) -> None:
        async for outcome in session.iter_personas(kind(5), concurrency=3):
            got.append(outcome.unwrap().persona_id)  # noqa: PERF401 (what came before the error counts)

    async with RawServer(always()) as server, quick_session(server) as session:
        with pytest.raises(InvalidRequestError, match="the iterable of keys raised a CancelledError"):
            await take_all(session)

    assert sorted(got) == ["p0", "p1", "p2", "p3", "p4"]


class CancelledLimiter:
    """A rate limiter whose own timeout gets out of hand for every third call."""

    def __init__(self) -> None:
        self.calls = 0

    async def acquire(self) -> None:
        self.calls += 1
        if self.calls % 3 == 0:
            raise asyncio.CancelledError

    def throttled(self, retry_after: float | None) -> None: ...


async def test_a_limiter_that_raises_a_cancellation_fails_its_item_and_no_other() -> None:
    ids = [f"p{number}" for number in range(30)]
    async with (
        RawServer(always()) as server,
        quick_session(server, rate_limit=CancelledLimiter()) as session,
    ):
        outcomes = [outcome async for outcome in session.iter_personas(ids, concurrency=4, ordered=True)]

    assert [outcome.key for outcome in outcomes] == ids
    assert {str(outcome.error) for outcome in outcomes if not outcome.ok} == {
        "the call was cancelled from within, as by a rate limiter of your own"
    }
    assert sum(outcome.ok for outcome in outcomes) == 20


@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration])
async def test_a_callback_cannot_end_the_outcomes_as_if_they_were_all(kind: type[Exception]) -> None:
    def told(progress: Progress) -> None:
        if progress.done == 3:
            raise kind

    async with RawServer(always()) as server, quick_session(server) as session:
        with pytest.raises(RuntimeError, match=f"raised {kind.__name__}"):
            async for _ in session.iter_personas([f"p{number}" for number in range(30)], on_progress=told):
                pass
