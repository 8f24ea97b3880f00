"""The only I/O: one attempt over aiohttp, its answer read to the end, its errors translated into ours."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlencode

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from tavus_async._http.attempt import Attempt
from tavus_async._http.body import ENCODINGS, TooLargeError, decompress
from tavus_async._http.connection import open_connector
from tavus_async._http.direct import DirectSender
from tavus_async._http.failures import LIBRARIES, translate, without_frames_of
from tavus_async._http.hidden import hide, hide_each
from tavus_async._http.proxy import find_proxy
from tavus_async._http.requests import GatedRequest, KnownConnections, SendOnce
from tavus_async._http.timeout import SharedTimeout
from tavus_async._records.immutable import EMPTY
from tavus_async._records.secrets import Secret
from tavus_async._settings.config import Config
from tavus_async._settings.connections import Timeouts
from tavus_async._values import Response
from tavus_async._wire.call import Call
from tavus_async._wire.redaction import credentials, redact_headers, redact_texts
from tavus_async.errors import ConnectError, ConnectionLostError, ResponseTooLargeError, TransportError

DIRECT_METHOD = "GET"
# Bytes. A longer body is sent in pieces; aiohttp warns of one that is not.
LARGEST_WRITE = 2**20


class Transport:
    """Sends calls to one server, over a pool of its own or over a borrowed `aiohttp.ClientSession`.

    It is made inside a running event loop, and belongs to it.
    """

    def __init__(self, config: Config, *, borrowed: aiohttp.ClientSession | None) -> None:
        self._config = config
        self._owned = borrowed is None
        self._under_way: dict[asyncio.Task[Any], Attempt] = {}
        self._known = KnownConnections()
        self._http = borrowed if borrowed is not None else self._open_pool()
        self._direct: DirectSender | None = None
        self._fresh: aiohttp.ClientSession | None = None
        self._closed = False
        self._limit = config.pool.max_body
        self._timeout = make_timeout(config.timeouts, owned=self._owned)
        self._attempt_timeout = SharedTimeout(config.timeouts.attempt, asyncio.get_running_loop())
        self._origin = URL(config.base_url, encoded=True).origin()
        self._base_path = URL(config.base_url, encoded=True).raw_path.rstrip("/")
        ours = {
            "x-api-key": hide(config.api_key),
            "Accept": "application/json",
            "Accept-Encoding": ENCODINGS,
            "User-Agent": config.user_agent,
        }
        self._headers = merge_headers(ours, config.headers)
        self._json_headers = self._headers | {"Content-Type": "application/json"}

    async def send(self, attempt: Attempt) -> Response:
        """Send an attempt and return its answer; TransportError where none comes, ConnectError if nothing was sent."""
        if self.is_closed:
            raise ConnectError("the aiohttp.ClientSession is closed")
        # Of what may be sent twice, it matters little whether it was.
        attempt.was_sent = attempt.call.repeatable
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._under_way[task] = attempt
        try:
            return await self._exchange(attempt, task)
        except asyncio.CancelledError as cancelled:
            if self._attempt_timeout.has_expired(task):
                error: TransportError = translate(TimeoutError(), self._config)
            elif self._was_ended_by_closing(task):
                error = ConnectionLostError("the session was closed")
            else:
                # aiohttp's frames hold the request, and so the key: they must not reach anybody's traceback.
                raise cancelled.with_traceback(None) from None
        except TransportError as known:
            error = known
        except (aiohttp.ClientError, HttpProcessingError, OSError, UnicodeError) as foreign:
            error = translate(foreign, self._config)
            if isinstance(error, ConnectError):
                self._forget_addresses()
        except Exception as unknown:  # noqa: BLE001 (it is raised again)
            # Of a callback of the caller's in a borrowed session, or of a fault of aiohttp's.
            raise without_frames_of(LIBRARIES, unknown)  # noqa: B904 (it is the same error)
        finally:
            del self._under_way[task]
        if not attempt.was_sent:
            error = ConnectError(str(error))
        # Outside the except blocks, so that the foreign error is not chained: its repr and frames show headers.
        raise error.with_traceback(None)

    @property
    def slots(self) -> int:
        """The most attempts at the server at once: a borrowed connector may allow fewer than the settings."""
        borrowed = self._http.connector.limit if self._http.connector is not None else 0
        return min(self._config.pool.connections, borrowed or self._config.pool.connections)

    @property
    def open_connections(self) -> int:
        """The number of connections, idle ones too."""
        connectors = [http.connector for http in (self._http, self._fresh) if http is not None]
        in_use = sum(len(getattr(connector, "_acquired", ())) for connector in connectors)
        return in_use + sum(len(idle) for each in connectors for idle in getattr(each, "_conns", {}).values())

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more; a borrowed session's owner may have closed it."""
        return self._closed or self._http.closed

    async def aclose(self) -> None:
        """Close the pool; of a borrowed one, end only the exchanges of this session."""
        self._closed = True
        self._attempt_timeout.stop()
        # Closing the pool would not end those that connect, or that read a body.
        for task in self._under_way:
            task.cancel()
        if self._owned:
            await self._http.close()
        if self._fresh is not None:
            await self._fresh.close()

    def abandon(self, *, close: bool) -> None:
        """Drop pools that nobody closed, as aiohttp would by itself, only without its warnings.

        Without *close* the connections are left alone: after a fork they are the other process's too, and closing
        them would take them out of the selector that both share.
        """
        self._attempt_timeout.stop()
        for http in (self._http if self._owned else None, self._fresh):
            if http is not None and not http.closed:
                connector = http.connector
                http.detach()
                if close:
                    getattr(connector, "_close", lambda: None)()
                else:
                    vars(connector)["_closed"] = True

    def _open_pool(self, *, keep: bool = True) -> aiohttp.ClientSession:
        return open_pool(self._config, keep=keep, make_request=self._make_request, on_connect=self._note_connecting)

    def _current_attempt(self) -> Attempt | None:
        return self._under_way.get(cast("asyncio.Task[Any]", asyncio.current_task()))

    def _note_connecting(self) -> None:
        attempt = self._current_attempt()
        if attempt is not None:
            attempt.is_kept = attempt.call.repeatable
            attempt.connect()

    def _middlewares(self, attempt: Attempt) -> tuple[aiohttp.ClientMiddlewareType, ...]:
        """Return those of a borrowed session, and ours next to the connection."""
        return (*getattr(self._http, "_middlewares", ()), SendOnce(attempt, self._config, self._known))

    def _pool_for(self, call: Call[Any]) -> aiohttp.ClientSession:
        """Return the pool to send through: what must not be sent twice gets a connection of its own.

        A kept connection may be closed by the server just as it is reused (the keep-alive race), and then nobody
        knows whether the request arrived.
        """
        if call.repeatable or not self._owned:
            return self._http
        if self._fresh is None:
            self._fresh = self._open_pool(keep=False)
        return self._fresh

    def _forget_addresses(self) -> None:
        """Clear the DNS caches: the server may have moved."""
        for http in (self._http if self._owned else None, self._fresh):
            if http is not None and isinstance(http.connector, aiohttp.TCPConnector):
                http.connector.clear_dns_cache()

    def _was_ended_by_closing(self, task: "asyncio.Task[Any]") -> bool:
        """Return whether it was closing that cancelled a task's exchange, and nobody outside."""
        if not task.cancelling():
            return self.is_closed  # by aiohttp, which cancels its own look-ups of names
        return self._closed and not task.uncancel()

    async def _exchange(self, attempt: Attempt, task: "asyncio.Task[Any]") -> Response:
        call, headers = attempt.call, attempt.headers
        if self._direct is not None and call.method == DIRECT_METHOD and call.repeatable and not (call.body or headers):
            return await self._exchange_directly(attempt, self._direct, task)
        target = make_target(self._base_path, call)
        http = self._pool_for(call)
        async with http.request(
            call.method,
            URL(f"{self._origin}{target}", encoded=True),
            headers=merge_headers(self._headers if call.body is None else self._json_headers, headers),
            data=call.body if call.body is None or len(call.body) <= LARGEST_WRITE else BytesIO(call.body),
            timeout=self._timeout,
            allow_redirects=False,
            raise_for_status=False,
            auto_decompress=False,
            middlewares=None if self._owned else self._middlewares(attempt),
        ) as answer:
            body = await read_body(answer.content, answer.headers, self._limit)
            return self._respond(answer.status, answer.headers, body, headers)

    async def _exchange_directly(self, attempt: Attempt, direct: DirectSender, task: "asyncio.Task[Any]") -> Response:
        self._attempt_timeout.begin(task)
        try:
            exchange = await direct.send(attempt, make_target(self._base_path, attempt.call))
            try:
                body = await read_body(exchange.content, exchange.head.headers, self._limit)
            except BaseException:
                exchange.connection.close()
                raise
            exchange.connection.release()
        finally:
            self._attempt_timeout.end(task)
        return self._respond(exchange.head.code, exchange.head.headers, body)

    def _respond(
        self, status: int, headers: Mapping[str, str], body: bytes, sent: Mapping[str, Secret] = EMPTY
    ) -> Response:
        """Return an answer; of one that will be an error, without the secrets in the headers that were *sent*."""
        if not 200 <= status < 300:  # noqa: PLR2004
            secrets = [self._config.api_key.reveal(), *credentials({**self._config.headers, **sent})]
            body = redact_texts(body, secrets)
            headers = redact_headers(headers, secrets)
        return Response(status=status, headers=headers, body=body)

    def _make_request(self, method: str, *args: Any, **kwargs: Any) -> aiohttp.ClientRequest:
        """Return aiohttp's request; the first that fits is the pattern of those that are sent directly."""
        request = GatedRequest(method, *args, **kwargs)
        request.attempt = self._current_attempt()
        connector = self._http.connector
        if self._direct is None and method == DIRECT_METHOD and request.proxy is None and connector is not None:
            self._direct = DirectSender(connector, request, self._timeout) if DirectSender.is_possible() else None
        return request


