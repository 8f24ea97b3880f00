"""The session: the one object that users hold."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar
from weakref import WeakSet

from tavus_async._bulk.keys import Keys
from tavus_async._bulk.pages import walk
from tavus_async._bulk.run import Job, Outcomes, Run
from tavus_async._engine.engine import Engine
from tavus_async._engine.gate import Gate, bucket_class
from tavus_async._engine.sharing import SharedReads
from tavus_async._http.transport import Transport
from tavus_async._settings import checks
from tavus_async._settings.config import hide_key, make_config
from tavus_async._settings.connections import Pool, Timeouts
from tavus_async._settings.limits import RateLimit, RateLimiter
from tavus_async._settings.retries import RetryPolicy
from tavus_async._settings.version import installed_version
from tavus_async._values import Outcome, Page, Progress, Stats
from tavus_async._wire.call import Call
from tavus_async.errors import ConfigurationError, InvalidRequestError, SessionClosedError
from tavus_async.patch import Operation
from tavus_async.resources.personas import calls as personas
from tavus_async.resources.personas.calls import Vocabulary
from tavus_async.resources.personas.decoding import make_persona
from tavus_async.resources.personas.fetching import Prefer, check_progress, default_concurrency, get_all
from tavus_async.resources.personas.records import CreatedPersona, Persona, PersonaDraft

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
    - *cache_ttl*: seconds for which a persona that was read is given out again without asking; None asks always.
      Calls for the same persona at the same time share one request in any case, until this session changes it.
    - *cache_size*: how many personas are kept at most.

    Raises ConfigurationError for settings that cannot work, before anything is opened.
    """

    _engine: Engine | None = None
    _closed = False

    def __init__(  # noqa: PLR0913 (the one place for every setting)
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        rate_limit: RateLimit | RateLimiter = RateLimit(per_second=10, burst=10),  # noqa: B008 (frozen)
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 (frozen)
        timeouts: Timeouts = Timeouts(),  # noqa: B008 (frozen)
        pool: Pool = Pool(),  # noqa: B008 (frozen)
        http: "aiohttp.ClientSession | None" = None,
        cache_ttl: float | None = None,
        cache_size: int = 1_000,
    ) -> None:
        api_key = hide_key(api_key)
        checks.of_kind("rate_limit", rate_limit, (RateLimit, RateLimiter))
        checks.of_kind("retry", retry, RetryPolicy)
        checks.of_kind("timeouts", timeouts, Timeouts)
        checks.of_kind("pool", pool, Pool)
        check_cache(cache_ttl, cache_size)
        self._config = make_config(api_key=api_key, base_url=base_url, timeouts=timeouts, pool=pool)
        self._rate_limit = rate_limit
        self._retry = retry
        self._borrowed = http
        self._cache_ttl, self._cache_size = cache_ttl, cache_size
        self._runs: WeakSet[Run[Any]] = WeakSet()
        # Now, so that no answer waits for them.
        make_persona()
        bucket_class()
        installed_version()

    async def get_persona(self, persona_id: str, *, timeout: float | None = None) -> Persona:
        """Get Persona: return one persona by its id.

        *timeout* is the whole call's, in seconds; None takes the session's `Timeouts.total`.
        Raises NotFoundError for an id that the account does not have, InvalidRequestError for one that cannot
        be an id, and any other error of `tavus_async.errors`.
        Source: https://docs.tavus.io/api-reference/personas/get-persona
        """
        return await self.send(personas.get_persona(persona_id), timeout=timeout)

    async def get_personas(
        self,
        ids: Keys,
        *,
        concurrency: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        prefer: Prefer = "get",
        timeout: float | None = None,
    ) -> list[Persona]:
        """Get many personas at once, and return them in the order of *ids*.

        Any failure raises BulkError, which carries every Outcome, failed or not; an error that would fail them
        all (AuthenticationError, PaymentRequiredError, SessionClosedError) stops the run, and stands in the
        outcomes of all ids that were not fetched. An id that occurs twice is fetched once.
        *prefer* "list" reads list pages where that takes fewer requests than one for each id, checks on samples
        that pages tell as much, and gets by id what they do not. *concurrency*, *on_progress* and *timeout* are
        those of `iter_personas()`.
        """
        send_each = partial(self.send_each, concurrency=concurrency, timeout=timeout)
        return await get_all(ids, send_each=send_each, prefer=prefer, on_progress=on_progress)

    def iter_personas(
        self,
        ids: Keys,
        *,
        concurrency: int | None = None,
        ordered: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        timeout: float | None = None,
    ) -> Outcomes[Persona]:
        """Get many personas, and iterate over an Outcome for each id as it comes: `async for outcome in ...`.

        - *ids*: any iterable or async iterable, however long: it is pulled as workers become free, and the
          workers wait for a slow consumer, so memory is bounded by *concurrency*.
        - *concurrency*: workers; None takes what keeps up with the rate limit, at most one for each connection.
        - *ordered*: whether outcomes come in the order of the ids.
        - *on_progress*: called with a Progress after each outcome, and every half second during a wait.
        - *timeout*: seconds for each id.

        A failed item is an Outcome with its error, and the rest go on. What would fail every item
        (AuthenticationError, PaymentRequiredError, SessionClosedError) ends the run: the outcomes so far come,
        then the loop raises that error. An id that occurs again is not fetched again (of an iterator:
        within the last thousand). Leaving the loop, however, stops the workers; `async with` waits for that.
        """
        return self.send_each(
            personas.get_persona,
            ids,
            concurrency=concurrency,
            ordered=ordered,
            on_progress=on_progress,
            timeout=timeout,
        )

    async def list_personas(
        self, *, persona_type: str | None = None, page_size: int = 100, timeout: float | None = None
    ) -> AsyncIterator[Persona]:
        """List Personas: iterate over the personas of all pages, each once.

        *persona_type* is `user` for the account's own, `system` for Tavus' stock; None is what the server
        takes by default. *timeout* is each page's, in seconds. Personas that are created or deleted meanwhile
        neither double others nor hide them, as far as the list's count tells.
        Source: https://docs.tavus.io/api-reference/personas/get-personas
        """

        async def read_page(page: int) -> Page[Persona]:
            return await self.list_personas_page(page=page, limit=page_size, persona_type=persona_type, timeout=timeout)

        async for persona in walk(read_page, page_size=page_size):
            yield persona

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

    async def find_personas(self, persona_name: str, *, timeout: float | None = None) -> list[Persona]:
        """Return the account's own personas of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_personas(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        own = self.list_personas(persona_type="user", timeout=timeout)
        return [persona async for persona in own if persona.persona_name == persona_name]

    async def create_persona(
        self, draft: PersonaDraft, *, vocabulary: Vocabulary = "persona", timeout: float | None = None
    ) -> CreatedPersona:
        """Create Persona: create one, and return its id.

        It is never sent twice where the first may have worked: a lost answer raises AmbiguousOutcomeError.
        *vocabulary* "pal" sends it as a PAL, in the names that the API has since mid-2026.
        Raises InvalidRequestError for a draft without the system_prompt that it needs, or with a wrong type.
        Source: https://docs.tavus.io/api-reference/personas/create-persona
        """
        return await self.send(personas.create_persona(draft, vocabulary=vocabulary), timeout=timeout)

    async def patch_persona(
        self,
        persona_id: str,
        operations: Iterable[Operation],
        *,
        force: bool = False,
        timeout: float | None = None,
    ) -> bool:
        """Patch Persona: apply JSON Patch operations, made by `tavus_async.patch`; False where nothing changed.

        Raises ConflictError while PAL Maker holds unpublished changes, which *force* discards;
        UnprocessableError or BadRequestError for a patch that the server does not take;
        AmbiguousOutcomeError when the answer is lost.
        Source: https://docs.tavus.io/api-reference/personas/patch-persona
        """
        return await self.send(personas.patch_persona(persona_id, operations, force=force), timeout=timeout)

    async def update_persona(
        self, before: Persona, after: Persona, *, force: bool = False, timeout: float | None = None
    ) -> bool:
        """Turn one record of a persona into another by the smallest patch; False where nothing changed.

        `await session.update_persona(persona, attrs.evolve(persona, greeting="Hi"))`. Equal records send nothing.
        Timestamps are not compared. Raises InvalidRequestError for records of two personas, else as
        `patch_persona()` does.
        """
        call = personas.update_persona(before, after, force=force)
        return False if call is None else await self.send(call, timeout=timeout)

    async def delete_persona(self, persona_id: str, *, timeout: float | None = None) -> None:
        """Delete Persona: delete one for good.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/personas/delete-persona
        """
        await self.send(personas.delete_persona(persona_id), timeout=timeout)

    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Carry out any call, with the session's limiter, retries and deadline; every method is a line over it.

        *timeout* is the whole call's, in seconds; None takes the session's `Timeouts.total`.
        Raises SessionClosedError after `aclose()`, or in another event loop than the first call's.
        """
        total = self._total(timeout)
        return await self._open().run(call, total=total)

    def send_each(
        self,
        make_call: Callable[[str], Call[T]],
        keys: Keys,
        *,
        concurrency: int | None = None,
        ordered: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        timeout: float | None = None,
    ) -> Outcomes[T]:
        """Carry out a call for each key, as `iter_personas()` does with `get_persona` for each id.

        *make_call* turns a key into a Call; an InvalidRequestError that it raises is that item's error.
        """
        total = self._total(timeout)
        if concurrency is None:
            concurrency = default_concurrency(self._rate_limit, self._config.pool)
        elif type(concurrency) is not int or concurrency < 1:
            raise InvalidRequestError(f"concurrency must be a whole number from 1 up, not {concurrency!r}")
        check_progress(on_progress)

        async def fetch(key: str) -> Outcome[T]:
            return await self._open().outcome(key, make_call, total=total)

        def is_held_back() -> bool:
            return self._engine is not None and self._engine.is_held_back()

        run = Run(
            Job(
                fetch=fetch,
                keys=keys,
                concurrency=concurrency,
                ordered=ordered,
                on_progress=on_progress,
                is_waiting=is_held_back,
            )
        )
        self._runs.add(run)
        return Outcomes(run)

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
        Raises SessionClosedError while the session's own event loop is another one that is not closed.
        """
        if self._engine is not None and not self._engine.is_at_home():
            if not self._engine.is_out_of_reach():
                raise SessionClosedError("the session belongs to another event loop: close it there")
            self._closed = True
            self._engine.abandon()
            return
        self._closed = True
        runs = list(self._runs)
        for run in runs:
            run.end(SessionClosedError("the session was closed while the call was under way"))
        if self._engine is not None:
            await self._engine.aclose()
        for run in runs:
            await run.wait()

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        if not hasattr(self, "_config"):
            return "<AsyncSession (not made)>"  # seen in a traceback with locals, when its settings are refused
        state = "closed" if self._closed else "open" if self._engine is not None else "not opened"
        return f"<AsyncSession {self._config.base_url} ({state})>"

    def __reduce__(self) -> NoReturn:
        message = "an AsyncSession cannot be pickled: make one in each process"
        raise TypeError(message)

    def __del__(self) -> None:
        if self._engine is not None and not self._closed and self._borrowed is None:
            self._engine.abandon()
            if self._engine.is_inherited():
                return  # its owner is the process that has forked
            warnings.warn(f"{self!r} was never closed", ResourceWarning, source=self, stacklevel=2)

    def _open(self) -> Engine:
        """Return the engine, made on the first call; SessionClosedError where it cannot be used."""
        if self._closed:
            message = "the session is closed"
            raise SessionClosedError(message)
        loop = asyncio.get_running_loop()
        if self._engine is None:
            self._engine = self._make_engine(loop)
        elif self._engine.loop is not loop or self._engine.is_inherited():
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
        reads = SharedReads(ttl=self._cache_ttl, size=self._cache_size, clock=loop.time)
        return Engine(transport=transport, gate=gate, policy=self._retry, reads=reads)

    def _total(self, timeout: float | None) -> float | None:
        """Return the seconds that a call may take: its own, or the session's."""
        if timeout is None:
            return self._config.timeouts.total
        if not checks.is_number(timeout) or timeout <= 0:
            raise InvalidRequestError(f"timeout must be a number of seconds above 0, not {timeout!r}")
        return timeout


def check_cache(ttl: float | None, size: int) -> None:
    """Take a cache's settings; ConfigurationError for those that make no sense."""
    if ttl is not None and (not checks.is_number(ttl) or ttl <= 0):
        raise ConfigurationError(f"cache_ttl must be a number of seconds above 0, or None, not {ttl!r}")
    if type(size) is not int or size < 1:
        raise ConfigurationError(f"cache_size must be a whole number from 1 up, not {size!r}")
