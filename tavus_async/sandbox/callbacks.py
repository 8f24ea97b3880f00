"""Callbacks: events that are posted to the URLs that clients gave, and the record of how that went."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

import aiohttp
from attrs import Attribute, define, evolve, field, frozen

from tavus_async._settings.checks import display, is_text, positive, refuse
from tavus_async._settings.naming import Settings
from tavus_async.errors import ConfigurationError
from tavus_async.sandbox.checks import probability
from tavus_async.sandbox.clock import Clock, Timer
from tavus_async.sandbox.json import JsonObject, encode
from tavus_async.sandbox.listener import is_loopback

__all__ = ["CallbackSender", "Callbacks", "Delivery"]

_KEPT_DELIVERIES = 10_000
_LOOPBACK, _ANYWHERE = "loopback", "anywhere"
# What overtakes an event must come within so many seconds of Tavus.
_HELD_BACK_AT_MOST = 120.0


def _hosts(value: str | Iterable[str]) -> tuple[str, ...]:
    try:
        return (value,) if is_text(value) else tuple(value)
    except TypeError:
        raise ConfigurationError(f"Callbacks.to must be names of hosts, not {display(value)}") from None


def _check_hosts(instance: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[object, ...]) -> None:
    if not value or not all(is_text(host) and host for host in value):
        refuse(instance, attribute, "loopback, anywhere, or names of hosts", value)


@frozen(kw_only=True)
class Callbacks(Settings):
    """Where callbacks go, and how reliably: probabilities from 0 to 1."""

    to: tuple[str, ...] = field(default=(_LOOPBACK,), converter=_hosts, validator=_check_hosts)
    """"loopback" for this machine alone, "anywhere", or the hosts that are allowed besides loopback."""
    duplicates: float = field(default=0.1, validator=probability)
    """How often an event is posted a second time."""
    overtaken: float = field(default=0.0, validator=probability)
    """How often an event is posted only after the one that follows it."""
    timeout: float = field(default=10.0, validator=positive)
    """Real seconds within which a callback must be answered."""


@frozen(kw_only=True)
class Delivery:
    """One attempt to deliver one event: answered with a status, or failed with an error, never both."""

    subject_id: str
    """The id of what it tells of: a conversation, a replica, a video."""
    event_type: str
    """As in the body; empty where the body has none."""
    url: str = field(repr=False)
    """The `callback_url`, secrets included."""
    at: float
    """When it began, in seconds since 1970."""
    status: int | None = None
    """What the receiver answered; None if it did not."""
    error: str | None = None
    """Why there is no answer, or why nothing was sent: then it begins with "refused"."""
    duration: float = 0.0
    """Real seconds until the answer or the error."""
    attempt: int = 1
    """1, and 2 for a duplicate."""


@frozen(kw_only=True)
class _Callback:
    subject_id: str
    event_type: str
    url: str
    body: bytes
    comes_twice: bool = False
    attempt: int = 1


@define(eq=False)
class _Line:
    """What waits to be posted of one conversation, or another object: one after the other, as one sender would."""

    subject_id: str
    waiting: deque[_Callback] = field(factory=deque[_Callback])
    held_back: _Callback | None = None
    release: Timer | None = None
    task: "asyncio.Task[None] | None" = None


@define(kw_only=True, eq=False)
class CallbackSender:
    """Posts events in their order, with the duplicates and the disorder that its settings ask for."""

    settings: Callbacks
    """Where to, and how reliably."""
    _clock: Clock = field(alias="clock")
    _dice: random.Random = field(alias="dice", repr=False)
    _deliveries: deque[Delivery] = field(init=False, factory=lambda: deque[Delivery](maxlen=_KEPT_DELIVERIES))
    _lines: dict[str, _Line] = field(init=False, factory=dict[str, _Line], repr=False)
    _http: aiohttp.ClientSession | None = field(init=False, default=None, repr=False)

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Return the newest 10,000 attempts, in the order in which they ended."""
        return tuple(self._deliveries)

    def start(self) -> None:
        """Send from now on, in the running event loop."""
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self.settings.timeout), cookie_jar=aiohttp.DummyCookieJar()
        )
        for line in self._lines.values():
            self._set_going(line)

    async def aclose(self) -> None:
        """Stop at once; what was not sent yet is not sent any more."""
        http, self._http = self._http, None
        lines = list(self._lines.values())
        self._lines.clear()
        tasks = [line.task for line in lines if line.task is not None]
        for line in lines:
            if line.release is not None:
                line.release.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if http is not None:
            await http.close()

    async def drain(self) -> None:
        """Wait until all that is to be posted now has been; what is held back for later is not waited for."""
        while tasks := [line.task for line in self._lines.values() if line.task is not None]:
            await asyncio.wait(tasks)

    def post(self, url: str, body: JsonObject, *, subject_id: str) -> None:
        """Post *body*, which tells of the object with *subject_id*, to *url* when its turn has come."""
        # Decided here, so that the dice fall the same way however quick the receivers are.
        shares = (self.settings.duplicates, self.settings.overtaken)
        comes_twice, is_overtaken = (self._dice.random() < share for share in shares)
        callback = _Callback(
            subject_id=subject_id,
            event_type=str(body.get("event_type", "")),
            url=url,
            body=encode(body),
            comes_twice=comes_twice,
        )
        if (reason := self._refusal(url)) is not None:
            self._note(callback, time.time(), error=f"refused: {reason}")
            return
        line = self._lines.setdefault(subject_id, _Line(subject_id))
        if is_overtaken and line.held_back is None:
            line.held_back = callback
            line.release = self._clock.call_later(_HELD_BACK_AT_MOST, lambda: self._release(line))
            return
        line.waiting.append(callback)
        self._release(line)

    def _release(self, line: _Line) -> None:
        if line.release is not None:
            line.release.cancel()
            line.release = None
        if line.held_back is not None:
            line.waiting.append(line.held_back)
            line.held_back = None
        self._set_going(line)

    def _set_going(self, line: _Line) -> None:
        if line.waiting and line.task is None and self._http is not None:
            line.task = asyncio.get_running_loop().create_task(self._send_all(line, self._http))

    async def _send_all(self, line: _Line, http: aiohttp.ClientSession) -> None:
        try:
            while line.waiting:
                callback = line.waiting.popleft()
                if callback.comes_twice:
                    line.waiting.append(evolve(callback, comes_twice=False, attempt=2))
                await self._send(callback, http)
        finally:
            line.task = None
        if line.held_back is None:
            self._lines.pop(line.subject_id, None)

    async def _send(self, callback: _Callback, http: aiohttp.ClientSession) -> None:
        at, began = time.time(), time.monotonic()
        status, error = None, None
        try:
            headers = {"Content-Type": "application/json"}
            async with http.post(callback.url, data=callback.body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except TimeoutError:
            error = f"no answer within {self.settings.timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            # Its path may hold the receiver's secret.
            error = f"{type(failure).__name__}: {failure}".replace(callback.url, "callback_url")
        self._note(callback, at, status=status, error=error, duration=time.monotonic() - began)

    def _note(
        self,
        callback: _Callback,
        at: float,
        *,
        status: int | None = None,
        error: str | None = None,
        duration: float = 0.0,
    ) -> None:
        self._deliveries.append(
            Delivery(
                subject_id=callback.subject_id,
                event_type=callback.event_type,
                url=callback.url,
                at=at,
                status=status,
                error=error,
                duration=duration,
                attempt=callback.attempt,
            )
        )

    def _refusal(self, url: str) -> str | None:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return "the callback_url is no URL"
        if parts.scheme not in {"http", "https"} or not host:
            return "the callback_url is no http or https URL"
        allowed = self.settings.to
        if _ANYWHERE in allowed or host in allowed or is_loopback(host):
            return None
        return f"{host} is not loopback, and not allowed by the setting callbacks"
