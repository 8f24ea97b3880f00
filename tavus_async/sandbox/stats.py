"""What a sandbox has seen, for tests and benchmarks to check."""

import time
from collections import Counter, deque
from collections.abc import Mapping
from types import MappingProxyType

from attrs import define, field, frozen

__all__ = ["Recorder", "SandboxStats", "ServedRequest"]

_KEPT_ATTEMPTS = 100_000
_KEPT_REQUESTS = 500


@frozen(kw_only=True)
class ServedRequest:
    """One request to the API that a sandbox has seen to its end."""

    at: float
    """When it came, in seconds since 1970."""
    method: str
    """In capitals."""
    path: str
    """As it was sent, percent-encoded, without its query."""
    endpoint: str
    """As in `SandboxStats.requests`."""
    status: int | None
    """What it was answered; None if the answer was lost, or the client went before it came."""
    duration: float
    """Real seconds until the answer, or until it was given up."""


@frozen(kw_only=True)
class SandboxStats:
    """A snapshot of one sandbox's counters."""

    total: int
    """Requests seen, whatever they were answered; those that are no HTTP are not."""
    requests: Mapping[str, int]
    """The same by endpoint, in either vocabulary: "get_persona", "list_personas", "create_persona" and others, named
    as the session's methods; "unknown" and "wrong method" for those that mean none."""
    unauthorized: int
    """401s: requests without the right key."""
    rate_limited: int
    """429s from the rate limit; scripted ones are counted with the faults."""
    faults: Mapping[str, int]
    """Faults served, drawn or scripted: "error", "reset", "stall", "truncate", "garble"."""
    in_flight: int
    """Requests without their answer at this moment."""
    peak_concurrency: int
    """The most that ever were in flight at once."""
    connections: int
    """Open connections."""
    attempts: tuple[float, ...] = field(default=(), repr=False)
    """With `record=True`: when each request came, in seconds of `time.monotonic`; the newest 100,000."""

    def most_within(self, seconds: float) -> int:
        """Return the most recorded requests that came within any *seconds*."""
        most, first = 0, 0
        for last, at in enumerate(self.attempts):
            while at - self.attempts[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most


@define(kw_only=True)
class Recorder:
    """The counters behind `SandboxStats`, which says what they count."""

    keeps_times: bool
    requests: Counter[str] = field(init=False, factory=Counter[str])
    faults: Counter[str] = field(init=False, factory=Counter[str])
    unauthorized: int = field(init=False, default=0)
    rate_limited: int = field(init=False, default=0)
    _times: deque[float] = field(init=False, factory=lambda: deque[float](maxlen=_KEPT_ATTEMPTS))
    _newest: "deque[tuple[float, str, str, str, int | None, float]]" = field(
        init=False, factory=lambda: deque[tuple[float, str, str, str, int | None, float]](maxlen=_KEPT_REQUESTS)
    )
    _in_flight: int = field(init=False, default=0)
    _peak: int = field(init=False, default=0)

    def begin(self, endpoint: str) -> None:
        """Count a request that came."""
        if self.keeps_times:
            self._times.append(time.monotonic())
        self.requests[endpoint] += 1
        self._in_flight += 1
        self._peak = max(self._peak, self._in_flight)

    def end(self) -> None:
        """Count a request as answered, or given up."""
        self._in_flight -= 1

    def remember(self, *, method: str, path: str, endpoint: str, status: int | None, duration: float) -> None:
        """Keep what `ServedRequest` tells of a request that has just ended."""
        self._newest.append((time.time() - duration, method, path, endpoint, status, duration))

    @property
    def newest(self) -> tuple[ServedRequest, ...]:
        """Return the newest 500 requests, in the order in which they ended."""
        return tuple(
            ServedRequest(at=at, method=method, path=path, endpoint=endpoint, status=status, duration=duration)
            for at, method, path, endpoint, status, duration in self._newest
        )

    def snapshot(self, *, connections: int) -> SandboxStats:
        """Return the counters as they are now."""
        return SandboxStats(
            total=self.requests.total(),
            requests=MappingProxyType(dict(self.requests)),
            unauthorized=self.unauthorized,
            rate_limited=self.rate_limited,
            faults=MappingProxyType(dict(self.faults)),
            in_flight=self._in_flight,
            peak_concurrency=self._peak,
            connections=connections,
            attempts=tuple(self._times),
        )
