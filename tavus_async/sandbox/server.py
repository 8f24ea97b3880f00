"""The sandbox itself: its settings and its lifecycle."""

import asyncio
import contextlib
import ipaddress
import logging
import random
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Self, get_args

from aiohttp import web
from attrs import Attribute, define, field
from attrs.validators import optional

from tavus_async._settings.checks import count, flag, not_negative, refuse
from tavus_async._settings.limits import RateLimit
from tavus_async.errors import ConfigurationError
from tavus_async.sandbox.collection import Collection, StoredObject
from tavus_async.sandbox.faults import FaultInjector, Faults, Scripted
from tavus_async.sandbox.handling import Handler
from tavus_async.sandbox.json import JsonObject, dump, parse
from tavus_async.sandbox.limit import RetryAfterForm, TokenBucket
from tavus_async.sandbox.resources import RESOURCES
from tavus_async.sandbox.resources.personas.names import FROM_PAL
from tavus_async.sandbox.seed import fill
from tavus_async.sandbox.stats import Recorder, SandboxStats
from tavus_async.sandbox.vocabulary import rename

__all__ = ["Sandbox"]

_BACKLOG = 1024
# Twice this is what closing may cost when a client does not read its answer.
_SECONDS_TO_CLOSE = 0.05


def _is_of_the_server(record: logging.LogRecord) -> bool:
    # aiohttp answers a malformed request with 400, and logs it with a traceback, as if the server were to blame.
    error = record.exc_info[1] if record.exc_info else None
    return getattr(error, "code", None) != 400 and not isinstance(error, web.RequestPayloadError)  # noqa: PLR2004


_LOGGER = logging.getLogger(__name__)
_LOGGER.addFilter(_is_of_the_server)


def _check_key(instance: object, attribute: "Attribute[str]", value: object) -> None:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or value.split() != [value]:
        refuse(instance, attribute, "printable ASCII without spaces", "something else")


def _is_a(kind: type) -> Callable[[object, "Attribute[Any]", object], None]:
    def check(instance: object, attribute: "Attribute[Any]", value: object) -> None:
        if not isinstance(value, kind):
            refuse(instance, attribute, f"of type {kind.__name__}", value)

    return check


