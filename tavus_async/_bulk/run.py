"""Bulk calls: a worker pool, outcomes as they complete, and memory bounded by the workers, not by the input."""

import asyncio
import inspect
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import attrs

from tavus_async._bulk.keys import Keys, Repeats, Source, is_collection
from tavus_async._bulk.meter import Hold, Meter
from tavus_async._settings.checks import is_text
from tavus_async._values import Outcome, Progress
from tavus_async.errors import (
    AuthenticationError,
    BulkError,
    InvalidRequestError,
    PaymentRequiredError,
    SessionClosedError,
    TavusError,
)

T = TypeVar("T")

# Errors that every other item would meet too.
DOOMING = (AuthenticationError, PaymentRequiredError, SessionClosedError)
# Keys, for each worker, that are pulled before the consumer has taken their outcomes (back-pressure): enough that an
# ordered run does not stand still behind one slow item.
KEYS_PER_WORKER = 4
# Seconds between two reports of progress while nothing is done.
HEARTBEAT = 0.5
# Seconds that a bulk run waits for a server that cannot be reached.
MAX_OUTAGE = 300.0
# More workers than this only wait for each other, whatever *concurrency* is.
MOST_WORKERS = 10_000


LookUp = Callable[[list[Any]], AsyncGenerator[Mapping[str, T], None]]
OnProgress = Callable[[Progress], None]


@attrs.frozen(kw_only=True)
class Job(Generic[T]):
    """A bulk call, as the session describes it to its workers."""

    fetch: Callable[[Any], Coroutine[Any, Any, Outcome[T]]]
    """Return one key's outcome; raises no TavusError, which the outcome holds."""
    keys: Keys[Any]
    concurrency: int
    ordered: bool = False
    on_progress: OnProgress | None = None
    hold: Callable[[], Hold] = Hold
    """Return what holds the calls back at this moment."""
    look_up: LookUp[T] | None = None
    """Yield the values of some of all keys as they are found, as on list pages; only the others are fetched."""
    on_end: Callable[[], object] | None = None
    """Is called when the last worker has ended, so that nothing is fetched any more."""


class Outcomes(AsyncIterator[Outcome[T]], Generic[T]):
    """The outcomes of a bulk call: `async for outcome in outcomes`.

    A failed item is an `Outcome` with its error, and the rest go on. What would fail every item
    (AuthenticationError, PaymentRequiredError, SessionClosedError) ends the run: the outcomes so far come,
    then the loop raises that error, and keys without an outcome were not fetched. An error of the keys' own
    iterator is raised after the outcomes of the keys before it.

    Leaving the loop stops the workers once nothing refers to this object any more. `async with` or `aclose()` stops
    them at once, and waits until they have ended.
    """

    def __init__(self, run: "Run[T]") -> None:
        self._run = run

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome[T]:
        return await self._run.take()

    async def aclose(self) -> None:
        """Stop the workers and wait until they have ended; closing twice is fine."""
        await self._run.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    # The workers hold the run, not this object: when nobody iterates any more, it is collected, and they end.
    def __del__(self) -> None:
        self._run.stop()


