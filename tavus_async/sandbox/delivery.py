"""How an answer reaches the client over aiohttp, or fails to."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from tavus_async.sandbox.answers import TOO_LARGE, Answer, RefusalError, error
from tavus_async.sandbox.faults import GARBLED, FaultKind

__all__ = ["deliver", "deliver_with_fault", "receive"]

_BODYLESS = (204, 304)
_JSON = MappingProxyType({"Content-Type": "application/json"})
_MALFORMED = error("Request body is malformed")
_LINGER_FOR_NO_TIME = struct.pack("ii", 1, 0)


async def receive(request: web.BaseRequest, *, most: int) -> bytes:
    """Return the body of *request*; raises `RefusalError` if it is malformed, or longer than *most* bytes."""
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > most:
                raise RefusalError(TOO_LARGE)
    except web.RequestPayloadError:
        raise RefusalError(_MALFORMED) from None
    return bytes(body)


def deliver(answer: Answer) -> web.Response:
    """Return *answer* as aiohttp sends it."""
    if answer.status in _BODYLESS:
        return web.Response(status=answer.status, headers=answer.headers)
    headers = {**_JSON, **answer.headers} if answer.headers else _JSON
    return web.Response(status=answer.status, body=answer.payload, headers=headers)


async def deliver_with_fault(kind: FaultKind, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Do to *answer* what the fault *kind* does; a kind that loses nothing delivers it."""
    lose = _WAYS_TO_LOSE.get(kind)
    return deliver(answer) if lose is None else await lose(request, answer)


async def _reset(request: web.BaseRequest, _answer: Answer) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        connection: socket.socket | None = transport.get_extra_info("socket")
        if connection is not None:
            # Closing without lingering is what sends RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_FOR_NO_TIME)
        transport.abort()
    # Nothing of this is sent any more.
    return web.Response()


async def _stall(_request: web.BaseRequest, _answer: Answer) -> web.StreamResponse:
    # Cancelled when the client hangs up, and when the sandbox closes.
    await asyncio.get_running_loop().create_future()
    raise AssertionError


async def _truncate(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    whole = deliver(answer)
    payload = b"" if answer.status in _BODYLESS else answer.payload
    if not payload:
        return await _reset(request, answer)
    headers = {
        **answer.headers,
        "Content-Type": whole.headers["Content-Type"],
        "Content-Length": str(len(payload)),
    }
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.force_close()
    await response.prepare(request)
    await response.write(payload[: len(payload) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _garble(_request: web.BaseRequest, _answer: Answer) -> web.StreamResponse:
    return deliver(GARBLED)


_WAYS_TO_LOSE: Mapping[str, Callable[[web.BaseRequest, Answer], Awaitable[web.StreamResponse]]] = MappingProxyType(
    {"reset": _reset, "stall": _stall, "truncate": _truncate, "garble": _garble}
)
