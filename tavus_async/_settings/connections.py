"""How long things may take, and how connections are made and kept."""

from collections.abc import Collection, Iterable
from ssl import SSLContext
from typing import Any, TypeGuard, cast
from urllib.parse import urlsplit

import attrs

from tavus_async._settings import checks
from tavus_async.errors import ConfigurationError


def check_proxy(_pool: object, _attribute: "attrs.Attribute[str | None]", proxy: object) -> None:
    """Take an http or https URL with a host, or None."""
    if proxy is not None and not is_proxy(proxy):
        message = "Pool.proxy must be an http:// or https:// URL that names a host"  # not shown: it may hold a password
        raise ConfigurationError(message)


def is_proxy(proxy: object) -> bool:
    """Tell whether this is an http or https URL with a host."""
    try:
        parts = urlsplit(proxy) if isinstance(proxy, str) else urlsplit("")
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def check_tls(pool: object, attribute: "attrs.Attribute[SSLContext | None]", value: object) -> None:
    """Take a TLS context, or None."""
    if value is not None and not isinstance(value, SSLContext):
        checks.refuse(pool, attribute, "an ssl.SSLContext or None", value)


def is_collection(value: object) -> TypeGuard[Collection[object]]:
    """Tell whether this holds things; a string does not, although its letters could be gone through."""
    return isinstance(value, Collection) and not isinstance(value, (str, bytes))


def host_names(names: Iterable[str]) -> frozenset[str]:
    """Make a set of any collection of host names; what is none is left to `check_hosts`."""
    if is_collection(names) and all(isinstance(name, str) for name in names):
        return frozenset(str(name).lower() for name in names)
    return cast("frozenset[str]", names)


def check_hosts(pool: object, attribute: "attrs.Attribute[Any]", hosts: object) -> None:
    """Take what `host_names` has made a set of; ConfigurationError for anything else, a single string too."""
    if not is_collection(hosts) or not all(isinstance(name, str) for name in hosts):
        checks.refuse(pool, attribute, "a set of host names", hosts)


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long things may take, in seconds; None is for ever.

    Waiting for the rate limiter or for a free connection counts for *total* alone.
    Raises ConfigurationError for numbers that are not above 0.
    """

    connect: float | None = attrs.field(default=5.0, validator=checks.positive_or_none)
    """For a new connection: name lookup, TCP and TLS."""
    read: float | None = attrs.field(default=30.0, validator=checks.positive_or_none)
    """Between two pieces of an answer."""
    attempt: float | None = attrs.field(default=30.0, validator=checks.positive_or_none)
    """For one attempt, from its start to the answer's last byte."""
    total: float | None = attrs.field(default=None, validator=checks.positive_or_none)
    """For a whole call: queueing, every attempt, every sleep. None, since standing in line is no failure."""


@attrs.frozen(kw_only=True)
class Pool:
    """The connection pool, and how connections are made. Times in seconds.

    Raises ConfigurationError for numbers that make no sense.
    """

    connections: int = attrs.field(default=100, validator=checks.count)
    """How many attempts are at the server at once at most."""
    keepalive: float = attrs.field(default=15.0, validator=checks.positive)
    """How long an idle connection is kept. Shorter than servers do, so that none is reused as it closes."""
    dns_ttl: float = attrs.field(default=60, validator=checks.not_negative)
    """How long an address is used before the name is looked up again."""
    proxy: str | None = attrs.field(default=None, repr=False, validator=check_proxy)
    """URL of an HTTP proxy; None takes HTTPS_PROXY and NO_PROXY from the environment."""
    proxy_from_env: bool = attrs.field(default=True, validator=checks.flag)
    """Whether the environment's proxy is used."""
    ssl: SSLContext | None = attrs.field(default=None, repr=False, validator=check_tls)
    """A TLS context with your own certificates; None uses the system's, and checks as strictly as can be."""
    max_body: int = attrs.field(default=64 * 2**20, validator=checks.count)
    """The largest answer in bytes, after decompression; a larger one raises ResponseTooLargeError."""
    insecure_hosts: frozenset[str] = attrs.field(default=frozenset[str](), converter=host_names, validator=check_hosts)
    """Hosts that may be spoken to over plain http, by name. Loopback always may."""
