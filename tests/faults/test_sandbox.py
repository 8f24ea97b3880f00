"""A hostile client of the sandbox keeps nobody else waiting, and fills no log."""

import asyncio
import json
import random
from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest

from tavus_async.sandbox import Sandbox

KEY = {"x-api-key": "sandbox-key"}
# Seconds. Each body here took several times as long, or for ever, where nothing was bounded.
LONGEST_STALL = 1.0
PERSONA = {"persona_id": "p1", "persona_name": "Ada", "system_prompt": "Be kind."}


def adding(value: Any) -> list[dict[str, Any]]:
    return [{"op": "add", "path": "/more", "value": value}]


BODIES: dict[str, tuple[str, set[int]]] = {
    "doubling by copies": (
        json.dumps([*adding(["x" * 1_000]), *[{"op": "copy", "from": "/more", "path": "/more/-"}] * 40]),
        {400},
    ),
    "the whole in itself": (json.dumps([{"op": "copy", "from": "", "path": "/more"}] * 40), {200, 400}),
    "a pointer of many parts": (json.dumps([{"op": "add", "path": "/a" * 500_000, "value": 1}]), {400}),
    "many operations": (
        json.dumps([*adding([]), *[{"op": "add", "path": "/more/0", "value": 1}] * 20_000]),
        {413, 422},
    ),
    "many values": (json.dumps(adding([1] * 300_000)), {413}),
    "many arrays": (json.dumps(adding([[]] * 250_000)), {413}),
    "many names": (json.dumps(adding({f"{number:x}": 1 for number in range(80_000)})), {413}),
    "deep and wide": (json.dumps(adding([json.loads("[" * 390 + "]" * 390)] * 1_200)), {413}),
    "deep": ("[" * 500_000, {400}),
    "digits": ("[" + "9" * 900_000 + "]", {400}),
}


async def longest_stall(work: Awaitable[Any]) -> float:
    """For how many seconds at a time nothing else was done meanwhile."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    longest, before = 0.0, loop.time()
    while not task.done():
        await asyncio.sleep(0.001)
        longest, before = max(longest, loop.time() - before), loop.time()
    await task
    return longest


@pytest.mark.parametrize("body", BODIES)
async def test_no_patch_keeps_others_waiting(body: str) -> None:
    text, statuses = BODIES[body]
    seen: set[int] = set()
    async with (
        Sandbox(personas=[PERSONA]) as sandbox,
        aiohttp.ClientSession(headers=KEY) as http,
    ):

        async def attack() -> None:
            async with http.patch(f"{sandbox.url}/v2/personas/p1", data=text.encode()) as answer:
                seen.add(answer.status)
                assert answer.status == 200 or (await answer.json()).keys() <= {"error", "message"}

        assert await longest_stall(attack()) < LONGEST_STALL
        assert len(json.dumps(sandbox.stored("p1"))) < 2**20
    assert seen <= statuses


async def test_no_persona_grows_without_an_end() -> None:
    async with (
        Sandbox(personas=[PERSONA]) as sandbox,
        aiohttp.ClientSession(headers=KEY) as http,
    ):
        statuses: list[int] = []
        for number in range(4):
            body = [{"op": "add", "path": f"/more{number}", "value": "x" * 400_000}]
            async with http.patch(f"{sandbox.url}/v2/personas/p1", json=body) as answer:
                statuses.append(answer.status)

        assert statuses == [200, 200, 400, 400]
        assert len(json.dumps(sandbox.stored("p1"))) < 2**20


HEAD = b"Host: x\r\nx-api-key: sandbox-key\r\n"
NO_HTTP = [
    random.Random(1).randbytes(500),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    b"noise\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"POST /v2/personas HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n",
    b"POST /v2/personas HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("sent", NO_HTTP, ids=range(len(NO_HTTP)))
async def test_what_is_no_http_is_refused_as_the_api_refuses_and_not_repeated(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with Sandbox(personas=0) as sandbox:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        writer.write(sent)
        answer = await reader.read()
        writer.close()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == b"400"
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body) == {"error": "Request is not valid HTTP"}
    assert caplog.records == []


async def test_clients_that_do_not_finish_keep_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    requests = [
        b"",
        b"GET /v2/per",
        b"POST /v2/personas HTTP/1.1\r\n" + HEAD + b"Content-Length: 90000\r\n\r\n" + b"x" * 70_000,
        (b"GET /v2/personas?limit=100 HTTP/1.1\r\n" + HEAD + b"\r\n") * 20,
    ]
    async with Sandbox(personas=100) as sandbox, aiohttp.ClientSession(headers=KEY) as http:
        port = int(sandbox.url.rpartition(":")[2])
        writers: list[asyncio.StreamWriter] = []
        for _ in range(50):
            for sent in requests:
                _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
                writer.write(sent)
                writers.append(writer)

        async def ask() -> None:
            async with http.get(f"{sandbox.url}/v2/personas") as answer:
                assert answer.status == 200

        assert await longest_stall(ask()) < LONGEST_STALL
        for writer in writers:
            writer.transport.abort()
        assert await longest_stall(ask()) < LONGEST_STALL
    assert caplog.records == []
