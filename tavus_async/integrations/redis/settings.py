"""Settings of a limit that many processes share."""

import asyncio
from typing import Any, Literal

import attrs
from attrs.validators import optional
from redis.asyncio import Redis

from tavus_async._records.secrets import Secret
from tavus_async._settings import checks
from tavus_async._settings.limits import BucketMaker
from tavus_async._settings.naming import Settings
from tavus_async.errors import ConfigurationError
from tavus_async.integrations.redis.bucket import SharedBucket
from tavus_async.integrations.redis.source import check_source, take_source
from tavus_async.integrations.redis.terms import Terms

# Seconds.
HORIZON = 0.25
LEAST_HORIZON, MOST_HORIZON = 0.05, 10.0
LONGEST_LIMIT_NAME = 200
ON_OUTAGE = ("share", "wait", "fail")


def check_name(_limit: object, _attribute: "attrs.Attribute[Any]", name: object) -> None:
    """Validate a name of which keys can be made."""
    if not checks.is_text(name) or not 0 < len(name) <= LONGEST_LIMIT_NAME:
        raise ConfigurationError(f"SharedRateLimit.name must be a text of 1 to {LONGEST_LIMIT_NAME} characters")
    if not name.isprintable() or set(name) & set("{} "):
        raise ConfigurationError("SharedRateLimit.name must not have spaces, braces or control characters in it")


def check_horizon(limit: object, attribute: "attrs.Attribute[Any]", horizon: object) -> None:
    """Validate seconds."""
    if not checks.is_number(horizon) or not LEAST_HORIZON <= horizon <= MOST_HORIZON:
        checks.refuse(limit, attribute, f"a number from {LEAST_HORIZON} to {MOST_HORIZON:g}", horizon)


def check_on_outage(limit: object, attribute: "attrs.Attribute[Any]", word: object) -> None:
    """Validate one of the words."""
    if not checks.is_one_of(word, ON_OUTAGE):
        checks.refuse(limit, attribute, f"one of {', '.join(ON_OUTAGE)}", word)


@attrs.frozen
class SharedRateLimit(Settings, BucketMaker):
    """Settings of a token bucket in Redis, for all processes that name it: together they keep to one limit.

    In any *t* seconds all of them send at most `burst + per_second · t` attempts, and each that wants more than there
    is gets as much as the others. A 429 that one of them gets pauses all, and what it teaches of the server's rate
    holds for all.

    ```python
    limit = SharedRateLimit("redis://localhost", "tavus", per_second=200, burst=20)
    async with AsyncSession(rate_limit=limit) as session: ...
    ```

    All that share a name must have the same rate and burst. Redis 6.2 or Valkey is needed, which may run other things:
    three small keys and a channel are used, which begin with the name in braces. Two connections are opened a session.
    Raises ConfigurationError for values that cannot work.
    """

    source: "Secret | Redis" = attrs.field(converter=take_source, validator=check_source, repr=False, alias="redis")
    """A URL as `redis.asyncio.Redis.from_url` takes it, or a client, which is used and never closed.

    A client's own timeouts and retries hold as well; one that repeats for long hides an outage from the session.
    """
    name: str = attrs.field(validator=check_name)
    """What tells this limit from others in the same Redis, such as the name of the account."""
    per_second: float = attrs.field(validator=checks.rate)
    """Attempts per second of all together, in the long run."""
    burst: int = attrs.field(default=10, validator=checks.count)
    """Attempts of all together that may start at once after a quiet time. 10 by default."""
    adaptive: bool = attrs.field(default=True, kw_only=True, validator=checks.flag)
    """Whether a 429 lowers the rate of all, which then recovers slowly; each pauses all in any case."""
    max_wait: float | None = attrs.field(default=None, kw_only=True, validator=optional(checks.not_negative))
    """Seconds that an attempt may wait for its slot; QueueTimeoutError where it would be, or is, longer.

    None, the default, lets it wait for as long as it takes.
    """
    horizon: float = attrs.field(default=HORIZON, kw_only=True, validator=check_horizon)
    """For how many seconds ahead slots are given out, from 0.05 to 10; 0.25 by default.

    A longer one takes fewer requests to Redis. But one who comes anew waits for about as long while others are busy,
    and slots of a process that is killed are lost for as long.
    """
    alone: float | None = attrs.field(default=None, kw_only=True, validator=optional(checks.rate))
    """Attempts per second that this process makes on its own while it cannot reach Redis.

    None, the default, is `per_second` divided by the most members that were seen in a minute; then one that has never
    reached Redis knows no such number, and waits.
    """
    on_outage: Literal["share", "wait", "fail"] = attrs.field(default="share", kw_only=True, validator=check_on_outage)
    """What calls do while Redis cannot be reached: `share` goes on as `alone` says, and is the default.

    `wait` lets them wait until it is back, for as long as their deadlines and `max_wait` last; `fail` raises
    QueueTimeoutError at once. A Redis that refuses, for a wrong password or for keys that hold something else, raises
    ConfigurationError, unless there is a share to go on with.
    """

    def make_bucket(self, loop: asyncio.AbstractEventLoop) -> SharedBucket:
        """Return this process's part of the bucket, for one event loop."""
        terms = Terms(
            source=self.source,
            name=self.name,
            per_second=float(self.per_second),
            burst=self.burst,
            adaptive=self.adaptive,
            max_wait=self.max_wait,
            horizon=float(self.horizon),
            alone=None if self.alone is None else float(self.alone),
            on_outage=self.on_outage,
        )
        return SharedBucket(terms, loop)
