"""The server's own token bucket, and the ways to tell a client how long to wait."""

import math
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Literal, TypeAlias

from attrs import define, field

from tavus_async._settings.limits import RateLimit

__all__ = ["EnforcedLimit", "RetryAfterForm", "retry_after_headers"]

RetryAfterForm: TypeAlias = Literal["seconds", "milliseconds", "date"]

# Sums of floats: a request that comes exactly on time is not too early.
_EPSILON = 1e-9


@define(kw_only=True)
class EnforcedLimit:
    """At most `burst + per_second * t` requests in any `t` seconds; a refused one costs nothing."""

    _rate: RateLimit = field(alias="rate")
    _clock: Callable[[], float] = field(alias="clock", default=time.monotonic)
    _tokens: float = field(init=False, default=0.0)
    _counted_at: float = field(init=False, default=-math.inf)

    def take(self) -> float:
        """Take a token and return 0, or return the seconds after which there will be one."""
        now, rate = self._clock(), self._rate
        self._tokens = min(float(rate.burst), self._tokens + (now - self._counted_at) * rate.per_second)
        self._counted_at = now
        if self._tokens >= 1 - _EPSILON:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / rate.per_second


def retry_after_headers(seconds: float, form: RetryAfterForm) -> Mapping[str, str]:
    """Return the headers that ask a client to wait *seconds*; a date is rounded up to whole ones."""
    if form == "milliseconds":
        return {"retry-after-ms": str(math.ceil(seconds * 1000))}
    if form == "date":
        return {"Retry-After": formatdate(math.ceil(time.time() + seconds), usegmt=True)}
    return {"Retry-After": f"{seconds:g}"}
