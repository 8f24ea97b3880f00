"""The files of videos, and the page that shows one: what Tavus has on other hosts, without a key."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from types import MappingProxyType

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.request import Request

_MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "high.mp4": "video/mp4",
        "high.webm": "video/webm",
        "thumbnail.jpg": "image/jpeg",
        "thumbnail.gif": "image/gif",
        "stream.m3u8": "application/vnd.apple.mpegurl",
    }
)
_FILE_LINKS = ("download_url", "stream_url", "still_image_thumbnail_url", "gif_thumbnail_url")
_PADDING = 32_768
"""Bytes by which the file of each video differs from all others."""
_PLAYLIST = (
    "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    "#EXTINF:1.0,\nhigh.mp4\n#EXT-X-ENDLIST\n"
)
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{name}</title>
<h1>{name}</h1>
{shown}
</html>
"""
_ASKED_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_PLAIN_TEXT: Mapping[str, str] = MappingProxyType({"Content-Type": "text/plain; charset=utf-8"})
_FILE_NOT_FOUND = Answer(status=404, body=b"Not found\n", headers=_PLAIN_TEXT)


def get_file(account: Account, request: Request) -> Answer:
    """Return a file of a video that is ready, or the range of it that was asked for (RFC 9110, 14)."""
    video, name = account.collections["videos"].get(request.params["video_id"]), request.params["name"]
    if video is None or name not in _files_of(video):
        return _FILE_NOT_FOUND
    body = _make_file(video.id, name)
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"Content-Type": _MEDIA_TYPES[name], "ETag": etag, "Accept-Ranges": "bytes"}
    asked = _ASKED_RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or not any(asked.groups()) or request.headers.get("If-Range", etag) != etag:
        return Answer(body=body, headers=headers)
    first, last = _bounds(asked[1], asked[2], len(body))
    if first > last:
        return Answer(status=416, headers={**headers, "Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Answer(status=206, body=body[first : last + 1], headers=headers)


def show_video(account: Account, request: Request) -> Answer:
    """Return the page that shows a video."""
    video = account.collections["videos"].get(request.params["video_id"])
    if video is None or video.internal.get("is_deleted"):
        return _FILE_NOT_FOUND
    document = video.document()
    link = document.get("download_url")
    shown = f'<video controls src="{escape(str(link))}"></video>' if link else f"<p>{escape(str(document['status']))}"
    page = _PAGE.format(name=escape(str(document["video_name"])), shown=shown)
    return Answer(body=page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def _files_of(video: StoredObject) -> set[str]:
    document = video.document()
    links = (document.get(name) for name in _FILE_LINKS)
    return {str(link).partition("?")[0].rpartition("/")[2] for link in links if link}


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


@cache
def _template(name: str) -> bytes:
    folder = resources.files("tavus_async.sandbox.resources") / "videos"
    return (folder / name.replace("high", "video")).read_bytes()


def _make_file(video_id: str, name: str) -> bytes:
    if name == "stream.m3u8":
        return _PLAYLIST.encode()
    if not name.startswith("high."):
        return _template(name)
    own = hashlib.sha256(video_id.encode()).digest() * (_PADDING // 32)
    if name.endswith(".mp4"):
        # A box that players skip (ISO/IEC 14496-12, 8.1.2).
        return _template(name) + (len(own) + 8).to_bytes(4, "big") + b"free" + own
    # An element that players skip (RFC 8794, 11.3.2).
    return _template(name) + b"\xec" + (0x01 << 56 | len(own)).to_bytes(8, "big") + own