class Run(Generic[T]):
    """The worker pool of one bulk call, and the queue between it and the consumer."""

    def __init__(self, job: Job[T]) -> None:
        self._job = job
        self._source = Source(job.keys)
        self._repeats: Repeats[T] = Repeats(job.keys)
        self._found: dict[str, T] = {}
        self._room = asyncio.Semaphore(KEYS_PER_WORKER * job.concurrency)
        self._ready: deque[Outcome[T]] = deque()
        self._early: dict[int, Outcome[T]] = {}
        self._next = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._failure: BaseException | None = None
        self._started = False
        self._stopped = False
        self._heartbeat: asyncio.TimerHandle | None = None
        self._meter = Meter(total=len(job.keys) if is_collection(job.keys) else None)

    async def take(self) -> Outcome[T]:
        """Return the next outcome, or raise what the run ended with."""
        if not self._started and not self._stopped:
            self._start()
        while not self._ready:
            if not self._workers:
                self._finish()
            self._news.clear()
            await self._news.wait()
        self._room.release()
        return self._ready.popleft()

    def stop(self, *, spare: "asyncio.Task[Any] | None" = None) -> None:
        """Cancel the workers; they end in the loop's next turns, and *spare* as soon as it is back at its work."""
        self._stopped = True
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        for worker in self._workers:
            if worker is not spare and not worker.get_loop().is_closed():
                worker.cancel()

    def end(self, error: BaseException | None) -> None:
        """End the run with an error, which the consumer gets after the outcomes so far."""
        if not self._stopped:
            self._failure = error
            self.stop(spare=asyncio.current_task())

    async def aclose(self) -> None:
        """Cancel the workers and wait until they have ended."""
        self._ready.clear()
        self._failure = None
        self.stop(spare=asyncio.current_task())
        await self.wait()

    async def wait(self) -> None:
        """Wait until the workers have ended, except one that waits here itself: the iterator of keys may close."""
        await asyncio.gather(*(self._workers - {asyncio.current_task()}), return_exceptions=True)

    def _start(self) -> None:
        self._started = True
        loop = asyncio.get_running_loop()
        self._meter.start(loop.time())
        if self._job.look_up is not None:
            self._spawn(self._prepare(self._job.look_up))
        else:
            for _ in range(self._count_workers(self._job.keys)):
                self._spawn(self._work())
        if self._job.on_progress is not None:
            self._beat(loop)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        worker = asyncio.get_running_loop().create_task(work)
        self._workers.add(worker)
        worker.add_done_callback(self._ended)

    def _count_workers(self, keys: Keys[Any]) -> int:
        """Return the number of workers that can have something to do."""
        most = max(1, len(keys)) if is_collection(keys) else MOST_WORKERS
        return min(self._job.concurrency, most, MOST_WORKERS)

    async def _prepare(self, look_up: LookUp[T]) -> None:
        """Read all keys, look up what can be, and let workers fetch the rest."""
        keys: list[Any] = []
        while (entry := await self._source.pull()) is not None:
            keys.append(entry[1])
        self._meter.total = len(keys)
        async with aclosing(look_up(keys)) as finds:
            if self._job.ordered:
                async for values in finds:
                    self._found.update(values)
            else:
                keys = await self._deliver_found(finds, keys)
        error, self._source = self._source.error, Source(keys)
        self._source.error = error
        self._repeats = Repeats(keys)
        for _ in range(self._count_workers(keys)):
            self._spawn(self._work())

    async def _deliver_found(self, finds: AsyncIterator[Mapping[str, T]], keys: list[Any]) -> list[Any]:
        """Deliver what is found as it is found, and return the keys of which nothing was."""
        wanted = Counter(filter(is_text, keys))
        async for values in finds:
            for key, value in values.items():
                for _ in range(wanted.pop(key, 0)):
                    await self._room.acquire()
                    self._deliver(0, Outcome(key=key, value=value, attempts=1))
        return [key for key in keys if not is_text(key) or key in wanted]

    def _finish(self) -> None:
        """Raise what the run ended with, once all outcomes have been taken."""
        self._stopped = True
        failure = self._failure or self._source.error
        self._failure = self._source.error = None
        if isinstance(failure, StopAsyncIteration):  # which would look like the end of the outcomes
            raise RuntimeError("a function of yours raised StopAsyncIteration") from failure  # noqa: TRY004
        if failure is not None:
            raise failure
        raise StopAsyncIteration

    async def _work(self) -> None:
        """Fetch one key after another until there are none."""
        while True:
            await self._room.acquire()
            entry = await self._source.pull()
            if entry is None or self._stopped:
                return
            index, key = entry
            outcome = self._look(key) or await self._repeats.fetch(key, self._job.fetch)
            self._deliver(index, outcome)
            if isinstance(outcome.error, DOOMING):
                raise outcome.error

    def _look(self, key: Any) -> Outcome[T] | None:
        """Return the outcome of a key whose value was looked up."""
        value = self._found.get(key) if self._found and isinstance(key, str) else None
        return None if value is None else Outcome(key=key, value=value, attempts=1)

    def _deliver(self, index: int, outcome: Outcome[T]) -> None:
        if not self._job.ordered:
            self._ready.append(outcome)
        else:
            self._early[index] = outcome
            while self._next in self._early:
                self._ready.append(self._early.pop(self._next))
                self._next += 1
        self._meter.count(asyncio.get_running_loop().time(), failed=not outcome.ok)
        self._news.set()
        self._report()

    def _report(self) -> None:
        if self._job.on_progress is not None:
            now = asyncio.get_running_loop().time()
            self._job.on_progress(self._meter.read(now, self._job.hold()))

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Report every HEARTBEAT seconds even when nothing is done, as during a pause."""
        try:
            self._report()
        except Exception as error:  # noqa: BLE001 (the user's callback may raise anything, and shall hear of it)
            self.end(error)
            return
        self._heartbeat = loop.call_later(HEARTBEAT, self._beat, loop)

    def _ended(self, worker: "asyncio.Task[None]") -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and worker.exception() is not None:
            self.end(worker.exception())
        if not self._workers:
            if self._heartbeat is not None:
                self._heartbeat.cancel()
            self._ready.extend(self._early[index] for index in sorted(self._early))
            self._early.clear()
            self._news.set()
            if self._job.on_end is not None:
                self._job.on_end()


def check_callback(on_progress: Callable[..., object] | None) -> None:
    """Validate a function to call with progress, or None; InvalidRequestError for one that would have to be awaited."""
    if on_progress is None:
        return
    is_awaited = callable(on_progress) and any(
        inspect.iscoroutinefunction(function) for function in (on_progress, type(on_progress).__call__)
    )
    if is_awaited or not callable(on_progress):
        raise InvalidRequestError("on_progress must be a plain function: it is called, not awaited")


async def all_values(outcomes: Outcomes[T], keys: list[Any]) -> list[T]:
    """Return the values of all keys, in their order; BulkError with every outcome where any failed.

    What would fail every item stops the run, and stands in the outcomes of all keys that were not fetched.
    """
    found: dict[Any, Outcome[T]] = {}
    doom: TavusError | None = None
    try:
        async with outcomes:
            async for outcome in outcomes:
                found[_identity(outcome.key)] = outcome
    except DOOMING as error:
        doom = error
    ordered = [found.get(_identity(key)) or Outcome(key=key, error=doom) for key in keys]
    values = [outcome.value for outcome in ordered if outcome.value is not None]
    if len(values) < len(ordered):
        raise BulkError(ordered)
    return values


def _identity(key: Any) -> Any:
    # 5 is not "5", and not every key is hashable.
    return key if isinstance(key, str) else (type(key), _repr(key))


def _repr(key: Any) -> Any:
    try:
        return repr(key)
    except Exception:  # noqa: BLE001 (a class of the caller's may raise anything)
        return id(key)
