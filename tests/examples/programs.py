"""The programs of `examples/`: as modules, and as processes that are told what they need by their environment."""

import asyncio
import importlib
import os
import random
import signal
import socket
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import attrs
import pytest

from tavus_async._settings.config import API_KEY, BASE_URL
from tavus_async.sandbox import Sandbox
from tests.support.documents import ROOT

PERSONA = "p5317866"


def load(name: str, *, needs: str) -> Any:
    """Import a module, of the examples or of those who made the library *needs*; without it the test is skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries import what Python will drop
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            pytest.skip(f"needs {needs} ({error.name}), which `make examples` installs", allow_module_level=True)


def variables(sandbox: Sandbox, **others: str) -> dict[str, str]:
    """What a program that uses this sandbox takes from its environment."""
    return {API_KEY: sandbox.api_key, BASE_URL: sandbox.url, "TAVUS_PERSONA_ID": PERSONA, **others}


def environment(sandbox: Sandbox, **others: str) -> dict[str, str]:
    """The whole environment of such a program."""
    return {**os.environ, **variables(sandbox, **others)}


def free_port() -> int:
    """A port that nobody listens on, below those that systems give away by themselves meanwhile."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@attrs.frozen
class Program:
    """A program that runs, and what it has written."""

    process: asyncio.subprocess.Process
    written: bytearray = attrs.field(factory=bytearray)
    reading: list["asyncio.Task[None]"] = attrs.field(factory=list)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal, and return its exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(30):
            await asyncio.gather(*self.reading)
            return await self.process.wait()

    @property
    def text(self) -> str:
        return self.written.decode(errors="replace")


@asynccontextmanager
async def running(*arguments: str, env: dict[str, str]) -> AsyncIterator[Program]:
    """A Python program that is killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        env=env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    program = Program(process)

    async def read() -> None:
        assert process.stdout is not None
        while piece := await process.stdout.read(4096):
            program.written.extend(piece)

    program.reading.append(asyncio.create_task(read()))
    try:
        yield program
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await asyncio.gather(*program.reading)
