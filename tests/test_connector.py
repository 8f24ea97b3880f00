"""Connections: what every version of aiohttp is held to."""

import asyncio
import gc
from typing import Any

from tavus_async import Pool
from tavus_async._connector import Connection, open_connector
from tests.quick import quick_session, warm_up
from tests.raw_server import RawServer, always, in_turn, reset


async def test_why_a_connection_was_lost_is_not_kept_where_asyncio_would_complain_of_it() -> None:
    connection = Connection(loop=asyncio.get_running_loop())
    # Where aiohttp 3.12.4 keeps it.
    reason = vars(connection)["closed"] = asyncio.get_running_loop().create_future()

    connection.connection_lost(ConnectionResetError())

    assert reason.result() is None


async def test_whatever_aiohttp_does_with_a_reset_asyncio_does_not_hear_of_it() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    async with RawServer(in_turn(reset, always())) as server, quick_session(server) as session:
        await warm_up(session)
        await session.get_persona("p1")
    gc.collect()

    assert complaints == []


async def test_a_connector_is_made_of_the_pools_settings() -> None:
    kept = open_connector(Pool(connections=7, keepalive=3, dns_ttl=0), keep=True)
    fresh = open_connector(Pool(dns_ttl=0.2), keep=False)
    try:
        assert (kept.limit, kept.use_dns_cache, kept.force_close) == (7, False, False)
        assert (fresh.limit, fresh.use_dns_cache, fresh.force_close) == (100, True, True)
        assert isinstance(kept._factory(), Connection)
    finally:
        await kept.close()
        await fresh.close()


async def test_a_transport_that_reads_in_pieces_of_its_own_is_left_alone() -> None:
    connection = Connection(loop=asyncio.get_running_loop())

    class Plain(asyncio.Transport):
        """One without asyncio's buffer size, as uvloop's are."""

        __slots__ = ()

    plain = Plain()
    connection.connection_made(plain)

    assert not hasattr(plain, "max_size")
