"""Where Redis is: a URL, or a client of the user's."""

from typing import Any

import attrs
from redis.asyncio import Redis

from tavus_async._records.secrets import Secret
from tavus_async._settings import checks
from tavus_async.errors import ConfigurationError
from tavus_async.integrations.redis.link import make_client


def take_source(given: "str | Secret | Redis") -> "Secret | Redis":
    """Return a URL as a secret: it may hold a password."""
    return Secret(given) if isinstance(given, str) else given


def check_source(_settings: object, _attribute: "attrs.Attribute[Any]", source: object) -> None:
    """Validate a URL, or a client."""
    if isinstance(source, Secret):
        open_client(source)
    else:
        checks.of_kind("redis", source, (str, Redis))


def open_client(source: Secret) -> Redis:
    """Return a client of its own for a URL; ConfigurationError, which shows nothing of it, for what is none."""
    if source.is_masked:
        raise ConfigurationError("the URL of a Redis is not pickled, for it may hold a password: give it again")
    try:
        return make_client(source.reveal())
    except (ValueError, TypeError):
        kinds = "a redis://, rediss:// or unix:// URL"
        raise ConfigurationError(f"the address of a Redis must be {kinds}, and this text is none") from None
