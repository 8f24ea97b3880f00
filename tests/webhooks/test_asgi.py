"""What servers do seldom: asked for here by hand, as the ASGI specification has it."""

from collections.abc import Iterable
from typing import Any

import pytest

from tavus_async.webhooks import Event, Receiver
from tests.webhooks.conftest import Handled

HTTP: dict[str, Any] = {"type": "http", "method": "POST", "path": "/", "headers": []}


async def told(receiver: Receiver, scope: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """What the app sends, in this scope, to somebody from whom it receives these messages."""
    left: Iterable[dict[str, Any]] = iter(messages)
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        return next(iter(left))

    async def send(message: Any) -> None:
        sent.append(message)

    await receiver.asgi(scope, receive, send)
    return sent


async def test_a_body_may_come_in_parts_of_which_some_are_empty() -> None:
    receiver, handled = Receiver(), Handled()
    receiver.on(Event)(handled)
    parts = [{"body": b"{"}, {}, {"body": b""}, {"body": b"}"}]
    start, body = await told(
        receiver,
        HTTP,
        *({"type": "http.request", "more_body": True} | part for part in parts),
        {"type": "http.request"},
    )

    assert start["status"] == 200
    assert body["body"] == b"OK"
    assert dict(start["headers"])[b"content-length"] == b"2"
    assert len(handled.ended) == 1


async def test_a_client_that_is_gone_has_sent_nothing() -> None:
    receiver, handled = Receiver(), Handled()
    receiver.on(Event)(handled)
    start, _ = await told(
        receiver, HTTP, {"type": "http.request", "body": b"{}", "more_body": True}, {"type": "http.disconnect"}
    )

    assert start["status"] == 400
    assert not handled.begun


@pytest.mark.parametrize("length", [b"", b"-1", b"1.5", b"0x10", "\u0661".encode(), b"\xff"])
async def test_a_length_that_is_none_is_refused(length: bytes) -> None:
    scope = HTTP | {"headers": [(b"content-length", length)]}
    start, _ = await told(Receiver(), scope, {"type": "http.request", "body": b"{}"})

    assert start["status"] == 400


async def test_the_secret_is_found_in_the_query() -> None:
    receiver = Receiver(secret="0123456789abcdef")
    query = {"query_string": b"a=b&token=0123456789abcdef"}
    statuses = [
        (await told(receiver, HTTP | scope, {"type": "http.request", "body": b"{}"}))[0]["status"]
        for scope in ({}, query, {"query_string": b"token=\xff"})
    ]

    assert statuses == [404, 200, 404]


async def test_a_web_socket_is_closed() -> None:
    sent = await told(Receiver(), {"type": "websocket"}, {"type": "websocket.connect"})

    assert sent == [{"type": "websocket.close", "code": 1000}]


async def test_as_the_only_app_it_lives_as_long_as_its_server() -> None:
    sent = await told(Receiver(), {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})

    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
