"""The pages that a sandbox serves to browsers, beside the API.

`/` shows what is in the sandbox, and `/c/{conversation_id}`, which is what a `conversation_url` points to, is the room
of a conversation. Both are files of `assets/`, whose scripts read `/overview` and `/c/{conversation_id}/events`.
"""

import hashlib
import time
from http import HTTPStatus
from urllib.parse import unquote

from aiohttp import web
from attrs import define, field

from tavus_async.sandbox.contents import Contents
from tavus_async.sandbox.json import encode
from tavus_async.sandbox.pages.guard import is_addressed, is_same_origin
from tavus_async.sandbox.pages.overview import describe
from tavus_async.sandbox.pages.replies import SAME_ORIGIN, asset, fill_page, notice, problem, wrong_method
from tavus_async.sandbox.pages.room_page import RoomPage
from tavus_async.sandbox.pages.visitors import Visitors

__all__ = ["Pages"]

_READ = ("GET", "HEAD")
_FOREIGN = "Open it as 127.0.0.1 or localhost, or by the host that it was started with."


@define(kw_only=True, eq=False)
class Pages:
    """The pages of one sandbox."""

    contents: Contents
    """What there is to show."""
    visitors: Visitors = field(factory=Visitors)
    """Who is in its rooms by these pages."""

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse | None:
        """Answer *request*, which is outside of `/v2`, or return None where no page lies at its path."""
        segments = [unquote(segment) for segment in request.rel_url.raw_path.removesuffix("/").split("/")]
        match segments[1:]:
            case [] | ["overview" | "c" | "assets", *_]:
                return await self._answer(request, segments[1:])
            case _:
                return None

    def close(self) -> None:
        """Let all those leave who have no page open any more."""
        self.visitors.close()

    async def _answer(self, request: web.BaseRequest, path: list[str]) -> web.StreamResponse | None:
        if not is_addressed(request, self.contents.url):
            return notice(HTTPStatus.MISDIRECTED_REQUEST, "The sandbox has another address", _FOREIGN)
        rooms = RoomPage(contents=self.contents, visitors=self.visitors)
        match path:
            case ["c", conversation_id, "join" | "say" | "leave" as action]:
                return await self._act(request, rooms, conversation_id, action)
            case ["c", conversation_id, "events"]:
                return await rooms.events(request, conversation_id) if request.method == "GET" else wrong_method("GET")
            case _ if request.method not in _READ:
                return wrong_method(*_READ)
            case []:
                return fill_page("overview")
            case ["overview"]:
                return self._overview(request)
            case ["assets", name]:
                return asset(name)
            case ["c", conversation_id]:
                return rooms.show(request, conversation_id)
            case _:
                return None

    async def _act(
        self, request: web.BaseRequest, rooms: RoomPage, conversation_id: str, action: str
    ) -> web.StreamResponse:
        if request.method != "POST":
            return wrong_method("POST")
        if not is_same_origin(request):
            return problem(HTTPStatus.FORBIDDEN, "Only the page of the room may do this.")
        # With it, a browser that sends from a foreign page asks first, and is told no.
        if request.content_type != "application/json":
            return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON, and say so in Content-Type.")
        return await rooms.act(request, conversation_id, action)

    def _overview(self, request: web.BaseRequest) -> web.Response:
        body = encode(describe(self.contents, now=time.time()))
        etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        headers = {**SAME_ORIGIN, "ETag": etag}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return web.Response(body=body, content_type="application/json", headers=headers)
