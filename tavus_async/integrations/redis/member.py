"""What one member of the fleet says to Redis, and what it knows of Redis: its clock, its answers' time."""

import asyncio
import logging

import attrs

from tavus_async.integrations.redis.clock import ClockEstimate
from tavus_async.integrations.redis.lessons import learn
from tavus_async.integrations.redis.link import Link, RefusedError, UnreachableError
from tavus_async.integrations.redis.scripts import (
    EVIDENCE_FIELDS,
    Ask,
    Keys,
    LeaseAnswer,
    Reply,
    Script,
    Word,
    load_scripts,
    number,
    read_answer,
    read_evidence,
)
from tavus_async.integrations.redis.slots import Unused
from tavus_async.integrations.redis.terms import Terms
from tavus_async.integrations.redis.witness import Witness

log = logging.getLogger("tavus_async")

# Seconds that an answer may take, and how many times as long as the last ones.
SHORTEST_PATIENCE, PATIENT_TIMES = 0.25, 3.0
# Connecting may take longer: after each failure, twice as long is waited for it, up to this.
LONGEST_PATIENCE = 2.0
# Of an answer's time, how much of the average it becomes.
WEIGHT = 0.2
# Seconds by which a clock must have jumped, for what was kept by it to be moved.
JUMP = 0.25
# How often one asks again by another clock.
MOST_CORRECTIONS = 3
# Horizons between two looks at whether those who are silent have died.
WITNESS_EVERY = 2.0


@attrs.frozen(kw_only=True)
class Refusals:
    """What is told of 429s."""

    pause: float
    count: int = 1
    epoch: int = 0
    """Of the slots that the attempts went with; 0 if they had none."""
    number: int = 0
    """The last of those slots, and its time by Redis's clock."""
    moment: float = 0.0

    def merged(self, later: "Refusals") -> "Refusals":
        """Return both as one."""
        last = max(self, later, key=lambda each: each.number)
        return attrs.evolve(last, pause=max(self.pause, later.pause), count=self.count + later.count)


class Member:
    """One member, by a name that nobody else has."""

    def __init__(self, link: Link, limit: Terms, *, loop: asyncio.AbstractEventLoop, witness: Witness) -> None:
        self.clock = ClockEstimate()
        self._link, self._keys, self._loop, self._witness = link, Keys(limit.name), loop, witness
        self._per_second, self._burst, self._horizon = limit.per_second, limit.burst, limit.horizon
        self._scripts = load_scripts()
        self._round_trip = 0.0
        self._failures = 0
        self._shift = 0.0

    @property
    def channel(self) -> str:
        """Where pauses are told."""
        return self._keys.channel

    @property
    def patience(self) -> float:
        """Seconds for which an answer is waited for."""
        usual = max(SHORTEST_PATIENCE, PATIENT_TIMES * self._round_trip)
        return max(usual, min(LONGEST_PATIENCE, usual * 2.0 ** min(self._failures, 10)))

    async def ask(self, wanted: int, *, granted_ago: float, was_cut_off: bool, own: int, unused: Unused) -> LeaseAnswer:
        """Ask for slots; raises UnreachableError or RefusedError."""
        for _ in range(MOST_CORRECTIONS):
            patience, now = self.patience, self._loop.time()
            ask = Ask(
                per_second=self._per_second,
                burst=self._burst,
                horizon=self._horizon,
                member=self._witness.name,
                wanted=wanted,
                expected=self.clock.remote(now) if self.clock.is_known else -1.0,
                patience=patience,
                shift=self._shift,
                granted_ago=granted_ago,
                was_cut_off=was_cut_off,
                own=own,
                # Times by a clock that was another's say nothing.
                unused=Unused() if self._shift else unused,
            )
            answer = read_answer(await self._run(self._scripts.lease, ask.words(), patience=patience))
            self._hear(now, answer.shown)
            if answer.kind != "clock":
                self._shift = 0.0
                return answer
        raise UnreachableError("its clock does not hold still")

    async def prepare(self) -> None:
        """Let Redis know what it is asked after a 429, when all depends on how soon it hears; raises as `ask` does."""
        await self._link.load(self._scripts.throttled, patience=self.patience)

    async def report(self, report: Refusals) -> tuple[bool, int, float]:
        """Tell of 429s; return whether they are the first of an epoch, which epoch it is now, and what is paused."""
        sent = self._loop.time()
        words = (
            *(repr(self._per_second), self._burst, repr(report.pause), report.count),
            *(report.epoch, report.number, repr(report.moment)),
        )
        first, shown, epoch, pause = await self._run(self._scripts.throttled, words, patience=self.patience)
        self._hear(sent, number(shown))
        return bool(number(first)), int(number(epoch)), number(pause)

    async def learn(self, epoch: int) -> None:
        """Conclude from the exhaustion that an epoch has begun with, and keep it for all."""
        reply = await self._link.read(self._keys.rate, EVIDENCE_FIELDS, patience=self.patience)
        evidence = read_evidence(reply, epoch)
        if evidence is None:
            return
        lesson = learn(evidence)
        log.debug("a fleet learns %s from %s", lesson, evidence)
        words = (epoch, repr(lesson.rate or 0.0), repr(lesson.doubled_after), repr(lesson.burst or 0.0))
        if lesson.rate or lesson.burst:
            await self._run(self._scripts.learn, words, patience=self.patience)

    async def leave(self, unused: Unused) -> None:
        """Say goodbye, and give back what was not used."""
        await self._say_goodbye(self._witness.name, unused)

    async def leave_for_dead(self, silent: tuple[str, ...]) -> None:
        """Say goodbye for those whose processes are gone, and rest before the next look.

        Where Redis does not hear it, the others ask again.
        """
        for name in filter(self._witness.has_died, silent):
            log.debug("the process of the member %s of a shared rate limit is gone", name)
            try:
                await self._say_goodbye(name, Unused())
            except (UnreachableError, RefusedError) as error:
                log.debug("the end of the member %s could not be told: %s", name, error)
        await asyncio.sleep(WITNESS_EVERY * self._horizon)

    async def _say_goodbye(self, name: str, unused: Unused) -> None:
        words = (repr(self._per_second), self._burst, name, unused.count, repr(unused.since), unused.epoch)
        await self._run(self._scripts.leave, words, patience=self.patience)

    async def _run(self, script: Script, words: tuple[Word, ...], *, patience: float) -> Reply:
        begun = self._loop.time()
        try:
            reply = await self._link.run(script, self._keys.all, words, patience=patience)
        except UnreachableError:
            self._failures += 1
            raise
        self._failures = 0
        taken = self._loop.time() - begun
        self._round_trip += WEIGHT * (taken - self._round_trip) if self._round_trip else taken
        return reply

    def _hear(self, sent: float, shown: float) -> None:
        jump = self.clock.hear(sent=sent, received=self._loop.time(), shown=shown)
        if abs(jump) > JUMP:
            self._shift += jump
