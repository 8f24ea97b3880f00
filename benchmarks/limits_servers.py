"""Servers that refuse, as plain arithmetic: the simulation asks them, and so does the server over sockets.

A server refuses what its limit does not allow, and strays besides: refusals that have nothing to do with how much is
sent. Each part tells how many it could admit of a client that sends at most `burst + rate · t`: what a client that
knows everything would get.
"""

import math
import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable

import attrs


@attrs.frozen
class RetryAfter:
    """What a 429 asks for: nothing, what is missing in *unit* of a second rounded up, or the same at all times."""

    unit: float | None = None
    fixed: float | None = None

    def seconds(self, missing: float) -> float | None:
        """Return the seconds to ask for, where one could be admitted after so many; None without the header."""
        if self.unit is None:
            return self.fixed
        return max(1, math.ceil(missing / self.unit)) * self.unit


NOTHING = RetryAfter()
TO_THE_POINT = RetryAfter(unit=0.001)
WHOLE_SECONDS = RetryAfter(unit=1.0)


def always(seconds: float) -> RetryAfter:
    """Ask for the same at all times."""
    return RetryAfter(fixed=seconds)


@attrs.frozen
class Request:
    """What a server looks at."""

    kind: str = "read"
    is_first: bool = False
    """Whether it is the first on its connection."""


@attrs.frozen
class Stretch:
    """Some seconds of which a limit admits *tokens* at once and *rate* a second; None: what the one before left."""

    seconds: float
    rate: float
    tokens: float | None = None


def flow(stretches: Iterable[Stretch], capacity: float, rate: float, burst: float) -> float:
    """Return how many pass both a limit of these stretches and a bucket of *rate* and *burst*, both full at first."""
    theirs, ours, passed = capacity, burst, 0.0
    for stretch in stretches:
        theirs = theirs if stretch.tokens is None else stretch.tokens
        theirs += stretch.rate * stretch.seconds
        ours += rate * stretch.seconds
        now = min(theirs, ours)
        passed += now
        theirs, ours = min(capacity, theirs - now), min(burst, ours - now)
    return passed


class Limit(ABC):
    """How much a server admits."""

    @abstractmethod
    def missing(self, now: float) -> float:
        """Admit one and return 0, or return the seconds until one could be admitted."""

    @abstractmethod
    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return how many it admits at most, of those that clients of this rate and burst together may send."""


@attrs.define
class TokenBucket(Limit):
    """Admits `burst + rate · t`."""

    rate: float
    burst: float
    _tokens: float = attrs.field(init=False, repr=False)
    _at: float = attrs.field(init=False, repr=False, default=0.0)

    def __attrs_post_init__(self) -> None:
        self._tokens = self.burst

    def missing(self, now: float) -> float:
        """Take a token, or tell when there is one."""
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1 - 1e-9:
            return (1 - self._tokens) / self.rate
        self._tokens -= 1
        return 0.0

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return the lesser of two lines."""
        return min(burst + rate * seconds, self.burst + self.rate * seconds)


