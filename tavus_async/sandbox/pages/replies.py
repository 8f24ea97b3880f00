"""Answers for browsers: pages, files and JSON, each with the headers that keep it to itself."""

import html
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib import resources
from string import Template
from types import MappingProxyType

from aiohttp import web

from tavus_async.sandbox.json import Json, encode

__all__ = ["SAME_ORIGIN", "asset", "fill_page", "json_reply", "notice", "problem", "wrong_method"]

# Apps that are developed on this machine may show a room in a frame, as they would Tavus' own.
_FRAMED_BY_LOOPBACK = "http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:*"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; frame-ancestors {ancestors}"
)
_ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        # A room's address may hold a token.
        "Referrer-Policy": "no-referrer",
    }
)
SAME_ORIGIN: Mapping[str, str] = MappingProxyType({**_ALWAYS, "Cross-Origin-Resource-Policy": "same-origin"})
"""The headers of what only these pages themselves may load."""
_FOLDER = resources.files("tavus_async.sandbox.pages") / "assets"
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})
_FILE_TYPES: Mapping[str, str] = MappingProxyType(
    {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}
)


def fill_page(
    name: str, *, status: int = 200, is_framed: bool = False, texts: Mapping[str, str] = _NO_TEXTS
) -> web.Response:
    """Return the page *name* with *texts*, which are escaped, in its placeholders."""
    filled = Template(_read(f"{name}.html").decode()).substitute(
        {key: html.escape(text) for key, text in texts.items()}
    )
    policy = _POLICY.format(ancestors=_FRAMED_BY_LOOPBACK if is_framed else "'none'")
    headers = {**_ALWAYS, "Content-Security-Policy": policy}
    return web.Response(status=status, text=filled, content_type="text/html", headers=headers)


def notice(status: HTTPStatus, title: str, text: str, *, is_framed: bool = False) -> web.Response:
    """Return a page that says why there is nothing to see."""
    told = f"{status.value} {status.phrase}"
    texts = {"title": title, "text": text, "status": told}
    return fill_page("notice", status=status, is_framed=is_framed, texts=texts)


def asset(name: str) -> web.Response | None:
    """Return the file *name* that pages load; None where there is none."""
    files = _assets()
    suffix = name[name.rfind(".") :]
    if name not in files or suffix == ".html":
        return None
    return web.Response(body=_read(name), content_type=_FILE_TYPES[suffix], charset="utf-8", headers=SAME_ORIGIN)


def json_reply(value: Json, *, status: int = 200) -> web.Response:
    """Return *value* for the scripts of a page."""
    return web.Response(status=status, body=encode(value), content_type="application/json", headers=SAME_ORIGIN)


def problem(status: HTTPStatus, text: str) -> web.Response:
    """Return why a script's request was refused, as a sentence that the page shows."""
    return json_reply({"error": text}, status=status)


def wrong_method(*allowed: str) -> web.Response:
    """Return the refusal of a method that is not among the *allowed*."""
    refused = problem(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed")
    refused.headers["Allow"] = ", ".join(allowed)
    return refused


@cache
def _assets() -> frozenset[str]:
    return frozenset(file.name for file in _FOLDER.iterdir())


@cache
def _read(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()
