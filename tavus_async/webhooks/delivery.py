"""One request to a webhook, as a value: how it is answered, whatever server it came by."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus

import attrs

from tavus_async._records.immutable import FrozenDict

CLOSE: Mapping[str, str] = FrozenDict({"Connection": "close"})


class ClientGoneError(Exception):
    """The client has hung up before its request was there."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class IncomingRequest:
    """A request; its URL and body are secret."""

    method: str
    url: str
    """Its path and query at least."""
    length: str | None
    """The header Content-Length."""
    chunks: AsyncIterator[bytes]
    """The body, as it comes; raises ClientGoneError where it does not come to its end."""


@attrs.frozen
class WebhookAnswer:
    """What a request is answered: a status, with its phrase as the body, which tells no more than that."""

    status: int
    headers: Mapping[str, str] = attrs.field(default=FrozenDict(), kw_only=True)

    @property
    def text(self) -> str:
        """The body."""
        return HTTPStatus(self.status).phrase


NOT_FOUND = WebhookAnswer(404)
NOT_ALLOWED = WebhookAnswer(405, headers=FrozenDict({"Allow": "POST"}))
# Who sends too much, or too slowly, is not read to the end.
BODY_TOO_LARGE = WebhookAnswer(413, headers=CLOSE)
BODY_TOO_SLOW = WebhookAnswer(408, headers=CLOSE)
BAD = WebhookAnswer(400)
CUT_SHORT = WebhookAnswer(400, headers=CLOSE)
BUSY = WebhookAnswer(503, headers=FrozenDict({"Retry-After": "1"}))


async def read_whole(request: IncomingRequest, *, limit: int, timeout: float) -> bytes | WebhookAnswer:
    """Return the body of a request, or how one is answered that has none of at most *limit* bytes in time.

    What is announced as too large is not read at all, and what turns out to be, no further than to the limit.
    """
    if request.length is not None:
        if not (request.length.isascii() and request.length.isdigit()):
            return CUT_SHORT
        # A number of very many digits is not worth being read.
        if len(request.length) > len(str(limit)) + 1 or int(request.length) > limit:
            return BODY_TOO_LARGE
    body = bytearray()
    try:
        async with asyncio.timeout(timeout):
            async for chunk in request.chunks:
                body += chunk
                if len(body) > limit:
                    return BODY_TOO_LARGE
    except TimeoutError:
        return BODY_TOO_SLOW
    except ClientGoneError:
        return CUT_SHORT
    return bytes(body)
