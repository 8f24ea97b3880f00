"""Waiting for a free slot, while an account has as many conversations as it may have at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from copy import copy
from typing import TypeVar

from tavus_async.errors import ConcurrencyLimitError, SessionClosedError

T = TypeVar("T")

# Seconds between two tries of the first in line: at first, at most, and how they grow. The end of a conversation of
# this session is known at once; of others' ends nobody tells.
FIRST_WAIT = 1.0
LONGEST_WAIT = 5.0
SLOT_GROWTH = 1.5


class SlotLine:
    """The line of those who wait for a slot, in order of arrival: only the first in it asks the server."""

    def __init__(self) -> None:
        self._line: deque[asyncio.Future[None]] = deque()
        self._freed = asyncio.Event()
        self._last_refusal: ConcurrencyLimitError | None = None
        self._is_closed = False

    async def take(self, create: Callable[[], Awaitable[T]], *, patience: float) -> T:
        """Return what *create* returns, tried again for *patience* seconds while the account is at its limit.

        A create that was sent is never cut off by the end of the time. Raises what *create* raises, and the last
        ConcurrencyLimitError when the time is over.
        """
        deadline = asyncio.get_running_loop().time() + patience
        if not self._line:
            try:
                return await create()
            except ConcurrencyLimitError as error:
                self._last_refusal = error
        return await self._take_in_turn(create, deadline, patience)

    def free(self) -> None:
        """Let the first in line try at once: a conversation has ended."""
        self._freed.set()

    def close(self) -> None:
        """End everybody's wait with a SessionClosedError."""
        self._is_closed = True
        self._freed.set()
        for place in self._line:
            if not place.done():
                place.set_result(None)

    async def _take_in_turn(self, create: Callable[[], Awaitable[T]], deadline: float, patience: float) -> T:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(place)
        self._call_first()
        has_to_queue = not place.done()
        try:
            if await self._has_come(place, deadline):
                if has_to_queue:
                    self._freed.set()  # of several slots that came free, the one before has taken one
                delay = FIRST_WAIT
                while await self._may_try(delay, deadline):
                    try:
                        return await create()
                    except ConcurrencyLimitError as error:
                        self._last_refusal = error
                    delay = min(LONGEST_WAIT, delay * SLOT_GROWTH)
        finally:
            self._line.remove(place)
            self._call_first()
        refusal = copy(self._last_refusal) or ConcurrencyLimitError("no slot came free", status=400)
        refusal.add_note(f"no slot came free within {patience} s")
        raise refusal

    def _call_first(self) -> None:
        if self._line and not self._line[0].done():
            self._line[0].set_result(None)

    async def _has_come(self, place: "asyncio.Future[None]", deadline: float) -> bool:
        """Wait until one is the first in line; return whether there is time left."""
        try:
            async with asyncio.timeout_at(deadline):
                await asyncio.shield(place)
        except TimeoutError:
            return False
        self._check_open()
        return True

    async def _may_try(self, delay: float, deadline: float) -> bool:
        """Wait until it is time to try again; return whether there is time left."""
        loop = asyncio.get_running_loop()
        due = loop.time() + delay
        try:
            async with asyncio.timeout_at(min(due, deadline)):
                await self._freed.wait()
        except TimeoutError:
            if due >= deadline:
                return False
        self._freed.clear()
        self._check_open()
        return True

    def _check_open(self) -> None:
        if self._is_closed:
            raise SessionClosedError("the session was closed while the call waited for a slot")
