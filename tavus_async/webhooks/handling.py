"""Handlers of events: each gets each event once, and again only if it has failed.

What runs is a task of its own, so that neither a client that hangs up nor a server that cancels its requests stops a
handler in the middle. Where the loop itself ends, the task is cancelled, and the event is given up for who comes next.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from tavus_async.errors import ConfigurationError, DeadlineExceededError, WebhookError
from tavus_async.resources.conversations.events import Event
from tavus_async.webhooks.seen import Claim, Seen

logger = logging.getLogger("tavus_async.webhooks")

# Seconds that a claim outlasts its handler, so that it can still be said that the event is handled.
LEASE_MARGIN = 10.0
# Seconds between two looks at what another process is doing; from the first to the last they double.
SHORTEST_GLANCE = 0.05
LONGEST_GLANCE = 1.0


class BusyElsewhereError(WebhookError):
    """An event is being handled elsewhere, for longer than a delivery of it can wait for that."""


@attrs.frozen(eq=False)
class EventHandler:
    """A function that is called with events."""

    name: str
    """Which one of a receiver's, in every process that has the same."""
    kinds: tuple[type[Event], ...]
    """The classes of its events."""
    run: Callable[[Any], Awaitable[object]]
    """The function."""


def require_async(function: object) -> None:
    """Raise ConfigurationError for what is no async function of one argument."""
    if inspect.isclass(function) or not callable(function):
        raise ConfigurationError("receiver.on takes classes of events: @receiver.on(TranscriptionReady)")
    called = type(function).__call__
    if not inspect.iscoroutinefunction(function) and not inspect.iscoroutinefunction(called):
        raise ConfigurationError(
            f"a handler must be an async function, and {name_of(function)} is none: write `async def`, and call what "
            "blocks by `await asyncio.to_thread(…)`"
        )


def name_of(function: object) -> str:
    """Return the name of a function, with its module's."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', '')}"


class Handling:
    """Runs handlers; what they have handled, and are handling, is kept in a Seen."""

    def __init__(self, seen: Seen, *, timeout: float) -> None:
        self._seen = seen
        self._timeout = timeout
        self._running: dict[str, asyncio.Task[Exception | None]] = {}

    @property
    def tasks(self) -> set["asyncio.Task[Exception | None]"]:
        """The handlers that are running."""
        return set(self._running.values())

    async def once(self, handler: EventHandler, event: Event, identity: str) -> Exception | None:
        """Run a handler for an event, unless it has been; return why that did not succeed.

        Where it is running already, that is waited for, and where that fails it is run again.
        """
        key = f"{identity}:{handler.name}"
        try:
            async with asyncio.timeout(self._timeout):
                while (running := self._running.get(key)) is not None:
                    if await outcome_of(running) is None:
                        return None
        except TimeoutError:
            return BusyElsewhereError("the event is being handled in another delivery of it")
        task = asyncio.create_task(self._attempt(handler, event, key))
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key))
        return await outcome_of(task)

    async def _attempt(self, handler: EventHandler, event: Event, key: str) -> Exception | None:
        try:
            async with asyncio.timeout(self._timeout):
                is_ours = await self._claim(key)
        except TimeoutError:
            return BusyElsewhereError("the event is being handled by another process")
        except Exception as error:
            logger.exception("cannot tell whether %s has been handled", key)
            return error
        if not is_ours:
            return None
        failure = await self._run(handler, event, key)
        if failure is None:
            await self._tell("finish", self._seen.finish(key), key)
        return failure

    async def _claim(self, key: str) -> bool:
        """Claim an event, or wait until it has been handled by somebody else; return whether it is ours."""
        pause = SHORTEST_GLANCE
        while (claim := await self._seen.claim(key, self._timeout + LEASE_MARGIN)) is Claim.BUSY:
            await asyncio.sleep(pause)
            pause = min(LONGEST_GLANCE, 2 * pause)
        return claim is Claim.YOURS

    async def _run(self, handler: EventHandler, event: Event, key: str) -> Exception | None:
        failure: Exception | None = WebhookError("the handler was cancelled")
        limit = asyncio.timeout(self._timeout)
        try:
            async with limit:
                await handler.run(event)
            failure = None
        except Exception as error:  # noqa: BLE001 (whatever a handler raises is its failure)
            failure = too_slow(handler, self._timeout) if limit.expired() else error
        finally:
            if failure is not None:
                logger.error("the handler %s failed on a %s", handler.name, type(event).__name__, exc_info=failure)
                await self._tell("release", self._seen.release(key), key)
        return failure

    async def _tell(self, what: str, told: Awaitable[None], key: str) -> None:
        """Tell the Seen how it went. If that fails, the claim ends by itself, and nothing is handled twice before."""
        try:
            async with asyncio.timeout(LEASE_MARGIN):
                await told
        except Exception:
            logger.exception("cannot %s %s", what, key)


def too_slow(handler: EventHandler, timeout: float) -> DeadlineExceededError:
    """Return the error for a handler that was stopped."""
    return DeadlineExceededError(f"the handler {handler.name} took longer than {timeout:g} s (Receiver.timeout)")


async def outcome_of(task: "asyncio.Task[Exception | None]") -> Exception | None:
    """Wait for a handler, and return its failure; whoever waits may be cancelled, and the handler goes on."""
    await asyncio.wait({task})
    return WebhookError("the handler was cancelled") if task.cancelled() else task.result()
