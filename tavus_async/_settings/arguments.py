"""Checks of what a session is given, beyond what its settings check themselves."""

import math
import sys
from collections.abc import Mapping
from typing import Any, Final

from tavus_async._settings import checks
from tavus_async._settings.connections import Pool
from tavus_async._settings.limits import RateLimit, RateLimiter
from tavus_async.errors import ConfigurationError

# Seconds that an answer may take while the workers of a bulk call still keep up with the rate.
LATENCY = 2.0

# What other clients call our settings.
FOREIGN_SETTINGS: Final = {
    "timeout": "timeouts=Timeouts(total=…), or with_options(timeout=…)",
    "max_retries": "retry=RetryPolicy(attempts=…), which counts the first attempt too",
    "retries": "retry=RetryPolicy(attempts=…), which counts the first attempt too",
    "default_headers": "headers={…}",
    "default_query": "Call.json(…, query={…})",
    "http_client": "http=, an aiohttp.ClientSession",
    "session": "http=, an aiohttp.ClientSession",
    "key": "api_key=",
    "token": "api_key=",
    "url": "base_url=",
    "host": "base_url=",
    "proxy": "pool=Pool(proxy=…)",
    "ssl": "pool=Pool(ssl=…)",
    "limit": "rate_limit=",
    "limits": "pool=Pool(connections=…)",
    "rps": "rate_limit=",
}


def refuse_unknown(settings: Mapping[str, object]) -> None:
    """Raise ConfigurationError for a setting that there is not, naming the one that does what it does elsewhere."""
    for name in settings:
        ours = FOREIGN_SETTINGS.get(name)
        hint = f": use {ours}" if ours else "; help(AsyncSession) lists what it takes"
        raise ConfigurationError(f"AsyncSession takes no {name!r}{hint}")


def check_rate_limit(limit: RateLimit | RateLimiter | float) -> RateLimit | RateLimiter:
    """Return a limit, made of a number if it is one; ConfigurationError for anything else."""
    if checks.is_number(limit):
        return RateLimit(limit)
    if not isinstance(limit, (RateLimit, RateLimiter)):
        kind = type(limit).__name__
        raise ConfigurationError(f"rate_limit must be a number, a RateLimit or a RateLimiter, not a {kind}")
    return limit


def default_concurrency(limit: RateLimit | RateLimiter, pool: Pool) -> int:
    """Return how many workers keep the rate up with answers of two seconds, at most one for each connection."""
    if not isinstance(limit, RateLimit):
        return pool.connections
    return min(pool.connections, limit.burst + math.ceil(limit.per_second * LATENCY))


def check_borrowed(http: object) -> None:
    """Validate a borrowed session, without loading aiohttp: who has one has loaded it."""
    aiohttp: Any = sys.modules.get("aiohttp")
    if http is None or (aiohttp is not None and isinstance(http, aiohttp.ClientSession)):
        return
    raise ConfigurationError(f"http must be an aiohttp.ClientSession, not a {type(http).__name__}")


def check_cache(ttl: float | None, size: int) -> None:
    """Validate a cache's settings; ConfigurationError for those that make no sense."""
    if ttl is not None and (not checks.is_number(ttl) or ttl <= 0):
        raise ConfigurationError(f"cache_ttl must be a number of seconds above 0, or None, not {ttl!r}")
    if type(size) is not int or size < 1:
        raise ConfigurationError(f"cache_size must be a whole number from 1 up, not {size!r}")
