"""The kinds of servers that the limits are measured at: each draws servers of its kind, and the clients before them."""

import math
import random
from collections.abc import Callable, Mapping

import attrs

from benchmarks.limits_servers import (
    NOTHING,
    TO_THE_POINT,
    WHOLE_SECONDS,
    Backends,
    BrokenBackend,
    BrownOuts,
    ChangingBucket,
    Clusters,
    EveryNth,
    FirstRequests,
    FixedWindow,
    LimitedKind,
    RandomStrays,
    RetryAfter,
    Server,
    SlidingWindow,
    Tiers,
    TokenBucket,
    always,
)

# Requests of a client in one run, and the shortest and the longest run in seconds.
REQUESTS = 8_000
SHORTEST, LONGEST = 20.0, 60.0


@attrs.frozen(kw_only=True)
class Case:
    """A server, and who stands before it: one to eight clients with a backlog, each told *rate* and *burst*."""

    server: Server
    rate: float
    burst: int
    latency: float
    """Seconds to the server and back."""
    jitter: float
    """The share of the latency by which each way may be longer."""
    seconds: float
    clients: int = 1
    listings: float = 0.0
    """Calls a second of another kind beside the backlog."""
    other: str = "list"
    """Which kind."""
    per_connection: int = 0
    """Requests after which a connection is closed; 0 where connections do not matter."""
    job: int = 0
    """Calls in each client's backlog; 0 where it never ends. *seconds* is then the longest that it may take."""

    def could(self, seconds: float) -> float:
        """Return how many the server could admit of the backlogs in the first so many seconds."""
        together = self.clients * self.rate, self.clients * self.burst
        return self.server.most(*together, seconds) - self.listings * seconds


Draw = Callable[[random.Random], Case]


@attrs.frozen
class Kind:
    """A kind of server."""

    words: str
    draw: Draw


def between(dice: random.Random, low: float, high: float) -> float:
    """Draw a number whose logarithm is evenly spread."""
    return math.exp(dice.uniform(math.log(low), math.log(high)))


def case(
    dice: random.Random, make: Callable[[float, int, float], Server], *, clients: int = 1, listings: float = 0.0
) -> Case:
    """Draw the clients, and make their server of rate, burst and seconds; *listings* is a share of the rate."""
    rate = between(dice, 20, 400)
    burst = max(1, round(rate * between(dice, 0.02, 0.5)))
    seconds = min(LONGEST, max(SHORTEST, REQUESTS / rate / clients))
    return Case(
        server=make(rate, burst, seconds),
        rate=rate,
        burst=burst,
        latency=between(dice, 0.005, 0.5),
        jitter=between(dice, 0.01, 0.5),
        seconds=seconds,
        clients=clients,
        listings=listings * rate,
    )


def bucket(dice: random.Random, rate: float) -> TokenBucket:
    """Draw a bucket that is smaller than the client was told, up to twenty times."""
    return TokenBucket(rate * between(dice, 0.05, 1), round(between(dice, 1, 100)))


def roomy(rate: float, burst: int) -> TokenBucket:
    """Return a bucket that a client never empties."""
    return TokenBucket(5 * rate, 5 * burst + 10)


def honest(asks: Callable[[random.Random], RetryAfter]) -> Draw:
    """Draw buckets whose 429s ask for this."""
    return lambda dice: case(dice, lambda rate, _burst, _s: Server(limit=bucket(dice, rate), asks=asks(dice)))


def wrongly(dice: random.Random) -> RetryAfter:
    """Draw a Retry-After that has nothing to do with the limit."""
    return always(dice.choice([0.0, 0.01, 0.2, 2.0, 5.0]))


def known(dice: random.Random) -> Case:
    """Draw a server of just the rate and burst that the client was told."""
    return case(dice, lambda rate, burst, _s: Server(limit=TokenBucket(rate, burst), asks=WHOLE_SECONDS))


def asking(dice: random.Random) -> RetryAfter:
    """Draw what 429s of a limit ask for."""
    return dice.choice([NOTHING, TO_THE_POINT, WHOLE_SECONDS])


def fixed(dice: random.Random) -> Case:
    """Draw windows by the clock."""

    def make(rate: float, _burst: int, _seconds: float) -> Server:
        window = dice.choice([1.0, 1.0, 5.0, 10.0])
        count = max(2, round(rate * window * between(dice, 0.1, 1.5)))
        return Server(limit=FixedWindow(count, window, dice.uniform(0, window)), asks=asking(dice))

    return case(dice, make)


