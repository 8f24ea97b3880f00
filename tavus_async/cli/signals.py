"""Ending well when somebody says so: Ctrl-C, and what `kill` sends."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Generator

from tavus_async.cli.exits import Exit
from tavus_async.cli.screen import output


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
                loop.add_signal_handler(number, end, number)
                caught.append(number)
    try:
        yield came
    finally:
        let_go()


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
