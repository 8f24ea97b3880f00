"""The gate: attempts wait for a slot of the pool and for a token at once, in the order in which their calls arrived.

*Why at once.* A token that is taken while no slot is free is spent later, together with all those that were taken in
the meantime; the server would then see more than `burst + rate · t` attempts at once, although the bucket never gave
out so many. And a slot that is held while there is no token is one that an earlier call, back for a retry, cannot have.
So the first in line takes both, in one step without an await, as soon as both are there; else it takes neither.

*Why in this order.* The slot comes first and the token last, since it is the token that starts the clock: it is spent
in the moment in which the attempt is sent. With a custom limiter, whose `acquire()` may wait, the attempt waits there
with its slot, for a token with which it waits for nothing more.

*The line* is a heap of (place, arrival), the place being the call's number: a retry goes before calls that came later.
Whoever gives up stays in it, counted by `_gone`, until it comes up or half of the line is gone. So a sweep of n is paid
for by n / 2 that gave up, and giving up costs O(1) on average. One timer, for the first in line, serves them all.
"""

import asyncio
import heapq
from collections.abc import Callable
from copy import copy
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from tavus_async._settings.limits import RateLimit, RateLimiter
from tavus_async.errors import QueueTimeoutError, SessionClosedError, TavusError

if TYPE_CHECKING:
    from tavus_async._engine.bucket import Bucket

Waiter = tuple[int, int, "asyncio.Future[int]"]


