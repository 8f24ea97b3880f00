"""A small sandbox, and the program as a function."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tavus_async.cli import main
from tavus_async.cli.screen import confirm
from tavus_async.sandbox import Sandbox


class Done(NamedTuple):
    """How the program ended, and what it wrote."""

    code: int | None
    out: str
    err: str


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """A sandbox that the environment names, so that commands need no options to find it."""
    async with Sandbox(personas=20) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        yield sandbox


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Callable[..., Awaitable[Done]]:
    """Runs `main` in a thread, beside the loop of the sandbox."""

    async def run(*args: str) -> Done:
        code = await asyncio.to_thread(main, args)
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return run


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets somebody be there, who types this."""

    def type_in(text: str) -> None:
        monkeypatch.setattr(confirm, "is_somebody_there", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return type_in


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Waits until something is so, and fails when that takes more than ten seconds."""

    async def wait(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not is_so():  # noqa: ASYNC110 - nobody tells when a process has come so far
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a fetch writes to."""
    return tmp_path / "personas.jsonl"


@pytest.fixture
def errors(path: Path) -> Path:
    """Where it writes what failed."""
    return path.with_name("personas.jsonl.errors")
