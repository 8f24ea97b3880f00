"""Where attempts wait: for a slot and a token at once, in the order in which their calls arrived."""

import asyncio
import heapq
from collections.abc import Callable
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

from tavus_async._settings.limits import RateLimit, RateLimiter
from tavus_async.errors import QueueTimeoutError, SessionClosedError, TavusError

if TYPE_CHECKING:
    from tavus_async._engine.bucket import Bucket

Waiter = tuple[int, int, "asyncio.Future[int]"]


class Gate:
    """Lets an attempt go when it is the first in line, a slot is free, and a token is there.

    Slot and token are taken together: nobody hoards a token behind a slow server, or a slot behind a slow rate.
    A place in line is the call's number, so a retry goes before calls that came later.
    A custom limiter is asked after the slot was taken.
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
        self._arrivals = 0
        self._asking: set[asyncio.Timeout] = set()
        self._sleepers: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._closed = False

    @property
    def bucket(self) -> "Bucket | None":
        """What counts the tokens, which a gate in another event loop may go on with; None with a custom limiter."""
        return self._bucket

    @property
    def in_flight(self) -> int:
        """How many attempts have a slot."""
        return self._slots - self._free

    @property
    def waiting(self) -> int:
        """How many attempts are in line."""
        return len(self._line) - self._gone

    @property
    def tokens(self) -> float:
        """How many attempts could start at once, as far as the rate goes."""
        return self._bucket.tokens(self._now()) if self._bucket else float("inf")

    @property
    def rate(self) -> float:
        """How many attempts a second are allowed now."""
        return self._bucket.rate(self._now()) if self._bucket else float("inf")

    def try_enter(self) -> int:
        """Take a slot and a token if both are free and nobody is in line; 0 if not, else the attempt's serial."""
        if self._line or not self._free or self._custom is not None:
            return 0
        bucket, now = self._bucket, self._now()
        if bucket is None or bucket.wait(now) > 0 or self._closed:
            return 0
        self._free -= 1
        return bucket.take(now)

    async def enter(self, place: int) -> int:
        """Wait for a slot and a token, and return the attempt's serial number.

        Raises QueueTimeoutError where the wait would pass the limit's `max_wait`, or a pause is too long to
        sit out; SessionClosedError when the gate is closed meanwhile. Cancelled, it takes nothing.
        """
        if self._closed:
            raise closed()
        self._check_wait(place)
        self._arrivals += 1
        future: asyncio.Future[int] = self._loop.create_future()
        heapq.heappush(self._line, (place, self._arrivals, future))
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
            raise closed()
        if self._custom is not None:
            await self._ask_custom(self._custom)
        return serial

    def leave(self) -> None:
        """Give the slot back, after an answer or none."""
        self._free += 1
        if self._bucket is not None:
            self._bucket.answered(self._now())
        if self._line:
            self._admit()

    def throttled(self, serial: int, seconds: float, retry_after: float | None) -> None:
        """Pause everyone for this many seconds, and learn from the 429 that the attempt got."""
        if self._bucket is None:
            if self._custom is not None:
                self._custom.throttled(retry_after)
            return
        now = self._now()
        self._bucket.throttled(serial, now)
        self._bucket.pause(seconds, now)
        if self._bucket.paused_for(now) > self._patience:
            self._send_away(paused(self._bucket.paused_for(now)))
        self._admit()

    async def sleep(self, seconds: float) -> None:
        """Sleep without a slot; SessionClosedError when the gate is closed meanwhile."""
        if self._closed:
            raise closed()
        future: asyncio.Future[None] = self._loop.create_future()
        self._sleepers.add(future)
        timer = self._loop.call_later(seconds, wake, future)
        try:
            await future
        finally:
            timer.cancel()
            self._sleepers.discard(future)

    def close(self) -> None:
        """Let nobody in any more, and send everyone away who waits."""
        self._closed = True
        self._cancel_timer()
        self._send_away(closed())
        for scope in self._asking:
            scope.reschedule(0)
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_exception(closed())

    def _admit(self) -> None:
        """Let go whoever may go now, and set the timer for the next."""
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
            raise paused(pause)
        if bucket.max_wait is not None:
            ahead = sum(1 for waiter in self._line if waiter[0] <= place and not waiter[2].done())
            wait = bucket.queue_wait(ahead, now)
            if wait > bucket.max_wait:
                message = f"the rate limit would hold this call for {wait:.1f} s, its max_wait is {bucket.max_wait} s"
                raise QueueTimeoutError(message, wait=wait)

    def _send_away(self, error: TavusError) -> None:
        for _, _, future in self._line:
            if future.done():
                # Cancelled: either it has said so already, or it is about to.
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
                raise closed() from None
            raise
        finally:
            self._asking.discard(scope)

    def _give_back(self) -> None:
        if self._bucket:
            self._bucket.give_back()
        self.leave()

    def _leave_line(self) -> None:
        """Forget a waiter; the line is swept when half of it is gone, so that it cannot grow."""
        self._gone += 1
        if self._gone > len(self._line) // 2:
            swept = [waiter for waiter in self._line if not waiter[2].done()]
            heapq.heapify(swept)
            # Not 0: of those swept out, some are yet to come here.
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


def wake(future: "asyncio.Future[None]") -> None:
    """End a sleep."""
    if not future.done():
        future.set_result(None)


def closed() -> TavusError:
    """Return the error for a closed gate."""
    return SessionClosedError("the session is closed")


def paused(seconds: float) -> TavusError:
    """Return the error for a pause that nobody should sit out."""
    message = f"the server asked for no more calls for {seconds:.0f} s; try again then"
    return QueueTimeoutError(message, wait=seconds)


@cache
def bucket_class() -> "type[Bucket]":
    """Return the class of the bucket, loaded on the first use."""
    from tavus_async._engine.bucket import Bucket  # noqa: PLC0415 (aiolimiter looks up its own version as it is imported)

    return Bucket