@attrs.define
class ChangingBucket(Limit):
    """A token bucket whose rate is another from each of some moments on."""

    rates: tuple[tuple[float, float], ...]
    """(from, rate), the first from 0."""
    burst: float
    _bucket: TokenBucket = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._bucket = TokenBucket(self.rates[0][1], self.burst)

    def missing(self, now: float) -> float:
        """Take a token, or tell when there is one."""
        self._bucket.rate = [rate for since, rate in self.rates if since <= now][-1]
        return self._bucket.missing(now)

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return what flows through all stretches."""
        ends = [*(since for since, _ in self.rates[1:] if since < seconds), seconds]
        begins = [0.0, *ends]
        pairs = zip(begins, ends, self.rates, strict=False)
        return flow((Stretch(end - begin, each) for begin, end, (_, each) in pairs), self.burst, rate, burst)


@attrs.define
class FixedWindow(Limit):
    """Admits so many in each window by the clock, all at once if they come so; *begun* is the first one's age."""

    count: int
    window: float
    begun: float = 0.0
    _number: int = attrs.field(init=False, repr=False, default=-1)
    _admitted: int = attrs.field(init=False, repr=False, default=0)

    def missing(self, now: float) -> float:
        """Count one, or tell when the window ends."""
        number = int((now + self.begun) // self.window)
        if number != self._number:
            self._number, self._admitted = number, 0
        if self._admitted >= self.count:
            return max(1e-6, (number + 1) * self.window - self.begun - now)
        self._admitted += 1
        return 0.0

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return what flows through all windows."""
        first = min(seconds, self.window - self.begun % self.window)
        whole, rest = divmod(seconds - first, self.window)
        lengths = [first, *[self.window] * int(whole), *([rest] if rest > 0 else [])]
        return flow((Stretch(each, 0.0, self.count) for each in lengths), self.count, rate, burst)


@attrs.define
class SlidingWindow(Limit):
    """Admits so many in any window of so many seconds."""

    count: int
    window: float
    _times: deque[float] = attrs.field(init=False, repr=False, factory=deque)

    def missing(self, now: float) -> float:
        """Count one, or tell when the oldest is forgotten."""
        times = self._times
        while times and times[0] <= now - self.window:
            times.popleft()
        if len(times) >= self.count:
            return max(1e-6, times[0] + self.window - now)
        times.append(now)
        return 0.0

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return all windows that begin, or what is sent."""
        return min(burst + rate * seconds, self.count * (int(seconds // self.window) + 1))


@attrs.define
class Backends(Limit):
    """Deals each request to one of several backends by chance, each with its part of the whole limit."""

    number: int
    rate: float
    burst: float
    dice: random.Random = attrs.field(repr=False)
    _buckets: list[TokenBucket] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        part = self.rate / self.number, max(1.0, self.burst / self.number)
        self._buckets = [TokenBucket(*part) for _ in range(self.number)]

    def missing(self, now: float) -> float:
        """Ask one of them."""
        return self.dice.choice(self._buckets).missing(now)

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return what all together admit, if chance dealt evenly."""
        return TokenBucket(self.rate, max(self.burst, self.number)).most(rate, burst, seconds)


@attrs.define
class Tiers(Limit):
    """Enforces several limits one after the other; those before the one that refuses have counted the request."""

    limits: tuple[Limit, ...]

    def missing(self, now: float) -> float:
        """Ask one after the other."""
        return next((missing for limit in self.limits if (missing := limit.missing(now)) > 0), 0.0)

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return what the strictest admits."""
        return min(limit.most(rate, burst, seconds) for limit in self.limits)


class Strays(ABC):
    """Refuses whatever the limit would say."""

    @abstractmethod
    def refuses(self, now: float, request: Request) -> bool:
        """Return whether it refuses this one."""

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return how many are not refused at most, of those that may be sent; all, if those are few."""
        return burst + rate * seconds


@attrs.define
class RandomStrays(Strays):
    """Refuses a share of the requests by chance."""

    share: float
    dice: random.Random = attrs.field(repr=False)

    def refuses(self, now: float, request: Request) -> bool:  # noqa: ARG002
        """Throw the dice."""
        return self.dice.random() < self.share

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return the others."""
        return (1 - self.share) * (burst + rate * seconds)


@attrs.define
class EveryNth(Strays):
    """Refuses every n-th request."""

    n: int
    _number: int = attrs.field(init=False, repr=False, default=0)

    def refuses(self, now: float, request: Request) -> bool:  # noqa: ARG002
        """Count."""
        self._number += 1
        return self._number % self.n == 0

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return the others."""
        return (1 - 1 / self.n) * (burst + rate * seconds)


@attrs.define
class Clusters(Strays):
    """Refuses so many requests in a row, every now and then: of all a share."""

    length: int
    share: float
    dice: random.Random = attrs.field(repr=False)
    _left: int = attrs.field(init=False, repr=False, default=0)

    def refuses(self, now: float, request: Request) -> bool:  # noqa: ARG002
        """Go on with a cluster, or begin one by chance."""
        if not self._left and self.dice.random() < self.share / (self.length * (1 - self.share)):
            self._left = self.length
        if not self._left:
            return False
        self._left -= 1
        return True

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return the others."""
        return (1 - self.share) * (burst + rate * seconds)


@attrs.define
class BrownOuts(Strays):
    """Refuses everything for so many seconds at the end of each period."""

    dark_for: float
    period: float

    def refuses(self, now: float, request: Request) -> bool:  # noqa: ARG002
        """Look at the clock."""
        return now % self.period > self.period - self.dark_for

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return all but those of the dark; what a bucket saves up meanwhile comes after it."""
        whole, rest = divmod(seconds, self.period)
        darks = [self.dark_for] * int(whole) + [max(0.0, rest - self.period + self.dark_for)]
        return burst + rate * seconds - sum(max(0.0, rate * dark - burst) for dark in darks)


@attrs.define
class BrokenBackend(Strays):
    """One of several backends refuses all that it is dealt, from one moment to another."""

    number: int
    breaks: float
    heals: float
    dice: random.Random = attrs.field(repr=False)

    def refuses(self, now: float, request: Request) -> bool:  # noqa: ARG002
        """Throw the dice while it is broken."""
        return self.breaks <= now < self.heals and self.dice.randrange(self.number) == 0

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return all but what that one is dealt."""
        broken = max(0.0, min(seconds, self.heals) - self.breaks)
        return burst + rate * seconds - rate * broken / self.number


@attrs.frozen
class FirstRequests(Strays):
    """Refuses the first request on each connection."""

    def refuses(self, now: float, request: Request) -> bool:  # noqa: ARG002
        """Look at the connection."""
        return request.is_first


@attrs.define
class LimitedKind(Strays):
    """Limits one kind of calls, and no other."""

    kind: str
    limit: Limit

    def refuses(self, now: float, request: Request) -> bool:
        """Ask that kind's own limit."""
        return request.kind == self.kind and self.limit.missing(now) > 0


@attrs.frozen
class Refusal:
    """A 429."""

    retry_after: float | None


@attrs.define(kw_only=True)
class Server:
    """A server: a limit, strays, and what its 429s ask for."""

    limit: Limit | None = None
    strays: Strays | None = None
    asks: RetryAfter = NOTHING
    """Of what the limit refuses."""
    stray_asks: RetryAfter = NOTHING
    late: float = 0.0
    """Seconds by which a 429 comes later than another answer."""

    def refusal(self, now: float, request: Request) -> Refusal | None:
        """Refuse a request, or admit it and return None; what strays refuse takes nothing of the limit."""
        if self.strays is not None and self.strays.refuses(now, request):
            return Refusal(self.stray_asks.seconds(0.0))
        missing = self.limit.missing(now) if self.limit is not None else 0.0
        return Refusal(self.asks.seconds(missing)) if missing > 0 else None

    def most(self, rate: float, burst: float, seconds: float) -> float:
        """Return how many it could admit, of those that clients of this rate and burst together may send."""
        parts = [part for part in (self.limit, self.strays) if part is not None]
        return min((part.most(rate, burst, seconds) for part in parts), default=burst + rate * seconds)