def sliding(dice: random.Random) -> Case:
    """Draw windows that slide."""

    def make(rate: float, _burst: int, _seconds: float) -> Server:
        window = dice.choice([1.0, 1.0, 5.0, 10.0])
        return Server(
            limit=SlidingWindow(max(2, round(rate * window * between(dice, 0.1, 1.5))), window), asks=asking(dice)
        )

    return case(dice, make)


def noise(low: float, high: float, asks: Callable[[random.Random], RetryAfter] = lambda _: NOTHING) -> Draw:
    """Draw servers with room that refuse such a share by chance."""

    def make(dice: random.Random, rate: float, burst: int) -> Server:
        strays = RandomStrays(between(dice, low, high), random.Random(dice.random()))
        return Server(limit=roomy(rate, burst), strays=strays, stray_asks=asks(dice))

    return lambda dice: case(dice, lambda rate, burst, _s: make(dice, rate, burst))


def short(dice: random.Random) -> RetryAfter:
    """Draw a Retry-After of up to a second."""
    return always(between(dice, 0.02, 1))


def noisy_limit(dice: random.Random) -> Case:
    """Draw limits lower than the client was told, with strays besides."""

    def make(rate: float, _burst: int, _seconds: float) -> Server:
        strays = RandomStrays(between(dice, 0.002, 0.03), random.Random(dice.random()))
        return Server(limit=bucket(dice, rate), strays=strays)

    return case(dice, make)


def every(asks: Callable[[random.Random], RetryAfter]) -> Draw:
    """Draw servers that refuse every n-th."""

    def make(dice: random.Random, rate: float, burst: int) -> Server:
        return Server(limit=roomy(rate, burst), strays=EveryNth(dice.randint(5, 40)), stray_asks=asks(dice))

    return lambda dice: case(dice, lambda rate, burst, _s: make(dice, rate, burst))


def clusters(dice: random.Random) -> Case:
    """Draw strays that come several in a row."""

    def make(rate: float, burst: int, _seconds: float) -> Server:
        strays = Clusters(dice.randint(2, 8), between(dice, 0.002, 0.05), random.Random(dice.random()))
        return Server(limit=roomy(rate, burst), strays=strays)

    return case(dice, make)


def brown_outs(dice: random.Random) -> Case:
    """Draw servers that refuse everything now and then."""

    def make(rate: float, burst: int, _seconds: float) -> Server:
        dark_for = between(dice, 0.05, 2)
        return Server(limit=roomy(rate, burst), strays=BrownOuts(dark_for, max(3.0, dark_for * dice.uniform(8, 40))))

    return case(dice, make)


def at_once(dice: random.Random) -> Case:
    """Draw servers that take so many at once, which is a window as long as each takes."""

    def make(rate: float, _burst: int, _seconds: float) -> Server:
        service = between(dice, 0.05, 1)
        return Server(
            limit=SlidingWindow(max(1, round(rate * service * between(dice, 0.1, 1.5))), service), asks=asking(dice)
        )

    return case(dice, make)


def tiers(dice: random.Random) -> Case:
    """Draw servers with a limit for each second and a lower one for longer."""

    def make(rate: float, _burst: int, _seconds: float) -> Server:
        low, window = rate * between(dice, 0.2, 0.8), dice.choice([5.0, 10.0])
        first = TokenBucket(low * dice.uniform(1.2, 3), round(between(dice, 2, 100)))
        return Server(limit=Tiers((first, SlidingWindow(round(low * window), window))), asks=asking(dice))

    return case(dice, make)


def backends(dice: random.Random) -> Case:
    """Draw limits of which each backend enforces its part."""

    def make(rate: float, _burst: int, _seconds: float) -> Server:
        number = dice.randint(2, 6)
        whole = rate * between(dice, 0.1, 1.2)
        dealt = random.Random(dice.random())
        return Server(limit=Backends(number, whole, number * round(between(dice, 2, 30)), dealt), asks=asking(dice))

    return case(dice, make)


def broken_backend(dice: random.Random) -> Case:
    """Draw servers of which one backend refuses for a while."""

    def make(rate: float, burst: int, seconds: float) -> Server:
        breaks = dice.uniform(0.1, 0.4) * seconds
        strays = BrokenBackend(
            dice.randint(3, 10), breaks, breaks + seconds * dice.uniform(0.1, 0.4), random.Random(dice.random())
        )
        return Server(limit=roomy(rate, burst), strays=strays)

    return case(dice, make)


