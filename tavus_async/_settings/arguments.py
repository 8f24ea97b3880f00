"""Checks of what a session is given, beyond what its settings check themselves."""

import inspect
import math
import sys
from collections.abc import Callable
from typing import Any, Final, Never

import attrs

from tavus_async._settings import checks
from tavus_async._settings.connections import Pool, Timeouts
from tavus_async._settings.limits import BucketMaker, RateLimit, RateLimiter
from tavus_async._settings.naming import refuse_unknown
from tavus_async._settings.retries import RetryPolicy
from tavus_async.errors import ConfigurationError, InvalidRequestError

AnyLimit = RateLimit | RateLimiter | BucketMaker

# Seconds that an answer may take while the workers of a bulk call still keep up with the rate.
LATENCY = 2.0

_COUNTS_THE_FIRST = "retry=RetryPolicy(attempts=…), which counts the first attempt too"

# What other clients call our settings.
FOREIGN_SETTINGS: Final = {
    "timeout": "timeouts=Timeouts(total=…), or with_options(timeout=…)",
    "total_timeout": "timeouts=Timeouts(total=…)",
    "connect_timeout": "timeouts=Timeouts(connect=…)",
    "read_timeout": "timeouts=Timeouts(read=…)",
    **dict.fromkeys(("max_retries", "retries", "max_attempts", "retry_policy", "retry_config"), _COUNTS_THE_FIRST),
    **dict.fromkeys(("default_headers", "extra_headers", "additional_headers"), "headers={…}"),
    **dict.fromkeys(("default_query", "params", "query"), "Call.json(…, query={…})"),
    **dict.fromkeys(
        ("http_client", "httpx_client", "client", "session", "http_session", "client_session", "connector"),
        "http=, an aiohttp.ClientSession",
    ),
    **dict.fromkeys(("key", "token", "apikey", "api_token", "access_token", "bearer_token", "auth"), "api_key="),
    **dict.fromkeys(("url", "host", "endpoint", "api_base", "base", "server", "domain"), "base_url="),
    **dict.fromkeys(("proxies", "http_proxy", "https_proxy"), "pool=Pool(proxy=…)"),
    **dict.fromkeys(("verify", "verify_ssl", "ssl_context", "cert"), "pool=Pool(ssl=…), an ssl.SSLContext"),
    "trust_env": "pool=Pool(proxy_from_env=…)",
    **dict.fromkeys(("limits", "max_connections", "pool_size"), "pool=Pool(connections=…)"),
    "concurrency": "pool=Pool(connections=…), or concurrency= of a bulk call",
    **dict.fromkeys(
        ("limit", "limiter", "rps", "rate", "max_rate", "ratelimit", "requests_per_second", "throttle"), "rate_limit="
    ),
    "cache": "cache_ttl=, in seconds",
    **dict.fromkeys(
        ("debug", "log_level", "logger", "verbose"), "TAVUS_LOG=debug, or logging.getLogger('tavus_async')"
    ),
}
# The arguments that hold settings, and what takes them.
HOLDERS: Final = {"rate_limit": RateLimit, "retry": RetryPolicy, "timeouts": Timeouts, "pool": Pool}
# What a number is probably meant as.
OF_A_NUMBER: Final = {
    "retry": "RetryPolicy(attempts=…)",
    "timeouts": "Timeouts(total=…)",
    "pool": "Pool(connections=…)",
}
# What `with_options` cannot change, since it is shared.
SHARED: Final = ("api_key", "base_url", "rate_limit", "pool", "user_agent", "http", "cache_ttl", "cache_size")


def refuse_unknown_settings(unknown: dict[str, Never], init: Callable[..., object]) -> None:
    """Raise ConfigurationError for a setting that a session does not have, naming the one that does what it should."""
    if names := take_names(unknown):
        nested = {
            str(field.alias): f"{argument}={kind.__name__}({field.alias}=…)"
            for argument, kind in HOLDERS.items()
            for field in attrs.fields(kind)
        }
        refuse_unknown("AsyncSession", names, arguments_of(init), {**nested, **FOREIGN_SETTINGS})


