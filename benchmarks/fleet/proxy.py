"""A TCP proxy before a server of Redis, which can be cut as a network is, and led to another server.

A line on its standard input is an order: `cut` lets nothing through, in either direction, and breaks no connection, as
where packets are lost; `heal` lets through all that was held back; `to 7001` leads new connections to another port of
this machine, and ends those that there are. The end of the input ends the proxy.
"""

import asyncio
import contextlib
import sys

SIZE = 1 << 16


class Proxy:
    """Carries bytes between clients and one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._whole = asyncio.Event()
        self._whole.set()
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Carry one connection, until either side ends it."""
        await self._whole.wait()
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            to_client.close()
            return
        ends = {to_client, to_server}
        self._open |= ends
        ways = [asyncio.create_task(self._carry(*way)) for way in ((client, to_server), (server, to_client))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await self._whole.wait()  # The news of an end is lost as well.
        finally:
            for way in ways:
                way.cancel()
            for end in ends:
                end.close()
            self._open -= ends
            await asyncio.gather(*(end.wait_closed() for end in ends), *ways, return_exceptions=True)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(SIZE):
                await self._whole.wait()
                target.write(data)
                await target.drain()

    def obey(self, order: str) -> None:
        """Carry out an order."""
        match order.split():
            case ["cut"]:
                self._whole.clear()
            case ["heal"]:
                self._whole.set()
            case ["to", port]:
                self.port = int(port)
                for end in self._open:
                    end.close()
            case _:
                raise ValueError(order)


async def main(port: int) -> None:
    """Serve until the input ends; the first line of output is the port."""
    loop = asyncio.get_running_loop()
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async for line in orders:
        proxy.obey(line.decode())
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
