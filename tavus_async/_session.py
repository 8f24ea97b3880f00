"""The session: the one object that users hold."""

import difflib
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Never, NoReturn, Self, TypeVar, cast, get_args

import attrs

from tavus_async._bulk.keys import Keys, KeyT
from tavus_async._bulk.part_file import PartFile
from tavus_async._bulk.run import MAX_OUTAGE, Job, LookUp, OnProgress, Outcomes, check_callback
from tavus_async._bulk.session_part import PartT, Send
from tavus_async._engine.bulk_calls import outcome
from tavus_async._engine.downloads import Downloads
from tavus_async._engine.events import Events
from tavus_async._engine.lifecycle import Lifecycle, token_bucket_class, transport_class
from tavus_async._records.immutable import FrozenDict
from tavus_async._records.reading import converter
from tavus_async._records.secrets import Hidden
from tavus_async._settings import checks
from tavus_async._settings.arguments import (
    AnyLimit,
    check_borrowed,
    check_bulk,
    check_cache,
    check_holders,
    check_rate_limit,
    default_concurrency,
    refuse_unknown_options,
    refuse_unknown_settings,
)
from tavus_async._settings.config import Options, check_headers, hide_key, make_config
from tavus_async._settings.connections import Pool, Timeouts
from tavus_async._settings.limits import RateLimit
from tavus_async._settings.logs import log_as_environment_says
from tavus_async._settings.refused import forget_refused
from tavus_async._settings.retries import RetryPolicy
from tavus_async._values import DownloadProgress, Outcome, Response, Stats
from tavus_async._wire.call import Call, checked_maker, find_problem
from tavus_async.errors import ConfigurationError, InvalidRequestError
from tavus_async.resources.conversations.methods import Conversations
from tavus_async.resources.deployments.methods import Deployments
from tavus_async.resources.documents.methods import Documents
from tavus_async.resources.guardrails.methods import Guardrails, GuardrailSets
from tavus_async.resources.memory_stores.methods import MemoryStores
from tavus_async.resources.objectives.methods import Objectives
from tavus_async.resources.personas.methods import Personas
from tavus_async.resources.pronunciation_dictionaries.methods import PronunciationDictionaries
from tavus_async.resources.replicas.methods import Replicas
from tavus_async.resources.skills.methods import Skills
from tavus_async.resources.tools.methods import Tools
from tavus_async.resources.videos.methods import Videos
from tavus_async.resources.voices.methods import Voices

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

Vocabulary = Literal["persona", "pal"]
"""Which names and paths are sent: those of personas and replicas, or, since mid-2026, of PALs and faces."""

LaneName = Literal["single", "bulk"]
"""How calls stand in line for the rate limit: single ones first, or with those of bulk runs."""

# What PALs have in the place of our words.
FOREIGN_WORDS: Final = {"pal": "persona", "face": "replica"}


