"""What is repeated after a failure, how often, and after how long."""

import attrs

from tavus_async._settings import checks
from tavus_async.errors import (
    ApiError,
    AttemptTimeoutError,
    ConnectError,
    ConnectionLostError,
    RateLimitedError,
    ServerError,
    TavusError,
)

# A 5xx that says "never", not "later": not implemented, HTTP version not supported, loop detected.
HOPELESS = frozenset({501, 505, 508})
# Refusals that pass by themselves although they are no 5xx: request timeout, too early.
TRANSIENT = frozenset({408, 425})
SERVICE_UNAVAILABLE = 503


# A Retry-After of days must not silence a session for days: after this many seconds one call may try.
LONGEST_PAUSE = 300.0


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """What is repeated after a failure, how often, and after how long. All times in seconds.

    GET and DELETE are repeated after any passing failure: no connection, a lost or late answer, 5xx, 429.
    POST and PATCH are repeated only where the server cannot have acted: nothing was sent, or it refused
    explicitly (429, or 503 with Retry-After).
    The wait is drawn evenly from 0 to `base_delay · 2ⁿ`, at most *max_delay* ("full jitter"); a Retry-After
    is waited for in full. Raises ConfigurationError for numbers that make no sense.
    """

    attempts: int = attrs.field(default=5, validator=checks.count)
    """How often one call is sent at most; 1 never repeats."""
    base_delay: float = attrs.field(default=0.5, validator=checks.not_negative)
    max_delay: float = attrs.field(default=20.0, validator=checks.not_negative)
    max_retry_after: float = attrs.field(default=60.0, validator=checks.not_negative)
    """The longest Retry-After that a call without a deadline waits for; a longer one fails at once."""
    budget: int = attrs.field(default=100, validator=checks.count)
    """Retries that the session may make beyond those that its calls earn; it stops retry storms."""
    budget_per_call: float = attrs.field(default=0.1, validator=checks.not_negative)
    """Retries that each call earns, up to *budget*. A 429 costs none: the limiter slows those down."""
    budget_per_success: float = attrs.field(default=0.5, validator=checks.not_negative)
    """Retries that each call earns on top when it succeeds."""

    def allows(self, error: TavusError, *, repeatable: bool) -> bool:
        """Tell whether a call that failed like this may be sent again."""
        if isinstance(error, (ConnectError, RateLimitedError)):
            return True
        if isinstance(error, ServerError) and error.status == SERVICE_UNAVAILABLE and error.retry_after is not None:
            return True
        if isinstance(error, (AttemptTimeoutError, ConnectionLostError)):
            return repeatable
        if isinstance(error, ServerError):
            return repeatable and error.status not in HOPELESS
        return repeatable and isinstance(error, ApiError) and error.status in TRANSIENT

    def delay(self, error: TavusError, attempt: int, *, jitter: float) -> float:
        """Return the seconds to wait after this failed attempt, counted from 1; *jitter* is from 0 to 1."""
        delay: float = min(self.max_delay, self.base_delay * 2.0 ** min(attempt - 1, 60)) * jitter
        asked = error.retry_after if isinstance(error, ApiError) else None
        return delay if not asked else max(asked, delay if not isinstance(error, RateLimitedError) else 0.0)

    def fits(self, error: TavusError, delay: float, *, remaining: float | None) -> bool:
        """Tell whether there is time for the wait: before the deadline, or what *max_retry_after* grants."""
        if remaining is not None:
            return delay < remaining
        asked = error.retry_after if isinstance(error, ApiError) else None
        return asked is None or asked <= self.max_retry_after

    def pause(self, error: RateLimitedError, attempt: int) -> float:
        """Return the seconds for which a 429 pauses the whole session: its Retry-After, or a guess that doubles.

        A Retry-After of 0 is less than a second, rounded down, or a date that has just passed: no help either.
        """
        if error.retry_after:
            return min(error.retry_after, max(self.max_retry_after, LONGEST_PAUSE))
        return min(self.max_delay, self.base_delay * 2.0 ** min(attempt - 1, 60))
