"""A receiver of webhooks: it checks who sends, reads what, and hands it to functions, once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tavus_async._records.secrets import Secret
from tavus_async._settings.checks import display, is_number, is_text, of_kind
from tavus_async.errors import ConfigurationError, DeadlineExceededError, InvalidRequestError, WebhookError
from tavus_async.resources.conversations.events import Event
from tavus_async.webhooks.asgi import AsgiApp
from tavus_async.webhooks.delivery import BAD, BUSY, NOT_ALLOWED, NOT_FOUND, IncomingRequest, WebhookAnswer, read_whole
from tavus_async.webhooks.handling import BusyElsewhereError, EventHandler, Handling, name_of, require_async
from tavus_async.webhooks.parsing import parse
from tavus_async.webhooks.secret import CallbackSecret
from tavus_async.webhooks.seen import MemorySeen, Seen

if TYPE_CHECKING:
    from aiohttp import web

logger = logging.getLogger("tavus_async.webhooks")

EventT = TypeVar("EventT", bound=Event)
ResultT = TypeVar("ResultT")
HandlerT = TypeVar("HandlerT", bound=Callable[[Any], Awaitable[object]])
AsyncFunction = Callable[[EventT], Awaitable[ResultT]]

MEBIBYTE = 1_048_576
LARGEST_WEBHOOK = 16 * MEBIBYTE
# Bytes. What is longer is read in a thread: many small values take seconds, in which nobody else would be answered.
LONG_WEBHOOK = MEBIBYTE // 4


class Receiver:
    """Receives webhooks, in any web framework.

    ```python
    secret = webhooks.Secret(os.environ["TAVUS_WEBHOOK_SECRET"])
    receiver = webhooks.Receiver(secret=secret)


    @receiver.on(webhooks.TranscriptionReady)
    async def store(event: webhooks.TranscriptionReady) -> None: ...


    app.add_routes(receiver.routes("/tavus"))  # aiohttp.web
    app.add_route("/tavus", receiver.asgi)  # FastAPI, Starlette
    ```

    Each handler is called at most once for an `event.identity`, whatever Tavus delivers twice. If it fails, or takes
    longer than *timeout* seconds (default 30), the delivery is answered 500, and the next one is handled anew, by that
    handler alone. Two deliveries of one event at a time call it once; the second is answered as the first.
    A client that hangs up changes nothing: a handler that has begun is run to its end.

    *secret* is what the callback URL carries (`secret.callback_url(…)`); without it a request is answered 404, as if
    there was nothing. With None, which is for tests, everyone who knows the URL can send events.
    *seen* keeps what has been handled; default `MemorySeen()`, which is enough for one process.
    *max_body* is in bytes, default 16 MiB; what is larger is answered 413, and not read.
    Raises ConfigurationError for wrong settings.
    """

    def __init__(
        self,
        *,
        secret: str | Secret | None = None,
        seen: Seen | None = None,
        max_body: int = LARGEST_WEBHOOK,
        timeout: float = 30.0,
    ) -> None:
        if type(max_body) is not int or max_body < 1:
            raise ConfigurationError(f"Receiver.max_body must be a whole number from 1 up, not {display(max_body)}")
        if not is_number(timeout) or timeout <= 0:
            raise ConfigurationError(f"Receiver.timeout must be a number above 0, not {display(timeout)}")
        if seen is not None and not all(callable(getattr(seen, name, None)) for name in ("claim", "finish", "release")):
            raise ConfigurationError("Receiver.seen must have claim, finish and release, as webhooks.Seen says")
        self._secret = None if secret is None else CallbackSecret(secret)
        self._max_body = max_body
        self._timeout = timeout
        self._handling = Handling(MemorySeen() if seen is None else seen, timeout=timeout)
        self._handlers: list[EventHandler] = []
        self._waiting: list[tuple[Callable[[Event], bool], asyncio.Future[Event]]] = []

    def __repr__(self) -> str:
        return f"<Receiver handlers={len(self._handlers)} {'with' if self._secret else 'without'} secret>"

    @overload
    def on(
        self, kind: type[EventT], /
    ) -> Callable[[AsyncFunction[EventT, ResultT]], AsyncFunction[EventT, ResultT]]: ...
    @overload
    def on(self, kind: type[Event], other: type[Event], /, *kinds: type[Event]) -> Callable[[HandlerT], HandlerT]: ...
    def on(self, *kinds: type[Event]) -> Callable[[HandlerT], HandlerT]:
        """Return a decorator for a handler of these events: `@receiver.on(Shutdown, TranscriptionReady)`.

        A base class stands for all beneath it, `Event` for everything. A handler is an async function of one argument,
        the event; what it returns is ignored. Handlers of one event run at the same time.
        Raises ConfigurationError for what is no class of events, and for a function that is not async.
        """
        if not are_kinds(kinds):
            raise ConfigurationError("receiver.on takes classes of events: @receiver.on(TranscriptionReady)")

        def register(function: HandlerT) -> HandlerT:
            require_async(function)
            name = name_of(function)
            same = sum(handler.name.partition("#")[0] == name for handler in self._handlers)
            self._handlers.append(EventHandler(f"{name}#{same + 1}" if same else name, kinds, function))
            return function

        return register

    async def dispatch(self, event: Event) -> None:
        """Hand an event to its handlers, as if it had been delivered; for tests, and for other frameworks.

        Raises what a handler raises, an ExceptionGroup where several do, DeadlineExceededError for one that is too
        slow, and WebhookError where the event is being handled in another delivery for longer than *timeout*.
        """
        of_kind("what is dispatched", event, Event, error=InvalidRequestError)
        failures = await self._handle(event)
        if len(failures) > 1:
            raise ExceptionGroup(f"{len(failures)} handlers failed", failures)
        if failures:
            raise failures[0]

    @overload
    async def wait_for(
        self, kind: type[EventT], /, *, where: Callable[[EventT], bool] | None = None, timeout: float | None = None
    ) -> EventT: ...
    @overload
    async def wait_for(
        self,
        kind: type[Event],
        other: type[Event],
        /,
        *kinds: type[Event],
        where: Callable[[Any], bool] | None = None,
        timeout: float | None = None,
    ) -> Event: ...
    async def wait_for(
        self, *kinds: type[Event], where: Callable[[Any], bool] | None = None, timeout: float | None = None
    ) -> Event:
        """Wait for the next event of these classes for which *where* is true, and return it.

        Only what this process receives is seen. Raises DeadlineExceededError after *timeout* seconds; default: never;
        ConfigurationError for what is no class of events, no function, or no number above 0.
        """
        if not are_kinds(kinds):
            raise ConfigurationError("receiver.wait_for takes classes of events: receiver.wait_for(TranscriptionReady)")
        if where is not None and not callable(where):
            raise ConfigurationError("Receiver.wait_for takes a function of an event as where")
        if timeout is not None and (not is_number(timeout) or timeout <= 0):
            raise ConfigurationError(f"timeout must be a number of seconds above 0, not {display(timeout)}")

        def is_wanted(event: Event) -> bool:
            return isinstance(event, kinds) and (where is None or where(event))

        future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        waiting = (is_wanted, future)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            names = " or ".join(kind.__name__ for kind in kinds)
            raise DeadlineExceededError(f"no {names} came within {timeout:g} s") from None
        finally:
            self._waiting.remove(waiting)

    async def drain(self) -> None:
        """Wait until no handler is running: before the process ends, after the server has stopped."""
        while tasks := self._handling.tasks:
            await asyncio.wait(tasks)

    def routes(self, path: str = "/") -> "list[web.RouteDef]":
        """Return the routes for aiohttp.web: `app.add_routes(receiver.routes("/tavus"))`."""
        from tavus_async.webhooks.routes import make_routes  # noqa: PLC0415 (who uses ASGI needs no aiohttp.web)

        if not is_text(path) or not path.startswith("/"):
            raise ConfigurationError(f"the path of a route must begin with a slash, and {display(path)} does not")
        return make_routes(path, self._answer)

    @property
    def asgi(self) -> AsgiApp:
        """An ASGI app that answers at whatever path it is put: `app.add_route("/tavus", receiver.asgi)`."""
        return AsgiApp(self._answer, self.drain)

    async def _answer(self, request: IncomingRequest) -> WebhookAnswer:
        """Return the answer to a request, after its event has been handled."""
        answered = await self._find_answer(request)
        logger.debug("a webhook was answered %d", answered.status)
        return answered

    async def _find_answer(self, request: IncomingRequest) -> WebhookAnswer:
        if self._secret is not None and not self._secret.matches(request.url):
            logger.warning("a request without the webhook's secret was refused")
            return NOT_FOUND
        if request.method != "POST":
            return NOT_ALLOWED
        body = await read_whole(request, limit=self._max_body, timeout=self._timeout)
        if isinstance(body, WebhookAnswer):
            return body
        try:
            event = await read_aside(partial(parse, body), is_long=len(body) > LONG_WEBHOOK)
        except WebhookError:
            logger.warning("a webhook's body of %d bytes is no JSON object", len(body))
            return BAD
        failures = await self._handle(event, is_long=len(body) > LONG_WEBHOOK)
        is_busy = bool(failures) and all(isinstance(failure, BusyElsewhereError) for failure in failures)
        return BUSY if is_busy else WebhookAnswer(500 if failures else 200)

    async def _handle(self, event: Event, *, is_long: bool = False) -> list[Exception]:
        for is_wanted, future in self._waiting:
            if future.done():
                continue
            try:
                if is_wanted(event):
                    future.set_result(event)
            except Exception as error:  # noqa: BLE001 (it is for who waits, not for who delivers)
                future.set_exception(error)
        handlers = [handler for handler in self._handlers if isinstance(event, handler.kinds)]
        identity = await read_aside(partial(getattr, event, "identity"), is_long=is_long) if handlers else ""
        found = await asyncio.gather(*(self._handling.once(handler, event, identity) for handler in handlers))
        return [failure for failure in found if failure is not None]


def are_kinds(kinds: tuple[object, ...]) -> bool:
    """Return whether these are classes of events, one at least."""
    return bool(kinds) and all(isinstance(kind, type) and issubclass(kind, Event) for kind in kinds)


async def read_aside(read: Callable[[], ResultT], *, is_long: bool) -> ResultT:
    """Return what a function returns, which is called in a thread if it takes long."""
    return await asyncio.to_thread(read) if is_long else read()
