"""The other side: answers that cost next to nothing, from a process and, where possible, a core of its own.

`serve("canned")` answers everything at once. `serve("limited", ...)` admits so many requests a second and refuses the
rest with a 429 and `Retry-After: 1`; with faults, of the admitted ones 5 % get a 503, 2 % a reset, and 1 % nothing.
"""

import asyncio
import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bodies import ID, OTHERS, SIZES
from benchmarks.figures import pin

ROOT = Path(__file__).resolve().parent.parent
BUSY = (0.05, 0.07, 0.08)
"""Shares of 503s, then resets, then silence, each with those before it."""


def answer(status: str, body: bytes, headers: str = "") -> bytes:
    """Put an answer together."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


BODIES = {name: body for name, (_, body) in SIZES.items()} | OTHERS
PAGES = {
    list_name: answer("200 OK", BODIES[name])
    for list_name, name in ((b"personas", "page"), (b"conversations", "visits"), (b"videos", "clips"))
}
# For each body, what stands before the id in it, and what behind.
AROUND_ID = {name.encode(): body.split(ID.encode(), 1) for name, body in BODIES.items() if ID.encode() in body}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
REFUSED = answer("429 Too Many Requests", b'{"message": "Too many requests"}', "Retry-After: 1\r\n")
BROKEN = answer("503 Service Unavailable", b'{"message": "busy"}')


class Connection(asyncio.Protocol):
    """Answers each request with the body that its id begins with the name of, with that id; a list gets its page."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (for the type checker)
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request; none of them has a body."""
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            request, self.rest = self.rest.split(b"\r\n\r\n", 1)
            self.respond(request.split(b" ", 2)[1])

    def respond(self, target: bytes) -> None:
        """Answer one request."""
        name, _, query = target.rpartition(b"/")[2].partition(b"?")
        if b"page=" in query:
            self.transport.write(PAGES[name])
            return
        before, after = AROUND_ID[name.rstrip(b"0123456789")]
        self.transport.write(HEAD % (len(before) + len(name) + len(after)) + before + name + after)


class Limit:
    """A token bucket, and the dice that decide about faults."""

    def __init__(self, rate: float, burst: float, *, faults: bool) -> None:
        self.rate, self.burst, self.faults = rate, burst, faults
        self.level, self.last = 0.0, time.monotonic()
        self.dice = random.Random(1)

    def admit(self) -> bool:
        """Count a request; False where it is one too many."""
        now = time.monotonic()
        self.level = max(0.0, self.level - (now - self.last) * self.rate)
        self.last = now
        if self.level + 1 > self.burst:
            return False
        self.level += 1
        return True


class LimitedConnection(Connection):
    """Answers as a busy server does."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit

    def respond(self, target: bytes) -> None:
        """Answer one request, or refuse it, or fail."""
        limit = self.limit
        if not limit.admit():
            self.transport.write(REFUSED)
            return
        fate = limit.dice.random() if limit.faults else 1.0
        if fate < BUSY[0]:
            self.transport.write(BROKEN)
        elif fate < BUSY[1]:
            self.transport.abort()
        elif fate >= BUSY[2]:
            super().respond(target)


async def main(kind: str, rate: float = 0, burst: float = 0, faults: str = "") -> None:
    """Serve until the process is ended; the first line of output is the port."""
    pin(-1)
    limit = Limit(float(rate), float(burst), faults=bool(faults))
    make = Connection if kind == "canned" else lambda: LimitedConnection(limit)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextlib.contextmanager
def serve(*arguments: str) -> Iterator[str]:
    """Run a server beside this process, and give its base URL."""
    command = [sys.executable, "-m", "benchmarks.server", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None  # noqa: S101 (for the type checker)
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))  # type: ignore[arg-type]
