"""A host of files, which is not Tavus: it remembers what it is asked for, and cuts, refuses and redirects."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import attrs
from aiohttp import web

CONTENT = hashlib.sha256(b"a video").digest() * 8_192
ETAG = '"v1"'
EMPTY: Mapping[str, str] = MappingProxyType({})

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@attrs.define
class FileHost:
    """Serves CONTENT at any path; *steps* say what becomes of the next requests."""

    url: str = ""
    steps: list[Answer] = attrs.field(factory=list)
    requests: list[web.Request] = attrs.field(factory=list)
    answer: Answer = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.answer = whole()

    @property
    def ranges(self) -> list[str | None]:
        return [request.headers.get("Range") for request in self.requests]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        step = self.steps.pop(0) if self.steps else self.answer
        return await step(request)


def asked_part(request: web.Request, etag: str | None) -> tuple[int, bool]:
    """From where a request wants the file, and whether it is the version that it has a part of."""
    part = request.http_range.start or 0
    is_same = etag is not None and request.headers.get("If-Range") == etag
    return (part, True) if part and is_same else (0, False)


def whole(
    *, content: bytes = CONTENT, etag: str | None = ETAG, cut: int | None = None, headers: Mapping[str, str] = EMPTY
) -> Answer:
    """Answers as a good host does, and breaks off after *cut* bytes of what is left."""

    async def answer(request: web.Request) -> web.StreamResponse:
        start, is_part = asked_part(request, etag)
        left = content[start:]
        told = {"Content-Type": "video/mp4", "Content-Length": str(len(left)), **headers}
        if etag is not None:
            told["ETag"] = etag
        if is_part:
            told["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        response = web.StreamResponse(status=206 if is_part else 200, headers=told)
        await response.prepare(request)
        await response.write(left if cut is None else left[:cut])
        if cut is not None and request.transport is not None:
            request.transport.close()
        return response

    return answer


def status(number: int, **headers: str) -> Answer:
    """Answers with a status and a few words."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=number, text="No.", headers=headers)

    return answer


@asynccontextmanager
async def running() -> AsyncIterator[FileHost]:
    """A host that runs."""
    host = FileHost()
    server = web.Application()
    server.router.add_route("*", "/{path:.*}", host.handle)
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield host
    finally:
        await runner.cleanup()
