"""Ending well when somebody says so: Ctrl-C, what `kill` sends, and a terminal that is closed.

The first signal asks the program to end: a task is cancelled, which keeps what it has and closes what is open. The
second ends the program at once, whatever it is doing.

Python's own handlers run in the middle of anything, an event loop's bookkeeping too, where an exception would lose
callbacks that somebody waits for. So in a loop a signal raises nothing: it cancels the task, or is noted.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Generator
from types import FrameType
from typing import Any, NoReturn, TypeVar

import attrs

from tavus_async.cli.exits import Exit
from tavus_async.cli.screen import output

T = TypeVar("T")

# Windows has no SIGHUP.
HANG_UP = getattr(signal, "SIGHUP", None)
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, *filter(None, [HANG_UP]))


def end_here(number: signal.Signals) -> NoReturn:
    """Raise what ends a program that is in no event loop."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def note(number: signal.Signals) -> None:
    """Do nothing: who has held the signal back will look for it."""


@attrs.define(eq=False)
class Watch:
    """The handler of what ends the program: the first does what the program's state asks for, the second ends it.

    A SIGHUP is never the second: a terminal that is closed sends several, and nobody has lost patience.
    """

    came: list[signal.Signals] = attrs.field(init=False, factory=list)
    """Those that came, in their order."""
    is_answered: bool = attrs.field(init=False, default=False)
    """Whether whoever was cancelled tells of it, so that nobody else has to."""
    answer: Callable[[signal.Signals], None] = attrs.field(init=False, default=end_here)
    """What the first does."""
    last_words: Callable[[], str] | None = attrs.field(init=False, default=None)
    """What the second says."""

    def __call__(self, number: int, _frame: FrameType | None = None) -> None:
        """Take a signal, as Python calls a handler."""
        if self.came and number == HANG_UP:
            return
        self.came.append(signal.Signals(number))
        if len(self.came) > 1:
            die(self.came[0], self.last_words() if self.last_words else "")
        self.answer(self.came[0])

    @property
    def pending(self) -> signal.Signals | None:
        """The signal that came and that nobody has answered."""
        return self.came[0] if self.came and not self.is_answered else None

    @contextlib.contextmanager
    def answering(
        self, answer: Callable[[signal.Signals], None], last_words: Callable[[], str] | None = None
    ) -> Generator[None]:
        """Let the first signal do this meanwhile, and the second say so."""
        before = self.answer, self.last_words
        self.answer, self.last_words = answer, last_words or self.last_words
        try:
            yield
        finally:
            self.answer, self.last_words = before


@contextlib.contextmanager
def watched() -> Generator[Watch]:
    """Watch for SIGINT, SIGTERM and SIGHUP meanwhile; inside another watch, give that one.

    What a shell has told the program to ignore stays ignored. Only the main thread can watch; elsewhere no signal
    comes.
    """
    watch = next((each for each in map(signal.getsignal, ENDING_SIGNALS) if isinstance(each, Watch)), None)
    before: dict[signal.Signals, Any] = {}
    is_ours = threading.current_thread() is threading.main_thread()
    if watch is None or not is_ours:
        watch = Watch()
        for number in ENDING_SIGNALS if is_ours else ():
            if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                before[number] = signal.signal(number, watch)
    try:
        yield watch
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def held() -> Generator[None]:
    """Let the first signal only be noted meanwhile, but where a task runs that it cancels."""
    with watched() as watch, watch.answering(note):
        yield


@contextlib.contextmanager
def cancelled_by_signals(last_words: Callable[[], str] | None = None) -> Generator[list[signal.Signals]]:
    """Let SIGINT, SIGTERM and SIGHUP cancel the running task meanwhile; give the list of those that came.

    Whoever uses this tells of it. A second signal ends the program at once, with the *last_words* on stderr if there
    are any.
    """
    with watched() as watch, cancelling(watch, last_words, is_answer=True):
        yield watch.came


