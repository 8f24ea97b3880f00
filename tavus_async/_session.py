"""The session: the one object that users hold."""

import asyncio
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, TypeVar

from tavus_async import _checks
from tavus_async._calls import personas
from tavus_async._config import Pool, Timeouts, hide_key, make_config
from tavus_async._engine import Engine
from tavus_async._gate import Gate
from tavus_async._limiter import RateLimit, RateLimiter
from tavus_async._retry import RetryPolicy
from tavus_async._transport import Transport
from tavus_async._version import installed_version
from tavus_async._wire import Call
from tavus_async.errors import ConfigurationError, InvalidRequestError, SessionClosedError
from tavus_async.models import Page, Persona, Stats

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")


class AsyncSession:
    """A connection to the Tavus API: one pool, one rate limit and one retry policy for all its calls.

    Use it as `async with AsyncSession() as session:`, or make it anywhere (no event loop is needed), call it,
    and end with `await session.aclose()`. It opens on its first call and belongs to that call's event loop.
    Any number of tasks may share it.

    - *api_key*: else the environment's TAVUS_API_KEY.
    - *base_url*: else TAVUS_BASE_URL, else https://tavusapi.com. A trailing `/v2` is accepted.
      Plain http only to loopback, or to a host named in `Pool(insecure_hosts=...)`.
    - *rate_limit*: how many attempts a second, or a limiter of your own.
    - *retry*, *timeouts*, *pool*: see their classes.
    - *http*: an `aiohttp.ClientSession` of yours to send through. It is used and never closed. Its connector's
      limits hold beside `pool.connections`; its proxy and TLS settings are its own.

    Raises ConfigurationError for settings that cannot work, before anything is opened.
    """

    _engine: Engine | None = None
    _closed = False

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        rate_limit: RateLimit | RateLimiter = RateLimit(per_second=10, burst=10),  # noqa: B008 (frozen)
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 (frozen)
        timeouts: Timeouts = Timeouts(),  # noqa: B008 (frozen)
        pool: Pool = Pool(),  # noqa: B008 (frozen)
        http: "aiohttp.ClientSession | None" = None,
    ) -> None:
        api_key = hide_key(api_key)
        check_kind("rate_limit", rate_limit, (RateLimit, RateLimiter))
        check_kind("retry", retry, RetryPolicy)
        check_kind("timeouts", timeouts, Timeouts)
        check_kind("pool", pool, Pool)
        self._config = make_config(api_key=api_key, base_url=base_url, timeouts=timeouts, pool=pool)
        self._rate_limit = rate_limit
        self._retry = retry
        self._borrowed = http

    async def get_persona(self, persona_id: str, *, timeout: float | None = None) -> Persona:
        """Get Persona: return one persona by its id.

        *timeout* is the whole call's, in seconds; None takes the session's `Timeouts.total`.
        Raises NotFoundError for an id that the account does not have, InvalidRequestError for one that cannot
        be an id, and any other error of `tavus_async.errors`.
        Source: https://docs.tavus.io/api-reference/personas/get-persona
        """
        return await self.send(personas.get_persona(persona_id), timeout=timeout)

    async def list_personas_page(
        self, *, page: int = 1, limit: int = 10, persona_type: str | None = None, timeout: float | None = None
    ) -> Page[Persona]:
        """List Personas: return one page, counted from 1, of at most *limit* personas.

        *persona_type* is `user` for the account's own, `system` for Tavus' stock; None is what the server
        takes by default. Raises InvalidRequestError for a page or limit below 1.
        Source: https://docs.tavus.io/api-reference/personas/get-personas
        """
        call = personas.list_personas_page(page=page, limit=limit, persona_type=persona_type)
        return await self.send(call, timeout=timeout)

    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Carry out any call, with the session's limiter, retries and deadline; every method is a line over it.

        *timeout* is the whole call's, in seconds; None takes the session's `Timeouts.total`.
        Raises SessionClosedError after `aclose()`, or in another event loop than the first call's.
        """
        if timeout is not None and not (_checks.is_number(timeout) and timeout > 0):
            message = f"timeout must be a number of seconds above 0, not {timeout!r}"
            raise InvalidRequestError(message)
        engine = self._open()
        return await engine.run(call, total=self._config.timeouts.total if timeout is None else timeout)

    def stats(self) -> Stats:
        """Return what the session has done, and its state at this moment."""
        if self._engine is not None:
            return self._engine.stats()
        limit = self._rate_limit if isinstance(self._rate_limit, RateLimit) else None
        return Stats(
            calls=0,
            requests=0,
            retries=0,
            rate_limited=0,
            tokens=limit.burst if limit else float("inf"),
            rate=limit.per_second if limit else float("inf"),
            waiting=0,
            in_flight=0,
            open_connections=0,
            retry_budget=self._retry.budget,
        )

    async def aclose(self) -> None:
        """Close the session for good; closing it twice is fine.

        Calls that are waiting or under way end with SessionClosedError. A borrowed `http` stays open.
        """
        self._closed = True
        if self._engine is not None:
            await self._engine.aclose()

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open" if self._engine is not None else "not opened"
        return f"<AsyncSession {self._config.base_url} ({state})>"

    def __reduce__(self) -> NoReturn:
        message = "an AsyncSession cannot be pickled: make one in each process"
        raise TypeError(message)

    def __del__(self) -> None:
        if self._engine is not None and not self._closed and self._borrowed is None:
            warnings.warn(f"{self!r} was never closed", ResourceWarning, source=self, stacklevel=2)

    def _open(self) -> Engine:
        """Return the engine, made on the first call; SessionClosedError where it cannot be used."""
        if self._closed:
            message = "the session is closed"
            raise SessionClosedError(message)
        loop = asyncio.get_running_loop()
        if self._engine is None:
            self._engine = self._make_engine(loop)
        elif self._engine.loop is not loop:
            message = "the session belongs to another event loop: make one in each loop, thread and process"
            raise SessionClosedError(message)
        return self._engine

    def _make_engine(self, loop: asyncio.AbstractEventLoop) -> Engine:
        transport = Transport(self._config, borrowed=self._borrowed, version=installed_version())
        gate = Gate(
            slots=transport.slots,
            limit=self._rate_limit,
            patience=self._retry.max_retry_after,
            loop=loop,
        )
        return Engine(transport=transport, gate=gate, policy=self._retry)


def check_kind(name: str, value: object, kind: type | tuple[type, ...]) -> None:
    """Take a setting of the right class; ConfigurationError for any other."""
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = " or ".join(kind.__name__ for kind in kinds)
        message = f"{name} must be a {names}, not a {type(value).__name__}"
        raise ConfigurationError(message)
