"""Limits that are one endpoint's own: it alone is slowed by their 429s.

An endpoint is a method and a path with its ids left out. Whether a 429 is its own, the call itself may know, where the
limit is documented, or the server's words may say. Else
what others meet meanwhile says it: from the first 429 on, for WATCHED_FOR seconds, what ends is counted by endpoint. If
a limit, or chance, refused any alike, each of k refusals would be this endpoint's with the probability w, its share of
all that ended; that all k are has the probability wᵏ. Where that is below CERTAINLY, the limit is this endpoint's own.

Such an endpoint has a gate of its own before the session's, with a token bucket that learns as any (`pace.py`); its
429s pause nobody else. It is forgotten after FORGOTTEN_AFTER seconds without one.
"""

import re
from collections.abc import Callable

import attrs

from tavus_async._engine.gate import Gate
from tavus_async._wire.call import Call

# Seconds.
WATCHED_FOR = 10.0
FORGOTTEN_AFTER = 60.0
# The probability that is no coincidence, and so many refusals at least.
CERTAINLY = 0.01
FEWEST_REFUSALS = 3
# A word of the API's in a path; whatever else stands there is an id.
_WORD = re.compile(r"[a-z]+([_-][a-z]+)*|v\d")
_SAYS_OWN = re.compile(r"\b(this|per|for the) (endpoint|route|operation|method|path)\b", re.IGNORECASE)


def endpoint_of(call: Call[object]) -> str:
    """Return a call's method and path, with a dash for each id: `GET /v2/things/-`.

    What has a limit for each object is a thing of its own with each id.
    """
    if call.has_own_limit:
        return f"{call.method} {call.path}"
    parts = [part if _WORD.fullmatch(part) else "-" for part in call.path.split("/")[1:]]
    return f"{call.method} /{'/'.join(parts)}"


@attrs.define
class WatchedEndpoint:
    """What has ended since an endpoint's 429, of it and of others."""

    until: float
    ended: int = 0
    refused: int = 0
    others_ended: int = 0
    others_refused: int = 0

    def count(self, *, is_own: bool, is_admitted: bool) -> None:
        """Count one that has ended."""
        if is_own:
            self.ended += 1
            self.refused += not is_admitted
        else:
            self.others_ended += 1
            self.others_refused += not is_admitted

    @property
    def is_own_limit(self) -> bool:
        """Whether it is no coincidence that all refusals are this endpoint's."""
        if self.others_refused or self.refused < FEWEST_REFUSALS:
            return False
        share = (self.ended + 1) / (self.ended + self.others_ended + 1)
        return share**self.refused < CERTAINLY


@attrs.define
class OwnLimit:
    """The gate of an endpoint that has a limit of its own."""

    gate: Gate
    refused_at: float


class Endpoints:
    """Which endpoints have limits of their own. *make_gate* makes the gate of one."""

    def __init__(self, make_gate: Callable[[], Gate], *, clock: Callable[[], float]) -> None:
        self._make_gate, self._clock = make_gate, clock
        self._watched: dict[str, WatchedEndpoint] = {}
        self._own: dict[str, OwnLimit] = {}
        self.are_watched = False
        """Whether `ended()` and `gate()` need to be asked: kept at hand, since every call looks."""

    @property
    def gates(self) -> list[Gate]:
        """The gates of those that have."""
        return [own.gate for own in self._own.values()]

    @property
    def waiting(self) -> int:
        """The number of attempts that wait for limits of endpoints."""
        return sum(own.gate.waiting for own in self._own.values())

    def gate(self, call: Call[object]) -> Gate | None:
        """Return the gate before which a call waits first; None for one whose endpoint has no limit of its own."""
        return own.gate if (own := self._find(endpoint_of(call))) is not None else None

    def refused(self, call: Call[object], words: str) -> bool:
        """Record a 429; return whether that is the endpoint's own, and nobody else's business."""
        endpoint, now = endpoint_of(call), self._clock()
        own = self._find(endpoint)
        if own is None and (call.has_own_limit or _SAYS_OWN.search(words) or call.path in words):
            own = self._own[endpoint] = OwnLimit(self._make_gate(), now)
        self.are_watched = True
        if own is not None:
            own.refused_at = now
            return True
        self._watched.setdefault(endpoint, WatchedEndpoint(until=now + WATCHED_FOR))
        return False

    def ended(self, call: Call[object], *, is_admitted: bool) -> None:
        """Count an attempt for what is watched."""
        endpoint, now = endpoint_of(call), self._clock()
        for watched, watch in list(self._watched.items()):
            watch.count(is_own=watched == endpoint, is_admitted=is_admitted)
            if watch.is_own_limit:
                self._own[watched] = OwnLimit(self._make_gate(), now)
            if watch.is_own_limit or watch.others_refused or now > watch.until:
                del self._watched[watched]
        self.are_watched = bool(self._own or self._watched)

    def _find(self, endpoint: str) -> OwnLimit | None:
        own = self._own.get(endpoint)
        if own is None:
            return None
        is_idle = not own.gate.waiting and not own.gate.in_flight
        if is_idle and self._clock() - own.refused_at > FORGOTTEN_AFTER:
            del self._own[endpoint]
            self.are_watched = bool(self._own or self._watched)
            return None
        return own