def _check_form(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if value not in get_args(RetryAfterForm):
        refuse(instance, attribute, f"one of {', '.join(get_args(RetryAfterForm))}", value)


def _check_retry_after(instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if value is not None and value != "exact":
        not_negative(instance, attribute, value)


def _check_port(instance: object, attribute: "Attribute[int]", value: object) -> None:
    if type(value) is not int or value not in range(65536):
        refuse(instance, attribute, "a port from 0 to 65535", value)


@define(kw_only=True, eq=False, repr=False)
class Sandbox:
    """A Tavus of your own in this process, for development and tests: never let the world reach it.

    It listens on a real loopback socket and answers `/v2/personas` and `/v2/pals`, two names for one store,
    as Tavus does. Use it as `async with`, or with `start()` and `aclose()`.

    One request goes this way: its key is checked (401); a scripted step applies if there is one, else a token
    of the rate limit is taken (429) and the dice of the faults are thrown; then it is done and answered.

    Wrong settings raise `ConfigurationError`.
    """

    _initial: int | Iterable[Mapping[str, Any]] = field(default=100, alias="personas")
    """How many to generate, `p5317866` always the first, or the bodies to store, in either vocabulary."""
    rate_limit: RateLimit | None = field(default=None, validator=optional(_is_a(RateLimit)))
    """What the server admits; None admits everything. Only `per_second` and `burst` matter here."""
    faults: Faults = field(factory=Faults, validator=_is_a(Faults))
    """What goes wrong on purpose."""
    api_key: str = field(default="sandbox-key", validator=_check_key)
    """The only key that is accepted."""
    host: str = field(default="127.0.0.1", validator=_is_a(str))
    """A loopback address; any other must be named a second time as *allow_host*."""
    port: int = field(default=0, validator=_check_port)
    """0 picks a free one."""
    allow_host: str | None = field(default=None, validator=optional(_is_a(str)))
    """A *host* that is not loopback and is meant all the same."""
    envelope: bool = field(default=False, validator=flag)
    """Answer Get Persona as documented, `{"data": [persona]}`, instead of as Tavus really does, bare."""
    retry_after: float | Literal["exact"] | None = field(default=1.0, validator=_check_retry_after)
    """Seconds that a 429 asks to wait, "exact" for the time until there is a token; None sends no header."""
    retry_after_form: RetryAfterForm = field(default="seconds", validator=_check_form)
    """`Retry-After` as seconds or as an HTTP date, or `retry-after-ms`."""
    seed: int = field(default=0, validator=_is_a(int))
    """Decides the generated personas, the ids of created ones, and the dice of the faults."""
    record: bool = field(default=False, validator=flag)
    """Keep the times of the newest 100,000 requests for `stats().attempts`."""
    max_body: int = field(default=1024 * 1024, validator=count)
    """The largest request body in bytes; more is answered 413."""
    keepalive: float = field(default=75.0, validator=not_negative)
    """Seconds after which an idle connection is closed."""

    _personas: Collection = field(init=False)
    _handler: Handler = field(init=False)
    _runner: web.ServerRunner | None = field(init=False, default=None)
    _listener: socket.socket | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        if not _is_loopback(self.host) and self.host != self.allow_host:
            raise ConfigurationError(
                f"the sandbox listens on loopback only, and {self.host!r} is not: "
                "if you mean it, say allow_host with the same name"
            )
        collections = {
            definition.name: Collection(definition=definition, dice=self._dice(f"{definition.noun} ids"))
            for definition, _ in RESOURCES
        }
        self._personas = collections["personas"]
        self._handler = Handler(
            collections=collections,
            faults=FaultInjector(faults=self.faults, dice=self._dice("faults")),
            recorder=Recorder(keeps_times=self.record),
            bucket=TokenBucket(rate=self.rate_limit) if self.rate_limit is not None else None,
            api_key=self.api_key,
            envelope=self.envelope,
            max_body=self.max_body,
            retry_after=self.retry_after,
            retry_after_form=self.retry_after_form,
        )
        self._fill(self._initial)

    def __repr__(self) -> str:
        where = self.url if self._runner is not None else "closed"
        return f"<Sandbox {where}, {len(self._personas)} personas>"

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def start(self) -> Self:
        """Listen for connections; if the sandbox runs already, do nothing."""
        if self._runner is not None:
            return self
        listener = _listen(self.host, self.port)
        server = web.Server(
            self._handler.handle,
            handler_cancellation=True,
            access_log=None,
            logger=_LOGGER,
            keepalive_timeout=self.keepalive,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_SECONDS_TO_CLOSE)
        try:
            await runner.setup()
            await web.SockSite(runner, listener, backlog=_BACKLOG).start()
        except BaseException:
            listener.close()
            await runner.cleanup()
            raise
        self._runner, self._listener = runner, listener
        return self

    async def aclose(self) -> None:
        """Close at once, stalled answers included. What is stored stays; `start()` may be called again."""
        runner, self._runner = self._runner, None
        listener, self._listener = self._listener, None
        if runner is None or listener is None:
            return
        # asyncio stumbles over a server that closes in the middle of accepting, so accepting ends first.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().remove_reader(listener)
        try:
            await asyncio.sleep(0)
            await self._handler.cancel_delayed()
        finally:
            await runner.cleanup()

    @property
    def url(self) -> str:
        """The base URL, without `/v2` and without a slash at its end."""
        if self._listener is None:
            raise ConfigurationError("the sandbox has a URL only while it runs: use async with, or await start()")
        host = _bindable(self.host)
        port = self._listener.getsockname()[1]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def persona_ids(self) -> tuple[str, ...]:
        """The ids of all personas, system ones too, in order of creation."""
        return tuple(persona.id for persona in self._personas)

    def stats(self) -> SandboxStats:
        """Return the counters as they are now."""
        server = self._runner.server if self._runner is not None else None
        return self._handler.recorder.snapshot(connections=len(server.connections) if server is not None else 0)

    def script(self, steps: Iterable[Scripted]) -> None:
        """Script what happens to the next requests with a valid key, one step each, before rate limit and dice.

        A step is "ok", "reset", "stall", "truncate" or "garble", a status, or an `Answer` to send as it is.
        Statuses and answers replace the work; the other faults lose its answer.
        """
        self._handler.faults.script(steps)

    def add(self, body: Mapping[str, Any], *, system: bool = False) -> str:
        """Store one more persona, a copy of *body* without checks, and return its id (new if it has none)."""
        try:
            document: Any = parse(dump(dict(body)).encode())
            return self._personas.add(rename(document, FROM_PAL), is_system=system).id
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"not a persona: {error}") from None

    def stored(self, persona_id: str) -> JsonObject:
        """Return a copy of what is really stored: secrets in clear, defaults in place, names of personas."""
        return self._persona(persona_id).document()

    def open_maker_draft(self, persona_id: str) -> None:
        """Pretend that PAL Maker holds unpublished changes, so that patching the persona is a conflict (409)."""
        self._persona(persona_id).internal["draft"] = True

    def _dice(self, purpose: str) -> random.Random:
        return random.Random(f"{purpose} {self.seed}")  # noqa: S311

    def _persona(self, persona_id: str) -> StoredObject:
        persona = self._personas.get(persona_id)
        if persona is None:
            raise ConfigurationError(f"the sandbox has no persona {persona_id!r}")
        return persona

    def _fill(self, personas: int | Iterable[Mapping[str, Any]]) -> None:
        if isinstance(personas, Iterable):
            for body in personas:
                self.add(body)
        elif type(personas) is int and personas >= 0:
            fill(self._personas, personas, seed=self.seed)
        else:
            raise ConfigurationError(f"personas must be a number from 0 up, or bodies, not {personas!r}")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((_bindable(host), port), family=family)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error}") from error


def _bindable(host: str) -> str:
    # The name may stand for two addresses, and port 0 would then pick two ports.
    return "127.0.0.1" if host.lower() == "localhost" else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(_bindable(host)).is_loopback
    except ValueError:
        return False