def refuse_unknown_options(unknown: dict[str, Never], with_options: Callable[..., object]) -> None:
    """Raise ConfigurationError for what `with_options` does not take, naming what is meant."""
    if names := take_names(unknown):
        retry = {field.name: f"retry=RetryPolicy({field.name}=…)" for field in attrs.fields(RetryPolicy)}
        shared = dict.fromkeys(SHARED, "another AsyncSession: sessions made by with_options share that")
        timeouts = dict.fromkeys(("timeouts", "total", "attempt"), "timeout=, in seconds for a whole call")
        foreign = {**FOREIGN_SETTINGS, **retry, **shared, **timeouts}
        refuse_unknown("with_options", names, arguments_of(with_options), foreign)


def take_names(unknown: dict[str, Never]) -> list[str]:
    """Return the names of arguments, and forget what they were given: a traceback would show the key under them."""
    names = list(unknown)
    unknown.clear()
    return names


def arguments_of(method: Callable[..., object]) -> list[str]:
    """Return the names of a method's arguments."""
    arguments = list(inspect.signature(method).parameters.values())[1:]
    return [argument.name for argument in arguments if argument.kind is not argument.VAR_KEYWORD]


def check_rate_limit(limit: AnyLimit | float) -> AnyLimit:
    """Return a limit, made of a number if it is one; ConfigurationError for anything else."""
    if checks.is_number(limit):
        return RateLimit(limit)
    if not isinstance(limit, (RateLimit, BucketMaker, RateLimiter)):
        given = checks.display(limit) if type(limit) in {bool, int, float} else checks.describe(limit)
        raise ConfigurationError(f"rate_limit must be a finite number, a RateLimit or a RateLimiter, not {given}")
    return limit


def check_holders(**held: object) -> None:
    """Validate what holds settings, such as *retry*; ConfigurationError for anything else, as for a number."""
    for name, value in held.items():
        kind = HOLDERS[name]
        if checks.is_number(value):
            raise ConfigurationError(
                f"{name} must be a {kind.__name__}, such as {OF_A_NUMBER[name]}, not {checks.display(value)}"
            )
        checks.of_kind(name, value, kind)


def default_concurrency(limit: AnyLimit, pool: Pool) -> int:
    """Return how many workers keep the rate up with answers of two seconds, at most one for each connection."""
    if not isinstance(limit, (RateLimit, BucketMaker)):
        return pool.connections
    return min(pool.connections, limit.burst + math.ceil(limit.per_second * LATENCY))


def check_bulk(*, concurrency: int, max_outage: float, ordered: bool, look_up: object) -> None:
    """Validate what a bulk call takes beside its keys; InvalidRequestError for any other value."""
    checks.of_kind("ordered", ordered, bool, error=InvalidRequestError)
    if look_up is not None and not callable(look_up):
        raise InvalidRequestError(f"look_up must be a function of all keys, not {checks.describe(look_up)}")
    if type(concurrency) is not int or concurrency < 1:
        raise InvalidRequestError(f"concurrency must be a whole number from 1 up, not {checks.display(concurrency)}")
    if not checks.is_number(max_outage) or max_outage < 0:
        raise InvalidRequestError(f"max_outage must be a number of seconds from 0 up, not {checks.display(max_outage)}")


def check_borrowed(http: Any) -> None:
    """Validate a borrowed session, without loading aiohttp: who has one has loaded it."""
    aiohttp: Any = sys.modules.get("aiohttp")
    if http is None:
        return
    if aiohttp is None or not isinstance(http, aiohttp.ClientSession):
        raise ConfigurationError(f"http must be an aiohttp.ClientSession, not {checks.describe(http)}")
    if http.closed:
        raise ConfigurationError("http is an aiohttp.ClientSession that is closed")


def check_cache(ttl: float | None, size: int) -> None:
    """Validate a cache's settings; ConfigurationError for those that make no sense."""
    if ttl is not None and (not checks.is_number(ttl) or ttl <= 0):
        raise ConfigurationError(f"cache_ttl must be a number of seconds above 0, or None, not {checks.display(ttl)}")
    if type(size) is not int or size < 1:
        raise ConfigurationError(f"cache_size must be a whole number from 1 up, not {checks.display(size)}")
