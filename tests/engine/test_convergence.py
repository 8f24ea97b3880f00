"""A bulk call against a server that admits 200 a second: how long it takes, how many 429s it earns, what it loses.

In full size in virtual time, where the figures are the same on every machine; over sockets once more, in small.
"""

import asyncio
import functools
import random
import statistics
from bisect import bisect_left
from collections.abc import Sequence

import attrs
import pytest

from tavus_async import (
    AsyncSession,
    AttemptTimeoutError,
    Call,
    ConnectionLostError,
    Persona,
    RateLimit,
    RetryPolicy,
    Timeouts,
)
from tavus_async._http.attempt import Attempt
from tavus_async._values import Response
from tavus_async.sandbox import Faults
from tavus_async.sandbox.limit import EnforcedLimit
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.quick import KEY
from tests.support.virtual_time import run

RATE, BURST = 200, 20
ADMITTED = RateLimit(RATE, burst=BURST)
CONFIGURED = ADMITTED
TOO_HIGH = RateLimit(5 * RATE, burst=BURST)
BURST_TOO_HIGH = RateLimit(5 * RATE, burst=5 * BURST)
IDS = 2_000
PAUSE = 1.0
PAUSE_COST = (PAUSE * RATE - BURST) / (IDS - BURST)
SILENCE = 1.0
"""Seconds after which an attempt is given up whose answer never comes."""

LATENCY = 0.004
FAULTY = Faults(error=0.05, error_statuses=(503,), reset=0.02, stall=0.01)
SOUND = Faults()


@attrs.define
class SimulatedServer:
    """What a session sends through in virtual time: a server with a token bucket, some milliseconds away."""

    faults: Faults
    dice: random.Random
    bucket: EnforcedLimit
    sent_at: list[float] = attrs.field(factory=list)
    refused_at: list[float] = attrs.field(factory=list)
    is_closed: bool = False
    open_connections: int = 0

    async def send(self, attempt: Attempt) -> Response:
        """One attempt."""
        loop = asyncio.get_running_loop()
        self.sent_at.append(loop.time())
        attempt.was_sent = True
        await asyncio.sleep(LATENCY * (0.5 + self.dice.random()))
        response = await self.answer(attempt.call)
        await asyncio.sleep(LATENCY * (0.5 + self.dice.random()))
        if response.status == 429:
            self.refused_at.append(loop.time())
        return response

    async def answer(self, call: Call[Persona]) -> Response:
        if self.bucket.take() > 0:
            return Response(status=429, headers={"retry-after": f"{PAUSE:g}"}, body=b'{"message": "Slow down"}')
        if self.dice.random() < self.faults.error:
            return Response(status=503, headers={}, body=b"{}")
        if self.dice.random() < self.faults.reset:
            raise ConnectionLostError("reset")
        if self.dice.random() < self.faults.stall:
            await asyncio.sleep(SILENCE)
            raise AttemptTimeoutError("silence")
        persona_id = call.path.rpartition("/")[2]
        return Response(status=200, headers={}, body=b'{"persona_id": "%s"}' % persona_id.encode())

    async def aclose(self) -> None:
        self.is_closed = True


@attrs.frozen
class Fetch:
    """What became of a bulk call."""

    failed: int
    got: frozenset[str | None]
    seconds: float
    refused: int
    sent_at: Sequence[float] = attrs.field(repr=False)
    refused_at: Sequence[float] = attrs.field(repr=False)

    @property
    def times_ideal(self) -> float:
        """The time it took, in times of what nobody can beat."""
        return self.seconds / ((len(self.got) - BURST) / RATE)


@functools.cache
def fetch(limit: RateLimit, faults: Faults = SOUND, *, number: int = IDS, seed: int = 1) -> Fetch:
    """Fetches so many ids in virtual time; what is the same every time is done once."""

    async def scenario() -> Fetch:
        loop = asyncio.get_running_loop()
        bucket = EnforcedLimit(rate=ADMITTED, clock=loop.time)
        server = SimulatedServer(faults, random.Random(seed), bucket)
        timeouts = Timeouts(attempt=SILENCE)
        async with AsyncSession(KEY, base_url="http://127.0.0.1:9", rate_limit=limit, timeouts=timeouts) as session:
            engine = session._lifecycle.open()
            await engine._transport.aclose()
            vars(engine)["_transport"] = server
            began = loop.time()
            ids = (f"p{index}" for index in range(number))
            outcomes = [outcome async for outcome in session.iter_personas(ids)]
            return Fetch(
                failed=sum(not outcome.ok for outcome in outcomes),
                got=frozenset(outcome.value.persona_id for outcome in outcomes if outcome.value),
                seconds=loop.time() - began,
                refused=session.stats().rate_limited,
                sent_at=server.sent_at,
                refused_at=server.refused_at,
            )

    random.seed(seed)
    return run(scenario())


