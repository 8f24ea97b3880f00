"""The sandbox itself: its settings and its lifecycle."""

import asyncio
import contextlib
import logging
import random
import socket
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

from aiohttp import web
from attrs import define, field
from attrs.validators import optional

from tavus_async._settings.checks import count, display, flag, is_number, is_text, not_negative, positive
from tavus_async._settings.limits import RateLimit
from tavus_async._settings.naming import Settings
from tavus_async.errors import ConfigurationError
from tavus_async.sandbox import checks
from tavus_async.sandbox.account import Account, EndBody
from tavus_async.sandbox.callbacks import Callbacks, CallbackSender, Delivery
from tavus_async.sandbox.clock import Clock
from tavus_async.sandbox.collection import Collection, StoredObject
from tavus_async.sandbox.faults import FaultInjector, Faults, Scripted
from tavus_async.sandbox.handling import Handler
from tavus_async.sandbox.http_server import HttpServer
from tavus_async.sandbox.json import JsonObject, dump, parse
from tavus_async.sandbox.limit import EnforcedLimit, RetryAfterForm
from tavus_async.sandbox.listener import address, is_loopback, listen
from tavus_async.sandbox.pages import Pages
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources import RESOURCES
from tavus_async.sandbox.resources.conversations import seeding
from tavus_async.sandbox.resources.conversations.lifecycle import post_event
from tavus_async.sandbox.rooms import Rooms
from tavus_async.sandbox.seed import MOST_GENERATED, fill
from tavus_async.sandbox.stats import Recorder, SandboxStats, ServedRequest
from tavus_async.sandbox.vocabulary import rename
from tavus_async.sandbox.windows import RequestWindows

__all__ = ["Sandbox"]

_BACKLOG = 1024
# Twice this is what closing may cost when a client does not read its answer.
_SECONDS_TO_CLOSE = 0.05


def _is_of_the_server(record: logging.LogRecord) -> bool:
    # aiohttp logs a body that breaks off with a traceback, as if the server were to blame.
    return not isinstance(record.exc_info[1] if record.exc_info else None, web.RequestPayloadError)


_LOGGER = logging.getLogger(__name__)
_LOGGER.addFilter(_is_of_the_server)


def _callbacks(value: Callbacks | str) -> Callbacks:
    return Callbacks(to=value) if isinstance(value, str) else value


def _texts(value: Iterable[str]) -> tuple[str, ...]:
    # A lone text would be taken for its letters.
    try:
        return (value,) if isinstance(value, str) else tuple(value)
    except TypeError:
        raise ConfigurationError(f"Sandbox.replies must be a sequence of strings, not {display(value)}") from None


