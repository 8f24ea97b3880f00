"""The keys of a bulk call: pulled one at a time from any iterable, and those that occur again."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from typing import Any, Generic, TypeGuard, TypeVar

from tavus_async._settings.checks import is_text, of_kind
from tavus_async._values import Outcome
from tavus_async.errors import InvalidRequestError

T = TypeVar("T")

KeyT = TypeVar("KeyT")
Keys = Iterable[KeyT] | AsyncIterable[KeyT]
"""What a bulk call is made for: ids, drafts, or anything that a call can be made of."""

# Outcomes that are remembered for the sake of repeats, where the keys come from an iterator.
REMEMBERED = 1_000


def is_collection(keys: Keys[Any]) -> TypeGuard[Collection[Any]]:
    """Return whether the keys are all there already, and can be counted."""
    return isinstance(keys, Collection)


def is_being_cancelled() -> bool:
    """Return whether somebody cancels this task: else a CancelledError is what a function of the user's has raised."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def check_keys(keys: Iterable[KeyT]) -> Iterable[KeyT]:
    """Validate an iterable of ids; InvalidRequestError for anything else, a lone id too."""
    if isinstance(keys, (str, bytes)):
        raise InvalidRequestError("the ids must be an iterable of strings, not one string: put it in a list")
    of_kind("the ids", keys, Iterable, error=InvalidRequestError)
    return keys


class Source:
    """Pulls keys, with their positions, from any iterable; several workers may share it."""

    error: Exception | None = None
    """What the iterable raised, if anything; no key comes after it."""

    def __init__(self, keys: Keys[Any]) -> None:
        self._keys: Iterator[Any] | AsyncIterator[Any]
        if isinstance(keys, AsyncIterable):
            self._keys = aiter(keys)
        else:
            self._keys = iter(check_keys(keys))
        self._turn = asyncio.Lock()
        self._index = -1
        self._ended = False

    async def pull(self) -> tuple[int, Any] | None:
        """Return the next position and key; None when there is none."""
        if self._ended:
            return None
        try:
            if isinstance(self._keys, Iterator):
                key = next(self._keys)
            else:
                async with self._turn:
                    if self._ended:
                        return None
                    key = await anext(self._keys)
        except (StopIteration, StopAsyncIteration):
            self._ended = True
            return None
        except asyncio.CancelledError:
            if is_being_cancelled():
                raise
            self.error = None if self._ended else InvalidRequestError("the iterable of keys raised a CancelledError")
            self._ended = True
            return None
        except Exception as error:  # noqa: BLE001 (whatever the user's iterator raises goes back to the user)
            self.error = None if self._ended else error
            self._ended = True
            return None
        self._index += 1
        return self._index, key


class Repeats(Generic[T]):
    """Fetches each key once, and gives every further occurrence the same outcome.

    In a collection the repeats are counted beforehand: only their outcomes are remembered, and no longer than needed.
    Of an iterator the last REMEMBERED outcomes are.
    """

    def __init__(self, keys: Keys[Any]) -> None:
        self._left = count_repeats(keys) if is_collection(keys) else None
        self._outcomes: OrderedDict[str, Outcome[T]] = OrderedDict()
        self._in_flight: dict[str, asyncio.Future[Outcome[T]] | None] = {}

    async def fetch(self, key: Any, fetch: Callable[[Any], Awaitable[Outcome[T]]]) -> Outcome[T]:
        """Return the key's outcome, fetched now or before."""
        if not is_text(key) or (self._left is not None and key not in self._left):
            return await fetch(key)
        known = self._outcomes.get(key)
        if known is None and key in self._in_flight:
            known = await self._wait_for(key)
        if known is None:
            self._in_flight[key] = None
            known = await fetch(key)
            flight = self._in_flight.pop(key)
            if flight is not None:
                flight.set_result(known)
            self._outcomes[key] = known
        self._forget(key)
        return known

    async def _wait_for(self, key: str) -> Outcome[T]:
        flight = self._in_flight[key]
        if flight is None:
            flight = self._in_flight[key] = asyncio.get_running_loop().create_future()
        # Shielded, since several occurrences may wait for it, and each is cancelled on its own.
        return await asyncio.shield(flight)

    def _forget(self, key: str) -> None:
        if self._left is not None:
            self._left[key] -= 1
            if not self._left[key]:
                self._outcomes.pop(key, None)
        elif len(self._outcomes) > REMEMBERED:
            self._outcomes.popitem(last=False)


def count_repeats(keys: Collection[Any]) -> dict[str, int]:
    """Return how often each string occurs that occurs more than once."""
    return {key: number for key, number in Counter(filter(is_text, keys)).items() if number > 1}
