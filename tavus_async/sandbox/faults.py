"""What goes wrong on purpose: drawn by dice that a seed makes repeatable, or scripted."""

import random
from collections import deque
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import Attribute, define, field, frozen
from attrs.validators import optional

from tavus_async._settings.checks import display, is_one_of, not_negative, refuse
from tavus_async._settings.naming import Settings
from tavus_async.errors import ConfigurationError
from tavus_async.sandbox.answers import Answer, message
from tavus_async.sandbox.checks import probability
from tavus_async.sandbox.limit import retry_after_headers

__all__ = ["GARBLED", "Fault", "FaultInjector", "FaultKind", "Faults", "Scripted"]

FaultKind: TypeAlias = Literal["ok", "answer", "error", "reset", "stall", "truncate", "garble"]
Scripted: TypeAlias = Literal["ok", "reset", "stall", "truncate", "garble"] | int | Answer

_LOSING: tuple[FaultKind, ...] = ("reset", "stall", "truncate", "garble")
_WORDS = ("ok", *_LOSING)
_HTML = "text/html; charset=utf-8"
_TEXTS: Mapping[int, str] = MappingProxyType(
    {429: "Rate limit exceeded", 500: "Internal server error", 503: "Service unavailable", 504: "Gateway timeout"}
)
_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


def _statuses(value: int | Iterable[int]) -> tuple[int, ...]:
    if isinstance(value, int):
        return (value,)
    try:
        return tuple(value)
    except TypeError:
        raise ConfigurationError(
            f"Faults.error_statuses must be statuses from 500 to 599, not {display(value)}"
        ) from None


def _check_statuses(instance: object, attribute: "Attribute[tuple[int, ...]]", value: tuple[object, ...]) -> None:
    if not value or not all(type(status) is int and status in range(500, 600) for status in value):
        refuse(instance, attribute, "statuses from 500 to 599", value)


@frozen(kw_only=True)
class Faults(Settings):
    """How often the sandbox misbehaves: probabilities from 0 to 1, waits in seconds.

    For each request that has a valid key and a token of the rate limit, dice are thrown in this order:
    *jitter*, *error*, *reset*, *stall*, *truncate*, *garble*. All are thrown whatever the settings, so that
    switching one fault on moves no other. The first that hits decides; latency comes on top of any.

    An *error* replaces the work: nothing is created, changed or deleted. The others lose the answer after the
    work is done, which is what makes a lost create dangerous.
    """

    latency: float = field(default=0.0, validator=not_negative)
    """Seconds before every answer."""
    jitter: float = field(default=0.0, validator=not_negative)
    """Up to so many seconds more, evenly spread."""
    error: float = field(default=0.0, validator=probability)
    """A 5xx."""
    error_statuses: tuple[int, ...] = field(default=(500, 502, 503), converter=_statuses, validator=_check_statuses)
    """Which one, or which ones, each as likely as the others."""
    error_retry_after: float | None = field(default=None, validator=optional(not_negative))
    """Seconds in the `Retry-After` of a 503; None sends no such header."""
    reset: float = field(default=0.0, validator=probability)
    """The connection is reset before the answer."""
    stall: float = field(default=0.0, validator=probability)
    """No answer ever comes, until the client hangs up or the sandbox closes."""
    truncate: float = field(default=0.0, validator=probability)
    """The connection closes after half of the body that was promised; where there is none, it is reset."""
    garble: float = field(default=0.0, validator=probability)
    """A 200 whose body is no JSON."""
    cut: float = field(default=0.0, validator=probability)
    """The download of a file breaks off after half of what is left of it, apart from all the others."""


@frozen(kw_only=True)
class Fault:
    """What happens to one request: nothing unusual ("ok"), or what its kind says."""

    kind: FaultKind = "ok"
    """Which of the `Faults`, or "answer" for a scripted one that is no error."""
    delay: float = 0.0
    """Seconds before the answer."""
    answer: Answer | None = None
    """What is sent in place of the work."""
    status: int | None = None
    """That of an error whose words are not given: an endpoint with words of its own for it uses those."""


_NO_FAULT = Fault()
GARBLED = Answer(status=200, body=b"<html><body>We'll be right back.</body></html>\n", headers={"Content-Type": _HTML})


@define(kw_only=True)
class FaultInjector:
    """Decides what happens to the requests to come: as scripted first, then as the dice say."""

    _faults: Faults = field(alias="faults")
    _dice: random.Random = field(alias="dice", repr=False)
    _script: deque[Fault] = field(init=False, factory=deque[Fault], repr=False)
    _has_none: bool = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._has_none = self._faults == Faults(
            error_statuses=self._faults.error_statuses, error_retry_after=self._faults.error_retry_after
        )

    def script(self, steps: Iterable[Scripted]) -> None:
        """Add *steps* to the script; raises `ConfigurationError`, and adds none, if one means nothing."""
        self._script.extend([self._scripted(step) for step in steps])

    def next_scripted(self) -> Fault | None:
        """Return and remove the next step of the script, or None at its end."""
        return self._script.popleft() if self._script else None

    def draw(self) -> Fault:
        """Return what the dice say about one request."""
        if self._has_none:
            return _NO_FAULT
        faults, dice = self._faults, self._dice
        delay = faults.latency + faults.jitter * dice.random()
        hits = [dice.random() for _ in range(5)]
        status = dice.choice(faults.error_statuses)
        if hits[0] < faults.error:
            return Fault(kind="error", delay=delay, answer=self._error(status), status=status)
        for kind, hit in zip(_LOSING, hits[1:], strict=True):
            if hit < getattr(faults, kind):
                return Fault(kind=kind, delay=delay)
        return Fault(delay=delay)

    def draw_for_file(self) -> Fault:
        """Return what the dice say about one request for a file."""
        if self._faults.cut and self._dice.random() < self._faults.cut:
            return Fault(kind="truncate")
        return self.draw()

    def _scripted(self, step: Scripted) -> Fault:
        if isinstance(step, int) and not isinstance(step, bool):
            answer = self._error(step)
            return Fault(kind=_kind_of(answer), answer=answer, status=step)
        if isinstance(step, Answer):
            return Fault(kind=_kind_of(step), delay=step.delay, answer=step)
        if isinstance(step, bool) or not is_one_of(step, _WORDS):
            raise ConfigurationError(f"a script has statuses, answers and {', '.join(_WORDS)}, not {display(step)}")
        return Fault(kind=step)

    def _error(self, status: int) -> Answer:
        if status == 502:  # noqa: PLR2004
            return Answer(status=status, body=_BAD_GATEWAY, headers={"Content-Type": _HTML})
        answer = message(_TEXTS.get(status, "Scripted answer"), status)
        wait = self._faults.error_retry_after
        if status == 503 and wait is not None:  # noqa: PLR2004
            return Answer(status=status, body=answer.body, headers=retry_after_headers(wait, "seconds"))
        return answer


def _kind_of(answer: Answer) -> FaultKind:
    return "error" if answer.status >= 400 else "answer"  # noqa: PLR2004