def assert_nothing_lost(done: Fetch, number: int = IDS) -> None:
    assert done.failed == 0
    assert done.got == {f"p{index}" for index in range(number)}


SEEDS = (1, 2, 3)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_with_the_servers_rate_configured_it_is_as_fast_as_can_be(seed: int) -> None:
    done = fetch(CONFIGURED, SOUND, seed=seed)

    assert_nothing_lost(done)
    assert done.times_ideal <= 1.02
    assert done.refused <= 0.002 * IDS


@pytest.mark.parametrize("limit", [TOO_HIGH, BURST_TOO_HIGH])
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_a_rate_that_is_five_times_too_high_is_learned_early(limit: RateLimit, seed: int) -> None:
    done = fetch(limit, SOUND, seed=seed)

    assert_nothing_lost(done)
    assert done.times_ideal <= 1.15
    assert done.refused <= 0.03 * IDS


@pytest.mark.parametrize(
    ("limit", "most"),
    # A rate that is not known costs a pause, in which the server would have admitted so many more.
    [(CONFIGURED, 1.25), (TOO_HIGH, 1.25 + PAUSE_COST), (BURST_TOO_HIGH, 1.25 + PAUSE_COST)],
)
def test_errors_resets_and_silence_lose_nothing_and_cost_little(limit: RateLimit, most: float) -> None:
    fetches = [fetch(limit, FAULTY, seed=seed) for seed in SEEDS]
    for done in fetches:
        assert_nothing_lost(done)

    # How the dice fall for the last few items decides about a second: hence the median.
    assert statistics.median(done.times_ideal for done in fetches) <= most


@pytest.mark.parametrize("faults", [SOUND, FAULTY])
def test_a_pause_that_the_server_asks_for_is_kept_by_everyone(faults: Faults) -> None:
    done = fetch(BURST_TOO_HIGH, faults, seed=1)

    assert done.refused_at
    for refused_at in done.refused_at:
        # The clock of the simulation goes on by a microsecond with each turn of the loop.
        assert not [sent_at for sent_at in done.sent_at if refused_at < sent_at < refused_at + PAUSE - 1e-3]


@pytest.mark.parametrize("limit", [CONFIGURED, TOO_HIGH])
def test_no_second_sees_more_than_the_session_was_allowed(limit: RateLimit) -> None:
    sent_at = fetch(limit, FAULTY, seed=1).sent_at

    for first, moment in enumerate(sent_at):
        within = bisect_left(sent_at, moment + 1.0) - first
        assert within <= limit.burst + limit.per_second + 1


def test_what_was_learned_holds_for_the_calls_that_follow() -> None:
    whole, tenth = fetch(TOO_HIGH, SOUND, seed=1), fetch(TOO_HIGH, SOUND, number=IDS // 10)

    # Nearly all of the 429s are those of the beginning.
    assert whole.refused <= tenth.refused + 0.01 * IDS


# Over sockets fewer, and as much time as a busy machine may need: 429s and attempts are counted.
SOCKET_IDS = 100
SOCKET_PAUSE = 0.3
SOCKET_SILENCE = 0.6
SLACK = 10.0


# Of a burst that is too large, most may be under way before the first 429 comes back.
@pytest.mark.parametrize(
    ("limit", "faults", "refused"),
    [(CONFIGURED, SOUND, 2), (TOO_HIGH, SOUND, 60), (BURST_TOO_HIGH, FAULTY, SOCKET_IDS)],
    ids=["configured", "too high", "too high and faulty"],
)
async def test_over_sockets_it_is_the_same(limit: RateLimit, faults: Faults, refused: int) -> None:
    server = sandbox_elsewhere(
        personas=SOCKET_IDS, api_key=KEY, rate_limit=ADMITTED, retry_after=SOCKET_PAUSE, faults=faults
    )
    with server as sandbox:
        timeouts = Timeouts(attempt=SOCKET_SILENCE)
        retry = RetryPolicy(base_delay=0.1)
        async with AsyncSession(KEY, base_url=sandbox.url, rate_limit=limit, timeouts=timeouts, retry=retry) as session:
            began = asyncio.get_running_loop().time()
            outcomes = [outcome async for outcome in session.iter_personas(sandbox.persona_ids)]
            seconds = asyncio.get_running_loop().time() - began
            requests, rate_limited = session.stats().requests, session.stats().rate_limited

    assert [outcome.error for outcome in outcomes if not outcome.ok] == []
    assert sorted(outcome.key for outcome in outcomes) == sorted(sandbox.persona_ids)
    assert rate_limited <= sandbox.stats().rate_limited <= refused
    # A busy machine may be late with answers too, and then they are asked for again.
    assert requests <= SOCKET_IDS + rate_limited + sum(sandbox.stats().faults.values()) + 10
    assert seconds / ((SOCKET_IDS - BURST) / RATE) >= 0.95
    assert seconds <= (SOCKET_IDS - BURST) / RATE + SLACK
