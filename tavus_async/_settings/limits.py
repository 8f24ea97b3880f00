"""How fast attempts may go: the settings of the token bucket, and the protocol of a limiter of one's own."""

from typing import Protocol, runtime_checkable

import attrs

from tavus_async._settings import checks


@attrs.frozen
class RateLimit:
    """How many attempts a session may send: at most `burst + per_second · t` in any *t* seconds.

    Every attempt counts, retries too, over all tasks of the session.
    Tavus publishes no rate, so the default is polite: 10 per second.
    Raises ConfigurationError for numbers that are not above 0.
    """

    per_second: float = attrs.field(validator=checks.rate)
    """Attempts per second in the long run."""
    burst: int = attrs.field(default=10, validator=checks.count)
    """Attempts that may start at once after a quiet time."""
    adaptive: bool = attrs.field(default=True, kw_only=True, validator=checks.flag)
    """Whether a 429 lowers the rate, which then recovers slowly. Its Retry-After is waited for in any case."""
    max_wait: float | None = attrs.field(default=None, kw_only=True, validator=checks.not_negative_or_none)
    """Seconds that an attempt may wait for its token. One that would wait longer raises QueueTimeoutError at once."""


@runtime_checkable
class RateLimiter(Protocol):
    """What a custom limiter implements, for instance one that several processes share.

    The session calls `acquire()` before each attempt, after it got a connection for it.
    """

    async def acquire(self) -> None:
        """Return when one more attempt may start. When cancelled, it must take nothing."""
        ...

    def throttled(self, retry_after: float | None) -> None:
        """Take note of a 429 and of the seconds that its Retry-After asks for, if it has one."""
        ...
