"""One of the scenarios' servers over sockets, in a process of its own; it counts by its own clock whom it admits.

Its clock begins with the first request. `GET /tally` tells when each client's reads were admitted, and its 429s.
"""

import asyncio
import json
import random
import sys
from collections import defaultdict

import attrs

from benchmarks.limits_scenarios import SCENARIOS
from benchmarks.limits_servers import Refusal, Request, Server
from benchmarks.server import answer

# Seconds that an answer takes, evenly drawn.
LATENCY = (0.015, 0.025)
SEED = 1
PERSONA = b'{"persona_id": "%s", "persona_name": "one of many", "system_prompt": "Be brief."}'
PAGE = b'{"data": [], "total_count": 0}'
REFUSED = b'{"message": "Too many requests"}'


@attrs.define
class Seen:
    """What one client was answered."""

    reads: list[float] = attrs.field(factory=list)
    """When they were admitted."""
    refused: int = 0


@attrs.define(eq=False)
class Desk:
    """The server's rules, its clock, and what it has counted; clients are told apart by their keys."""

    server: Server
    per_connection: int = 0
    began: float | None = None
    clients: dict[bytes, Seen] = attrs.field(factory=lambda: defaultdict(Seen))

    def decide(self, now: float, key: bytes, request: Request) -> Refusal | None:
        """Refuse a request, or admit it, and count it."""
        if self.began is None:
            self.began = now
        refusal = self.server.refusal(now - self.began, request)
        seen = self.clients[key]
        if refusal is not None:
            seen.refused += 1
        elif request.kind == "read":
            seen.reads.append(now - self.began)
        return refusal

    def tally(self) -> bytes:
        """Spell what was counted."""
        return json.dumps({key.decode(): attrs.asdict(seen) for key, seen in self.clients.items()}).encode()


class Connection(asyncio.Protocol):
    """Answers one request after the other."""

    def __init__(self, desk: Desk, dice: random.Random) -> None:
        self.desk, self.dice = desk, dice
        self.loop = asyncio.get_running_loop()
        self.rest = b""
        self.requests = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (for the type checker)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request, each after its body."""
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            head, rest = self.rest.split(b"\r\n\r\n", 1)
            lines = head.split(b"\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines[1:])}
            length = int(headers.get(b"content-length", 0))
            if len(rest) < length:
                return
            self.rest = rest[length:]
            self.respond(lines[0].split(b" "), headers.get(b"x-api-key", b""))

    def respond(self, words: list[bytes], key: bytes) -> None:
        """Answer one request, whose first line has these words."""
        method, target = words[:2]
        if target == b"/tally":
            self.transport.write(answer("200 OK", self.desk.tally()))
            return
        self.requests += 1
        last = target.rpartition(b"/")[2]
        kind = "write" if method != b"GET" else "list" if b"?" in last else "read"
        refusal = self.desk.decide(self.loop.time(), key, Request(kind, is_first=self.requests == 1))
        is_last = self.requests == self.desk.per_connection
        headers = "Connection: close\r\n" if is_last else ""
        if refusal is not None:
            asks = refusal.retry_after
            headers += f"Retry-After: {asks:g}\r\n" if asks is not None else ""
            text = answer("429 Too Many Requests", REFUSED, headers)
        else:
            text = answer("200 OK", PAGE if kind == "list" else PERSONA % last, headers)
        late = self.desk.server.late if refusal is not None else 0.0
        self.loop.call_later(late + self.dice.uniform(*LATENCY), self.send, text, is_last)

    def send(self, text: bytes, is_last: bool) -> None:  # noqa: FBT001 (called by a timer)
        """Send an answer that is due."""
        if not self.transport.is_closing():
            self.transport.write(text)
            if is_last:
                self.transport.close()


async def main(name: str) -> None:
    """Serve a scenario until the process is ended; the first line of output is the port."""
    scenario, dice = SCENARIOS[name], random.Random(SEED)
    desk = Desk(scenario.make(dice), scenario.per_connection)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(desk, dice), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
