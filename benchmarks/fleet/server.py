"""The API server of a fleet: it admits by an exact token bucket, and records every arrival.

A line on its standard input is an order: `refuse` answers the next request with a 429, whatever the bucket says;
`rate 100` changes the rate; the end of the input ends the server, which then writes what it has recorded as JSON.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from typing import Any

from benchmarks.figures import pin
from benchmarks.fleet.arrivals import TokenBucket
from benchmarks.server import AROUND_ID, HEAD, REFUSED, Connection

BEFORE, AFTER = AROUND_ID[b"small"]


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def come_first() -> None:
    """Run before other processes, where the system allows it: what is late here would be told of those who send."""
    with contextlib.suppress(OSError):
        os.nice(-10)


class Record:
    """The limit, and what has come so far."""

    def __init__(self, rate: float, burst: float, *, is_enforced: bool) -> None:
        self.bucket = TokenBucket(rate, burst)
        self.is_enforced = is_enforced
        self.refuse_next = False
        self.at: list[float] = []
        self.names: list[bytes] = []
        self.admitted: list[bool] = []

    def admit(self, name: bytes) -> bool:
        """Record a request, and tell whether it is admitted."""
        now = time.monotonic()
        if not self.at:
            say(repr(now))
        fits = not self.is_enforced or self.bucket.admit(now)
        admitted = fits and not self.refuse_next
        self.refuse_next = False
        self.at.append(now)
        self.names.append(name)
        self.admitted.append(admitted)
        return admitted

    def obey(self, order: str) -> None:
        """Carry out an order."""
        match order.split():
            case ["refuse"]:
                self.refuse_next = True
            case ["rate", rate]:
                self.bucket.rate = float(rate)
            case _:
                raise ValueError(order)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {"at": self.at, "names": [name.decode() for name in self.names], "admitted": self.admitted}


class RecordedConnection(Connection):
    """Answers each request with a small persona of the id it asks for, or with a 429."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def respond(self, target: bytes) -> None:
        """Answer one request."""
        name = target.rpartition(b"/")[2].partition(b"?")[0]
        if self.record.admit(name):
            self.transport.write(HEAD % (len(BEFORE) + len(name) + len(AFTER)) + BEFORE + name + AFTER)
        else:
            self.transport.write(REFUSED)


async def main(settings: dict[str, Any]) -> None:
    """Serve until the input ends; lines of output are the port, the time of the first arrival, and the record."""
    pin(-1)
    come_first()
    loop = asyncio.get_running_loop()
    record = Record(settings["rate"], settings["burst"], is_enforced=settings["is_enforced"])
    server = await loop.create_server(lambda: RecordedConnection(record), "127.0.0.1", 0, backlog=2048)
    say(str(server.sockets[0].getsockname()[1]))
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async for line in orders:
        record.obey(line.decode())
    server.close()
    say(json.dumps(record.to_dict()))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