@contextlib.contextmanager
def cancelling(
    watch: Watch, last_words: Callable[[], str] | None = None, *, is_answer: bool = False
) -> Generator[None]:
    """Let the first signal, also one that has come and was only noted, cancel the running task meanwhile."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel(_number: signal.Signals) -> None:
        watch.is_answered = is_answer
        if task is not None:
            loop.call_soon_threadsafe(task.cancel)

    with woken(loop), watch.answering(cancel, last_words):
        if watch.pending is not None:
            cancel(watch.pending)
        yield


@contextlib.contextmanager
def woken(loop: asyncio.AbstractEventLoop) -> Generator[None]:
    """Let each signal wake the loop meanwhile, also one that comes just as the loop begins to wait."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with contextlib.ExitStack() as stack:
        ours, theirs = map(stack.enter_context, socket.socketpair())
        ours.settimeout(0)
        theirs.settimeout(0)
        # On Windows, whose loop cannot do this, it wakes for signals by itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_reader(ours, ours.recv, 64)
            before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
            stack.callback(signal.set_wakeup_fd, before)
        yield
        if not loop.is_closed():
            loop.remove_reader(ours)


class Runner:
    """Runs one coroutine after the other in one event loop; signals end it as they end a program."""

    def __init__(self, runner: asyncio.Runner, watch: Watch) -> None:
        self._runner = runner
        self._watch = watch

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, and return what it returns.

        A signal cancels it, and raises KeyboardInterrupt or SystemExit once it has ended. What has been done in spite
        of a signal is returned all the same.
        """

        async def cancellable() -> T:
            with cancelling(self._watch):
                return await work

        with self._watch.answering(note):
            try:
                return self._runner.run(cancellable())
            except asyncio.CancelledError:
                if self._watch.pending is None:
                    raise
        end_here(self._watch.pending)

    def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Run what closes things, to its end: a signal is only noted."""
        with self._watch.answering(note):
            return self._runner.run(work)


@contextlib.contextmanager
def event_loop() -> Generator[Runner]:
    """Open an event loop, and close it at the end; give what runs coroutines in it.

    It runs only during a call of the runner. Between calls, as where somebody is asked, a signal ends the program.
    """
    with watched() as watch, contextlib.ExitStack() as stack:
        with watch.answering(note):
            runner = asyncio.Runner()
            stack.enter_context(woken(runner.get_loop()))
            stack.callback(runner.close)
        try:
            if watch.pending is not None:
                end_here(watch.pending)
            yield Runner(runner, watch)
        finally:
            with watch.answering(note):
                stack.close()


@contextlib.contextmanager
def stops_noticed(before: Callable[[], None], after: Callable[[], None]) -> Generator[None]:
    """Call a function before Ctrl-Z stops the program, and another when it goes on; both in the middle of anything."""
    stop = getattr(signal, "SIGTSTP", None)  # Windows has none
    is_ours = threading.current_thread() is threading.main_thread()
    if stop is None or not is_ours or signal.getsignal(stop) is not signal.SIG_DFL:
        yield
        return

    def take(number: int, _frame: FrameType | None) -> None:
        before()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, take)
        after()

    signal.signal(stop, take)
    try:
        yield
    finally:
        signal.signal(stop, signal.SIG_DFL)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in an event loop of its own, as `Runner.run` does."""
    with event_loop() as runner:
        return runner.run(work)


def die(number: signal.Signals, words: str) -> NoReturn:
    """End the program at once, with its exit code for a signal and with words on stderr.

    This runs in the middle of anything, so it writes with the system's own means.
    """
    try:
        if output.is_watched():
            os.write(sys.stderr.fileno(), b"\x1b[?25h\r\n")  # the cursor, which a progress bar has hidden
        if words:
            line = f"tavus-async: {''.join(filter(str.isprintable, words))}\n"
            os.write(sys.stderr.fileno(), line.encode())
    finally:
        os._exit(Exit.of_signals([number]))


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
