"""Polling: something is read again and again, for all who wait for it, until it is as each of them wants it."""

import asyncio
import random
from collections.abc import Callable
from copy import copy
from typing import Any, Generic, TypeVar

import attrs

from tavus_async._bulk.session_part import Send, SessionPart
from tavus_async._wire.call import Call
from tavus_async.errors import (
    DeadlineExceededError,
    QueueTimeoutError,
    RateLimitedError,
    ServerError,
    SessionClosedError,
    TavusError,
    TransportError,
)

T = TypeVar("T")
ResultT = TypeVar("ResultT")

# Seconds between two readings: at first, at most, and how they grow. Each is up to a tenth longer, by chance.
POLL_DELAY = 2.0
LONGEST_POLL_DELAY = 15.0
POLL_GROWTH = 1.5
SPREAD = 0.1

# Errors that say nothing of what is waited for: the next reading may succeed.
PASSING = (TransportError, ServerError, RateLimitedError, QueueTimeoutError, DeadlineExceededError)


@attrs.define(eq=False, kw_only=True)
class Waiter(Generic[T]):
    """One who waits."""

    look: Callable[[T], Any]
    """Returns what was waited for, once it is there, and None before; raises where it can no longer come."""
    on_progress: Callable[[T], object] | None
    result: "asyncio.Future[Any]"
    _seen: T | None = attrs.field(init=False, default=None)

    def tell(self, value: T) -> None:
        """Look at what was read."""
        if self.result.done():
            return
        try:
            if self.on_progress is not None and value != self._seen:
                self.on_progress(value)
            self._seen = value
            found = self.look(value)
        except Exception as error:  # noqa: BLE001 (whatever the callback raises goes to the one who gave it)
            self.result.set_exception(error)
        else:
            if found is not None:
                self.result.set_result(found)


@attrs.define(eq=False, kw_only=True)
class Poll(Generic[T]):
    """The reading of one thing: its latest state, and those who wait for another."""

    call: Call[T]
    send: Send
    waiters: set[Waiter[T]] = attrs.field(factory=set)
    latest: T | None = None
    problem: TavusError | None = None
    """Why the last reading failed; None where it did not."""
    task: "asyncio.Task[None] | None" = None
    _delay: float = attrs.field(init=False, factory=lambda: POLL_DELAY)
    _newcomer: asyncio.Event = attrs.field(init=False, factory=asyncio.Event)

    def join(self, waiter: Waiter[T]) -> None:
        """Let one more wait: what was read last is looked at now, and the next reading comes soon."""
        if self.latest is not None:
            waiter.tell(self.latest)
        if not waiter.result.done():
            self.waiters.add(waiter)
            self._newcomer.set()

    async def run(self) -> None:
        """Read until nobody waits any more."""
        while self.waiters:
            self._newcomer.clear()
            try:
                value: T = await self.send(self.call)
            except PASSING as error:
                self.problem = error
            except TavusError as error:
                self.fail(error)
                return
            else:
                self.latest, self.problem = value, None
                for waiter in tuple(self.waiters):
                    waiter.tell(value)
            self.waiters = {waiter for waiter in self.waiters if not waiter.result.done()}
            if self.waiters:
                await self._pause()

    def fail(self, error: TavusError) -> None:
        """End everybody's wait with an error."""
        for waiter in self.waiters:
            if not waiter.result.done():
                waiter.result.set_exception(copy(error))

    async def _pause(self) -> None:
        """Wait before the next reading: longer each time, but for a newcomer."""
        jitter = 1 + SPREAD * random.random()  # noqa: S311 (no cryptography)
        await asyncio.sleep(POLL_DELAY * jitter)
        try:
            async with asyncio.timeout((self._delay - POLL_DELAY) * jitter):
                await self._newcomer.wait()
        except TimeoutError:
            self._delay = min(LONGEST_POLL_DELAY, self._delay * POLL_GROWTH)
        else:
            self._delay = POLL_DELAY


class Polls(SessionPart):
    """All that is waited for in a session: each thing is read by one poll, however many wait for it."""

    def __init__(self) -> None:
        self._polls: dict[str, Poll[Any]] = {}

    async def wait(
        self,
        call: Call[T],
        look: Callable[[T], ResultT | None],
        *,
        send: Send,
        key: str,
        what: str,
        timeout: float | None,
        on_progress: Callable[[T], object] | None = None,
    ) -> ResultT:
        """Return what *look* returns of something that *call* reads, as soon as that is not None.

        *key* is equal for all who wait for the same thing; it is read by the *send* of the first of them. Raises what
        *look* raises, what reading raises unless that will pass, and DeadlineExceededError after *timeout* seconds,
        which calls what was waited for *what*.
        """
        waiter = Waiter(look=look, on_progress=on_progress, result=asyncio.get_running_loop().create_future())
        poll = self._join(key, call, send, waiter)
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                return await waiter.result  # type: ignore[no-any-return]
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._leave(key, poll, waiter)
        # Outside the except block, so that no cancelled frames are chained to it.
        why = f"; the last reading failed: {poll.problem}" if poll.problem is not None else ""
        raise DeadlineExceededError(f"{what} did not come within {timeout} s{why}")

    async def aclose(self) -> None:
        """End everybody's wait, and the reading."""
        polls = list(self._polls.values())
        for poll in polls:
            poll.fail(SessionClosedError("the session was closed while something was waited for"))
            if poll.task is not None:
                poll.task.cancel()
        await asyncio.gather(*(poll.task for poll in polls if poll.task is not None), return_exceptions=True)

    def _join(self, key: str, call: Call[T], send: Send, waiter: Waiter[T]) -> Poll[T]:
        poll = self._polls.get(key)
        if poll is None or (poll.task is not None and poll.task.done()):  # which nobody has been told of yet
            poll = self._polls[key] = Poll(call=call, send=send)
        poll.join(waiter)
        if poll.task is None and not waiter.result.done():
            poll.task = asyncio.get_running_loop().create_task(poll.run())
            poll.task.add_done_callback(lambda task: self._ended(key, poll, task))
        return poll

    def _leave(self, key: str, poll: Poll[Any], waiter: Waiter[Any]) -> None:
        poll.waiters.discard(waiter)
        if not poll.waiters:
            if poll.task is not None:
                poll.task.cancel()
            self._forget(key, poll)

    def _ended(self, key: str, poll: Poll[Any], task: "asyncio.Task[None]") -> None:
        """Let whoever comes now begin anew, and nobody wait for a reading that has broken off."""
        self._forget(key, poll)
        if task.cancelled():
            poll.fail(SessionClosedError("the reading of what was waited for was cancelled"))
        elif (error := task.exception()) is not None:
            for waiter in poll.waiters:
                if not waiter.result.done():
                    waiter.result.set_exception(error)

    def _forget(self, key: str, poll: Poll[Any]) -> None:
        if self._polls.get(key) is poll:
            del self._polls[key]
