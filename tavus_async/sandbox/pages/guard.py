"""Which requests from browsers the pages answer.

The sandbox has no login, so two things must not happen: that a foreign site reads it under a name of its own which it
has pointed at loopback (DNS rebinding), and that a foreign site makes a visitor's browser say something in a room.
"""

from urllib.parse import urlsplit

from aiohttp import web

from tavus_async.sandbox.listener import is_loopback

__all__ = ["is_addressed", "is_same_origin"]


def is_addressed(request: web.BaseRequest, own_url: str) -> bool:
    """Return whether `Host` names this machine, or the sandbox at *own_url*, or the address that was connected to."""
    host = _host_name(request.headers.get("Host", ""))
    if host is None:
        return False
    if host.endswith(".localhost") or host == _host_name(urlsplit(own_url).netloc):
        return True
    return is_loopback(host) or host == _connected_to(request)


def is_same_origin(request: web.BaseRequest) -> bool:
    """Return whether a page of this sandbox sends *request*, or a program that is no browser."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    # TLS may end at a proxy before the sandbox, so either scheme will do.
    scheme, _, netloc = origin.partition("://")
    return scheme in {"http", "https"} and netloc.lower() == request.headers.get("Host", "").lower()


def _host_name(netloc: str) -> str | None:
    try:
        host = urlsplit(f"//{netloc}").hostname
    except ValueError:
        return None
    return host.removesuffix(".") if host else None


def _connected_to(request: web.BaseRequest) -> str | None:
    # IPv6 has two more parts, and a connection that has been closed has no name.
    name: tuple[str, int] | None = request.get_extra_info("sockname")
    return name[0] if name is not None else None