class Gate:
    """Admits an attempt when it is the first in line, a slot is free, and there is a token.

    *patience* is how many seconds of a pause are waited for; a longer one raises QueueTimeoutError at once.
    """

    def __init__(
        self,
        *,
        slots: int,
        limit: RateLimit | RateLimiter,
        patience: float,
        loop: asyncio.AbstractEventLoop,
        bucket: "Bucket | None" = None,
    ) -> None:
        self._loop = loop
        self._now: Callable[[], float] = loop.time
        self._free = slots
        self._slots = slots
        self._patience = patience
        self._custom = None if isinstance(limit, RateLimit) else limit
        if bucket is None and isinstance(limit, RateLimit):
            bucket = bucket_class()(limit, now=loop.time())
        self._bucket = bucket
        self._line: list[Waiter] = []
        self._gone = 0
        self._arrivals = count()
        self._last_place = 0
        self._asking: set[asyncio.Timeout] = set()
        self._sleepers: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._closed = False

    @property
    def bucket(self) -> "Bucket | None":
        """The token bucket, which a gate in another event loop may go on with; None with a custom limiter."""
        return self._bucket

    @property
    def in_flight(self) -> int:
        """The number of attempts that have a slot."""
        return self._slots - self._free

    @property
    def waiting(self) -> int:
        """The number of attempts in line."""
        return len(self._line) - self._gone

    @property
    def tokens(self) -> float:
        """The number of attempts that could start now, as far as the rate goes."""
        return self._bucket.tokens(self._now()) if self._bucket else float("inf")

    @property
    def rate(self) -> float:
        """The attempts per second that are allowed now."""
        return self._bucket.rate(self._now()) if self._bucket else float("inf")

    def try_enter(self) -> int:
        """Take a slot and a token if both are free and nobody is in line; return the attempt's serial number, or 0."""
        if self._line or not self._free or self._custom is not None:
            return 0
        bucket, now = self._bucket, self._now()
        if bucket is None or bucket.wait(now) > 0 or self._closed:
            return 0
        self._free -= 1
        return bucket.take(now)

    async def enter(self, place: int) -> int:
        """Wait for a slot and a token, and return the attempt's serial number.

        Raises QueueTimeoutError where the wait would pass the limit's `max_wait`, or a pause the gate's patience;
        SessionClosedError when the gate is closed meanwhile. Cancelled, it takes nothing.
        """
        if self._closed:
            raise _closed()
        self._check_wait(place)
        self._last_place = max(self._last_place, place)
        future: asyncio.Future[int] = self._loop.create_future()
        heapq.heappush(self._line, (place, next(self._arrivals), future))
        self._admit()
        try:
            serial = await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._leave_line()
            elif future.exception() is None:
                self._give_back()
            raise
        if self._closed:
            self._give_back()
            raise _closed()
        if self._custom is not None:
            await self._ask_custom(self._custom)
        return serial

    def leave(self) -> None:
        """Release the slot, once the attempt has ended."""
        self._free += 1
        if self._bucket is not None:
            self._bucket.answered(self._now())
        if self._line:
            self._admit()

    def throttled(self, serial: int, seconds: float, retry_after: float | None) -> None:
        """Pause everyone for so many seconds, and learn from the 429 that the attempt *serial* got."""
        if self._bucket is None:
            if self._custom is not None:
                self._custom.throttled(retry_after)
            return
        now = self._now()
        self._bucket.throttled(serial, now)
        self._bucket.pause(seconds, now)
        if self._bucket.paused_for(now) > self._patience:
            self._fail_all(self._paused(self._bucket.paused_for(now)))
        self._admit()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds without a slot; SessionClosedError when the gate is closed meanwhile."""
        if self._closed:
            raise _closed()
        future: asyncio.Future[None] = self._loop.create_future()
        self._sleepers.add(future)
        timer = self._loop.call_later(seconds, _wake, future)
        try:
            await future
        finally:
            timer.cancel()
            self._sleepers.discard(future)

    def close(self) -> None:
        """Admit nobody any more; whoever waits gets a SessionClosedError."""
        self._closed = True
        self.send_away()

    def send_away(self) -> None:
        """End the wait of all who wait now, with a SessionClosedError."""
        self._cancel_timer()
        self._fail_all(_closed())
        for scope in self._asking:
            scope.reschedule(0)
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_exception(_closed())

    def _admit(self) -> None:
        """Admit those who may go now, and set the timer for the next."""
        line, bucket = self._line, self._bucket
        while line and self._free:
            if line[0][2].done():
                heapq.heappop(line)
                self._gone -= 1
                continue
            now = self._now()
            wait = bucket.wait(now) if bucket else 0.0
            if wait > 0:
                self._set_timer(now + wait)
                return
            self._free -= 1
            heapq.heappop(line)[2].set_result(bucket.take(now) if bucket else 1)
        self._cancel_timer()

    def _check_wait(self, place: int) -> None:
        bucket = self._bucket
        if bucket is None:
            return
        now = self._now()
        pause = bucket.paused_for(now)
        if pause > self._patience:
            raise self._paused(pause)
        if bucket.max_wait is not None:
            # All stand before a newcomer; only those who come back have to be counted for.
            ahead = self.waiting
            if place < self._last_place:
                ahead = sum(1 for each in self._line if each[0] <= place and not each[2].done())
            wait = bucket.queue_wait(ahead, now)
            if wait > bucket.max_wait:
                raise QueueTimeoutError(
                    f"the rate limit would hold this call for {wait:.1f} s,"
                    f" longer than RateLimit.max_wait ({bucket.max_wait} s)",
                    wait=wait,
                )

    def _paused(self, seconds: float) -> TavusError:
        message = (
            f"the server asked for no more calls for {seconds:.0f} s,"
            f" longer than RetryPolicy.max_retry_after ({self._patience} s): try again then"
        )
        return QueueTimeoutError(message, wait=seconds)

    def _fail_all(self, error: TavusError) -> None:
        for _, _, future in self._line:
            if future.done():
                # Cancelled: either it has been counted by _leave_line already, or it is about to be.
                self._gone -= 1
            else:
                future.set_exception(copy(error))
        self._line.clear()

    async def _ask_custom(self, limiter: RateLimiter) -> None:
        scope = asyncio.timeout(None)
        self._asking.add(scope)
        try:
            async with scope:
                await limiter.acquire()
        except BaseException:
            self.leave()
            if scope.expired():
                raise _closed() from None
            raise
        finally:
            self._asking.discard(scope)

    def _give_back(self) -> None:
        if self._bucket:
            self._bucket.give_back()
        self.leave()

    def _leave_line(self) -> None:
        self._gone += 1
        if self._gone > len(self._line) // 2:
            swept = [waiter for waiter in self._line if not waiter[2].done()]
            heapq.heapify(swept)
            # Not to 0: of those that were swept out, some are yet to come here.
            self._gone -= len(self._line) - len(swept)
            self._line = swept
        self._admit()

    def _set_timer(self, when: float) -> None:
        if self._timer is not None:
            if self._timer_at == when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._ring)
        self._timer_at = when

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._admit()


@cache
def bucket_class() -> "type[Bucket]":
    """Return the class of the token bucket, loaded on the first use."""
    from tavus_async._engine.bucket import Bucket  # noqa: PLC0415 (aiolimiter looks up its own version as it is imported)

    return Bucket


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _closed() -> TavusError:
    return SessionClosedError("the session is closed")
