"""Settings: what the user may give, the environment's share, and one checked record of it all."""

import ipaddress
import os
import re
from collections.abc import Collection, Iterable
from ssl import SSLContext
from typing import Any, TypeGuard, cast
from urllib.parse import urlsplit

import attrs

from tavus_async import _checks
from tavus_async.errors import ConfigurationError

API_KEY = "TAVUS_API_KEY"
BASE_URL = "TAVUS_BASE_URL"
DEFAULT_BASE_URL = "https://tavusapi.com"

_URL = re.compile(r"[\x21-\x5b\x5d-\x7e]*")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]+")


class Secret(str):
    """A string that is never shown: its repr is stars."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, ("***",)


class NoText(Secret):
    """Stands for a key that is no string, without holding it: its text is the name of the type that was given."""

    __slots__ = ()


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
        _checks.refuse(pool, attribute, "an ssl.SSLContext or None", value)


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
        _checks.refuse(pool, attribute, "a set of host names", hosts)


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long things may take, in seconds; None is for ever.

    Waiting for the rate limiter or for a free connection counts for *total* alone.
    Raises ConfigurationError for numbers that are not above 0.
    """

    connect: float | None = attrs.field(default=5.0, validator=_checks.positive_or_none)
    """For a new connection: name lookup, TCP and TLS."""
    read: float | None = attrs.field(default=30.0, validator=_checks.positive_or_none)
    """Between two pieces of an answer."""
    attempt: float | None = attrs.field(default=30.0, validator=_checks.positive_or_none)
    """For one attempt, from its start to the answer's last byte."""
    total: float | None = attrs.field(default=None, validator=_checks.positive_or_none)
    """For a whole call: queueing, every attempt, every sleep. None, since standing in line is no failure."""


@attrs.frozen(kw_only=True)
class Pool:
    """The connection pool, and how connections are made. Times in seconds.

    Raises ConfigurationError for numbers that make no sense.
    """

    connections: int = attrs.field(default=100, validator=_checks.count)
    """How many attempts are at the server at once at most."""
    keepalive: float = attrs.field(default=15.0, validator=_checks.positive)
    """How long an idle connection is kept. Shorter than servers do, so that none is reused as it closes."""
    dns_ttl: float = attrs.field(default=60, validator=_checks.not_negative)
    """How long an address is used before the name is looked up again."""
    proxy: str | None = attrs.field(default=None, repr=False, validator=check_proxy)
    """URL of an HTTP proxy; None takes HTTPS_PROXY and NO_PROXY from the environment."""
    proxy_from_env: bool = attrs.field(default=True, validator=_checks.flag)
    """Whether the environment's proxy is used."""
    ssl: SSLContext | None = attrs.field(default=None, repr=False, validator=check_tls)
    """A TLS context with your own certificates; None uses the system's, and checks as strictly as can be."""
    max_body: int = attrs.field(default=64 * 2**20, validator=_checks.count)
    """The largest answer in bytes, after decompression; a larger one raises ResponseTooLargeError."""
    insecure_hosts: frozenset[str] = attrs.field(default=frozenset[str](), converter=host_names, validator=check_hosts)
    """Hosts that may be spoken to over plain http, by name. Loopback always may."""


@attrs.frozen(kw_only=True)
class Config:
    """Everything that a session is set up with, checked. The key is never shown and never pickled."""

    api_key: Secret = attrs.field(repr=False)
    base_url: str
    """Without `/v2` and without a slash at its end."""
    timeouts: Timeouts
    pool: Pool


def make_config(*, api_key: Secret | None, base_url: str | None, timeouts: Timeouts, pool: Pool) -> Config:
    """Fill in what the environment says, and check it all; ConfigurationError for what cannot work."""
    if base_url is None:
        base_url = os.environ.get(BASE_URL) or DEFAULT_BASE_URL
    return Config(
        api_key=check_key(Secret(os.environ.get(API_KEY, "")) if api_key is None else api_key),
        base_url=check_base_url(base_url, pool.insecure_hosts),
        timeouts=timeouts,
        pool=pool,
    )


def check_key(api_key: Secret) -> Secret:
    """Take a key that can stand in a header."""
    if isinstance(api_key, NoText):
        message = f"the API key must be a string, not {api_key}"
        raise ConfigurationError(message)
    if not api_key:
        message = f"no API key: pass api_key, or set {API_KEY} (keys are made at https://platform.tavus.io/api-keys)"
        raise ConfigurationError(message)
    if not _HEADER_VALUE.fullmatch(api_key):
        message = "the API key must be printable ASCII without spaces or line breaks"
        raise ConfigurationError(message)
    return api_key


def hide_key(api_key: object) -> Secret | None:
    """Wrap a key before anything can fail, so that no traceback shows it; `check_key` refuses what is no string."""
    if api_key is None:
        return None
    return Secret(api_key) if isinstance(api_key, str) else NoText(type(api_key).__name__)


def check_base_url(base_url: object, insecure_hosts: frozenset[str]) -> str:
    """Take an https URL of a host, or a plain http one of loopback; a trailing /v2 is cut off."""
    if not isinstance(base_url, str):
        message = f"the base URL must be a string, not {type(base_url).__name__}"
        raise ConfigurationError(message)
    if not _URL.fullmatch(base_url):
        message = "the base URL contains a space, a backslash, a control character or a letter past ASCII"
        raise ConfigurationError(message)
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
        # What names the host in DNS; a label that is empty or too long is a UnicodeError, and so a ValueError.
        (host or "").rstrip(".").encode("idna").decode("idna")
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        message = (
            f"the base URL must begin with https:// and name a host (and a port, if any), as {DEFAULT_BASE_URL} does"
        )
        raise ConfigurationError(message)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = "the base URL must have no user, password, query or fragment"
        raise ConfigurationError(message)
    if parts.scheme == "http" and not is_loopback(host) and host not in insecure_hosts:
        message = f"plain http would send the API key in clear: use https, or Pool(insecure_hosts={{{host!r}}})"
        raise ConfigurationError(message)
    path = parts.path.rstrip("/").removesuffix("/v2").rstrip("/")
    literal = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{literal}{f':{port}' if port is not None else ''}{path}"


def is_loopback(host: str) -> bool:
    """Tell whether this host is the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
