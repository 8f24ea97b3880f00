"""The time of a sandbox: as fast as its setting says, and still while the sandbox is closed."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator

from attrs import define, field

__all__ = ["Clock", "Timer"]


@define(eq=False)
class Timer:
    """Something that is to happen, unless it is cancelled."""

    due: float
    """On the clock of the sandbox, in seconds."""
    _act: Callable[[], None] | None = field(alias="act", repr=False)

    def cancel(self) -> None:
        """Make sure that it does not happen any more."""
        self._act = None

    def fire(self) -> None:
        """Let it happen, once."""
        act, self._act = self._act, None
        if act is not None:
            act()


@define(kw_only=True, eq=False)
class Clock:
    """Seconds of Tavus: *speed* of them pass in one real second.

    It stands still until it is started. What is due then happens in the event loop that started it.
    """

    speed: float = 1.0
    """Seconds of this clock in one real second."""
    epoch: float | None = None
    """When this clock showed 0, in seconds since 1970, for telling what happened long ago; None tells real times."""
    _held_at: float = field(init=False, default=0.0)
    _since: float = field(init=False, default=0.0)
    _loop: asyncio.AbstractEventLoop | None = field(init=False, default=None, repr=False)
    _timers: list[tuple[float, int, Timer]] = field(init=False, factory=list[tuple[float, int, Timer]], repr=False)
    _numbers: Iterator[int] = field(init=False, factory=itertools.count, repr=False)
    _alarm: asyncio.TimerHandle | None = field(init=False, default=None, repr=False)

    def now(self) -> float:
        """Return the seconds that have passed on this clock."""
        if self._loop is None:
            return self._held_at
        return self._held_at + (self._loop.time() - self._since) * self.speed

    def time(self) -> float:
        """Return the time that is told to clients, in seconds since 1970."""
        return time.time() if self.epoch is None else self.epoch + self.now()

    def start(self) -> None:
        """Let time pass, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._set_alarm()

    def stop(self) -> None:
        """Let time stand still; what is to happen waits until the clock is started again."""
        self._held_at = self.now()
        self._loop = None
        self._set_alarm()

    def call_later(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Call *act* when *seconds* of this clock have passed."""
        timer = Timer(due=self.now() + seconds, act=act)
        heapq.heappush(self._timers, (timer.due, next(self._numbers), timer))
        self._set_alarm()
        return timer

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass at once: everything that is due within them happens now, in its order and at its time."""
        loop, end = self._loop, self.now() + seconds
        self._loop = None
        try:
            while self._timers and self._timers[0][0] <= end:
                due, _, timer = heapq.heappop(self._timers)
                self._held_at = max(self._held_at, due)
                timer.fire()
        finally:
            self._held_at = end
            if loop is not None:
                self._loop, self._since = loop, loop.time()
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._loop is not None and self._timers:
            wait = (self._timers[0][0] - self.now()) / self.speed
            self._alarm = self._loop.call_later(max(0.0, wait), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        try:
            # What a timer sets off may set new ones, which have their own turn.
            now = self.now()
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2].fire()
        finally:
            self._set_alarm()
