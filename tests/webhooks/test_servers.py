"""A receiver in real servers, over sockets: aiohttp.web, and uvicorn with FastAPI, with Starlette and alone."""

import asyncio
import gzip
import io
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tavus_async.webhooks import Event, Receiver, Secret
from tests.support.quick import until
from tests.webhooks.conftest import Handled, Serve, Served, serve_aiohttp, serve_alone

SECRET = Secret("0123456789abcdef-and-more")
BODY = {"event_type": "system.shutdown", "conversation_id": "c1", "properties": {"shutdown_reason": "a"}}
RAW = json.dumps(BODY).encode()


def receiver_with(handled: Handled, **settings: Any) -> Receiver:
    receiver = Receiver(secret=SECRET, **settings)
    receiver.on(Event)(handled)
    return receiver


def url_of(served: Served) -> str:
    return SECRET.callback_url(served.url)


@asynccontextmanager
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=200), timeout=aiohttp.ClientTimeout(total=60)
    ) as session:
        yield session


async def ask(session: aiohttp.ClientSession, method: str, url: str, data: Any = None) -> aiohttp.ClientResponse:
    """An answer, which has been read to its end."""
    async with session.request(method, url, data=data) as answer:
        await answer.read()
    return answer


async def post(session: aiohttp.ClientSession, url: str, body: Any) -> int:
    return (await ask(session, "POST", url, json.dumps(body))).status


