"""The gate: attempts wait for a slot of the pool and for a token at once, in the order in which their calls arrived.

*Why at once.* A token that is taken while no slot is free is spent later, together with all those that were taken in
the meantime; the server would then see more than `burst + rate · t` attempts at once, although the bucket never gave
out so many. And a slot that is held while there is no token is one that an earlier call, back for a retry, cannot have.
So the first in line takes both, in one step without an await, as soon as both are there; else it takes neither.

*Why in this order.* The slot comes first and the token last, since it is the token that starts the clock: it is spent
in the moment in which the attempt is sent. With a custom limiter, whose `acquire()` may wait, the attempt waits there
with its slot, for a token with which it waits for nothing more.

*Departure.* An attempt without an open connection leaves the gate, connects, and then waits once more, before it is
sent: so many connect at once, but no more leave than the bucket allows. Those who have connected go before the line.

One timer, for the first in line or the first to depart, serves them all.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from tavus_async._engine.line import Line, Ticket, wake
from tavus_async._settings.limits import RateLimit, RateLimiter
from tavus_async.errors import DeadlineExceededError, QueueTimeoutError, SessionClosedError, TavusError

if TYPE_CHECKING:
    from tavus_async._engine.bucket import Bucket


class Gate:
    """Admits an attempt when it is the first in line, a slot is free, and there is a token."""

    def __init__(
        self,
        *,
        slots: int,
        limit: RateLimit | RateLimiter,
        loop: asyncio.AbstractEventLoop,
        bucket: "Bucket | None" = None,
    ) -> None:
        self._loop = loop
        self._now: Callable[[], float] = loop.time
        self._free = slots
        self._slots = slots
        self._custom = None if isinstance(limit, RateLimit) else limit
        if bucket is None and isinstance(limit, RateLimit):
            bucket = bucket_class()(limit, now=loop.time())
        elif bucket is not None:
            bucket.move(loop.time())
        self._bucket = bucket
        self._line = Line()
        self._departing: deque[asyncio.Future[None]] = deque()
        self._was_full = False
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
        return len(self._line)

    @property
    def tokens(self) -> float:
        """The number of attempts that could start now, as far as the rate goes."""
        return self._bucket.tokens(self._now()) if self._bucket else float("inf")

    @property
    def rate(self) -> float:
        """The attempts per second that are allowed now."""
        return self._bucket.rate(self._now()) if self._bucket else float("inf")

    @property
    def pause(self) -> float:
        """The seconds that are left of a pause after a 429."""
        return self._bucket.paused_for(self._now()) if self._bucket else 0.0

    def try_enter(self) -> int:
        """Take a slot and a token if both are free and nobody is in line; return the attempt's serial number, or 0."""
        line = self._line
        if line.single.heap or line.bulk.heap or not self._free or self._custom is not None:
            return 0
        bucket, now = self._bucket, self._now()
        if bucket is None or bucket.wait(now) > 0 or self._closed:
            return 0
        self._free -= 1
        return bucket.take(now)

    async def enter(
        self, place: int, *, is_bulk: bool = False, deadline: float | None = None, patience: float = math.inf
    ) -> int:
        """Wait for a slot and a token, and return the attempt's serial number.

        *deadline* is the call's, by the loop's clock; where there is none, *patience* is how many seconds of a pause
        are waited for. Raises DeadlineExceededError or QueueTimeoutError at once where they cannot be met, as where the
        limit's `max_wait` would be passed; SessionClosedError when the gate is closed meanwhile. Cancelled, it takes
        nothing.
        """
        if self._closed:
            raise _closed()
        ticket = Ticket(place=place, is_bulk=is_bulk, deadline=deadline, patience=patience)
        self._check(ticket)
        future: asyncio.Future[int] = self._loop.create_future()
        ticket.serial = future
        self._line.push(ticket)
        self._admit()
        try:
            serial = await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._line.left(ticket)
                self._admit()
            elif future.exception() is None:
                self._give_back()
            raise
        if self._closed:
            self._give_back()
            raise _closed()
        if self._bucket is not None:
            self._bucket.leave_line(self._now())
        elif self._custom is not None:
            await self._ask_custom(self._custom)
        return serial

    def leave(self, departure: int = 0) -> None:
        """Release the slot, once the attempt has ended; *departure* is what `depart()` gave it, if it had to."""
        self._free += 1
        if self._bucket is not None:
            now = self._now()
            self._bucket.answered(now)
            if departure:
                self._bucket.arrived(departure, now)
        if self._line.single.heap or self._line.bulk.heap or self._departing:
            self._admit()

    def promote(self, place: int) -> None:
        """Let a bulk call go with the single ones."""
        self._line.promote(place)
        self._admit()

    def connecting(self) -> None:
        """Record that an attempt, just let go, has to connect first: it calls `depart()` before it is sent."""
        if self._bucket is not None:
            self._bucket.connecting()
            if self._line:
                self._admit()

    async def depart(self, *, is_kept: bool) -> int:
        """Wait, with a new connection in hand, until the attempt may be sent; cancelled, it takes nothing.

        *is_kept* is whether others are sent over the connection later. Returns what `leave()` is told.
        """
        bucket = self._bucket
        if bucket is None:
            return 0
        now = self._now()
        if not self._departing and bucket.departure_wait(now) <= 0:
            return bucket.depart(now, is_kept=is_kept)
        future: asyncio.Future[None] = self._loop.create_future()
        self._departing.append(future)
        self._admit()
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():
                bucket.woke()
            self._admit()
            raise
        bucket.woke()
        return bucket.depart(self._now(), is_kept=is_kept)

    def throttled(self, serial: int, seconds: float, retry_after: float | None) -> None:
        """Pause everyone for so many seconds, and learn from the 429 that the attempt *serial* got."""
        if self._bucket is None:
            if self._custom is not None:
                self._custom.throttled(retry_after)
            return
        now = self._now()
        self._bucket.throttled(serial, now)
        self._bucket.pause(seconds, now)
        pause = self._bucket.paused_for(now)
        if not self._line.all_outlast(pause, now):
            self._line.refuse(lambda _, ticket: refuse_pause(ticket, pause, now))
        self._admit()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds without a slot; SessionClosedError when the gate is closed meanwhile."""
        if self._closed:
            raise _closed()
        future: asyncio.Future[None] = self._loop.create_future()
        self._sleepers.add(future)
        timer = self._loop.call_later(seconds, wake, future)
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
        self._line.refuse(lambda _number, _waiter: _closed())
        for scope in self._asking:
            scope.reschedule(0)
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_exception(_closed())
        if self._departing and not self._closed:
            self._admit()

    def _admit(self) -> None:
        """Let those depart and go who may now, and set the timer for the next."""
        bucket, line, now = self._bucket, self._line, self._now()
        wait = self._let_depart(bucket, now) if self._departing and bucket else 0.0
        while wait <= 0 and self._free and line.first() is not None:
            wait = bucket.wait(now) if bucket else 0.0
            if wait <= 0:
                self._free -= 1
                line.pop().serial.set_result(bucket.take(now, is_woken=True) if bucket else 1)
        if wait <= 0:
            self._was_full = not self._free
            self._cancel_timer()
            return
        if self._was_full and bucket is not None and bucket.max_wait is not None:
            self._shorten(bucket, bucket.max_wait, now)
        self._was_full = False
        self._set_timer(now + wait)

    def _let_depart(self, bucket: "Bucket", now: float) -> float:
        """Let those depart who may; return the seconds until the next may, 0 where there is none."""
        while self._departing:
            future = self._departing[0]
            if future.done():  # cancelled
                self._departing.popleft()
                continue
            wait = bucket.departure_wait(now)
            if wait > 0:
                return wait
            self._departing.popleft()
            bucket.wake_to_depart()
            future.set_result(None)
        return 0.0

    def _check(self, ticket: Ticket) -> None:
        """Refuse one who comes, where it is certain already that its turn comes too late."""
        bucket = self._bucket
        if bucket is None:
            return
        now = self._now()
        refusal = refuse_pause(ticket, bucket.paused_for(now), now)
        if refusal is not None:
            raise refusal
        if ticket.deadline is None and bucket.max_wait is None:
            return
        ahead = self._line.ahead_of(ticket)
        wait = bucket.queue_wait(ahead, now)
        if ticket.deadline is not None and now + wait > ticket.deadline:
            raise DeadlineExceededError(
                f"the rate limit of {bucket.rate(now):g}/s lets this call go in {wait:.2f} s, behind {ahead} others,"
                f" and its time ends in {max(0.0, ticket.deadline - now):.2f} s: send fewer calls, give them more time,"
                " or raise RateLimit.per_second if the account allows it"
            )
        # While only slots are missing, it is not the limit that holds anyone.
        if bucket.max_wait is not None and wait > bucket.max_wait and (self._free or bucket.wait(now) > 0):
            raise too_long(wait, bucket.max_wait)

    def _shorten(self, bucket: "Bucket", max_wait: float, now: float) -> None:
        """Send those away who wait for the limit from this moment on, after slots were missing, and too long for it."""
        reach = bucket.reach(max_wait, now)
        if len(self._line) > reach:
            self._line.refuse(
                lambda number, _: too_long(bucket.queue_wait(number, now), max_wait) if number >= reach else None
            )

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
            self._bucket.leave_line(self._now())
            self._bucket.give_back()
        self.leave()

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


def refuse_pause(ticket: Ticket, pause: float, now: float) -> TavusError | None:
    """Return the error for one who cannot wait for the end of a pause of so many seconds; None for one who can."""
    if not pause:
        return None
    if ticket.deadline is not None:
        if now + pause <= ticket.deadline:
            return None
        return DeadlineExceededError(
            f"the server asked for no more calls for {pause:.1f} s, and the call's time ends in"
            f" {ticket.deadline - now:.1f} s: try again then"
        )
    if pause <= ticket.patience:
        return None
    setting = "max_outage" if ticket.is_bulk else "RetryPolicy.max_retry_after"
    return QueueTimeoutError(
        f"the server asked for no more calls for {pause:.0f} s,"
        f" longer than {setting} ({ticket.patience:g} s): try again then",
        wait=pause,
    )


def too_long(wait: float, max_wait: float) -> TavusError:
    """Return the error for one for whom there is no token in time."""
    return QueueTimeoutError(
        f"the rate limit would hold this call for {wait:.1f} s, longer than RateLimit.max_wait ({max_wait} s)",
        wait=wait,
    )


def _closed() -> TavusError:
    return SessionClosedError("the session is closed")
