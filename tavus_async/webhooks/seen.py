"""Which events have been handled: what makes a receiver handle each at most once."""

import time
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from typing import Protocol

import attrs

from tavus_async._settings.checks import count, positive

DAY = 86_400.0
MOST_SEEN = 100_000


class Claim(Enum):
    """The answer to somebody who wants to handle an event."""

    YOURS = "yours"
    """It is yours: handle it, then `finish` it or `release` it."""
    BUSY = "busy"
    """Somebody else is handling it."""
    DONE = "done"
    """It has been handled."""


class Seen(Protocol):
    """Where a receiver keeps which events have been handled; several processes may share one.

    In Redis: `claim` is `SET key busy NX PX lease`, and if that does nothing, `GET key`; `finish` is `SET key done PX
    ttl`, `release` is `DEL key`. A *key* is a text of printable characters without spaces.
    """

    async def claim(self, key: str, lease: float) -> Claim:
        """Claim an event, and say whose it is. The claim ends after *lease* seconds: its process may have died."""
        ...

    async def finish(self, key: str) -> None:
        """Keep that the event has been handled, for as long as it may be delivered again."""
        ...

    async def release(self, key: str) -> None:
        """Give up the claim: the event has not been handled, and whoever comes next may."""
        ...


@attrs.frozen(eq=False)
class MemorySeen:
    """What has been handled, in the memory of this process: the newest, for a while."""

    ttl: float = attrs.field(default=DAY, validator=positive)
    """Seconds for which is kept that an event has been handled; default a day."""
    max_keys: int = attrs.field(default=MOST_SEEN, validator=count)
    """How many are kept; then the oldest are forgotten, but none that is being handled. Default 100,000."""
    _now: Callable[[], float] = attrs.field(default=time.monotonic, alias="now", repr=False, kw_only=True)
    _ends: OrderedDict[str, float] = attrs.field(factory=OrderedDict, init=False, repr=False)
    _leases: dict[str, float] = attrs.field(factory=dict, init=False, repr=False)

    async def claim(self, key: str, lease: float) -> Claim:
        """Claim an event, and say whose it is."""
        now = self._now()
        self._forget(now)
        if key in self._ends:
            return Claim.DONE
        if self._leases.get(key, now) > now:
            return Claim.BUSY
        self._leases[key] = now + lease
        return Claim.YOURS

    async def finish(self, key: str) -> None:
        """Keep that the event has been handled."""
        self._leases.pop(key, None)
        self._ends[key] = self._now() + self.ttl
        self._ends.move_to_end(key)
        self._forget(self._now())

    async def release(self, key: str) -> None:
        """Give up the claim."""
        self._leases.pop(key, None)

    def _forget(self, now: float) -> None:
        """Forget what is too old or too much; all are kept equally long, so the oldest come first."""
        while self._ends and (len(self._ends) > self.max_keys or next(iter(self._ends.values())) <= now):
            self._ends.popitem(last=False)
