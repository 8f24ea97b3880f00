"""What happens to calls, told to whoever listens: counters, the log, tracing, and listeners of one's own."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import attrs

from tavus_async._settings import checks
from tavus_async.errors import ConfigurationError, TavusError

P = ParamSpec("P")

log = logging.getLogger("tavus_async")

TOO_MANY_REQUESTS = 429


@attrs.define(eq=False, kw_only=True)
class CallInfo:
    """A call on its way, as listeners see it: read it, never write to it, and keep no reference after its end."""

    call_id: int
    """Counts the calls of a session from 1."""
    method: str
    path: str
    """Without query; the ids in it are quoted."""
    started: float
    """When it was begun, in seconds of the event loop's clock."""
    attempts: int = 0
    """How often it was sent so far; 0 for a call that was answered by the cache or by another, equal call."""


class CallListener:
    """The base of listeners: override what is of interest, and add one by `session.events.add(listener)`.

    The methods are called in the event loop and must not block. None gets a body, a header or a key. An exception that
    one raises is logged, and changes nothing for the call.
    """

    def call_started(self, call: CallInfo, /) -> None:
        """Handle the start of a call."""

    def attempt_sent(self, call: CallInfo, /) -> None:
        """Handle an attempt, the `call.attempts`-th, just before it is sent: it has its slot and token."""

    def answer_received(self, call: CallInfo, status: int, seconds: float, /) -> None:
        """Handle the answer to an attempt: its HTTP status, and the seconds that it took."""

    def attempt_failed(self, call: CallInfo, error: BaseException, seconds: float, /) -> None:
        """Handle the end of an attempt without an answer, after so many seconds: an error, or a `CancelledError`."""

    def retry_planned(self, call: CallInfo, error: TavusError, delay: float, /) -> None:
        """Handle the decision to send a call again after *delay* seconds, and the error that it follows."""

    def paused(self, call: CallInfo, seconds: float, /) -> None:
        """Handle a 429 that pauses all calls of the session for so many seconds."""

    def call_ended(self, call: CallInfo, error: BaseException | None, seconds: float, /) -> None:
        """Handle the end of a call after so many seconds: *error* is None, an error, or a `CancelledError`."""


class Events(CallListener):
    """Who listens to the calls of a session: `session.events.add(listener)`."""

    def __init__(self) -> None:
        self._listeners: list[CallListener] = []
        self._hear()

    def add(self, listener: CallListener) -> None:
        """Call a listener for every event from now on; ConfigurationError for what is none."""
        checks.of_kind("a listener", listener, CallListener)
        self._listeners.append(listener)
        self._hear()

    def remove(self, listener: CallListener) -> None:
        """Call a listener no more; ConfigurationError for one that was not added."""
        if listener not in self._listeners:
            raise ConfigurationError("this listener was not added")
        self._listeners.remove(listener)
        self._hear()

    def _hear(self) -> None:
        self._call_started = self._overridden("call_started")
        self._attempt_sent = self._overridden("attempt_sent")
        self._answer_received = self._overridden("answer_received")
        self._attempt_failed = self._overridden("attempt_failed")
        self._retry_planned = self._overridden("retry_planned")
        self._paused = self._overridden("paused")
        self._call_ended = self._overridden("call_ended")

    def _overridden(self, name: str) -> tuple[Callable[..., None], ...]:
        """Return the methods of this name that do something: events that nobody hears cost nothing."""
        inherited = getattr(CallListener, name)
        return tuple(
            getattr(each, name) if isinstance(each, OurListener) else guarded(getattr(each, name))
            for each in self._listeners
            if getattr(type(each), name) is not inherited
        )

    def call_started(self, call: CallInfo, /) -> None:
        for tell in self._call_started:
            tell(call)

    def attempt_sent(self, call: CallInfo, /) -> None:
        for tell in self._attempt_sent:
            tell(call)

    def answer_received(self, call: CallInfo, status: int, seconds: float, /) -> None:
        for tell in self._answer_received:
            tell(call, status, seconds)

    def attempt_failed(self, call: CallInfo, error: BaseException, seconds: float, /) -> None:
        for tell in self._attempt_failed:
            tell(call, error, seconds)

    def retry_planned(self, call: CallInfo, error: TavusError, delay: float, /) -> None:
        for tell in self._retry_planned:
            tell(call, error, delay)

    def paused(self, call: CallInfo, seconds: float, /) -> None:
        for tell in self._paused:
            tell(call, seconds)

    def call_ended(self, call: CallInfo, error: BaseException | None, seconds: float, /) -> None:
        for tell in self._call_ended:
            tell(call, error, seconds)


def guarded(tell: Callable[P, None]) -> Callable[P, None]:
    """Return a listener's method that logs what it raises instead of letting it end the call."""

    @wraps(tell)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            tell(*args, **kwargs)
        except Exception:
            log.exception("a listener of session.events has failed")

    return told


class OurListener(CallListener):
    """A listener that is known to raise nothing."""


class Counters(OurListener):
    """Counts for `AsyncSession.stats()`."""

    def __init__(self) -> None:
        self.calls = 0
        self.requests = 0
        self.retries = 0
        self.rate_limited = 0

    def call_started(self, _call: CallInfo, /) -> None:
        """Count a call."""
        self.calls += 1

    def attempt_sent(self, call: CallInfo, /) -> None:
        """Count an attempt, and whether it repeats one."""
        self.requests += 1
        if call.attempts > 1:
            self.retries += 1

    def answer_received(self, _call: CallInfo, status: int, _seconds: float, /) -> None:
        """Count a 429."""
        if status == TOO_MANY_REQUESTS:
            self.rate_limited += 1


class LogListener(OurListener):
    """Writes the log `tavus_async`: at DEBUG a line for each attempt, at INFO one for each pause."""

    def answer_received(self, call: CallInfo, status: int, seconds: float, /) -> None:
        """Log an attempt and its answer."""
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s %s: %d in %.0f ms, attempt %d", call.method, call.path, status, seconds * 1e3, call.attempts)

    def attempt_failed(self, call: CallInfo, error: BaseException, seconds: float, /) -> None:
        """Log an attempt without an answer."""
        if log.isEnabledFor(logging.DEBUG):
            kind = type(error).__name__
            log.debug("%s %s: %s in %.0f ms, attempt %d", call.method, call.path, kind, seconds * 1e3, call.attempts)

    def retry_planned(self, call: CallInfo, _error: TavusError, delay: float, /) -> None:
        """Log what is repeated, and when."""
        log.debug("%s %s: attempt %d failed, next in %.2f s", call.method, call.path, call.attempts, delay)

    def paused(self, call: CallInfo, seconds: float, /) -> None:
        """Log a pause of the whole session."""
        log.info("%s %s: 429, everyone pauses for %.2f s", call.method, call.path, seconds)
