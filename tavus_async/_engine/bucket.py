"""What the gate asks when the next attempt may be sent: the protocol of buckets, of which there are three.

`token_bucket.py` has a session's own, `limiter_bucket.py` makes one of a limiter that the user brings, and
`tavus_async.integrations.redis` has one that many processes share.

*An attempt's way.* The gate asks `wait()` until it is 0, and then takes a token for the first in line by `take()`,
which names the attempt by a serial number. Where that one's task had to be woken, `leave_line()` follows as it runs, or
`give_back()` if it has been cancelled. An attempt that has to connect says so by `connecting()`; it may leave once
`departure_wait()` is 0, and goes before the line. `ended()` comes last, in every case, and before it, where the answer
was a 429, `throttled()`.

*Waiting.* While anyone waits, the gate says for how many by `need()`, and asks again after the seconds that `wait()`
named, or as soon as the bucket calls `on_more`. So no slot of the pool is ever held by one that has no token.
"""

# ruff: noqa: B027 (what a bucket has no use for, it inherits)

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import Callable


def nobody() -> None:
    """Stand for the gate until there is one."""


class Bucket(ABC):
    """What gives out tokens. *now* is the event loop's clock in seconds, which never goes back."""

    max_wait: float | None = None
    """Seconds that an attempt may wait for its token; None for any."""
    is_predictable: bool = True
    """Whether `wait()` and `queue_wait()` know when tokens come."""
    on_more: Callable[[], object] = staticmethod(nobody)
    """What to call when there may be a token sooner than `wait()` has said, or a pause began; the gate sets it."""

    @abstractmethod
    def wait(self, now: float) -> float:
        """Return the seconds until there may be a token; 0 when there is one, infinity where only `on_more` tells."""

    @abstractmethod
    def take(self, now: float, *, is_woken: bool = False) -> int:
        """Take one token, which `wait()` has said is there, and return the attempt's serial number, from 1 up.

        Where its task *is_woken*, and runs later, `leave_line()` or `give_back()` follows.
        Raises what a user's limiter has raised instead of giving a token.
        """

    def leave_line(self, serial: int, now: float, /) -> None:
        """Record that the task which was woken with a token runs, and that its attempt leaves."""

    @abstractmethod
    def give_back(self, serial: int, now: float, /) -> None:
        """Put back the token of one that was woken, and whose attempt never starts."""

    def need(self, waiting: int, now: float) -> None:
        """Record for how many attempts a token is wanted: as many as wait and have a slot to go with."""

    def connecting(self, serial: int, now: float, /) -> None:
        """Record that an attempt, which has just taken its token, leaves only once it has a connection."""

    def departure_wait(self, serial: int, now: float, /) -> float:  # noqa: ARG002
        """Return the seconds until an attempt that has connected may leave; 0 when it may at once."""
        return 0.0

    def wake_to_depart(self, serial: int, now: float, /) -> None:
        """Keep a place for one that has connected, and is woken to leave."""

    def woke(self, serial: int, /) -> None:
        """Record that the task of one that was woken to leave runs: `depart()` follows, or it does not leave."""

    def depart(self, serial: int, now: float, /, *, is_kept: bool) -> None:
        """Record that an attempt that has connected leaves; where the connection *is_kept*, others come over it."""

    @abstractmethod
    def ended(self, serial: int, now: float, /, *, is_admitted: bool) -> None:
        """Record that an attempt has ended, and whether the limit has admitted it: it was answered, and by no 429."""

    @abstractmethod
    def throttled(self, serial: int, now: float, /, *, seconds: float, is_named: bool) -> float:
        """Learn from the 429 that an attempt got, and return the seconds for which everyone pauses.

        *seconds* are those that the server has named, or, where it has not (*is_named*), a backoff's.
        """

    @abstractmethod
    def paused_for(self, now: float) -> float:
        """Return the seconds that are left of a pause."""

    @abstractmethod
    def tokens(self, now: float) -> float:
        """Return how many attempts could start at once; 0 in a pause."""

    @abstractmethod
    def rate(self, now: float) -> float:
        """Return the attempts per second that are allowed now."""

    @abstractmethod
    def queue_wait(self, ahead: int, now: float) -> float:
        """Return the seconds that an attempt behind *ahead* others waits for its token at least, as known now."""

    def reach(self, wait: float, now: float) -> int:
        """Return how many attempts can have their tokens within so many seconds: the inverse of `queue_wait`."""
        if self.paused_for(now) > wait:
            return 0
        rate = self.rate(now)
        return 2**31 if math.isinf(rate) else math.floor(self.tokens(now) + rate * wait)

    @abstractmethod
    def moved(self, loop: asyncio.AbstractEventLoop) -> "Bucket":
        """Return the bucket to go on with in another event loop, the former being closed."""

    async def aclose(self) -> None:
        """Release what it holds, as the session closes: all attempts have ended."""

    def abandon(self) -> None:
        """Release what can be released without an event loop: the session was not closed, or its loop was before."""
