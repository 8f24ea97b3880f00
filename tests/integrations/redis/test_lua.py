"""The scripts against a real server, by a clock that the tests set: whatever happens, no more slots than the limit."""

import math
from collections.abc import Iterator
from itertools import count
from typing import Any, cast

import attrs
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from tavus_async.integrations.redis.scripts import Ask, Keys, LeaseAnswer, Script, Scripts, make_scripts, read_answer
from tavus_async.integrations.redis.slots import Unused
from tests.support.redis_server import RedisServer

CLOCK = "local now = tonumber(redis.call('GET', 'clock'))\n"
BEGIN = 1_790_000_000.0
# Of an attempt: what times of doubles are wrong by.
ROUNDING = 0.02
_NAMES = count(1)


@attrs.define
class Given:
    """A slot that was given to somebody, by the true time."""

    at: float
    moment: float
    epoch: int


@attrs.define
class Player:
    """Somebody who asks."""

    name: str
    offset: float | None = None
    """What it takes the server's clock to be ahead by; None before it has asked."""
    shift: float = 0.0
    slots: list[Given] = attrs.field(factory=list)
    unused: Unused = attrs.field(factory=Unused)

    def skip(self, slot: Given) -> None:
        self.slots.remove(slot)
        known = self.unused
        if not known.count or known.epoch < slot.epoch:
            self.unused = Unused(1, slot.moment, slot.epoch)
        elif known.epoch == slot.epoch:
            self.unused = Unused(known.count + 1, min(known.since, slot.moment), slot.epoch)


class Server:
    """The scripts, run at a true time by a clock that may be off."""

    def __init__(self, client: "Redis", *, rate: float, burst: int, horizon: float = 0.25) -> None:
        self.client, self.rate, self.burst, self.horizon = client, rate, burst, horizon
        self.scripts: Scripts = make_scripts(CLOCK)
        self.keys = Keys(f"model-{next(_NAMES)}").all
        self.now, self.offset = BEGIN, 0.0
        self.given: list[Given] = []
        """All slots that were used, or will be."""

    def run(self, script: Script, *words: str | float) -> Any:
        self.client.set("clock", repr(self.now + self.offset))
        return cast("Any", self.client.eval(script.source, len(self.keys), *self.keys, *words))

    def ask(self, player: Player, wanted: int, **told: Any) -> LeaseAnswer:
        unused, player.unused = player.unused, Unused()
        answer: LeaseAnswer | None = None
        while answer is None or answer.kind == "clock":
            ask = Ask(
                per_second=self.rate,
                burst=self.burst,
                horizon=self.horizon,
                member=player.name,
                wanted=wanted,
                expected=-1.0 if player.offset is None else self.now + player.offset,
                patience=0.25,
                shift=player.shift,
                granted_ago=self.now - max((slot.at for slot in player.slots), default=-1e12),
                unused=unused,
                **told,
            )
            answer = read_answer(self.run(self.scripts.lease, *ask.words()))
            player.shift += self.offset - player.offset if player.offset is not None else 0.0
            player.offset = self.offset
        player.shift = 0.0
        if answer.lease is not None:
            for position in range(answer.lease.count):
                moment = answer.lease.moment(position)
                slot = Given(moment - self.offset, moment, answer.epoch)
                player.slots.append(slot)
                self.given.append(slot)
        return answer

    def refuse(self, slot: Given, pause: float, *, count: int = 1) -> bool:
        words = (self.rate, self.burst, pause, count, slot.epoch, 1, repr(slot.moment))
        first, *_ = self.run(self.scripts.throttled, *words)
        if first:  # what lies ahead is void
            self.given = [each for each in self.given if each.at <= self.now]
        return bool(first)

    def excess(self) -> float:
        """How many slots there are too many, in the worst of all windows."""
        level, last, worst = 0.0, -math.inf, -math.inf
        for at in sorted(slot.at for slot in self.given):
            level = max(0.0, level - (at - last) * self.rate) + 1 if last > -math.inf else 1.0
            last, worst = at, max(worst, level - self.burst)
        return worst


PLAYERS = st.integers(0, 4)
SECONDS = st.sampled_from([0.0, 0.001, 0.006, 0.021, 0.06, 0.2, 0.6, 1.1, 3.0])


