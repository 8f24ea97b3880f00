"""Ending conversations for certain: again and again until it is so, and whatever happens to the task that does it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tavus_async._bulk.session_part import Send
from tavus_async._records.json import is_object
from tavus_async.errors import (
    ApiError,
    NotFoundError,
    QueueTimeoutError,
    RateLimitedError,
    ServerError,
    SessionClosedError,
    TavusError,
)
from tavus_async.resources.conversations import calls

T = TypeVar("T")

# Into so many parts the time for ending is cut: a server that does not answer costs one of them, not all.
SLICES = 4
SHORTEST_SLICE = 1.0
# Seconds before it is tried again, at first; twice as many each time.
END_PAUSE = 0.1


async def end_for_certain(send: Send, conversation_id: str, *, timeout: float) -> None:
    """End a conversation, in several tries if need be; one that has ended already has ended.

    Raises what the last try raised when *timeout* seconds are over, and at once what no other try would change.
    """
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + timeout, END_PAUSE
    call = calls.end_conversation(conversation_id)
    while True:
        left = max(deadline - loop.time(), END_PAUSE)
        try:
            await send(call, timeout=min(left, max(SHORTEST_SLICE, timeout / SLICES)))
        except TavusError as error:
            if has_ended(error):
                return
            wait = max(pause, wait_asked(error))
            if is_final(error) or loop.time() + wait >= deadline:
                raise
        else:
            return
        await asyncio.sleep(wait)
        pause *= 2


def has_ended(error: TavusError) -> bool:
    """Return whether the server says that there is no such conversation to be ended, any longer.

    A gateway may answer 404 as well, and knows nothing of conversations; but it does not do so in JSON.
    """
    return isinstance(error, NotFoundError) and is_object(error.body)


def is_final(error: TavusError) -> bool:
    """Return whether another try would fail as well."""
    if isinstance(error, ApiError):
        return not isinstance(error, (RateLimitedError, ServerError, NotFoundError))
    return isinstance(error, SessionClosedError)


def wait_asked(error: TavusError) -> float:
    """Return the seconds that the server wants to be left alone."""
    if isinstance(error, QueueTimeoutError):
        return error.wait
    return (error.retry_after or 0.0) if isinstance(error, ApiError) else 0.0


async def complete(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what *work* returns, even if this task is cancelled meanwhile: the cancellation comes after it.

    A loop that shuts down cancels all its tasks, so the one of *work* too, which is then begun anew: it has to bound
    itself.
    """
    loop = asyncio.get_running_loop()
    cancellation: asyncio.CancelledError | None = None
    task = loop.create_task(work())
    while True:
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancellation = error
        if task.cancelled():
            task = loop.create_task(work())
        elif task.done():
            break
    if cancellation is None:
        return task.result()
    failure = task.exception()
    if failure is not None:
        cancellation.add_note(str(failure))
    raise cancellation
