"""Settings: what the user may give, the environment's share, and one checked record of it all."""

import ipaddress
import os
import re
from urllib.parse import urlsplit

import attrs

from tavus_async._settings.connections import Pool, Timeouts
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
