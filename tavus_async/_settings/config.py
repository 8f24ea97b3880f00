"""The settings of a session, validated: those of the user, and those of the environment."""

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import attrs

from tavus_async._records.immutable import EMPTY, FrozenDict
from tavus_async._records.secrets import Hidden, Secret, hide_values
from tavus_async._settings import checks
from tavus_async._settings.api_key import check_key
from tavus_async._settings.connections import Pool, Timeouts
from tavus_async._settings.retries import RetryPolicy
from tavus_async._settings.version import installed_version
from tavus_async.errors import KEYS_PAGE, ConfigurationError

API_KEY = "TAVUS_API_KEY"
BASE_URL = "TAVUS_BASE_URL"
DEFAULT_BASE_URL = "https://tavusapi.com"

_URL = re.compile(r"[\x21-\x5b\x5d-\x7e]*")
_ENDPOINT = re.compile(r"/v2/+[a-z]")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_TEXT = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
OUR_HEADERS = frozenset({"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "x-api-key"})


@attrs.frozen(kw_only=True)
class Config:
    """All that a session connects with, validated. The key is never shown and never pickled."""

    api_key: Secret
    base_url: str
    """Without `/v2` and without a slash at its end."""
    timeouts: Timeouts
    pool: Pool
    headers: Mapping[str, Secret] = attrs.field(repr=False)
    """Sent with every request, beside those of the client."""
    user_agent: str


@attrs.frozen(kw_only=True)
class Options:
    """What a session does unless a call says otherwise; `with_options` makes another with the same connections."""

    timeout: float | None
    """Seconds for a whole call; None is no limit."""
    retry: RetryPolicy
    renamed: bool
    """Whether calls are sent in the names that the API has since its rename of 2026."""
    headers: Mapping[str, Secret] = attrs.field(default=EMPTY, repr=False)
    """Sent on top of the session's own."""
    is_bulk: bool = False
    """Whether calls stand in line behind single ones, as those of a bulk run do."""

    def with_headers(self, headers: Iterable[tuple[str, str]]) -> "Options":
        """Return the options of a call that has headers of its own."""
        return attrs.evolve(self, headers=FrozenDict({**self.headers, **check_headers(Hidden(dict(headers)))}))


def make_config(
    *,
    api_key: Secret | None,
    base_url: str | None,
    timeouts: Timeouts,
    pool: Pool,
    headers: Hidden = Hidden(None),  # noqa: B008 (is never changed)
    user_agent: str | None = None,
) -> Config:
    """Return the settings, completed from the environment; ConfigurationError for what cannot work."""
    source = "the argument base_url"
    if base_url is None:
        base_url, source = os.environ.get(BASE_URL) or DEFAULT_BASE_URL, BASE_URL
    return Config(
        api_key=find_key(api_key),
        base_url=check_base_url(base_url, pool.insecure_hosts, source=source),
        timeouts=timeouts,
        pool=pool,
        headers=check_headers(headers),
        user_agent=check_user_agent(user_agent),
    )


def check_headers(held: Hidden) -> Mapping[str, Secret]:
    """Validate headers that go with every request; no value is shown, nor a local variable: it may be a secret."""
    if held.given is None:
        return EMPTY
    checks.of_kind("headers", held, Mapping)
    for name in held.given:
        if not checks.is_text(name) or not _HEADER_NAME.fullmatch(name):
            raise ConfigurationError(f"{checks.display(name)} cannot be the name of a header")
        if name.lower() in OUR_HEADERS:
            raise ConfigurationError(f"the header {name} cannot be set: it is the client's own")
        if not checks.is_text(held.given[name]) or not _HEADER_TEXT.fullmatch(held.given[name]):
            raise ConfigurationError(f"the header {name} must be one line of printable ASCII")
    return FrozenDict(hide_values(held.given))


def check_user_agent(user_agent: str | None) -> str:
    """Validate the program's own words, and return the header with ours after them."""
    ours = f"tavus-async/{installed_version()}"
    if user_agent is None:
        return ours
    if not checks.is_text(user_agent) or not _HEADER_TEXT.fullmatch(user_agent):
        raise ConfigurationError("user_agent must be one line of printable ASCII")
    return f"{str.__str__(user_agent)} {ours}"


def hide_key(api_key: object) -> Secret | None:
    """Return a key as a secret, so that no traceback shows it; `find_key` validates it."""
    if api_key is None or isinstance(api_key, Secret):
        return api_key
    return Secret(api_key)  # type: ignore[arg-type]  # what is no text is refused later


def find_key(api_key: Secret | None) -> Secret:
    """Return the key that was given, or else the environment's; ConfigurationError for none, and for what is none."""
    if api_key is not None and (not checks.is_text(api_key.reveal()) or api_key):
        return check_key(api_key, source="the argument api_key")
    if api_key is None and os.environ.get(API_KEY):
        return check_key(Secret(os.environ[API_KEY]), source=API_KEY)
    given = "" if api_key is None else ": the argument api_key is empty"
    raise ConfigurationError(f"no API key{given}: pass api_key, or set {API_KEY} (keys are made at {KEYS_PAGE})")


def check_base_url(base_url: object, insecure_hosts: frozenset[str], *, source: str) -> str:
    """Validate an https URL, or an http one of loopback or an insecure host; return it without a trailing /v2."""
    named = f"the base URL from {source}"
    if not isinstance(base_url, str):
        raise ConfigurationError(f"{named} must be a string, not {checks.describe(base_url)}")
    refuse_mistakes(base_url, named)
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
        # What names the host in DNS; a label that is empty or too long is a UnicodeError, and so a ValueError.
        (host or "").rstrip(".").encode("idna").decode("idna")
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise ConfigurationError(f"{named} must begin with https:// and name a host, as {DEFAULT_BASE_URL} does")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(f"{named} must have no user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(host) and host not in insecure_hosts:
        raise ConfigurationError(
            f"plain http would send the API key in clear: use https, or Pool(insecure_hosts={{{host!r}}})"
        )
    path = parts.path.rstrip("/").removesuffix("/v2").rstrip("/")
    if _ENDPOINT.search(path):
        raise ConfigurationError(f"{named} must end before the path of a call, as {DEFAULT_BASE_URL} does")
    literal = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{literal}{f':{port}' if port is not None else ''}{path}"


def refuse_mistakes(base_url: str, named: str) -> None:
    """Raise ConfigurationError for what is no URL as it stands; it is not shown, since it may be the key."""
    if base_url != base_url.strip():
        raise ConfigurationError(f"{named} is surrounded by white space: leave it out")
    if base_url[:1] in set("'\"`<"):
        raise ConfigurationError(f"{named} is in quotation marks or brackets: leave them out")
    if not _URL.fullmatch(base_url):
        raise ConfigurationError(f"{named} contains a space, a backslash, a control character or a letter past ASCII")


def is_loopback(host: str) -> bool:
    """Return whether this host is the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
