"""Personas in bulk: all of a list of ids together, one request each or through pages."""

import inspect
import math
from collections.abc import AsyncIterable, Callable, Iterable
from functools import partial
from typing import Literal, Protocol, TypeVar, get_args

import attrs

from tavus_async._bulk.keys import Keys, check_keys
from tavus_async._bulk.run import DOOMING, Outcomes
from tavus_async._settings import checks
from tavus_async._settings.connections import Pool
from tavus_async._settings.limits import RateLimit, RateLimiter
from tavus_async._values import Outcome, Page, Progress
from tavus_async._wire.call import Call
from tavus_async.errors import BulkError, InvalidRequestError, TavusError
from tavus_async.resources.personas import calls as personas
from tavus_async.resources.personas.harvest import PAGE_SIZE, harvest
from tavus_async.resources.personas.records import Persona

T = TypeVar("T")

Prefer = Literal["get", "list"]
OnProgress = Callable[[Progress], None]

# Seconds that an answer may take while the workers still keep up with the rate.
LATENCY = 2.0


class SendEach(Protocol):
    """`AsyncSession.send_each`, as far as it is needed here."""

    def __call__(
        self, make_call: Callable[[str], Call[T]], keys: Keys, *, on_progress: OnProgress | None = None
    ) -> Outcomes[T]:
        """Start a bulk call."""
        ...


def default_concurrency(limit: RateLimit | RateLimiter, pool: Pool) -> int:
    """Return how many workers keep the rate up with answers of two seconds, at most one for each connection."""
    if not isinstance(limit, RateLimit):
        return pool.connections
    return min(pool.connections, limit.burst + math.ceil(limit.per_second * LATENCY))


def check_progress(on_progress: OnProgress | None) -> None:
    """Take a function to call with progress, or None; InvalidRequestError for one that would have to be awaited."""
    if on_progress is None:
        return
    is_awaited = callable(on_progress) and any(
        inspect.iscoroutinefunction(function) for function in (on_progress, type(on_progress).__call__)
    )
    if is_awaited or not callable(on_progress):
        raise InvalidRequestError("on_progress must be a plain function: it is called, not awaited")


async def get_all(ids: Keys, *, send_each: SendEach, prefer: Prefer, on_progress: OnProgress | None) -> list[Persona]:
    """Get every persona, in the order of the ids; BulkError with all outcomes where any is missing."""
    if prefer not in get_args(Prefer):
        raise InvalidRequestError(f"prefer must be 'get' or 'list', not {prefer!r}")
    check_progress(on_progress)
    keys = [key async for key in ids] if isinstance(ids, AsyncIterable) else ids
    keys = list(check_keys(keys))
    found = await through_pages(keys, send_each) if prefer == "list" else {}
    results = {key: Outcome(key=key, value=persona, attempts=1) for key, persona in found.items()}
    doom: TavusError | None = None
    missing = [key for key in keys if not checks.is_text(key) or key not in found]
    try:
        report = on_progress and partial(report_all, on_progress, ahead=len(keys) - len(missing))
        async with send_each(personas.get_persona, missing, on_progress=report) as outcomes:
            async for outcome in outcomes:
                results[outcome.key] = outcome
    except DOOMING as error:
        doom = error
    ordered = [results.get(str(key)) or Outcome(key=str(key), error=doom) for key in keys]
    values = [outcome.value for outcome in ordered if outcome.value is not None]
    if len(values) < len(ordered):
        raise BulkError(ordered)
    return values


def report_all(on_progress: OnProgress, progress: Progress, *, ahead: int) -> None:
    """Report progress on what was missing as progress on everything: *ahead* items were found before."""
    total = None if progress.total is None else progress.total + ahead
    on_progress(attrs.evolve(progress, done=progress.done + ahead, total=total))


async def through_pages(keys: list[str], send_each: SendEach) -> dict[str, Persona]:
    """Find personas on list pages, where that takes fewer requests; an error there only means to get each."""

    async def read_pages(persona_type: str, numbers: Iterable[int]) -> list[Page[Persona]]:
        make_call = partial(make_page_call, persona_type)
        async with send_each(make_call, [str(number) for number in numbers]) as outcomes:
            return [outcome.value async for outcome in outcomes if outcome.value is not None]

    async def get_some(ids: list[str]) -> list[Outcome[Persona]]:
        async with send_each(personas.get_persona, ids) as outcomes:
            by_id = {outcome.key: outcome async for outcome in outcomes}
        return [by_id[key] for key in ids]

    try:
        return await harvest({key for key in keys if checks.is_text(key)}, read_pages=read_pages, get_personas=get_some)
    except DOOMING:
        # Getting each will meet the same error, and report it for every id.
        return {}


def make_page_call(persona_type: str, number: str) -> Call[Page[Persona]]:
    """Make the call for one page."""
    return personas.list_personas_page(page=int(number), limit=PAGE_SIZE, persona_type=persona_type)
