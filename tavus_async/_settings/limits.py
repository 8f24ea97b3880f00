"""Settings of the rate limit: those of the token bucket, and the protocol of a custom limiter."""

import asyncio
import sys
from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

import attrs
from attrs.validators import optional

from tavus_async._settings import checks
from tavus_async._settings.naming import Settings
from tavus_async.errors import ConfigurationError


@attrs.frozen
class RateLimit(Settings):
    """Settings of the token bucket: a session sends at most `burst + per_second · t` attempts in any *t* seconds.

    Every attempt takes a token, a retry too, over all tasks of the session.
    Tavus publishes no rate, so a session's default is a polite 10 per second.
    Raises ConfigurationError for values that cannot work.
    """

    per_second: float = attrs.field(validator=checks.rate)
    """Attempts per second in the long run: the rate at which the bucket refills."""
    burst: int = attrs.field(default=10, validator=checks.count)
    """Attempts that may start at once after a quiet time: the bucket's capacity. 10 by default."""
    adaptive: bool = attrs.field(default=True, kw_only=True, validator=checks.flag)
    """Whether 429s lower the rate to what is admitted, which then recovers; a Retry-After is waited for in any case."""
    max_wait: float | None = attrs.field(default=None, kw_only=True, validator=optional(checks.not_negative))
    """Seconds that an attempt may wait for its token; QueueTimeoutError at once where it would be longer.

    None, the default, lets it wait for as long as it takes, as those of bulk runs do in any case.
    """

    def share(self, parts: int) -> "RateLimit":
        """Return the limit of one of so many processes, which divide this one evenly and know nothing of each other.

        What one does not use is not given to the others. A burst is at least 1, so where there are more parts than
        the burst has attempts, all of them together may begin with one each.
        Raises ConfigurationError for what is no whole number from 1 up.
        """
        if type(parts) is not int or not 1 <= parts <= sys.maxsize:
            raise ConfigurationError(
                f"a limit is shared by a whole number of parts from 1 up, not {checks.display(parts)}"
            )
        return attrs.evolve(self, per_second=self.per_second / parts, burst=max(1, self.burst // parts))


@runtime_checkable
class RateLimiter(Protocol):
    """The protocol of a custom limiter, for instance one that several processes share.

    The session asks it for as many tokens at once as attempts wait for nothing else, and an attempt holds no connection
    meanwhile. Lanes, places in line and deadlines hold as under a `RateLimit`, and a 429 pauses everyone.

    Where it has an attribute `max_wait`, in seconds, that holds as `RateLimit.max_wait` does; where it has `rate` or
    `tokens`, these are what `AsyncSession.stats()` tells.
    """

    async def acquire(self) -> None:
        """Wait until one more attempt may start. Cancelled, it must take nothing.

        What it raises is raised by the call that it was asked for.
        """
        ...

    def throttled(self, retry_after: float | None) -> None:
        """Record a 429, and the seconds that its Retry-After asks for; None where it has none."""
        ...


class BucketMaker(ABC):
    """The base of settings that bring a bucket of their own kind, such as a limit that many processes share."""

    per_second: float
    """Attempts per second, of all who share the limit."""
    burst: int
    """Attempts that may start at once."""

    @abstractmethod
    def make_bucket(self, loop: asyncio.AbstractEventLoop) -> object:
        """Return a new `Bucket` for a session in this event loop."""
