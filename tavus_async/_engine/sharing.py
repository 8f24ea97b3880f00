"""Single flight and the cache: equal reads share one request, and a record may be kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from copy import copy
from typing import Any, Protocol

import attrs

from tavus_async.errors import DeadlineExceededError, TavusError

Fetch = Callable[[float | None], Awaitable[Any]]


@attrs.frozen
class SharedResult:
    """How a request ended, for all who share it: with a value or with an error."""

    value: Any = None
    error: TavusError | None = None
    needed: float | None = None
    """Seconds that would have been needed to go on after the error; None where no time would have helped."""


class Reader(Protocol):
    """What matters of a reader to those with whom it shares a request."""

    is_in_bulk_lane: bool
    """Whether single calls go before its request."""
    needed: float | None
    """As in SharedResult, once its request has failed."""

    @property
    def longest_wait(self) -> float:
        """Seconds that it would wait before another attempt, where it has no deadline."""
        ...


@attrs.frozen(eq=False)
class Flight:
    """A request under way, and those who wait for its answer beside the leader, who sent it."""

    leader: Reader
    followers: "list[asyncio.Future[SharedResult | None]]" = attrs.field(init=False, factory=list)
    """None tells them that the leader gave up."""


@attrs.define(kw_only=True)
class SharedReads:
    """Single flight: readers of a key that is being read get the answer to the same request.

    The first reader leads: its own task sends the request, so that sharing costs a lone reader no task.
    When it is cancelled, or its deadline leaves no time for a retry, the next follower leads in its place, with a new
    request.
    """

    ttl: float | None
    """Seconds for which an answer is cached; None caches none."""
    promote: Callable[[Any], object] = bool
    """Let the request of a reader go ahead of bulk calls, since one that is none shares it."""
    size: int
    """The most answers that are cached; the least recently used goes first (LRU)."""
    clock: Callable[[], float]
    _requests: dict[str, Flight] = attrs.field(init=False, factory=dict)
    _cached: OrderedDict[str, tuple[float, Any]] = attrs.field(init=False, factory=OrderedDict)

    async def get(self, key: str, fetch: Fetch, *, total: float | None, reader: Reader) -> Any:
        """Return what *fetch* gives for this key: from the cache, from another reader's request, or from one's own.

        *fetch* gets the seconds that are left of *total*. Raises what *fetch* raises; DeadlineExceededError after
        *total* seconds.
        """
        if self.ttl is not None and (cached := self._recall(key)) is not None:
            return cached
        if key not in self._requests:
            return await self._lead(key, fetch, total, reader)
        deadline = None if total is None else self.clock() + total
        while (flight := self._requests.get(key)) is not None:
            if not reader.is_in_bulk_lane:
                self.promote(flight.leader)
            result = await self._follow(flight, deadline)
            if result is None or self._can_wait(reader, deadline, result.needed):
                continue
            if result.error is not None:
                raise copy(result.error)
            return result.value
        left = None if deadline is None else max(0.0, deadline - self.clock())
        return await self._lead(key, fetch, left, reader)

    def forget(self, key: str) -> None:
        """Drop the key's cached answer, and let nobody share the request under way: what they read is being changed."""
        self._requests.pop(key, None)
        self._cached.pop(key, None)

    @contextmanager
    def changing(self, key: str | None) -> Generator[None]:
        """Drop the key before and after a change, so that no later read shares what was read earlier."""
        if key is not None:
            self.forget(key)
        try:
            yield
        finally:
            if key is not None:
                self.forget(key)

    def _can_wait(self, reader: Reader, deadline: float | None, needed: float | None) -> bool:
        """Return whether this reader would have gone on where the leader had no time to."""
        if needed is None:
            return False
        return needed <= (reader.longest_wait if deadline is None else deadline - self.clock())

    async def _lead(self, key: str, fetch: Fetch, total: float | None, reader: Reader) -> Any:
        flight = self._requests[key] = Flight(reader)
        result: SharedResult | None = None
        try:
            value = await fetch(total)
            result = SharedResult(value) if flight.followers else None
        except DeadlineExceededError:
            raise
        except TavusError as error:
            result = SharedResult(error=error, needed=reader.needed)
            raise
        finally:
            is_current = self._requests.get(key) is flight
            if is_current:
                del self._requests[key]
            for follower in flight.followers:
                if not follower.done():
                    follower.set_result(result)
        if self.ttl is not None and is_current:
            self._keep(key, value, self.ttl)
        return value

    async def _follow(self, flight: Flight, deadline: float | None) -> SharedResult | None:
        follower: asyncio.Future[SharedResult | None] = asyncio.get_running_loop().create_future()
        flight.followers.append(follower)
        limit = asyncio.timeout_at(deadline)
        try:
            async with limit:
                return await follower
        except TimeoutError:
            if not limit.expired():
                raise
        # Outside the except block, so that no cancelled frames are chained to it.
        raise DeadlineExceededError("the call's time ran out while it waited for the answer to another, equal call")

    def _recall(self, key: str) -> Any:
        until, value = self._cached.get(key, (0.0, None))
        if value is None or self.clock() >= until:
            self._cached.pop(key, None)
            return None
        self._cached.move_to_end(key)
        return value

    def _keep(self, key: str, value: Any, ttl: float) -> None:
        self._cached[key] = (self.clock() + ttl, value)
        self._cached.move_to_end(key)
        while len(self._cached) > self.size:
            self._cached.popitem(last=False)
