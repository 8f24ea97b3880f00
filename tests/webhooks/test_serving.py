"""A receiver with a server of its own."""

import asyncio
import socket

import aiohttp
import pytest

from tavus_async import ConfigurationError
from tavus_async.webhooks import Receiver, Shutdown
from tavus_async.webhooks.serving import serving

BODY = {"event_type": "system.shutdown", "conversation_id": "c1"}


async def test_it_is_served_at_its_path_until_the_block_ends() -> None:
    receiver, heard = Receiver(), list[Shutdown]()

    @receiver.on(Shutdown)
    async def take(event: Shutdown) -> None:
        heard.append(event)

    async with aiohttp.ClientSession() as http:
        async with serving(receiver, path="/hook") as url:
            assert url.startswith("http://127.0.0.1:")
            assert url.endswith("/hook")
            async with http.post(url, json=BODY) as answer, http.post(f"{url}/other", json=BODY) as other:
                assert (answer.status, other.status) == (200, 404)

        with pytest.raises(aiohttp.ClientConnectionError):
            await http.post(url, json=BODY)
    assert [event.conversation_id for event in heard] == ["c1"]


async def test_a_handler_that_is_running_is_waited_for() -> None:
    receiver, begun, finished = Receiver(), asyncio.Event(), asyncio.Event()

    @receiver.on(Shutdown)
    async def take(event: Shutdown) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        finished.set()

    async with aiohttp.ClientSession() as http, serving(receiver) as url:
        posting = asyncio.create_task(http.post(url, json=BODY))
        await begun.wait()
        posting.cancel()

    assert finished.is_set()


@pytest.mark.parametrize("path", ["hook", "/{", ""])
async def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match="path"):
        async with serving(Receiver(), path=path):
            pass


async def test_a_taken_port_is_the_systems_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with serving(Receiver(), port=taken.getsockname()[1]):
            pass
