"""Settings of timeouts and of the connection pool."""

from collections.abc import Collection, Iterable
from functools import wraps
from ssl import SSLContext
from typing import Any, TypeGuard, cast
from urllib.parse import urlsplit

import attrs

from tavus_async._records.secrets import Hidden, Secret
from tavus_async._settings import checks
from tavus_async._settings.naming import Settings
from tavus_async._settings.refused import forget_refused
from tavus_async.errors import ConfigurationError


def hide_proxy(proxy: "str | Secret | None") -> "str | Secret | None":
    """Return the URL of a proxy as a secret, unless it is one without a password."""
    if proxy is None or isinstance(proxy, Secret) or (is_proxy(proxy) and "@" not in proxy):
        return proxy
    return Secret(proxy)


def check_proxy(_pool: object, _attribute: object, proxy: "str | Secret | None") -> None:
    """Validate the URL of a proxy, or None."""
    if isinstance(proxy, Secret) and not is_proxy(proxy):
        # Not shown: it may hold a password.
        raise ConfigurationError("Pool.proxy must be an http:// or https:// URL that names a host")


def is_proxy(proxy: object) -> bool:
    """Return whether this is an http or https URL with a host; it may be a secret."""
    held = Hidden(proxy.reveal() if isinstance(proxy, Secret) else proxy)
    del proxy
    try:
        parts = urlsplit(held.given) if isinstance(held.given, str) else urlsplit("")
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def check_tls(pool: object, attribute: "attrs.Attribute[SSLContext | None]", value: object) -> None:
    """Validate a TLS context, or None."""
    if value is not None and not isinstance(value, SSLContext):
        checks.refuse(pool, attribute, "an ssl.SSLContext or None", value)


def is_collection(value: object) -> TypeGuard[Collection[object]]:
    """Return whether this is a collection of things; a string is none, although it is one of letters."""
    return isinstance(value, Collection) and not isinstance(value, (str, bytes))


def host_names(names: Iterable[str]) -> frozenset[str]:
    """Return any collection of host names as a set, in lower case; what is none is left to `check_hosts`."""
    if is_collection(names) and all(isinstance(name, str) for name in names):
        return frozenset(str.__str__(name).lower() for name in names if isinstance(name, str))
    return cast("frozenset[str]", names)


def check_hosts(pool: object, attribute: "attrs.Attribute[Any]", hosts: object) -> None:
    """Validate a set of host names; a single string is none."""
    if not is_collection(hosts) or not all(isinstance(name, str) for name in hosts):
        checks.refuse(pool, attribute, "a set of host names", hosts)


@attrs.frozen(kw_only=True)
class Timeouts(Settings):
    """Timeouts in seconds; None is no limit.

    Waiting for the rate limiter or for a free connection counts for *total* alone.
    Raises ConfigurationError for numbers that are not above 0.
    """

    connect: float | None = attrs.field(default=5.0, validator=checks.positive_or_none)
    """For a new connection: name lookup, TCP and TLS. ConnectError when it is over."""
    read: float | None = attrs.field(default=30.0, validator=checks.positive_or_none)
    """Between two pieces of an answer. AttemptTimeoutError when it is over."""
    attempt: float | None = attrs.field(default=30.0, validator=checks.positive_or_none)
    """For one attempt, from its start to the answer's last byte. AttemptTimeoutError when it is over."""
    total: float | None = attrs.field(default=None, validator=checks.positive_or_none)
    """The deadline of a whole call: queueing, every attempt, every backoff. DeadlineExceededError when it is over.

    None by default, since a call that waits its turn in a bulk run has not failed.
    """


@attrs.frozen(kw_only=True)
class Pool(Settings):
    """Settings of the connection pool. Raises ConfigurationError for values that cannot work."""

    connections: int = attrs.field(default=100, validator=checks.count)
    """The most attempts that are at the server at once."""
    keepalive: float = attrs.field(default=15.0, validator=checks.positive)
    """Seconds for which an idle connection is kept.

    Fewer than servers keep theirs, so that a connection is seldom reused as the server closes it (the keep-alive race).
    """
    dns_ttl: float = attrs.field(default=60, validator=checks.not_negative)
    """Seconds for which the host's addresses are cached; 0 looks its name up for every connection."""
    _proxy: str | Secret | None = attrs.field(
        default=None, alias="proxy", repr=False, converter=hide_proxy, validator=check_proxy
    )
    proxy_from_env: bool = attrs.field(default=True, validator=checks.flag)
    """Whether a *proxy* of None means the environment's proxy, or none at all."""
    ssl: SSLContext | None = attrs.field(default=None, repr=False, validator=check_tls)
    """A TLS context, for certificates of your own; None verifies against the system's."""
    max_body: int = attrs.field(default=16 * 2**20, validator=checks.count)
    """The most bytes of an answer, after decompression too; ResponseTooLargeError past them.

    16 MiB by default: a page of 100 items whose prompts are as long as Tavus allows, of 32,000 tokens each, has about
    14. Decoding holds up the event loop, for milliseconds for each MB: docs/performance.md tells how many.
    """
    insecure_hosts: frozenset[str] = attrs.field(default=frozenset[str](), converter=host_names, validator=check_hosts)
    """Names of hosts that may be sent the key over plain http. Loopback always may."""

    @property
    def proxy(self) -> str | None:
        """URL of an HTTP proxy for https; None takes HTTPS_PROXY and NO_PROXY from the environment.

        It may hold a password, which no pickle has: a pool that was pickled with one is refused by sessions.
        """
        return self._proxy.reveal() if isinstance(self._proxy, Secret) else self._proxy


def hiding_proxy(init: Any) -> Any:
    """Return the constructor of a pool, none of whose frames shows a proxy's password when it refuses something."""

    @wraps(init)
    def make(self: Pool, /, **named: Any) -> None:
        held, named = Hidden(named), {}
        if "proxy" in held.given:
            held.given["proxy"] = hide_proxy(held.given["proxy"])
        init(self, **held.given)

    return make


Pool.__init__ = forget_refused(hiding_proxy(Pool.__init__))  # type: ignore[method-assign]
