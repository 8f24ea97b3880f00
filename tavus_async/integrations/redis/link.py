"""The connection to Redis: the only place that sends it anything.

What goes wrong becomes one of two errors, whose texts hold no password: Redis cannot be reached, which passes, or it
refuses what it is asked, which does not pass by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from tavus_async._records.secrets import MASK, Secret
from tavus_async.integrations.redis.scripts import Reply, Script, Word

T = TypeVar("T")

# What Redis answers while it fails over or starts: it passes.
PASSING_ERRORS = (
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    TryAgainError,
)
NEVER = (AuthenticationError, AuthorizationError, ResponseError)
# The oldest client that is supported raises errors of Python's own as well, such as for a loop that is closed.
FAILURES = (RedisError, OSError, EOFError, RuntimeError)
NOT_NOW = ("NOREPLICAS", "MISCONF", "BUSY", "UNBLOCKED", "LOADING", "MASTERDOWN")


class UnreachableError(Exception):
    """Redis did not answer, or not in time."""


class RefusedError(Exception):
    """Redis does not do what it is asked: a wrong password, a key that holds something else, a missing permission."""


class Commands(Protocol):
    """What is asked of a client, with the types that its answers have."""

    def evalsha(self, sha: str, numkeys: int, *words: Word) -> Awaitable[Reply]:
        """Run a script that Redis knows."""
        ...

    def eval(self, source: str, numkeys: int, *words: Word) -> Awaitable[Reply]:
        """Run a script."""
        ...

    def script_load(self, source: str) -> Awaitable[object]:
        """Keep a script, without running it."""
        ...

    def hmget(self, name: str, keys: Iterable[str]) -> Awaitable[Reply]:
        """Read fields of a hash."""
        ...


class Closable(Protocol):
    """What is closed in an event loop."""

    async def aclose(self) -> None:
        """Close."""
        ...


class Link:
    """A client of Redis: one of its own, made of a URL, or one of the user's, which is never closed."""

    def __init__(self, source: "Secret | Redis") -> None:
        self._own = make_client(source.reveal()) if isinstance(source, Secret) else None
        self._secrets = passwords_of(source.reveal()) if isinstance(source, Secret) else ()
        self._client: Redis = self._own if self._own is not None else cast("Redis", source)

    async def run(self, script: Script, keys: tuple[str, ...], words: tuple[Word, ...], *, patience: float) -> Reply:
        """Run a script, and return its answer; *patience* is for how many seconds it is waited for.

        Raises UnreachableError or RefusedError.
        """
        commands = cast("Commands", self._client)

        async def run_known() -> Reply:
            try:
                return await commands.evalsha(script.sha, len(keys), *keys, *words)
            except NoScriptError:
                return await commands.eval(script.source, len(keys), *keys, *words)

        return await self._bounded(run_known, patience)

    async def load(self, script: Script, *, patience: float) -> None:
        """Let Redis know a script before it is run; raises as `run` does."""
        commands = cast("Commands", self._client)
        await self._bounded(lambda: commands.script_load(script.source), patience)

    async def read(self, key: str, fields: tuple[str, ...], *, patience: float) -> Reply:
        """Return the fields of a hash; raises as `run` does."""
        commands = cast("Commands", self._client)
        return await self._bounded(lambda: commands.hmget(key, fields), patience)

    async def listen(self, channel: str, hear: Callable[[str], None]) -> None:
        """Tell what is published, until the connection ends: then raises UnreachableError or RefusedError."""
        pubsub = PubSub(self._client.connection_pool, ignore_subscribe_messages=True)
        try:
            await pubsub.subscribe(channel)
            while True:
                message = cast("dict[str, object] | None", await pubsub.get_message(timeout=None))
                if message is not None and message["type"] == "message":
                    data = message["data"]
                    hear(data.decode() if isinstance(data, bytes) else str(data))
        except FAILURES as error:
            raise self._judged(error) from None
        finally:
            await cast("Closable", pubsub).aclose()

    async def aclose(self) -> None:
        """Close the client, if it is not the user's."""
        if self._own is not None:
            await self._own.aclose()

    def abandon(self) -> None:
        """Drop the connections without an event loop."""
        if self._own is None:
            return
        pool = self._own.connection_pool
        for name in ("_available_connections", "_in_use_connections"):
            for connection in tuple(getattr(pool, name, ())):
                drop(connection)

    async def _bounded(self, ask: Callable[[], Awaitable[T]], patience: float) -> T:
        try:
            async with asyncio.timeout(patience):
                return await ask()
        except TimeoutError:
            raise UnreachableError(f"no answer within {patience:.2f} s") from None
        except FAILURES as error:
            raise self._judged(error) from None

    def _judged(self, error: Exception) -> UnreachableError | RefusedError:
        text = f"{type(error).__name__}: {error}"
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        if isinstance(error, PASSING_ERRORS) or not isinstance(error, NEVER) or str(error).startswith(NOT_NOW):
            return UnreachableError(text)
        return RefusedError(text)


def make_client(url: str) -> Redis:
    """Return a client that neither repeats nor waits by itself: that would hide an outage.

    Raises ValueError for what is no URL of a Redis.
    """
    make = cast("Callable[..., Redis]", getattr(Redis, "from_url"))  # noqa: B009 (its arguments have no types)
    return make(url, retry=Retry(NoBackoff(), 0), protocol=2, socket_timeout=None)


def passwords_of(url: str) -> tuple[str, ...]:
    """Return what must not be shown of a URL: the password, as it is written and as it is meant."""
    arguments = cast("dict[str, object]", make_client(url).connection_pool.connection_kwargs)
    found = {str(arguments[name]) for name in ("password", "ssl_password") if arguments.get(name)}
    return tuple(sorted(found, key=len, reverse=True))


def drop(connection: object) -> None:
    """Close a connection's socket, in whatever state its event loop is."""
    writer = cast("asyncio.StreamWriter | None", getattr(connection, "_writer", None))
    if writer is None:
        return
    for name in ("_writer", "_reader"):
        setattr(connection, name, None)
    transport = writer.transport
    try:
        transport.abort()
    except RuntimeError:  # its loop is closed
        sock = cast("object", getattr(transport, "_sock", None))
        if sock is not None:
            getattr(sock, "close", lambda: None)()
            vars(transport)["_sock"] = None