class Fleet(RuleBasedStateMachine):
    """Members that ask, return, leave and die, while time passes and the server loses its state and its clock."""

    client: "Redis"
    windows_checked = 0

    @initialize(rate=st.sampled_from([1.0, 7.5, 40.0, 200.0, 2000.0]), burst=st.sampled_from([1, 2, 5, 20, 200]))
    def begin(self, rate: float, burst: int) -> None:
        self.server = Server(self.client, rate=rate, burst=burst)
        self.players = [Player(f"player-{number}") for number in range(5)]

    def teardown(self) -> None:
        self.client.flushdb()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.server.now += seconds

    @rule(number=PLAYERS, wanted=st.integers(0, 60))
    def asks(self, number: int, wanted: int) -> None:
        player = self.players[number]
        self.server.ask(player, wanted)

    @rule(number=PLAYERS, skipped=st.integers(1, 30))
    def skips(self, number: int, skipped: int) -> None:
        player = self.players[number]
        good = [slot for slot in player.slots if slot.at >= self.server.now - 0.02]
        for slot in good[:skipped]:
            player.skip(slot)
            if slot in self.server.given:
                self.server.given.remove(slot)

    @rule(number=PLAYERS, pause=st.sampled_from([0.0, 0.05, 0.4]))
    def is_refused(self, number: int, pause: float) -> None:
        sent = [slot for slot in self.players[number].slots if slot.at <= self.server.now]
        if sent and self.server.refuse(sent[-1], pause):
            for player in self.players:
                player.slots = [slot for slot in player.slots if slot.at <= self.server.now]

    @rule(part=st.sampled_from([0.1, 0.5, 0.9]), burst=st.integers(0, 30))
    def learns(self, part: float, burst: int) -> None:
        epoch = self.client.hget(self.server.keys[0], "epoch")
        if epoch is not None:
            words = (float(cast("bytes", epoch)), part * self.server.rate, 15.0, min(burst, self.server.burst))
            self.server.run(self.server.scripts.learn, *words)

    @rule(number=PLAYERS)
    def leaves(self, number: int) -> None:
        player = self.players[number]
        for slot in [slot for slot in player.slots if slot.at > self.server.now]:
            player.skip(slot)
            self.server.given.remove(slot)
        unused = player.unused
        words = (self.server.rate, self.server.burst, player.name, unused.count, repr(unused.since), unused.epoch)
        self.server.run(self.server.scripts.leave, *words)
        self.players[number] = Player(f"{player.name}'", offset=player.offset)

    @rule(number=PLAYERS)
    def is_killed(self, number: int) -> None:
        player = self.players[number]
        self.players[number] = Player(f"{player.name}*", offset=player.offset)

    @precondition(lambda self: self.is_latest_slot_held())
    @rule()
    def state_is_lost(self) -> None:
        self.client.flushdb()
        # Who has slots asks again before they have passed, or soon after; one that comes anew waits its turn.
        for player in self.players:
            if player.slots:
                self.server.ask(player, 1)

    def is_latest_slot_held(self) -> bool:
        """Whether somebody is left who can tell of the latest slot."""
        latest = max((slot.at for slot in self.server.given), default=math.inf)
        held = (slot.at for player in self.players for slot in player.slots)
        return max(held, default=-math.inf) >= latest > self.server.now - 50.0

    @rule(ahead=st.sampled_from([-10.0, 10.0, 0.4, -0.4]))
    def fails_over(self, ahead: float) -> None:
        busy = [player for player in self.players if player.offset == self.server.offset]
        self.server.offset += ahead
        for player in self.players:
            player.unused = Unused()
        # The first to come is one that knows the old clock: a busy member, not one that comes anew.
        if busy:
            self.server.ask(busy[0], 1)

    @invariant()
    def keeps_the_limit(self) -> None:
        if hasattr(self, "server"):
            type(self).windows_checked += 1
            assert self.server.excess() <= ROUNDING


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator["Redis"]:
    with Redis.from_url(redis_server.url, db=1) as client:
        client.flushdb()
        yield client


def test_whatever_happens_no_more_slots_are_given_than_the_limit_has(client: "Redis") -> None:
    class FleetHere(Fleet):
        pass

    FleetHere.client = client
    run_state_machine_as_test(FleetHere, settings=settings(stateful_step_count=40, max_examples=40, deadline=None))

    assert FleetHere.windows_checked > 40
