"""Arguments that there are not: what is meant by their names here."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs

from tavus_async._settings.refused import forget_refused
from tavus_async.errors import ConfigurationError

_ATTEMPTS: Final = "attempts=…, which counts the first attempt too"
_PER_MINUTE: Final = "per_second=, a sixtieth of it"

# What other clients, limiters and pools call our settings, by the class that has them.
FOREIGN_NAMES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "RateLimit": {
            **dict.fromkeys(("rate", "rps", "max_rate", "requests_per_second", "calls_per_second"), "per_second="),
            **dict.fromkeys(("per_minute", "rpm", "requests_per_minute"), _PER_MINUTE),
            **dict.fromkeys(("time_period", "period", "interval"), "per_second=, the rate within one second"),
            **dict.fromkeys(("capacity", "bucket", "max_burst", "size"), "burst="),
            **dict.fromkeys(("timeout", "max_delay"), "max_wait="),
        },
        "RetryPolicy": {
            **dict.fromkeys(("max_attempts", "max_retries", "retries", "max_tries", "total", "stop"), _ATTEMPTS),
            **dict.fromkeys(("backoff", "backoff_factor", "initial", "initial_delay", "min_delay"), "base_delay="),
            **dict.fromkeys(("wait", "wait_initial", "delay"), "base_delay="),
            **dict.fromkeys(("max_backoff", "backoff_max", "max_wait", "wait_max"), "max_delay="),
            **dict.fromkeys(("jitter", "wait_jitter"), "base_delay= and max_delay=, between which it is drawn"),
            **dict.fromkeys(("timeout", "deadline", "max_time"), "Timeouts(total=…)"),
        },
        "Timeouts": {
            **dict.fromkeys(("timeout", "deadline", "call"), "total="),
            **dict.fromkeys(("connection", "connect_timeout", "sock_connect"), "connect="),
            **dict.fromkeys(("read_timeout", "sock_read"), "read="),
            **dict.fromkeys(("request", "write", "send"), "attempt="),
            "pool": "total=: waiting for a connection counts for it alone",
        },
        "Pool": {
            **dict.fromkeys(("max_connections", "limit", "limits", "size", "max_size", "pool_size"), "connections="),
            **dict.fromkeys(("keepalive_expiry", "keepalive_timeout", "keep_alive"), "keepalive="),
            **dict.fromkeys(("verify", "verify_ssl", "cert", "ssl_context", "tls"), "ssl=, an ssl.SSLContext"),
            "proxies": "proxy=",
            "trust_env": "proxy_from_env=",
            "ttl_dns_cache": "dns_ttl=",
            **dict.fromkeys(("allow_http", "allow_hosts"), "insecure_hosts="),
        },
    }
)


class Settings:
    """The base of settings: an argument that there is not raises ConfigurationError, which names the one meant."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__init__" in vars(cls):  # that of attrs, which makes a class a second time, with its slots
            cls.__init__ = forget_refused(cls.__init__)  # type: ignore[method-assign]

    if not TYPE_CHECKING:

        def __new__(cls, *given: Any, **named: Any) -> Any:
            named_as = list(named)
            named.clear()  # a traceback would show the secrets under a wrong name
            fields = [field for field in attrs.fields(cls) if field.init]
            names = [field.alias for field in fields]
            refuse_unknown(cls.__name__, named_as, names, FOREIGN_NAMES.get(cls.__name__, {}))
            count, given = len(given), ()
            if count > sum(not field.kw_only for field in fields):
                raise ConfigurationError(f"{cls.__name__} takes its settings by name: {', '.join(names)}")
            return super().__new__(cls)


def refuse_unknown(
    owner: str, given: Iterable[str], known: Collection[str], foreign: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Raise ConfigurationError for an argument that there is not, naming the one that is meant."""
    for name in given:
        if name not in known:
            raise ConfigurationError(f"{owner} takes no {name!r}{meaning(name, known, foreign)}")


def meaning(name: str, known: Collection[str], foreign: Mapping[str, str]) -> str:
    """Return the end of a message about an argument that there is not: what is meant by it, or all that there are."""
    ours = foreign.get(name.lower())
    if ours:
        return f": use {ours}"
    near = difflib.get_close_matches(name.lower(), known, 1)
    return f" (did you mean {near[0]}?)" if near else f"; it takes {', '.join(known)}"