@define(kw_only=True, eq=False, repr=False)
class Sandbox(Settings):
    """A Tavus of your own in this process, for development and tests: never let the world reach it.

    It listens on a real loopback socket and answers what the API has under `/v2/`, personas and replicas under both of
    their names, as Tavus does. Use it as `async with`, or with `start()` and `aclose()`.

    One request goes this way: its key is checked (401); a scripted step applies if there is one, else a token
    of the rate limit is taken (429) and the dice of the faults are thrown; then it is done and answered.

    A conversation lives: its persona joins, people come and go by the page at its `conversation_url` or through
    `rooms`, timeouts end it, its events are stored and posted to its `callback_url`, and its transcript comes minutes
    later. So do replicas, voices, videos and documents take their time. *speed* makes that shorter and `advance()`
    skips it; timestamps tell real time all the same.

    Wrong settings raise `ConfigurationError`.
    """

    _initial: int | Iterable[Mapping[str, Any]] = field(default=100, alias="personas")
    """How many to generate, `p5317866` always the first, or the bodies to store, in either vocabulary."""
    _conversations: int | Iterable[Mapping[str, Any]] = field(default=0, alias="conversations")
    """How many to generate, all of them over, or the bodies to store; active ones live from the first `start()` on."""
    rate_limit: RateLimit | None = field(default=None, validator=optional(checks.instance_of(RateLimit)))
    """What the server admits; None admits everything. Only `per_second` and `burst` matter here."""
    faults: Faults = field(factory=Faults, validator=checks.instance_of(Faults))
    """What goes wrong on purpose."""
    api_key: str = field(default="sandbox-key", validator=checks.key)
    """The only key that is accepted."""
    host: str = field(default="127.0.0.1", validator=checks.instance_of(str))
    """A loopback address; any other must be named a second time as *allow_host*."""
    port: int = field(default=0, validator=checks.port)
    """0 picks a free one."""
    allow_host: str | None = field(default=None, validator=optional(checks.instance_of(str)))
    """A *host* that is not loopback and is meant all the same."""
    envelope: bool = field(default=False, validator=flag)
    """Answer Get Persona as documented, `{"data": [persona]}`, instead of as Tavus really does, bare."""
    retry_after: float | Literal["exact"] | None = field(default=1.0, validator=checks.retry_after)
    """Seconds that a 429 asks to wait, "exact" for the time until there is a token; None sends no header."""
    retry_after_form: RetryAfterForm = field(default="seconds", validator=checks.one_of(RetryAfterForm))
    """`Retry-After` as seconds or as an HTTP date, or `retry-after-ms`."""
    seed: int = field(default=0, validator=checks.instance_of(int))
    """Decides what is generated, the ids of what is created, and the dice of faults, callbacks and conversations."""
    record: bool = field(default=False, validator=flag)
    """Keep the times of the newest 100,000 requests for `stats().attempts`."""
    max_body: int = field(default=1024 * 1024, validator=count)
    """The largest request body in bytes; more is answered 413."""
    keepalive: float = field(default=75.0, validator=not_negative)
    """Seconds after which an idle connection is closed."""
    speed: float = field(default=1.0, validator=positive)
    """Seconds of Tavus that pass in a real one: divides every delay and timeout that is Tavus' own."""
    _credits: int | None = field(default=None, alias="credits", validator=optional(checks.count_or_zero))
    """How many conversations may be started, those in test mode not counted; more is answered 402. None is endless."""
    max_conversations: int | None = field(default=None, validator=optional(count))
    """How many may be active at once; more is answered 400. None is endless."""
    callbacks: Callbacks = field(factory=Callbacks, converter=_callbacks, validator=checks.instance_of(Callbacks))
    """Where callbacks are posted to, and how reliably; "anywhere", or the name of a host, is short for `Callbacks`."""
    replies: tuple[str, ...] = field(default=(), converter=_texts, validator=checks.texts)
    """What personas answer in each conversation, one after the other; then they repeat what they are told."""
    end_body: EndBody = field(default="status", validator=checks.one_of(EndBody))
    """How Tavus answers the end of a conversation: `{"status": "ended"}`, an "object" without fields, or nothing."""

    _account: Account = field(init=False)
    _pages: Pages = field(init=False)
    _handler: Handler = field(init=False)
    _runner: web.ServerRunner | None = field(init=False, default=None)
    _listener: socket.socket | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        if not is_loopback(self.host) and self.host != self.allow_host:
            raise ConfigurationError(
                f"the sandbox listens on loopback only, and {self.host!r} is not: "
                "if you mean it, say allow_host with the same name"
            )
        self._account, self._pages = self._make_account(), Pages(contents=self)
        self._handler = Handler(
            account=self._account,
            faults=FaultInjector(faults=self.faults, dice=self._dice("faults")),
            recorder=Recorder(keeps_times=self.record),
            bucket=EnforcedLimit(rate=self.rate_limit) if self.rate_limit is not None else None,
            api_key=self.api_key,
            envelope=self.envelope,
            max_body=self.max_body,
            pages=self._pages.serve,
            retry_after=self.retry_after,
            retry_after_form=self.retry_after_form,
        )
        self._fill(self._initial)
        seeding.fill_conversations(self._account, self._conversations, seed=self.seed)

    def __repr__(self) -> str:
        where = self.url if self._runner is not None else "closed"
        active = len(self._account.rooms.active)
        return f"<Sandbox {where}, {len(self._personas)} personas, {active} active conversations>"

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def start(self) -> Self:
        """Listen for connections; if the sandbox runs already, do nothing."""
        if self._runner is not None:
            return self
        listener = listen(self.host, self.port)
        server = HttpServer(self._handler.handle, access_log=None, logger=_LOGGER, keepalive_timeout=self.keepalive)
        runner = web.ServerRunner(server, shutdown_timeout=_SECONDS_TO_CLOSE)
        try:
            await runner.setup()
            await web.SockSite(runner, listener, backlog=_BACKLOG).start()
        except BaseException:
            listener.close()
            await runner.cleanup()
            raise
        self._runner, self._listener = runner, listener
        self._account.url = self.url
        seeding.move_to(self._account)
        self._account.callbacks.start()
        self._account.clock.start()
        return self

    async def aclose(self) -> None:
        """Close at once, stalled answers included; callbacks that were not posted yet are not posted any more.

        What is stored stays, and what time was left stays: `start()` may be called again.
        """
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
            await self._end(runner)

    async def _end(self, runner: web.ServerRunner) -> None:
        try:
            await runner.cleanup()
        finally:
            self._pages.close()
            self._account.clock.stop()
            await self._account.callbacks.aclose()

    @property
    def url(self) -> str:
        """The base URL, without `/v2` and without a slash at its end."""
        if self._listener is None:
            raise ConfigurationError("the sandbox has a URL only while it runs: use async with, or await start()")
        host = address(self.host)
        port = self._listener.getsockname()[1]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def persona_ids(self) -> tuple[str, ...]:
        """The ids of all personas, system ones too, in order of creation."""
        return tuple(persona.id for persona in self._personas)

    @property
    def conversation_ids(self) -> tuple[str, ...]:
        """The ids of all conversations that are stored, hidden ones too, in order of creation."""
        return tuple(conversation.id for conversation in self._account.collections["conversations"])

    @property
    def active_conversation_ids(self) -> tuple[str, ...]:
        """The ids of the conversations that go on, in order of creation: what would cost money."""
        return self._account.rooms.active

    @property
    def rooms(self) -> Rooms:
        """The rooms of the conversations, in which people can be put: `rooms.get(conversation_id)`."""
        return self._account.rooms

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The newest 10,000 attempts to deliver an event to a `callback_url`, refused ones too."""
        return self._account.callbacks.deliveries

    @property
    def requests(self) -> tuple[ServedRequest, ...]:
        """The newest 500 requests to the API, in the order in which they ended."""
        return self._handler.recorder.newest

    @property
    def credits_left(self) -> int | None:
        """How many conversations may still be started; None is endless."""
        return self._account.credits

    def advance(self, seconds: float) -> None:
        """Let *seconds* of Tavus pass at once: what is due within them happens before this returns.

        Callbacks are posted after it, as the network takes them: `drain_callbacks()` waits for that.
        """
        if not is_number(seconds) or seconds < 0:
            raise ConfigurationError(f"seconds must be a number from 0 up, not {display(seconds)}")
        self._account.clock.advance(seconds)

    async def drain_callbacks(self) -> None:
        """Wait until every callback that is due has been posted, and answered or given up."""
        await self._account.callbacks.drain()

    def post_event(
        self, conversation_id: str, event_type: str, properties: Mapping[str, Any], *, message_type: str = "application"
    ) -> None:
        """Let something happen in a conversation that is told of: stored with its events and posted to its callback.

        For what a sandbox does not come to by itself, such as `application.post_call_action_executed`.
        """
        if not is_text(event_type) or not event_type:
            raise ConfigurationError(f"event_type must be a text, and not empty, not {display(event_type)}")
        try:
            told: Any = parse(dump(dict(properties)).encode())
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"not the properties of an event: {error}") from None
        post_event(self._account, self._stored("conversations", conversation_id), event_type, message_type, told)

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

    def add(self, body: Mapping[str, Any], *, resource: str = "personas", system: bool = False) -> str:
        """Store one more object, a copy of *body* without checks, and return its id (new if it has none).

        *resource* is named as in paths. A *system* object belongs to Tavus: nobody may change it.
        """
        collection = self._collection(resource)
        try:
            document: Any = parse(dump(dict(body)).encode())
            return collection.add(rename(document, collection.definition.incoming), is_system=system).id
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"not one of the {resource}: {error}") from None

    def ids(self, resource: str) -> tuple[str, ...]:
        """Return the ids of all objects of a resource, which is named as in paths, in order of creation."""
        return tuple(stored.id for stored in self._collection(resource))

    def stored(self, object_id: str, *, resource: str = "personas") -> JsonObject:
        """Return a copy of what is really stored: secrets in clear, defaults in place, names of personas.

        Of a conversation in the words of who created it. *resource* is named as in paths.
        """
        return self._stored(resource, object_id).document()

    def events(self, conversation_id: str) -> tuple[JsonObject, ...]:
        """Return copies of the events of a conversation, as a verbose Get Conversation shows them."""
        events: Any = parse(dump(self._stored("conversations", conversation_id).internal.get("events", [])).encode())
        return tuple(events)

    def open_maker_draft(self, persona_id: str) -> None:
        """Pretend that PAL Maker holds unpublished changes, so that patching the persona is a conflict (409)."""
        self._stored("personas", persona_id).internal["draft"] = True

    @property
    def _personas(self) -> Collection:
        return self._collection("personas")

    def _make_account(self) -> Account:
        clock = Clock(speed=self.speed)
        return Account(
            collections={resource.definition.name: self._make_collection(resource) for resource in RESOURCES},
            clock=clock,
            callbacks=CallbackSender(settings=self.callbacks, clock=clock, dice=self._dice("callbacks")),
            windows=RequestWindows(clock=clock),
            dice=self._dice("conversations"),
            credits=self._credits,
            max_conversations=self.max_conversations,
            replies=self.replies,
            end_body=self.end_body,
        )

    def _make_collection(self, resource: Registration) -> Collection:
        definition = resource.definition
        collection = Collection(definition=definition, dice=self._dice(f"{definition.noun} ids"))
        for document in resource.stock:
            collection.add(document, is_system=True)
        return collection

    def _dice(self, purpose: str) -> random.Random:
        return random.Random(f"{purpose} {self.seed}")  # noqa: S311

    def _collection(self, resource: str) -> Collection:
        known = self._account.collections
        spellings = (resource, resource.replace("-", "_"), resource.replace("_", "-")) if is_text(resource) else ()
        collection = next((known[each] for each in spellings if each in known), None)
        if collection is None:
            raise ConfigurationError(f"resource must be one of {', '.join(known)}, not {display(resource)}")
        return collection

    def _stored(self, resource: str, object_id: str) -> StoredObject:
        collection = self._collection(resource)
        found = collection.get(object_id)
        if found is None:
            raise ConfigurationError(f"the sandbox has no {collection.definition.noun} {display(object_id)}")
        return found

    def _fill(self, personas: int | Iterable[Mapping[str, Any]]) -> None:
        if isinstance(personas, Iterable):
            for body in personas:
                self.add(body)
        elif type(personas) is int and 0 <= personas <= MOST_GENERATED:
            fill(self._personas, personas, seed=self.seed)
        else:
            raise ConfigurationError(
                f"personas must be a number from 0 up to {MOST_GENERATED:,}, or bodies, not {display(personas)}"
            )
