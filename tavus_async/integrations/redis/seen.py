"""Which webhooks have been handled, kept in Redis for all receivers that share it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, Self, TypeVar, cast
from uuid import uuid4

import attrs
from redis.asyncio import Redis

from tavus_async._records.secrets import Secret
from tavus_async._settings import checks
from tavus_async._settings.naming import Settings
from tavus_async.errors import TransportError
from tavus_async.integrations.redis.link import FAILURES, Closable
from tavus_async.integrations.redis.source import check_source, open_client, take_source
from tavus_async.webhooks.seen import DAY, Claim

T = TypeVar("T")

HANDLED = "done"
# Gives up a claim, unless it has ended and is somebody else's by now.
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
# Seconds for which Redis is waited for.
LONGEST_REPLY = 5.0
SHORTEST_LEASE = 0.001


class SeenCommands(Protocol):
    """What is asked of a client, with the types that its answers have."""

    def set(self, name: str, value: str, *, px: int, nx: bool = False) -> Awaitable[object]:
        """Set a key."""
        ...

    def get(self, name: str) -> Awaitable[bytes | str | None]:
        """Get a key."""
        ...

    def eval(self, source: str, numkeys: int, *words: str) -> Awaitable[object]:
        """Run a script."""
        ...


def check_prefix(_seen: object, _attribute: "attrs.Attribute[Any]", prefix: object) -> None:
    """Validate a text."""
    checks.of_kind("RedisSeen.prefix", prefix, str)


def client_of(seen: "RedisSeen") -> "Redis":
    """Return the client to ask: one of its own, or the user's."""
    source = seen.source
    return open_client(source) if isinstance(source, Secret) else source


@attrs.frozen(eq=False)
class RedisSeen(Settings):
    """What has been handled, in Redis: receivers in many processes handle each webhook once.

    ```python
    async with RedisSeen("redis://localhost") as seen:
        receiver = webhooks.Receiver(secret=secret, seen=seen)
    ```

    Where Redis cannot be reached, its methods raise TransportError; so the receiver answers 500, and Tavus delivers
    again. Raises ConfigurationError for values that cannot work.
    """

    source: "Secret | Redis" = attrs.field(converter=take_source, validator=check_source, repr=False, alias="redis")
    """A URL as `redis.asyncio.Redis.from_url` takes it, or a client, which is used and never closed."""
    prefix: str = attrs.field(default="tavus_async:seen:", validator=check_prefix)
    """What all keys begin with; receivers with equal prefixes share what they have handled."""
    ttl: float = attrs.field(default=DAY, validator=checks.positive, kw_only=True)
    """Seconds for which is kept that an event has been handled; default a day."""
    _client: "Redis" = attrs.field(default=attrs.Factory(client_of, takes_self=True), init=False, repr=False)
    _claim: str = attrs.field(factory=lambda: uuid4().hex, init=False, repr=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def claim(self, key: str, lease: float) -> Claim:
        """Claim an event for *lease* seconds, and say whose it is."""
        name, milliseconds = self.prefix + key, in_milliseconds(max(lease, SHORTEST_LEASE))
        if await self._ask(lambda commands: commands.set(name, self._claim, px=milliseconds, nx=True)):
            return Claim.YOURS
        kept = await self._ask(lambda commands: commands.get(name))
        return Claim.DONE if kept in {HANDLED, HANDLED.encode()} else Claim.BUSY

    async def finish(self, key: str) -> None:
        """Keep that the event has been handled."""
        name, milliseconds = self.prefix + key, in_milliseconds(self.ttl)
        await self._ask(lambda commands: commands.set(name, HANDLED, px=milliseconds))

    async def release(self, key: str) -> None:
        """Give up the claim, if it has not ended."""
        await self._ask(lambda commands: commands.eval(RELEASE, 1, self.prefix + key, self._claim))

    async def aclose(self) -> None:
        """Close the connections, if the client is not the user's."""
        if isinstance(self.source, Secret):
            await cast("Closable", self._client).aclose()

    async def _ask(self, ask: Callable[[SeenCommands], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(LONGEST_REPLY):
                return await ask(cast("SeenCommands", self._client))
        except (*FAILURES, TimeoutError) as error:
            raise TransportError(
                f"Redis does not tell which webhooks have been handled: {type(error).__name__}"
            ) from None


def in_milliseconds(seconds: float) -> int:
    """Return seconds as Redis takes them, at least one of its units."""
    return max(1, round(seconds * 1000))
