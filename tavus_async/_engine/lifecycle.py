"""A session's life: opened on its first call, open in one event loop at a time, closed once."""

import asyncio
import math
import warnings
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet

import attrs

from tavus_async._bulk.meter import Hold
from tavus_async._bulk.run import Job, Outcomes, Run
from tavus_async._engine.admission import Admission
from tavus_async._engine.bucket import Bucket
from tavus_async._engine.engine import Engine
from tavus_async._engine.events import Counters, Events, LogListener
from tavus_async._engine.gate import Gate
from tavus_async._engine.limiter_bucket import LimiterBucket
from tavus_async._engine.repeat import RetryBudget
from tavus_async._engine.sharing import SharedReads
from tavus_async._settings.arguments import AnyLimit
from tavus_async._settings.config import Config
from tavus_async._settings.limits import BucketMaker, RateLimit
from tavus_async._settings.retries import RetryPolicy
from tavus_async._values import Stats
from tavus_async.errors import ConfigurationError, SessionClosedError

if TYPE_CHECKING:
    import aiohttp

    from tavus_async._engine.token_bucket import TokenBucket
    from tavus_async._http.transport import Transport

T = TypeVar("T")

# Attempts per second to an endpoint that has a limit of its own, where the session's does not say.
MOST_PER_SECOND = 100


class Lifecycle:
    """What a session shares with those that `with_options` makes of it: connections, limits, counters, and its end."""

    def __init__(
        self,
        *,
        config: Config,
        rate_limit: AnyLimit,
        retry: RetryPolicy,
        borrowed: "aiohttp.ClientSession | None",
        cache_ttl: float | None,
        cache_size: int,
    ) -> None:
        self.config = config
        self.rate_limit = rate_limit
        self.events = Events()
        self._counters = Counters()
        self.events.add(self._counters)
        self.events.add(LogListener())
        self._budget = RetryBudget(retry.budget)
        self._borrowed = borrowed
        self._cache_ttl, self._cache_size = cache_ttl, cache_size
        self._runs: WeakSet[Run[Any]] = WeakSet()
        self._engine: Engine | None = None
        self._is_closed = False

    @property
    def state(self) -> str:
        """What a session's repr says of it."""
        return "closed" if self._is_closed else "open" if self._engine is not None else "not opened"

    def open(self) -> Engine:
        """Return the engine of the running event loop, made on the first call, and anew where its loop is closed.

        Raises SessionClosedError after `aclose()`, and while the session is open in another event loop.
        """
        if self._is_closed:
            raise SessionClosedError("the session is closed")
        loop = asyncio.get_running_loop()
        engine = self._engine
        if engine is not None and (engine.loop is not loop or engine.is_inherited()):
            if engine.is_inherited() or not engine.loop.is_closed():
                raise SessionClosedError(
                    "the session belongs to another event loop: make one in each loop, thread and process"
                )
            engine.abandon()
            engine = None
        if engine is None:
            engine = self._engine = self._make_engine(loop)
        return engine

    def start(self, job: Job[T]) -> Outcomes[T]:
        """Return the outcomes of a bulk call, which ends with the session."""
        run = Run(attrs.evolve(job, hold=self.hold))
        self._runs.add(run)
        return Outcomes(run)

    def hold(self) -> Hold:
        """Return what holds calls back at this moment."""
        return self._engine.hold() if self._engine is not None else Hold()

    def stats(self) -> Stats:
        """Return what the session has done, and its state at this moment."""
        counters, engine = self._counters, self._engine
        gate = engine.gate if engine is not None else None
        limit = self.rate_limit if isinstance(self.rate_limit, (RateLimit, BucketMaker)) else None
        return Stats(
            calls=counters.calls,
            requests=counters.requests,
            retries=counters.retries,
            rate_limited=counters.rate_limited,
            tokens=gate.tokens if gate else limit.burst if limit else float("inf"),
            rate=gate.rate if gate else limit.per_second if limit else float("inf"),
            waiting=engine.waiting if engine is not None else 0,
            in_flight=gate.in_flight if gate else 0,
            open_connections=engine.open_connections if engine is not None else 0,
            retry_budget=self._budget.left,
        )

    async def aclose(self) -> None:
        """Close for good; closing twice is fine.

        Raises SessionClosedError while the session is open in another event loop that is not closed.
        """
        engine = self._engine
        if engine is not None and not engine.is_at_home():
            if not engine.is_out_of_reach():
                raise SessionClosedError("the session belongs to another event loop: close it there")
            self._is_closed = True
            engine.abandon()
            return
        self._is_closed = True
        runs = list(self._runs)
        for run in runs:
            run.end(SessionClosedError("the session was closed while the call was under way"))
        if engine is not None:
            await engine.aclose()
        for run in runs:
            await run.wait()

    def __del__(self) -> None:
        engine: Engine | None = getattr(self, "_engine", None)
        if engine is None or self._is_closed or self._borrowed is not None:
            return
        engine.abandon()
        if not engine.is_inherited():  # else its owner is the process that has forked
            message = f"<AsyncSession {self.config.base_url} ({self.state})> was never closed"
            warnings.warn(message, ResourceWarning, source=self, stacklevel=2)

    def _make_engine(self, loop: asyncio.AbstractEventLoop) -> Engine:
        transport = transport_class()(self.config, borrowed=self._borrowed)
        last = self._engine
        bucket = make_bucket(self.rate_limit, loop) if last is None else last.gate.bucket.moved(loop)
        gate = Gate(slots=transport.slots, bucket=bucket, loop=loop)
        # Nothing here refers to this object: a forgotten session is closed at once, before aiohttp tells of its own.
        make_own_bucket = partial(make_bucket, limit_of_an_endpoint(self.rate_limit), loop)
        reads = SharedReads(ttl=self._cache_ttl, size=self._cache_size, clock=loop.time)
        return Engine(
            transport=transport,
            admission=Admission(gate, loop=loop, make_own_bucket=make_own_bucket),
            budget=self._budget,
            reads=reads,
            events=self.events,
            longest_attempt=self.config.timeouts.attempt or math.inf,
        )


def limit_of_an_endpoint(limit: AnyLimit) -> RateLimit:
    """Return what an endpoint with a limit of its own begins with: no more than the session is allowed."""
    if isinstance(limit, RateLimit):
        return limit
    if isinstance(limit, BucketMaker):
        return RateLimit(limit.per_second, burst=limit.burst)
    return RateLimit(MOST_PER_SECOND, burst=MOST_PER_SECOND)


def make_bucket(limit: AnyLimit, loop: asyncio.AbstractEventLoop) -> Bucket:
    """Return the bucket that gives out the tokens of a limit."""
    if isinstance(limit, RateLimit):
        return token_bucket_class()(limit, now=loop.time())
    if isinstance(limit, BucketMaker):
        bucket = limit.make_bucket(loop)
        if not isinstance(bucket, Bucket):
            raise ConfigurationError(f"{type(limit).__name__}.make_bucket() must return a Bucket")
        return bucket
    return LimiterBucket(limit, loop)


@cache
def token_bucket_class() -> "type[TokenBucket]":
    """Return the class of the token bucket, loaded on the first use."""
    from tavus_async._engine.token_bucket import TokenBucket  # noqa: PLC0415 (aiolimiter reads its version's metadata)

    return TokenBucket


@cache
def transport_class() -> "type[Transport]":
    """Return the class of the transport, loaded on the first use."""
    from tavus_async._http.transport import Transport  # noqa: PLC0415 (it loads aiohttp, which takes long)

    return Transport