def first_requests(dice: random.Random) -> Case:
    """Draw servers that refuse the first request of each connection, of which each carries some."""
    drawn = case(
        dice, lambda rate, burst, _s: Server(limit=roomy(rate, burst), strays=FirstRequests(), stray_asks=NOTHING)
    )
    return attrs.evolve(drawn, per_connection=round(between(dice, 50, 2_000)))


def listings(dice: random.Random) -> Case:
    """Draw servers that limit one kind of calls far below what comes, and no other."""

    def make(rate: float, burst: int, _seconds: float) -> Server:
        strays = LimitedKind("list", TokenBucket(rate * between(dice, 0.0005, 0.01), round(between(dice, 1, 5))))
        return Server(limit=roomy(rate, burst), strays=strays, stray_asks=dice.choice([NOTHING, NOTHING, always(0.5)]))

    return case(dice, make, listings=between(dice, 0.003, 0.03))


def changing(dice: random.Random) -> Case:
    """Draw limits that fall to a part for a third of the time, and rise again."""

    def make(rate: float, _burst: int, seconds: float) -> Server:
        low = rate * between(dice, 0.1, 0.7)
        rates = ((0.0, 1.2 * rate), (seconds / 3, low), (2 * seconds / 3, 1.2 * rate))
        return Server(limit=ChangingBucket(rates, round(between(dice, 5, 100))), asks=asking(dice))

    return case(dice, make)


def late(dice: random.Random) -> Case:
    """Draw limits whose 429s come later than other answers."""

    def make(rate: float, _burst: int, _seconds: float) -> Server:
        return Server(limit=bucket(dice, rate), asks=asking(dice), late=between(dice, 0.05, 1))

    return case(dice, make)


def shared_by(clients: int) -> Draw:
    """Draw limits that several clients share, each told the whole."""

    def make(dice: random.Random, rate: float, burst: int) -> Server:
        return Server(limit=TokenBucket(rate * between(dice, 0.3, 1.2), burst), asks=asking(dice))

    return lambda dice: case(dice, lambda rate, burst, _s: make(dice, rate, burst), clients=clients)


KINDS: Mapping[str, Kind] = {
    "known": Kind("a bucket of just what was told", known),
    "honest": Kind("a bucket up to 20 × slower than told, no Retry-After", honest(lambda _: NOTHING)),
    "honest-exact": Kind("the same, Retry-After to the point", honest(lambda _: TO_THE_POINT)),
    "honest-whole": Kind("the same, Retry-After in whole seconds", honest(lambda _: WHOLE_SECONDS)),
    "honest-wrong": Kind("the same, a Retry-After of 0 to 5 s that is wrong", honest(wrongly)),
    "late": Kind("the same, 429s come 0.05 to 1 s late", late),
    "changing": Kind("a bucket whose rate falls for a third of the time", changing),
    "fixed": Kind("fixed windows of 1 to 10 s", fixed),
    "sliding": Kind("sliding windows of 1 to 10 s", sliding),
    "tiers": Kind("a bucket, and fewer in any 5 or 10 s", tiers),
    "at-once": Kind("so many at once, each of 0.05 to 1 s", at_once),
    "backends": Kind("2 to 6 backends, each with its part of the limit", backends),
    "noise-rare": Kind("strays: a random 0.05 to 0.3 %", noise(0.0005, 0.003)),
    "noise": Kind("strays: a random 0.3 to 3 %", noise(0.003, 0.03)),
    "noise-much": Kind("strays: a random 3 to 15 %", noise(0.03, 0.15)),
    "noise-named": Kind("strays: a random 0.05 to 1 %, Retry-After 0.02 to 1 s", noise(0.0005, 0.01, short)),
    "every": Kind("strays: every 5th to 40th", every(lambda _: NOTHING)),
    "every-named": Kind("strays: every 5th to 40th, Retry-After 0.05 s", every(lambda _: always(0.05))),
    "clusters": Kind("strays: 2 to 8 in a row, 0.2 to 5 % in all", clusters),
    "brown-outs": Kind("all refused for 0.05 to 2 s, now and then", brown_outs),
    "broken": Kind("one of 3 to 10 backends refuses all for a while", broken_backend),
    "connections": Kind("the first request of each connection refused", first_requests),
    "listings": Kind("one endpoint's own limit: the other calls", listings),
    "noisy-limit": Kind("a bucket slower than told, and a random 0.2 to 3 %", noisy_limit),
    "two": Kind("two clients on one bucket", shared_by(2)),
    "four": Kind("four clients on one bucket", shared_by(4)),
    "eight": Kind("eight clients on one bucket", shared_by(8)),
}
