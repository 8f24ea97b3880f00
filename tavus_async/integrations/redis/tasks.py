"""Tasks that run in the background, at most one of each name."""

import asyncio
from collections.abc import Callable, Coroutine

# Seconds after which a task is cancelled again: `asyncio.wait_for` of Python 3.11, which redis uses, can swallow it.
CANCELLED_EVERY = 0.05


class Tasks:
    """Those that run. *ended* is told of each that was not cancelled, with its error."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, ended: Callable[[str, BaseException | None], None]) -> None:
        self._loop, self._ended = loop, ended
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._running

    def start(self, name: str, work: Coroutine[object, object, None]) -> None:
        """Run a coroutine by a name that none has that runs."""
        task = self._loop.create_task(work)
        self._running[name] = task
        task.add_done_callback(lambda done: self._done(name, done))

    def stop(self, name: str) -> None:
        """Cancel the task of this name, if there is one: another may be started by it at once."""
        if (task := self._running.pop(name, None)) is not None:
            task.cancel()
            self._stopping.add(task)

    async def aclose(self, *, finish: frozenset[str], patience: float) -> None:
        """Wait for tasks of these names for so many seconds at most, and cancel all that are left."""
        if finishing := [task for name, task in self._running.items() if name in finish]:
            await asyncio.wait(finishing, timeout=patience)
        left = {*self._running.values(), *self._stopping}
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=CANCELLED_EVERY)

    def abandon(self) -> None:
        """Cancel all, and wait for none."""
        for task in (*self._running.values(), *self._stopping):
            task.cancel()

    def _done(self, name: str, task: "asyncio.Task[None]") -> None:
        self._stopping.discard(task)
        if self._running.get(name) is task:
            del self._running[name]
        if not task.cancelled():
            self._ended(name, task.exception())