def open_pool(
    config: Config,
    *,
    keep: bool,
    make_request: Callable[..., aiohttp.ClientRequest],
    on_connect: Callable[[], None],
) -> aiohttp.ClientSession:
    """Open aiohttp's connection pool: no cookies, no netrc, no redirects, and a proxy only for https."""
    pool = config.pool
    http = aiohttp.ClientSession(
        connector=open_connector(pool, keep=keep, on_connect=on_connect),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=find_proxy(pool, config.base_url),
        request_class=cast("type[aiohttp.ClientRequest]", make_request),
    )
    # aiohttp would repeat a request by itself when a kept connection drops: an attempt that nobody counts.
    with contextlib.suppress(AttributeError):
        http._retry_connection = False  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return http


def merge_headers(headers: dict[str, str], others: Mapping[str, Secret]) -> dict[str, str]:
    """Return headers with others, which are hidden, on top; names are compared in any case."""
    if not others:
        return headers
    replaced = {name.lower() for name in others}
    return {name: value for name, value in headers.items() if name.lower() not in replaced} | hide_each(others)


def make_target(base_path: str, call: Call[Any]) -> str:
    """Return the request's target; its path is quoted already, and must stay as it is."""
    return f"{base_path}{call.path}?{urlencode(call.query)}" if call.query else base_path + call.path


