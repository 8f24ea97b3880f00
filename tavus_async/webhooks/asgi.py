"""A receiver as an ASGI app: to be mounted in FastAPI, Starlette, Litestar or Django, or served as it is."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import attrs

from tavus_async.webhooks.delivery import ClientGoneError, IncomingRequest, WebhookAnswer

AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]


@attrs.frozen(eq=False, repr=False)
class AsgiApp:
    """An ASGI app; an object rather than a function, since servers take bound methods for apps of ASGI 2."""

    answer: Callable[[IncomingRequest], Awaitable[WebhookAnswer]]
    """Answers a request."""
    drain: Callable[[], Awaitable[None]]
    """Waits for the handlers that are still running."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one scope: a request, or the life of a server whose only app this is."""
        if scope["type"] == "lifespan":
            await live(receive, send, self.drain)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
        else:
            await send_answer(send, await self.answer(request_of(scope, receive)))


def request_of(scope: MutableMapping[str, Any], receive: Receive) -> IncomingRequest:
    """Return the request of a scope."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length")
    return IncomingRequest(
        method=scope["method"],
        url=f"{scope['path']}?{scope.get('query_string', b'').decode('latin-1')}",
        length=None if length is None else length.decode("latin-1"),
        chunks=chunks_of(receive),
    )


async def chunks_of(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the body of a request as it comes."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def send_answer(send: Send, answer: WebhookAnswer) -> None:
    """Send an answer."""
    body = answer.text.encode()
    plain = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    headers = [(name.lower().encode(), value.encode()) for name, value in (plain | dict(answer.headers)).items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def live(receive: Receive, send: Send, drain: Callable[[], Awaitable[None]]) -> None:
    """Begin and end as the server says; in the end, wait for the handlers that are still running."""
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await drain()
    await send({"type": "lifespan.shutdown.complete"})
