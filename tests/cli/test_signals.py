"""Signals that end a run."""

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from tavus_async.cli.signals import ENDING_SIGNALS, cancelled_by_signals, event_loop, run, watched

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

# Forks a process for each program that it is given, so that what they import is imported once.
FORKING = """
import asyncio, json, os, signal, sys
from tavus_async.cli.signals import cancelled_by_signals, event_loop, run, watched

while line := sys.stdin.readline():
    text, numbers, paths = json.loads(line)
    if os.fork() == 0:
        first, second = map(signal.Signals, numbers)
        for stream, path in enumerate(paths, 1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
        exec(text)
        break
    print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""


@attrs.frozen
class Ended:
    """What a program has left."""

    returncode: int
    stdout: bytes
    stderr: bytes


Program = Callable[[str, signal.Signals, signal.Signals], Ended]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Runs a program in a process of its own, which knows two signals."""
    folder = tmp_path_factory.mktemp("programs")
    names = (str(folder / str(number)) for number in itertools.count())
    words = [sys.executable, "-c", FORKING]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forking:
        given, told = forking.stdin, forking.stdout
        assert given is not None
        assert told is not None

        def run_program(text: str, first: signal.Signals, second: signal.Signals) -> Ended:
            paths = next(names), next(names)
            print(json.dumps([text, [first, second], paths]), file=given, flush=True)
            code = int(told.readline())
            return Ended(code, *(Path(path).read_bytes() for path in paths))

        yield run_program
        given.close()
    assert forking.returncode == 0


PAIRS = ["INT INT", "INT TERM", "TERM INT", "HUP TERM"]
two_signals = pytest.mark.parametrize(
    ("first", "second"), [[signal.Signals[f"SIG{name}"] for name in pair.split()] for pair in PAIRS], ids=PAIRS
)


@pytest.mark.parametrize("number", ENDING_SIGNALS)
async def test_a_signal_cancels_the_task(number: signal.Signals) -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        with cancelled_by_signals() as signals:
            try:
                os.kill(os.getpid(), number)
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                ended = signals == [number]

    await asyncio.create_task(work())

    assert ended


@two_signals
def test_a_second_signal_says_the_last_words_and_ends_the_program(
    program: Program, first: signal.Signals, second: signal.Signals
) -> None:
    done = program(
        """
async def work():
    with cancelled_by_signals(lambda: "c1 may still\\x1b run"):
        for number in first, second:
            try:
                signal.raise_signal(number)
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                print("cancelled", flush=True)

asyncio.run(work())
""",
        first,
        second,
    )

    assert (done.returncode, done.stdout) == (128 + first, b"cancelled\n")
    assert done.stderr == b"tavus-async: c1 may still run\n"


# Whatever a program does when the second comes.
PHASES = {
    "before the loop": """
with watched():
    try:
        signal.raise_signal(first)
    except BaseException as error:
        print(type(error).__name__, flush=True)
    signal.raise_signal(second)
""",
    "as the loop ends": """
with watched(), event_loop() as runner:
    async def work():
        signal.raise_signal(first)
    runner.run(work())
    print("done", flush=True)
    signal.raise_signal(second)
""",
    "in the midst of the loop's own code": """
def both():
    signal.raise_signal(first)
    signal.raise_signal(second)
async def work():
    asyncio.get_running_loop().call_soon(both)
    await asyncio.sleep(60)
print("work", flush=True)
run(work())
""",
    "while a task ends": """
async def work():
    try:
        signal.raise_signal(first)
        await asyncio.sleep(60)
    finally:
        print("ending", flush=True)
        signal.raise_signal(second)
        await asyncio.sleep(60)
run(work())
""",
    "while things are closed": """
async def close():
    print("closing", flush=True)
    signal.raise_signal(second)
    await asyncio.sleep(60)
async def work():
    signal.raise_signal(first)
    await asyncio.sleep(60)
with event_loop() as runner:
    try:
        runner.run(work())
    finally:
        runner.finish(close())
""",
    "while a thread is waited for": """
import threading, time
async def work():
    started = threading.Event()
    def block():
        started.set()
        threading.Timer(0.05, signal.raise_signal, [second]).start()
        time.sleep(60)
    asyncio.get_running_loop().run_in_executor(None, block)
    while not started.is_set():
        await asyncio.sleep(0)
    print("thread", flush=True)
    signal.raise_signal(first)
    await asyncio.sleep(60)
run(work())
""",
}