class AsyncSession(
    Personas,
    Conversations,
    Replicas,
    Videos,
    Voices,
    Documents,
    MemoryStores,
    Objectives,
    Guardrails,
    GuardrailSets,
    PronunciationDictionaries,
    Tools,
    Skills,
    Deployments,
):
    """A connection to the Tavus API: one pool, one rate limit and one retry policy for all its calls.

    Use it as `async with AsyncSession() as session:`, or make it anywhere (no event loop is needed), call it,
    and end with `await session.aclose()`. It opens on its first call and belongs to that call's event loop until that
    is closed. Any number of tasks may share it.

    - *api_key*: else the environment's TAVUS_API_KEY.
    - *base_url*: else TAVUS_BASE_URL, else https://tavusapi.com. A trailing `/v2` is accepted.
      Plain http only to loopback, or to a host named in `Pool(insecure_hosts=...)`.
    - *rate_limit*: how many attempts a second (a number, or a `RateLimit`), or a limiter of your own.
    - *retry*, *timeouts*, *pool*: see their classes.
    - *vocabulary*: which names and paths are sent: those of personas and replicas, or, since mid-2026, of PALs and
      faces. Both are always read, and the records' own names stay the same.
    - *headers*: sent with every request; never the key's, the host's or a length's.
    - *user_agent*: what the server is told of your program, before what it is told of this one.
    - *http*: an `aiohttp.ClientSession` of yours to send through. It is used and never closed. Its connector's
      limits hold beside `pool.connections`; its proxy and TLS settings are its own.
    - *cache_ttl*: seconds for which what was read is given out again without asking; None asks always.
      Calls for the same thing at the same time share one request in any case, until this session changes it.
    - *cache_size*: how many records are kept at most.

    Raises ConfigurationError for settings that cannot work, before anything is opened.
    """

    @forget_refused
    def __init__(  # noqa: PLR0913 (the one place for every setting)
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        rate_limit: AnyLimit | float = RateLimit(per_second=10, burst=10),  # noqa: B008 (frozen)
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 (frozen)
        timeouts: Timeouts = Timeouts(),  # noqa: B008 (frozen)
        pool: Pool = Pool(),  # noqa: B008 (frozen)
        vocabulary: Vocabulary = "persona",
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        http: "aiohttp.ClientSession | None" = None,
        cache_ttl: float | None = None,
        cache_size: int = 1_000,
        **unknown: Never,
    ) -> None:
        secret, api_key = hide_key(api_key), None
        held, headers = Hidden(headers), None
        refuse_unknown_settings(unknown, AsyncSession.__init__)
        limit = check_rate_limit(rate_limit)
        check_holders(retry=retry, timeouts=timeouts, pool=pool)
        check_choice("vocabulary", vocabulary, Vocabulary)
        check_borrowed(http)
        check_cache(cache_ttl, cache_size)
        config = make_config(
            api_key=secret, base_url=base_url, timeouts=timeouts, pool=pool, headers=held, user_agent=user_agent
        )
        log_as_environment_says()
        self._key = config.api_key
        self._options = Options(timeout=timeouts.total, retry=retry, renamed=vocabulary == "pal")
        self._lifecycle = Lifecycle(
            config=config, rate_limit=limit, retry=retry, borrowed=http, cache_ttl=cache_ttl, cache_size=cache_size
        )
        # Now, so that no answer waits for them.
        converter()
        token_bucket_class()
        transport_class()

    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Send any call, with the session's limiter, retries and deadline, and return its result.

        Every method is a line over it: `session.get_persona(x)` is `session.send(calls.get_persona(x))`. For an
        endpoint without a method: `session.send(Call.json("GET", "/v2/whatever"))`.
        *timeout* is the whole call's, in seconds; None takes the session's `Timeouts.total`.
        Raises SessionClosedError after `aclose()`, or in another event loop than the first call's.
        """
        if (problem := find_problem(call, self._key.reveal())) is not None:
            del call  # which has a key where none belongs
            raise InvalidRequestError(problem)
        options = self._with_timeout(timeout)
        return await self._lifecycle.open().run(call, options)

    async def send_raw(self, call: Call[Any], *, timeout: float | None = None) -> Response:
        """Send any call as `send` does, and return the answer itself: `.status`, `.headers`, `.body`, `.json()`.

        An error status raises as ever. The answer is neither shared with equal calls nor kept.
        """
        if (problem := find_problem(call, self._key.reveal())) is not None:
            del call
            raise InvalidRequestError(problem)
        options = self._with_timeout(timeout)
        return await self._lifecycle.open().run_raw(call, options)

    def send_each(
        self,
        make_call: Callable[[KeyT], Call[T]],
        keys: Keys[KeyT],
        *,
        concurrency: int | None = None,
        ordered: bool = False,
        on_progress: OnProgress | None = None,
        timeout: float | None = None,
        max_outage: float = MAX_OUTAGE,
        look_up: LookUp[T] | None = None,
    ) -> Outcomes[T]:
        """Send a call for each key, and iterate over their outcomes, as `iter_personas()` does for each id.

        - *make_call* turns a key into a Call, as the functions of `tavus_async.calls` do; an InvalidRequestError that
          it raises is that item's error.
        - *keys*: ids, drafts, or anything else; `outcome.key` is what was given.
        - *look_up*: an async generator function that is given all keys first, and yields mappings with the values of
          those that need no call.

        The other arguments are those of `iter_personas()`.
        """
        options, lifecycle = self._with_timeout(timeout), self._lifecycle
        if concurrency is None:
            concurrency = default_concurrency(lifecycle.rate_limit, lifecycle.config.pool)
        check_bulk(concurrency=concurrency, max_outage=max_outage, ordered=ordered, look_up=look_up)
        check_callback(on_progress)
        make_call = checked_maker(make_call, self._key)
        began: list[float] = []

        async def fetch(key: Any) -> Outcome[T]:
            engine = lifecycle.open()
            if not began:
                began.append(engine.loop.time())
            return await outcome(engine, key, make_call, options, max_outage=max_outage, since=began[0])

        job = Job(
            fetch=fetch, keys=keys, concurrency=concurrency, ordered=ordered, on_progress=on_progress, look_up=look_up
        )
        return lifecycle.start(job)

    def with_options(
        self,
        *,
        timeout: float | Literal["same"] | None = "same",
        retry: RetryPolicy | None = None,
        vocabulary: Vocabulary | None = None,
        headers: Mapping[str, str] | None = None,
        lane: LaneName | None = None,
        **unknown: Never,
    ) -> Self:
        """Return the same session with other defaults: pool, limiter, retry budget and cache are shared.

        *timeout* is each call's, in seconds, None for ever; *headers* come on top of the session's. In *lane* "bulk"
        calls stand in line for the rate limit as those of a bulk run do: behind all single calls, but for a tenth of
        what is sent. What is not given stays. Closing either closes both. Raises ConfigurationError for options that
        cannot work.
        """
        held, headers = Hidden(headers), None
        refuse_unknown_options(unknown, AsyncSession.with_options)
        changes: dict[str, Any] = {}
        if not checks.is_one_of(timeout, ("same",)):
            if timeout is not None and (not checks.is_number(timeout) or timeout <= 0):
                raise ConfigurationError(
                    f"timeout must be a number of seconds above 0, or None, not {checks.display(timeout)}"
                )
            changes["timeout"] = timeout
        if retry is not None:
            check_holders(retry=retry)
            changes["retry"] = retry
        if vocabulary is not None:
            check_choice("vocabulary", vocabulary, Vocabulary)
            changes["renamed"] = vocabulary == "pal"
        if lane is not None:
            check_choice("lane", lane, LaneName)
            changes["is_bulk"] = lane == "bulk"
        if held.given is not None:
            changes["headers"] = FrozenDict({**self._options.headers, **check_headers(held)})
        twin = object.__new__(type(self))
        vars(twin).update(vars(self), _options=attrs.evolve(self._options, **changes))
        return twin

    @property
    def events(self) -> Events:
        """What happens to the session's calls, for listeners: `session.events.add(listener)`."""
        return self._lifecycle.events

    def stats(self) -> Stats:
        """Return what the session has done, and its state at this moment."""
        return self._lifecycle.stats()

    async def aclose(self) -> None:
        """Close the session for good; closing it twice is fine.

        Calls that are waiting or under way end with SessionClosedError. A borrowed `http` stays open.
        Raises SessionClosedError while the session is open in another event loop that is not closed.
        """
        await self._lifecycle.aclose()

    async def __aenter__(self) -> Self:
        self._lifecycle.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        lifecycle: Lifecycle | None = vars(self).get("_lifecycle")
        if lifecycle is None:
            return "<AsyncSession (not made)>"  # seen in a traceback with locals, when its settings are refused
        return f"<AsyncSession {lifecycle.config.base_url} ({lifecycle.state})>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an AsyncSession cannot be pickled: make one in each process")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(foreign_method(type(self), name), name=name, obj=self)

    def _part(self, kind: type[PartT]) -> PartT:
        """Return the open session's one object of this class, made on the first use."""
        return self._lifecycle.open().part(kind)

    def _sender(self) -> Send:
        """Return what sends calls with this session's options, also while it is being closed."""
        return partial(self._send_checked, self._lifecycle.open().sender(self._options))

    async def _send_checked(self, send: Send, call: Call[T], *, timeout: float | None = None) -> T:
        """Send a call by one of the session's senders, unless it shows the key."""
        if (problem := find_problem(call, self._key.reveal())) is not None:
            del call
            raise InvalidRequestError(problem)
        return cast("T", await send(call, timeout=timeout))

    def _start(self, job: Job[T]) -> Outcomes[T]:
        """Return the outcomes of a job, which ends with the session."""
        return self._lifecycle.start(job)

    async def _fetch_file(
        self, url: str, file: PartFile, *, max_bytes: int, on_progress: Callable[[DownloadProgress], object] | None
    ) -> None:
        """Write what lies at a URL into a file, without the API key; raises ApiError for a link that is refused."""
        config, retry = self._lifecycle.config, self._options.retry
        await self._part(Downloads).fetch(
            url, file, config=config, retry=retry, max_bytes=max_bytes, on_progress=on_progress
        )

    def _with_timeout(self, timeout: float | None) -> Options:
        """Return the options of one call: its own deadline, or the session's."""
        if timeout is None:
            return self._options
        if not checks.is_number(timeout) or timeout <= 0:
            raise InvalidRequestError(f"timeout must be a number of seconds above 0, not {checks.display(timeout)}")
        return attrs.evolve(self._options, timeout=timeout)


def foreign_method(session: type[AsyncSession], name: str) -> str:
    """Return the message for a method that a session does not have: what it has instead."""
    own = name
    for word, ours in FOREIGN_WORDS.items():
        own = own.replace(word, ours)
    if own != name and hasattr(session, own):
        return f"an AsyncSession has no {name!r}: its name here is {own}, and vocabulary='pal' sends it as a PAL's"
    near = difflib.get_close_matches(own, [known for known in dir(session) if not known.startswith("_")], 1)
    return f"an AsyncSession has no {name!r}{f' (did you mean {near[0]}?)' if near else ''}"


def check_choice(name: str, value: object, choices: object) -> None:
    """Validate one of the words of a Literal; ConfigurationError for anything else."""
    if not checks.is_one_of(value, get_args(choices)):
        raise ConfigurationError(f"{name} must be one of {', '.join(get_args(choices))}, not {checks.display(value)}")
