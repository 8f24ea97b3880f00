"""A receiver as routes of aiohttp.web."""

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from tavus_async.webhooks.delivery import ClientGoneError, IncomingRequest, WebhookAnswer


def make_routes(path: str, answer: Callable[[IncomingRequest], Awaitable[WebhookAnswer]]) -> list[web.RouteDef]:
    """Return the routes by which a receiver is reached at a path."""

    async def handle(request: web.Request) -> web.Response:
        answered = await answer(request_of(request))
        return web.Response(status=answered.status, text=answered.text, headers=answered.headers)

    # All methods: one that is wrong is told so only to who knows the secret.
    return [web.route("*", path, handle)]


def request_of(request: web.Request) -> IncomingRequest:
    """Return what is looked at of a request."""
    return IncomingRequest(
        method=request.method,
        url=request.path_qs,
        length=request.headers.get("Content-Length"),
        chunks=chunks_of(request),
    )


async def chunks_of(request: web.Request) -> AsyncIterator[bytes]:
    """Yield the body of a request as it comes."""
    try:
        async for chunk in request.content.iter_any():
            yield chunk
    except (web.RequestPayloadError, ConnectionError):
        raise ClientGoneError from None
