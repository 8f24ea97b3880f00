"""Ending well when somebody says so: Ctrl-C, and what `kill` sends."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from tavus_async.cli.exits import Exit
from tavus_async.cli.screen import output

T = TypeVar("T")


@contextlib.contextmanager
def cancelled_by_signals(last_words: Callable[[], str] | None = None) -> Generator[list[signal.Signals]]:
    """Let SIGINT and SIGTERM cancel the running task meanwhile; give the list of those that came.

    A second one ends the program at once, with the *last_words* on stderr if there are any. What a shell has told the
    program to ignore stays ignored. Where the loop cannot take signals, as on Windows, Ctrl-C still cancels the task,
    by asyncio's own doing.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    caught: list[signal.Signals] = []
    came: list[signal.Signals] = []
    before: dict[signal.Signals, Any] = {}

    def let_go() -> None:
        while caught:
            loop.remove_signal_handler(caught.pop())

    def end(number: signal.Signals) -> None:
        came.append(number)
        if last_words is None:
            let_go()
        elif len(came) > 1:
            die(number, last_words())
        if task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                before[number] = signal.getsignal(number)
                loop.add_signal_handler(number, end, number)
                caught.append(number)
    try:
        yield came
    finally:
        to_restore = [number for number in before if number in caught or number in came]
        let_go()
        for number in to_restore:
            signal.signal(number, before[number])


async def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns, and let signals end it as they end a program: see `ended_by_sigterm`.

    By way of the event loop, which notices each: what asyncio does for Ctrl-C comes too late where the signal arrives
    just before the loop begins to wait.
    """
    with cancelled_by_signals() as came:
        try:
            return await work
        except asyncio.CancelledError:
            if signal.SIGTERM in came:
                sys.exit(Exit.TERMINATED)
            if came:
                raise KeyboardInterrupt from None
            raise


def die(number: signal.Signals, words: str) -> None:
    """End the program as a signal does that nobody handles, with words on stderr."""
    output.complain(words)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


@contextlib.contextmanager
def ended_by_sigterm() -> Generator[None]:
    """Let SIGTERM raise SystemExit meanwhile, as Ctrl-C raises KeyboardInterrupt, so that everything is closed."""
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(Exit.TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def interrupts_left_to_others() -> Generator[None]:
    """Let Ctrl-C be the business of a program that was started, as an editor knows what to do with it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A function, for to ignore a signal is what a started program would inherit.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
