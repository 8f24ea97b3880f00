"""A receiver with a server of its own."""

import asyncio
import socket
import threading

import aiohttp
import pytest

from tavus_async import ConfigurationError
from tavus_async.webhooks import Event, Receiver, Shutdown, parse
from tavus_async.webhooks.receiver import LONG_WEBHOOK
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


async def test_what_is_no_http_is_refused_and_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Receiver()) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        for sent in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + bytes(500),
            b"noise\r\n\r\n",
            b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            assert (await reader.read(12)).endswith(b" 400")
            writer.close()

    assert caplog.records == []


async def test_a_long_body_is_read_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    read = parse

    def note(body: bytes) -> Event:
        seen.append(threading.current_thread() is threading.main_thread())
        return read(body)

    monkeypatch.setattr("tavus_async.webhooks.receiver.parse", note)
    receiver, heard = Receiver(), list[str | None]()

    @receiver.on(Shutdown)
    async def take(event: Shutdown) -> None:
        heard.append(event.conversation_id)

    async with serving(receiver) as url, aiohttp.ClientSession() as http:
        for name, length in (("short", 10), ("long", LONG_WEBHOOK)):
            async with http.post(url, json=BODY | {"conversation_id": name, "more": "x" * length}) as answer:
                assert answer.status == 200

    assert seen == [True, False]
    assert heard == ["short", "long"]
