"""How many requests came lately: limits of single endpoints, counted per conversation or per client."""

from collections import deque
from collections.abc import Hashable

from attrs import define, field

from tavus_async.sandbox.clock import Clock

__all__ = ["RequestWindows"]

_MOST_KEYS = 10_000


@define(kw_only=True, eq=False)
class RequestWindows:
    """Counts requests of the same key within the last seconds; a refused one does not count."""

    _clock: Clock = field(alias="clock", repr=False)
    _times: dict[Hashable, deque[float]] = field(init=False, factory=dict[Hashable, deque[float]], repr=False)

    def take(self, key: Hashable, *, most: int, seconds: float) -> float:
        """Count a request and return 0, or return the seconds after which one is admitted again."""
        now = self._clock.now()
        times = self._times.pop(key, None) or deque[float]()
        # The one that was used last stands last, and the one that was used longest ago is forgotten first.
        self._times[key] = times
        if len(self._times) > _MOST_KEYS:
            del self._times[next(iter(self._times))]
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) >= most:
            return times[0] + seconds - now
        times.append(now)
        return 0.0
