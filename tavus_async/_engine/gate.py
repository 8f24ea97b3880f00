"""The gate: attempts wait for a slot of the pool and for a token at once, in the order in which their calls arrived.

*Why at once.* A token that is taken while no slot is free is spent later, together with all those that were taken in
the meantime; the server would then see more than `burst + rate · t` attempts at once, although the bucket never gave
out so many. And a slot that is held while there is no token is one that an earlier call, back for a retry, cannot have.
So the first in line takes both, in one step without an await, as soon as both are there; else it takes neither.

*Whose tokens.* A bucket gives them out (`bucket.py`): the session's own, one that many processes share, or one made of
a limiter of the user's. The gate asks each in the same way, and holds no slot while it waits for its answer.

*Departure.* An attempt without an open connection leaves the gate, connects, and then waits once more, before it is
sent: so many connect at once, but no more leave than the bucket allows. Those who have connected go before the line.

One timer, for the first in line or the first to depart, serves them all.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable

from tavus_async._engine.bucket import Bucket
from tavus_async._engine.line import Line, Ticket, wake
from tavus_async.errors import DeadlineExceededError, QueueTimeoutError, SessionClosedError, TavusError

# Seconds by which a moment may differ that is computed twice: the timer for it is kept.
SAME_TIME = 1e-6


class Gate:
    """Admits an attempt when it is the first in line, a slot is free, and there is a token."""

    def __init__(
        self,
        *,
        slots: int,
        bucket: Bucket,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._loop = loop
        self._now: Callable[[], float] = loop.time
        self._free = slots
        self._slots = slots
        self._bucket = bucket
        bucket.on_more = self._look_again
        self._line = Line()
        self._departing: deque[tuple[asyncio.Future[None], int]] = deque()
        self._was_full = False
        self._sleepers: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._closed = False

    @property
    def bucket(self) -> Bucket:
        """What gives out the tokens."""
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
        return self._bucket.tokens(self._now())

    @property
    def rate(self) -> float:
        """The attempts per second that are allowed now."""
        return self._bucket.rate(self._now())

    @property
    def pause(self) -> float:
        """The seconds that are left of a pause after a 429."""
        return self._bucket.paused_for(self._now())

    def try_enter(self) -> int:
        """Take a slot and a token if both are free and nobody is in line; return the attempt's serial number, or 0."""
        line = self._line
        if line.single.heap or line.bulk.heap or not self._free:
            return 0
        bucket, now = self._bucket, self._now()
        if bucket.wait(now) > 0 or self._closed:
            return 0
        serial = bucket.take(now)
        self._free -= 1
        return serial

    async def enter(
        self, place: int, *, is_bulk: bool = False, deadline: float | None = None, patience: float = math.inf
    ) -> int:
        """Wait for a slot and a token, and return the attempt's serial number.

        *deadline* is the call's, by the loop's clock; where there is none, *patience* is how many seconds of a pause
        are waited for. Raises DeadlineExceededError or QueueTimeoutError at once where they cannot be met, as where the
        limit's `max_wait` would be passed; SessionClosedError when the gate is closed meanwhile; and what a limiter of
        the user's raises. Cancelled, it takes nothing.
        """
        if self._closed:
            raise _closed()
        ticket = Ticket(place=place, is_bulk=is_bulk, deadline=deadline, patience=patience)
        self._check(ticket)
        future: asyncio.Future[int] = self._loop.create_future()
        ticket.serial = future
        self._line.push(ticket)
        if len(self._line) == 1:
            self._admit()
        else:
            # Whatever the others wait for, this one does not bring it; but it may have to be asked for.
            self._ask_for_tokens(self._now())
        timer = self._expire_after(ticket)
        try:
            serial = await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._line.left(ticket)
                self._admit()
            elif future.exception() is None:
                self._give_back(future.result())
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if self._closed:
            self._give_back(serial)
            raise _closed()
        self._bucket.leave_line(serial, self._now())
        return serial

    def leave(self, serial: int, *, is_admitted: bool) -> None:
        """Release the slot, once the attempt has ended; *is_admitted* is whether it was answered, and by no 429."""
        self._free += 1
        self._bucket.ended(serial, self._now(), is_admitted=is_admitted)
        # While slots are free, the line waits for tokens: the bucket says when there are more.
        if self._free == 1 and (self._line.single.heap or self._line.bulk.heap):
            self._admit()

    def promote(self, place: int) -> None:
        """Let a bulk call go with the single ones."""
        self._line.promote(place)
        self._admit()

    def connecting(self, serial: int) -> None:
        """Record that an attempt, just let go, has to connect first: it calls `depart()` before it is sent."""
        self._bucket.connecting(serial, self._now())
        if self._line:
            self._admit()

    async def depart(self, serial: int, *, is_kept: bool) -> None:
        """Wait, with a new connection in hand, until the attempt may be sent; cancelled, it takes nothing.

        *is_kept* is whether others are sent over the connection later.
        """
        bucket, now = self._bucket, self._now()
        if not self._departing and bucket.departure_wait(serial, now) <= 0:
            bucket.depart(serial, now, is_kept=is_kept)
            return
        future: asyncio.Future[None] = self._loop.create_future()
        self._departing.append((future, serial))
        self._admit()
        try:
            await future
        except asyncio.CancelledError:
            if not future.cancelled():
                bucket.woke(serial)
            self._admit()
            raise
        bucket.woke(serial)
        bucket.depart(serial, self._now(), is_kept=is_kept)

    def throttled(self, serial: int, seconds: float, *, is_named: bool) -> float:
        """Learn from the 429 that an attempt got, and return the seconds for which that pauses everyone.

        *seconds* are those that the server has named, or, where it has not (*is_named*), a backoff's.
        """
        now = self._now()
        told = self._bucket.throttled(serial, now, seconds=seconds, is_named=is_named)
        self._look_again()
        return told

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
        self._bucket.need(len(self._departing), self._now())
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_exception(_closed())
        if self._departing and not self._closed:
            self._admit()

    def _look_again(self) -> None:
        """Ask the bucket anew: there may be more tokens, or a pause, of another process's 429 as well."""
        now = self._now()
        pause = self._bucket.paused_for(now)
        if not self._line.all_outlast(pause, now):
            self._line.refuse(lambda _, ticket: refuse_pause(ticket, pause, now))
        self._admit()

    def _admit(self) -> None:
        """Let those depart and go who may now, and set the timer for the next."""
        bucket, line, now = self._bucket, self._line, self._now()
        wait = self._let_depart(bucket, now) if self._departing else 0.0
        while wait <= 0 and self._free and line.first() is not None:
            wait = bucket.wait(now)
            if wait <= 0:
                self._let_go(bucket, now)
        self._ask_for_tokens(now)
        if wait <= 0:
            self._was_full = not self._free
            self._cancel_timer()
            return
        if self._was_full and bucket.max_wait is not None:
            self._shorten(bucket, bucket.max_wait, now)
        self._was_full = False
        self._set_timer(now + wait)

    def _ask_for_tokens(self, now: float) -> None:
        self._bucket.need(len(self._departing) + min(len(self._line), self._free), now)

    def _let_go(self, bucket: Bucket, now: float) -> None:
        """Let the first in line go, who has a slot and a token; or tell it why there is none for it."""
        ticket = self._line.pop()
        try:
            serial = bucket.take(now, is_woken=True)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 (what a user's limiter has raised, the call raises)
            ticket.serial.set_exception(error)
        else:
            self._free -= 1
            ticket.serial.set_result(serial)

    def _let_depart(self, bucket: Bucket, now: float) -> float:
        """Let those depart who may; return the seconds until the next may, 0 where there is none."""
        while self._departing:
            future, serial = self._departing[0]
            if future.done():  # cancelled
                self._departing.popleft()
                continue
            wait = bucket.departure_wait(serial, now)
            if wait > 0:
                return wait
            self._departing.popleft()
            bucket.wake_to_depart(serial, now)
            future.set_result(None)
        return 0.0

    def _check(self, ticket: Ticket) -> None:
        """Refuse one who comes, where it is certain already that its turn comes too late."""
        bucket, now = self._bucket, self._now()
        refusal = refuse_pause(ticket, bucket.paused_for(now), now)
        if refusal is not None:
            raise refusal
        # A bulk run waits by design.
        max_wait = None if ticket.is_bulk else bucket.max_wait
        if ticket.deadline is None and max_wait is None:
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
        if max_wait is not None and wait > max_wait and (self._free or bucket.wait(now) > 0):
            raise too_long(wait, max_wait)

    def _shorten(self, bucket: Bucket, max_wait: float, now: float) -> None:
        """Send those away who wait for the limit from this moment on, after slots were missing, and too long for it."""
        reach = bucket.reach(max_wait, now)
        if len(self._line) > reach:
            self._line.refuse(
                lambda number, ticket: (
                    too_long(bucket.queue_wait(number, now), max_wait)
                    if number >= reach and not ticket.is_bulk
                    else None
                )
            )

    def _expire_after(self, ticket: Ticket) -> asyncio.TimerHandle | None:
        """Send one away who waits for longer than `max_wait`, where the bucket cannot tell beforehand."""
        max_wait = self._bucket.max_wait
        if max_wait is None or ticket.is_bulk or self._bucket.is_predictable:
            return None
        return self._loop.call_later(max_wait, self._expire, ticket, max_wait)

    def _expire(self, ticket: Ticket, max_wait: float) -> None:
        # While only slots are missing, it is not the limit that holds anyone.
        if self._free and not ticket.serial.done():
            ticket.serial.set_exception(too_long(max_wait, max_wait))
            self._line.left(ticket)

    def _give_back(self, serial: int) -> None:
        """Put slot and token back, for one that was let go and does not."""
        now = self._now()
        self._free += 1
        self._bucket.give_back(serial, now)
        if self._line or self._departing:
            self._admit()

    def _set_timer(self, when: float) -> None:
        if self._timer is not None:
            if abs(self._timer_at - when) < SAME_TIME:
                return
            self._cancel_timer()
        if when < math.inf:
            self._timer = self._loop.call_at(when, self._ring)
            self._timer_at = when

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._admit()


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
        f"the rate limit would hold this call for {wait:.1f} s, longer than its max_wait ({max_wait} s)",
        wait=wait,
    )


def _closed() -> TavusError:
    return SessionClosedError("the session is closed")