@two_signals
@pytest.mark.parametrize("text", PHASES.values(), ids=PHASES)
def test_a_second_signal_ends_the_program_whatever_it_does(
    program: Program, text: str, first: signal.Signals, second: signal.Signals
) -> None:
    done = program(text, first, second)

    assert (done.returncode, done.stdout.count(b"\n"), done.stderr) == (128 + first, 1, b"")


@pytest.mark.parametrize("first", ENDING_SIGNALS)
def test_a_terminal_that_is_closed_cuts_no_ending_short(first: signal.Signals) -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        try:
            signal.raise_signal(first)
            await asyncio.sleep(10)
        finally:
            # A shell sends it, and the system twice more.
            for _ in range(3):
                signal.raise_signal(signal.SIGHUP)
            await asyncio.sleep(0)
            ended = True

    with pytest.raises((KeyboardInterrupt, SystemExit)):
        run(work())

    assert ended


async def test_afterwards_signals_are_what_they_were() -> None:
    before = [signal.getsignal(number) for number in ENDING_SIGNALS]
    woken = signal.set_wakeup_fd(-1)  # by some event loops always
    signal.set_wakeup_fd(woken)
    with cancelled_by_signals():
        assert not {signal.getsignal(number) for number in ENDING_SIGNALS} & set(before)

    assert [signal.getsignal(number) for number in ENDING_SIGNALS] == before
    assert signal.set_wakeup_fd(woken) == woken


@pytest.mark.parametrize("number", ENDING_SIGNALS)
def test_what_is_ignored_stays_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with watched():
            assert signal.getsignal(number) is signal.SIG_IGN
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize(
    ("number", "error"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit), (signal.SIGHUP, SystemExit)],
)
def test_what_a_signal_interrupts_ends_as_a_program_does(number: signal.Signals, error: type[BaseException]) -> None:
    async def work() -> None:
        signal.raise_signal(number)
        await asyncio.sleep(10)

    before = signal.getsignal(number)
    with pytest.raises(error):
        run(work())
    assert signal.getsignal(number) is before


def raise_in_a_callback(number: signal.Signals) -> None:
    asyncio.get_running_loop().call_soon(signal.raise_signal, number)


@pytest.mark.parametrize("send", [signal.raise_signal, raise_in_a_callback])
def test_what_is_done_in_spite_of_a_signal_is_returned_and_the_signal_is_known(
    send: Callable[[signal.Signals], None],
) -> None:
    async def work() -> str:
        send(signal.SIGTERM)
        return "created"

    with watched() as watch, event_loop() as runner:
        assert runner.run(work()) == "created"
        assert watch.pending == signal.SIGTERM


def test_what_closes_things_is_not_cut_short() -> None:
    closed = False

    async def close() -> None:
        nonlocal closed
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)
        closed = True

    with watched() as watch, event_loop() as runner:
        runner.finish(close())
        assert watch.pending == signal.SIGINT

    assert closed


def test_a_signal_that_was_only_noted_cancels_what_runs_next() -> None:
    async def work() -> None:
        await asyncio.sleep(10)

    async def note() -> None:
        signal.raise_signal(signal.SIGINT)

    with event_loop() as runner:
        runner.finish(note())
        with pytest.raises(KeyboardInterrupt):
            runner.run(work())


async def test_a_signal_wakes_a_loop_that_waits() -> None:
    with cancelled_by_signals():
        asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()


def test_what_is_cancelled_otherwise_stays_cancelled() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run(work())


async def test_in_a_thread_it_does_nothing() -> None:
    async def work() -> int:
        with cancelled_by_signals():
            return 1

    assert await asyncio.to_thread(run, work()) == 1