async def raw(served: Served, head: str, *parts: bytes) -> bytes:
    """The head of what is answered to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        writer.write(head.replace("\n", "\r\n").encode())
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    finally:
        writer.transport.abort()


def head_of(served: Served, *headers: str, secret: Secret | None = SECRET, method: str = "POST") -> str:
    query = f"?token={secret.reveal()}" if secret else ""
    lines = [f"{method} {served.path}{query} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers]
    return "\n".join([*lines, "", ""])


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


async def test_an_event_is_handled_and_answered_200(serve: Serve) -> None:
    handled = Handled()
    async with serve(receiver_with(handled)) as served, client() as session:
        statuses = [await post(session, url_of(served), BODY) for _ in range(2)]

    assert statuses == [200, 200]
    assert len(handled.ended) == 1


async def test_the_receiver_itself_is_an_app() -> None:
    handled = Handled()
    async with serve_alone(receiver_with(handled)) as served, client() as session:
        assert await post(session, url_of(served), BODY) == 200

    assert len(handled.ended) == 1


@pytest.mark.parametrize("query", ["", "?token=", "?token=0123456789abcdef", "?secret=0123456789abcdef-and-more"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_without_the_secret_there_seems_to_be_nothing(serve: Serve, query: str, method: str) -> None:
    handled = Handled()
    async with serve(receiver_with(handled)) as served, client() as session:
        answer = await ask(session, method, served.url + query, RAW)

    assert (answer.status, await answer.text()) == (404, "Not Found")
    assert "Allow" not in answer.headers
    assert not handled.begun


async def test_the_secret_is_asked_for_before_the_body_is_read(serve: Serve) -> None:
    async with serve(receiver_with(Handled())) as served:
        head = head_of(served, "Content-Length: 1000000000", secret=None)

        assert status_of(await raw(served, head)) == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_than_post_are_refused(serve: Serve, method: str) -> None:
    async with serve(receiver_with(Handled())) as served, client() as session:
        answer = await ask(session, method, url_of(served))

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b"\xff", b'{"a": ', b"5"])
async def test_what_is_no_event_is_a_bad_request(serve: Serve, body: bytes) -> None:
    handled = Handled()
    async with serve(receiver_with(handled)) as served, client() as session:
        answer = await ask(session, "POST", url_of(served), body)

    assert answer.status == 400
    assert not handled.begun


class TestBounds:
    async def test_a_gigabyte_that_is_announced_is_not_read(self, serve: Serve) -> None:
        async with serve(receiver_with(Handled())) as served:
            answer = await raw(served, head_of(served, "Content-Length: 1073741824"), b"{")

        assert status_of(answer) == 413

    @pytest.mark.parametrize("length", [str(10**30), "9" * 4_000])
    async def test_nor_what_no_number_can_hold(self, serve: Serve, length: str) -> None:
        async with serve(receiver_with(Handled())) as served:
            answer = await raw(served, head_of(served, f"Content-Length: {length}"), b"{")

        assert status_of(answer) in {400, 413}

    async def test_chunks_without_an_end_are_cut_off(self, serve: Serve) -> None:
        handled = Handled()
        async with serve(receiver_with(handled, max_body=100_000)) as served:
            chunk = b"2710\r\n" + b" " * 10_000 + b"\r\n"
            answer = await raw(served, head_of(served, "Transfer-Encoding: chunked"), *[chunk] * 11)

        assert status_of(answer) == 413
        assert not handled.begun

    async def test_chunks_that_do_not_come_are_not_waited_for(self, serve: Serve) -> None:
        async with serve(receiver_with(Handled(), timeout=0.2)) as served:
            answer = await raw(served, head_of(served, "Transfer-Encoding: chunked"), b"5\r\nhello\r\n")

        assert status_of(answer) == 408

    @pytest.mark.parametrize("size", [0, 1])
    async def test_the_limit_itself_is_allowed_and_one_byte_more_is_not(self, serve: Serve, size: int) -> None:
        handled = Handled()
        async with serve(receiver_with(handled, max_body=len(RAW))) as served, client() as session:
            answer = await ask(session, "POST", url_of(served), RAW + b" " * size)

        assert answer.status == (413 if size else 200)
        assert len(handled.ended) == 1 - size

    async def test_a_body_in_many_chunks_is_one_body(self, serve: Serve) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for place in range(0, len(RAW), 7):
                yield RAW[place : place + 7]
                await asyncio.sleep(0)

        handled = Handled()
        async with serve(receiver_with(handled)) as served, client() as session:
            answer = await ask(session, "POST", url_of(served), parts())

        assert answer.status == 200
        assert len(handled.ended) == 1

    async def test_a_long_transcript_is_taken(self, serve: Serve) -> None:
        handled = Handled()
        items = [{"role": "user", "content": "x" * 1_000}] * 5_000
        body = BODY | {"event_type": "application.transcription_ready", "properties": {"transcript": items}}
        async with serve(receiver_with(handled)) as served, client() as session:
            answer = await ask(session, "POST", url_of(served), io.BytesIO(json.dumps(body).encode()))

        assert answer.status == 200

        assert len(handled.ended) == 1


@pytest.mark.parametrize(("size", "status"), [(10, 200), (50_000_000, 413)])
async def test_what_is_unpacked_is_bounded_too(size: int, status: int) -> None:
    packed = io.BytesIO(gzip.compress(b"{" + b" " * size + b"}"))
    headers = {"Content-Encoding": "gzip"}
    async with (
        serve_aiohttp(receiver_with(Handled())) as served,
        client() as session,
        session.post(url_of(served), data=packed, headers=headers) as answer,
    ):
        assert answer.status == status


class TestClientsThatHangUp:
    async def test_in_the_middle_of_the_body_no_event_has_come(self, serve: Serve) -> None:
        handled = Handled()
        async with serve(receiver_with(handled)) as served, client() as session:
            for cut in (1, len(RAW) // 2, len(RAW) - 1):
                _, writer = await asyncio.open_connection("127.0.0.1", served.port)
                writer.write(head_of(served, f"Content-Length: {len(RAW)}").replace("\n", "\r\n").encode() + RAW[:cut])
                await writer.drain()
                writer.close()
            assert await post(session, url_of(served), BODY) == 200

        assert len(handled.ended) == 1

    async def test_while_it_is_handled_the_handler_goes_on(self, serve: Serve) -> None:
        go_on = asyncio.Event()
        handled = Handled(act=lambda _: go_on.wait())
        receiver = receiver_with(handled)
        async with serve(receiver) as served, client() as session:
            _, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(head_of(served, f"Content-Length: {len(RAW)}").replace("\n", "\r\n").encode() + RAW)
            await until(lambda: bool(handled.begun))
            writer.transport.abort()
            again = asyncio.create_task(post(session, url_of(served), BODY))
            await asyncio.sleep(0.05)
            assert not handled.ended
            go_on.set()

            assert await again == 200
            await receiver.drain()

        assert len(handled.begun) == len(handled.ended) == 1


class TestHandlersThatFail:
    async def test_one_that_raises_is_answered_500_and_its_event_comes_again(self, serve: Serve) -> None:
        failures = iter([True, True, False])

        async def act(_: Event) -> None:
            if next(failures):
                raise RuntimeError("hunter2-hunter2")

        handled = Handled(act=act)
        async with serve(receiver_with(handled)) as served, client() as session:
            statuses = []
            for _ in range(4):
                answer = await ask(session, "POST", url_of(served), RAW)
                statuses.append(answer.status)
                assert "hunter2" not in await answer.text()

        assert statuses == [500, 500, 200, 200]
        assert (len(handled.begun), len(handled.ended)) == (3, 1)

    async def test_one_that_hangs_is_answered_500_and_its_event_comes_again(self, serve: Serve) -> None:
        hangs = iter([True, False])

        async def act(_: Event) -> None:
            if next(hangs):
                await asyncio.Event().wait()

        handled = Handled(act=act)
        async with serve(receiver_with(handled, timeout=0.2)) as served, client() as session:
            statuses = [await post(session, url_of(served), BODY) for _ in range(3)]

        assert statuses == [500, 200, 200]
        assert len(handled.ended) == 1

    async def test_one_that_hangs_does_not_hold_up_other_events(self, serve: Serve) -> None:
        go_on = asyncio.Event()

        async def act(event: Event) -> None:
            if event.conversation_id == "c1":
                await go_on.wait()

        handled = Handled(act=act)
        async with serve(receiver_with(handled)) as served, client() as session:
            held = asyncio.create_task(post(session, url_of(served), BODY))
            await until(lambda: bool(handled.begun))
            others = [post(session, url_of(served), BODY | {"conversation_id": f"d{number}"}) for number in range(50)]
            assert set(await asyncio.gather(*others)) == {200}
            assert not held.done()
            go_on.set()

            assert await held == 200


def deliveries(count: int) -> list[dict[str, Any]]:
    """As many events, as Tavus would deliver them: twins of some, most of them once or twice more."""
    dice = random.Random(7)
    found: list[dict[str, Any]] = []
    for number in range(count):
        envelope = {"conversation_id": f"c{number}", "timestamp": "2026-07-14T17:00:00.000000Z"}
        twins = [
            envelope | {"event_type": "system.pal_joined", "properties": {"face_id": "r1"}},
            envelope | {"event_type": "system.replica_joined", "properties": {"replica_id": "r1"}},
        ]
        end = envelope | {"event_type": "system.shutdown", "properties": {"shutdown_reason": "a"}}
        found += [*dice.choices([*twins, end], k=3), *twins, end]
    dice.shuffle(found)
    return found


async def test_under_load_each_event_is_handled_once(serve: Serve) -> None:
    """With handlers that take a moment, and fail now and then."""
    dice = random.Random(11)

    async def act(_: Event) -> None:
        await asyncio.sleep(dice.random() / 500)
        if dice.random() < 0.05:
            raise RuntimeError("now and then")

    handled = Handled(act=act)
    receiver = receiver_with(handled)
    left = deliveries(150)
    async with serve(receiver) as served, client() as session:
        url, rounds = url_of(served), 0
        while left:
            statuses = await asyncio.gather(*(post(session, url, body) for body in left))
            assert set(statuses) <= {200, 500}
            left = [body for body, status in zip(left, statuses, strict=True) if status != 200]
            rounds += 1
            assert rounds < 20
        await receiver.drain()

    ended = Counter(handled.ended)
    assert len(ended) == 300
    assert set(ended.values()) == {1}
    assert not receiver._handling.tasks


async def test_no_log_has_the_secret_or_a_body(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def act(_: Event) -> None:
        raise RuntimeError("the handler's own words")

    async with serve(receiver_with(Handled(act=act))) as served, client() as session:
        body = BODY | {"properties": {"shutdown_reason": "hunter2-hunter2"}}
        await post(session, url_of(served), body)
        await post(session, served.url + "?token=0123456789abcdef-and-less", body)
        await ask(session, "POST", url_of(served), b'{"hunter2')

    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("tavus_async"))
    assert "the handler" in ours
    assert "was refused" in ours
    assert "no JSON object" in ours
    assert "hunter2" not in caplog.text
    assert "0123456789abcdef" not in ours
