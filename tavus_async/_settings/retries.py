"""Settings of retries: which failures are repeated, how often, and after what backoff."""

import attrs

from tavus_async._settings import checks
from tavus_async._settings.naming import Settings
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
PERMANENT = frozenset({501, 505, 508})
# A 4xx that passes by itself: request timeout, too early.
TRANSIENT = frozenset({408, 425})
# A Retry-After of days must not silence a session for days: after this many seconds one call may try.
LONGEST_PAUSE = 300.0


@attrs.frozen(kw_only=True)
class RetryPolicy(Settings):
    """Settings of retries: exponential backoff with full jitter, and a retry budget. All times in seconds.

    GET and DELETE are repeated after any transient failure: no connection, a lost or late answer, 5xx, 429.
    POST and PATCH are repeated only where the server cannot have acted: nothing was sent, or it refused
    explicitly (429, or 503 with Retry-After).
    Before retry n, counted from 0, the call waits for a time drawn evenly from 0 to `base_delay · 2ⁿ`, capped at
    *max_delay*; a Retry-After is waited for in full. Raises ConfigurationError for values that cannot work.
    """

    attempts: int = attrs.field(default=5, validator=checks.count)
    """The most times that one call is sent; 1 never repeats."""
    base_delay: float = attrs.field(default=0.5, validator=checks.not_negative)
    """The most seconds of backoff before the first retry; twice as many before each further one."""
    max_delay: float = attrs.field(default=20.0, validator=checks.not_negative)
    """The cap of the backoff: where doubling ends. It does not shorten a Retry-After."""
    max_retry_after: float = attrs.field(default=60.0, validator=checks.not_negative)
    """The longest Retry-After that a call without a deadline waits for; with a longer one it fails at once.

    With a deadline, a Retry-After may be as long as the deadline allows.
    """
    max_elapsed: float | None = attrs.field(default=60.0, validator=checks.not_negative_or_none)
    """Seconds after a call's first attempt in which a further one may begin; None is no bound.

    Time in line is not counted. Nor is a Retry-After where the call has a deadline or belongs to a bulk run, which
    bound it themselves.
    """
    budget: int = attrs.field(default=100, validator=checks.count)
    """The retry budget's capacity, shared by all calls of a session: it stops retry storms while a server is down.

    It starts full; each retry costs 1, except after a 429, which the rate limit slows down already.
    """
    budget_per_call: float = attrs.field(default=0.1, validator=checks.not_negative)
    """Retries that each call earns back as it begins."""
    budget_per_success: float = attrs.field(default=0.5, validator=checks.not_negative)
    """Retries that each call earns back on top when it succeeds."""

    def allows(self, error: TavusError, *, repeatable: bool) -> bool:
        """Return whether a call that failed like this may be sent again; *repeatable* is whether twice does no harm."""
        if isinstance(error, (ConnectError, RateLimitedError)) or (isinstance(error, ServerError) and error.refused):
            return True
        if isinstance(error, (AttemptTimeoutError, ConnectionLostError)):
            return repeatable
        if isinstance(error, ServerError):
            return repeatable and error.status not in PERMANENT
        return repeatable and isinstance(error, ApiError) and error.status in TRANSIENT

    def delay(self, error: TavusError, attempt: int, *, jitter: float) -> float:
        """Return the seconds of backoff after this failed attempt, counted from 1; *jitter* is from 0 to 1."""
        asked = error.retry_after if isinstance(error, ApiError) else None
        if isinstance(error, RateLimitedError):
            # The gate lets those that were refused together go one by one: they need no jitter.
            return asked or self._backoff(attempt)
        return max(asked or 0.0, self._backoff(attempt) * jitter)

    def find_bound(
        self,
        error: TavusError,
        delay: float,
        *,
        attempts: int,
        elapsed: float,
        remaining: float | None = None,
        patience: float | None = None,
    ) -> str:
        """Return in words what forbids another attempt after *delay* seconds; "" where nothing does.

        *attempts* were made, the first of them *elapsed* seconds ago. *remaining* are the seconds left of the call's
        deadline. *patience* is how long a bulk run waits where the server asks for it; None for a single call.
        """
        asked = error.retry_after if isinstance(error, ApiError) else None
        longest, setting = (
            (self.max_retry_after, "RetryPolicy.max_retry_after") if patience is None else (patience, "max_outage")
        )
        if attempts >= self.attempts:
            return f"RetryPolicy.attempts allows {self.attempts}"
        if remaining is not None and delay >= remaining:
            return f"the next would come in {delay:.1f} s, and the call's time ends in {remaining:.1f} s"
        if remaining is None and asked is not None and asked > longest:
            return f"the server asks to wait {asked:g} s, longer than {setting} ({longest:g} s)"
        if self.is_counted(error, has_deadline=remaining is not None, is_bulk=patience is not None) and (
            self.max_elapsed is not None and elapsed + delay > self.max_elapsed
        ):
            return f"RetryPolicy.max_elapsed ({self.max_elapsed:g} s) allows no later one"
        return ""

    @staticmethod
    def is_counted(error: TavusError, *, has_deadline: bool, is_bulk: bool) -> bool:
        """Return whether the wait after this failure counts for *max_elapsed*."""
        return not (isinstance(error, ApiError) and error.retry_after and (has_deadline or is_bulk))

    def pause(self, error: RateLimitedError, attempt: int) -> float:
        """Return the seconds for which a 429 pauses the whole session: its Retry-After, or the backoff without jitter.

        A Retry-After of 0 is less than a second, rounded down, or a date that has just passed: no help either.
        """
        if error.retry_after:
            return min(error.retry_after, max(self.max_retry_after, LONGEST_PAUSE))
        return self._backoff(attempt)

    def _backoff(self, attempt: int) -> float:
        # 2⁶⁰ is past any cap; much higher powers are no floats.
        return min(self.max_delay, self.base_delay * 2.0 ** min(attempt - 1, 60))