def make_timeout(timeouts: Timeouts, *, owned: bool) -> aiohttp.ClientTimeout:
    """Return the timeouts as aiohttp spells them, with as few timers as they take: each costs every attempt its time.

    aiohttp's `connect` counts the wait for a connection of the pool. In ours nobody waits, since the gate has no more
    slots than the pool; a borrowed one has other users, so there the time to connect is that of one socket.
    """
    covered = timeouts.read is None or (timeouts.attempt is not None and timeouts.read >= timeouts.attempt)
    return aiohttp.ClientTimeout(
        total=timeouts.attempt,
        connect=timeouts.connect if owned else None,
        sock_connect=None if owned else timeouts.connect,
        sock_read=None if covered else timeouts.read,
    )


async def read_body(content: aiohttp.StreamReader, headers: Mapping[str, str], limit: int) -> bytes:
    """Read and decompress a body; ResponseTooLargeError soon after it passes *limit* bytes."""
    if content.is_eof():
        data = content.read_nowait()
    else:
        if int(headers.get("Content-Length", 0)) > limit:
            raise _too_large(limit)
        data = await _read_pieces(content, limit)
    if len(data) > limit:
        raise _too_large(limit)
    encoding = headers.get("Content-Encoding", "")
    try:
        return decompress(data, encoding, limit=limit) if encoding else data
    except TooLargeError:
        raise _too_large(limit) from None
    except ValueError as error:
        problem = str(error)
    raise ConnectionLostError(f"the answer's body is garbled: {problem}")


async def _read_pieces(content: aiohttp.StreamReader, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            break
    return b"".join(pieces)


def _too_large(limit: int) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"the answer is larger than Pool.max_body ({limit} bytes)")
