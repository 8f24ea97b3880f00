"""Getting files from other hosts, by connections of their own: without the key, and whatever else a session sends."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import attrs
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from tavus_async._http.failures import translate
from tavus_async._http.proxy import find_proxy
from tavus_async._settings.config import Config, is_loopback
from tavus_async.errors import ConnectError, ConnectionLostError, TransportError

MOST_REDIRECTS: Final = 10
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
FOREIGN_ERRORS: Final = (aiohttp.ClientError, HttpProcessingError, OSError, UnicodeError)


@attrs.frozen(kw_only=True)
class FileAnswer:
    """The head of an answer, and its body, piece by piece as it comes."""

    status: int
    headers: Mapping[str, str]
    pieces: AsyncIterator[bytes]
    """Raises TransportError where the answer breaks off."""
    place: str
    """Where it came from, without what is secret in the URL."""


class FileClient:
    """Gets files by their URLs. It is made inside a running event loop, and belongs to it."""

    def __init__(self, config: Config) -> None:
        pool, timeouts = config.pool, config.timeouts
        self._config = config
        # A file takes much longer than a connection, and one that is not kept is never left behind.
        tls = pool.ssl if pool.ssl is not None else True
        connector = aiohttp.TCPConnector(limit=pool.connections, ssl=tls, force_close=True)
        self._http = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": config.user_agent},
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect, sock_read=timeouts.read),
        )

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be got any more."""
        return self._http.closed

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.close()

    def abandon(self) -> None:
        """Drop the connections of a session that nobody closed, without aiohttp's warnings."""
        if not self._http.closed:
            connector = self._http.connector
            self._http.detach()
            getattr(connector, "_close", lambda: None)()

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncGenerator[FileAnswer]:
        """Ask for a file, and follow redirects; TransportError where no answer comes.

        Raises ConnectError for a URL that is not followed: one without https, unless its host is this machine or one of
        `Pool.insecure_hosts`, and a redirect from elsewhere to this machine.
        """
        came_from: str | None = None
        for _ in range(MOST_REDIRECTS + 1):
            check_link(url, came_from, self._config.pool.insecure_hosts)
            async with self._ask(url, headers) as answer:
                target = answer.headers.get("Location") if answer.status in REDIRECTS else None
                if target is None:
                    yield FileAnswer(
                        status=answer.status,
                        headers=answer.headers,
                        pieces=self._pieces(answer, url),
                        place=place_of(url),
                    )
                    return
                came_from, url = url, join(url, target)
        raise ConnectError(f"{place_of(url)} redirects more than {MOST_REDIRECTS} times", is_lasting=True)

    @asynccontextmanager
    async def _ask(self, url: str, headers: Mapping[str, str]) -> AsyncGenerator[aiohttp.ClientResponse]:
        try:
            answer = await self._http.get(
                URL(url, encoded=True),
                headers=headers,
                allow_redirects=False,
                proxy=find_proxy(self._config.pool, url),
            )
        except FOREIGN_ERRORS as foreign:
            error = self._translate(foreign, url)
        else:
            try:
                yield answer
            finally:
                answer.close()  # whatever was left unread is not waited for
            return
        # Outside the except block, so that the foreign error is not chained: its frames show the URL.
        raise error

    async def _pieces(self, answer: aiohttp.ClientResponse, url: str) -> AsyncIterator[bytes]:
        try:
            async for piece in answer.content.iter_any():
                yield piece
        except FOREIGN_ERRORS as foreign:
            error = self._translate(foreign, url)
        else:
            return
        raise error

    def _translate(self, error: Exception, url: str) -> TransportError:
        if self.is_closed:
            return ConnectionLostError("the session was closed")
        return translate(error, attrs.evolve(self._config, base_url=place_of(url))).with_traceback(None)


def check_link(url: str, came_from: str | None, insecure_hosts: frozenset[str]) -> None:
    """Validate the URL of a file, and where it was redirected from; ConnectError for one that is not followed."""
    try:
        parts, before = urlsplit(url), urlsplit(came_from or "")
        host, port = parts.hostname or "", parts.port
        is_text = url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        host, port, is_text, parts, before = "", None, False, urlsplit(""), urlsplit("")
    if not host or port == 0 or not is_text or parts.scheme not in {"http", "https"}:
        raise ConnectError("the link to the file is no URL of http or https", is_lasting=True)
    if parts.scheme == "http" and not is_loopback(host) and host not in insecure_hosts:
        raise ConnectError(f"the link to the file goes to {host} over plain http: it is not followed", is_lasting=True)
    if came_from is not None and is_loopback(host) and not is_loopback(before.hostname or ""):
        raise ConnectError(f"{before.hostname} redirects to this machine: it is not followed", is_lasting=True)


def join(url: str, target: str) -> str:
    """Return where a redirect leads; its target may be relative."""
    try:
        return str(URL(url, encoded=True).join(URL(target, encoded=True)))
    except ValueError:
        return ""


def place_of(url: str) -> str:
    """Return the part of a URL that is no secret: neither user nor query."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "a link that is no URL"
    return f"{parts.scheme}://{host}{parts.path}"
