"""One timer for many deadlines that are all equally far away."""

import asyncio
from typing import Any

Task = asyncio.Task[Any]


class SharedTimeout:
    """Cancels tasks that have not ended so many seconds after they began, as `asyncio.timeout` does with one.

    `asyncio.timeout` sets and cancels a timer of the event loop for each, which costs a call more than all its headers.
    Here deadlines come in the order in which tasks begin, so one timer, set for the first of them, serves all.
    """

    def __init__(self, seconds: float | None, loop: asyncio.AbstractEventLoop) -> None:
        self._seconds = seconds
        self._loop = loop
        # With how often a task was cancelled before: that is somebody else's business.
        self._under_way: dict[Task, tuple[float, int]] = {}
        self._expired: dict[Task, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, task: Task) -> None:
        """Count the seconds of a task from now."""
        if self._seconds is None:
            return
        deadline = self._loop.time() + self._seconds
        self._under_way[task] = (deadline, task.cancelling())
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._ring)

    def end(self, task: Task) -> None:
        """Count no more; the timer stays, for the next task."""
        self._under_way.pop(task, None)

    def has_expired(self, task: Task) -> bool:
        """Return whether a cancelled task was cancelled by this timeout alone, and take that cancellation back."""
        before = self._expired.pop(task, None)
        return before is not None and task.uncancel() <= before

    def stop(self) -> None:
        """Cancel the timer, and no task any more."""
        self._under_way.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        now = self._loop.time()
        self._timer = None
        for task, (deadline, before) in list(self._under_way.items()):
            if deadline > now:
                self._timer = self._loop.call_at(deadline, self._ring)
                return
            del self._under_way[task]
            self._expired[task] = before
            task.cancel()
