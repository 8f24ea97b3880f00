"""An event loop whose clock jumps to the next timer: hours pass in milliseconds, and always the same way."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

START = 1_000.0
# What one turn of the loop takes. Without it a timer that is due just now, as floats go, would stop the clock.
TURN = 1e-6


class StuckError(RuntimeError):
    """Every task waits, and nothing is left that could wake one."""


class JumpingSelector(selectors.SelectSelector):
    """Waits for nothing: where it would have to, the clock jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.now += TURN
        if not ready:
            if timeout is None:
                raise StuckError
            self.now += max(0.0, timeout)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time; it remembers what nobody took care of."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        self.unhandled: list[str] = []
        super().__init__(self._jumping)
        self.set_exception_handler(self._note)

    def time(self) -> float:
        return self._jumping.now

    def has_work(self) -> bool:
        """Tell whether something is to run in the next turn, such as a task that a timer has just woken."""
        return bool(vars(self)["_ready"])

    def pass_by(self, seconds: float) -> None:
        self._jumping.now += seconds

    def _note(self, _loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        self.unhandled.append(f"{context['message']}: {context.get('exception')!r}")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time; StuckError where it waits for what never comes."""
    loop = VirtualTimeLoop()
    results: list[T] = []

    async def keep_result() -> None:
        # A task that returns it would be shown with it, by asyncio to itself, which takes long for a large one.
        results.append(await main)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(keep_result())
    assert not loop.unhandled, loop.unhandled
    return results[0]


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Turn a coroutine function into a plain test that runs in virtual time."""

    @functools.wraps(test)
    def run_test(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return run_test


def elapsed() -> float:
    """Return the seconds since virtual time began."""
    return asyncio.get_running_loop().time() - START


def be_busy(seconds: float) -> None:
    """Let time pass while the loop can do nothing else."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.pass_by(seconds)


async def settle() -> None:
    """Let every task go as far as it can at this moment."""
    for _ in range(10):
        await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    # In the last of those turns a timer may have woken somebody.
    for _ in range(1_000):
        if not (isinstance(loop, VirtualTimeLoop) and loop.has_work()):
            return
        await asyncio.sleep(0)
