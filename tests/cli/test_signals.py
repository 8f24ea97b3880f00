"""Signals that end a run."""

import asyncio
import os
import signal
import sys

import pytest

from tavus_async.cli.signals import cancelled_by_signals, interruptible

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_cancels_the_task(number: signal.Signals) -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        with cancelled_by_signals():
            try:
                os.kill(os.getpid(), number)
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                ended = True

    await asyncio.create_task(work())

    assert ended


async def test_a_second_signal_says_the_last_words_and_ends_the_program() -> None:
    program = """
import asyncio, signal
from tavus_async.cli.signals import cancelled_by_signals

async def work():
    with cancelled_by_signals(lambda: "c1 may still run"):
        for _ in range(2):
            try:
                signal.raise_signal(signal.SIGTERM)
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                print("cancelled", flush=True)

asyncio.run(work())
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 20)

    assert (process.returncode, out) == (-signal.SIGTERM, b"cancelled\n")
    assert err == b"tavus-async: c1 may still run\n"


async def test_afterwards_signals_are_what_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with cancelled_by_signals():
        assert signal.getsignal(signal.SIGTERM) is not before

    assert signal.getsignal(signal.SIGTERM) is before


async def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with cancelled_by_signals():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_what_a_signal_interrupts_ends_as_a_program_does(number: signal.Signals, error: type[BaseException]) -> None:
    async def work() -> None:
        signal.raise_signal(number)
        await asyncio.sleep(10)

    before = signal.getsignal(number)
    with pytest.raises(error), asyncio.Runner() as runner:
        runner.run(interruptible(work()))
    assert signal.getsignal(number) is before


async def test_what_is_cancelled_otherwise_stays_cancelled() -> None:
    task = asyncio.create_task(interruptible(asyncio.sleep(10)))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_in_a_thread_it_does_nothing() -> None:
    async def work() -> int:
        with cancelled_by_signals():
            return 1

    assert await asyncio.to_thread(asyncio.run, work()) == 1
