"""The bucket that many processes share: slots are leased from Redis, ahead of their time, and given out here.

*Asking.* While attempts wait, one task asks Redis for as many slots as they need, gets what is this member's part of
the next `horizon` seconds, and asks again when a quarter of that is left. It is the only one that asks, and no caller
can cancel it.

*A 429* voids all slots of the fleet, and begins a new epoch: who hears of it, by its own attempt or through Redis's
channel, gives out none of the old ones.

*Without Redis* nothing is given out until all slots that anyone may hold have passed, and then what `outage.py` says.
"""

import asyncio
import logging
import math
import os

from tavus_async._engine.bucket import Bucket
from tavus_async.integrations.redis.link import Link, RefusedError, UnreachableError
from tavus_async.integrations.redis.member import Member, Refusals
from tavus_async.integrations.redis.outage import RedisOutage
from tavus_async.integrations.redis.pauses import Pauses
from tavus_async.integrations.redis.scripts import NEVER_GRANTED, LeaseAnswer
from tavus_async.integrations.redis.slots import Slot, Slots
from tavus_async.integrations.redis.tasks import Tasks
from tavus_async.integrations.redis.terms import Terms
from tavus_async.integrations.redis.witness import Witness

log = logging.getLogger("tavus_async")

# Of what the last lease gave: when no more is left, the next is asked for.
REFILL_AT = 0.25
# Seconds: slots are given out at multiples of it, all at once that have come since the last, for to be woken costs more
# than a slot. It is less than what a slot may be late by.
GATHERED_FOR = 0.004
# Seconds between two requests while Redis cannot be reached, and while all are held.
RETRY_EVERY = 0.1
# Seconds between two tries to hear of pauses.
LISTEN_EVERY = 0.5
# Of a pause: when what is to be learned of its 429s is, so that it holds when all go on.
LEARNED_AT = 0.6
# The tasks that wait for an answer of Redis: cancelled, they could leave it to whoever has the connection next.
REQUESTS = frozenset({"ask", "tell", "prepare"})
# Seconds for which others count as active.
ACTIVE_FOR = 1.0


class SharedBucket(Bucket):
    """One member's part of a limit that is shared through Redis."""

    is_predictable = False

    def __init__(self, limit: Terms, loop: asyncio.AbstractEventLoop, *, witness: Witness | None = None) -> None:
        self.max_wait = limit.max_wait
        self._limit, self._loop, self._pid = limit, loop, os.getpid()
        self._link = Link(limit.source)
        self._witness = witness or Witness()
        self._member = Member(self._link, limit, loop=loop, witness=self._witness)
        self._outage = RedisOutage(limit)
        self._slots = Slots()
        self._taken: dict[int, Slot | None] = {}
        """The slot of each attempt that has not ended; None for one that went on the own share."""
        self._connecting: set[int] = set()
        self._serial = 0
        self._waiting = 0
        self._pauses = Pauses()
        self._epoch = 0
        self._rate, self._active, self._heard_at = float(limit.per_second), 1, -math.inf
        self._tokens = float(limit.burst)
        self._is_wanting = False
        self._reports: list[Refusals] = []
        self._tasks = Tasks(loop, ended=self._finished)
        self._timer: asyncio.TimerHandle | None = None
        self._closing = asyncio.Event()

    def wait(self, now: float) -> float:
        """Return the seconds until the next slot, or what is left of a pause."""
        if pause := self._pauses.left(now):
            return pause
        wait = self._slots.wait(now)
        if not wait:
            return 0.0
        if wait < math.inf:
            return math.ceil((now + wait) / GATHERED_FOR) * GATHERED_FOR - now
        return self._outage.wait(now)

    def take(self, now: float, *, is_woken: bool = False) -> int:  # noqa: ARG002
        """Take the next slot; raises what Redis, or the lack of it, means for a call."""
        slot = self._take_slot(now)
        self._serial += 1
        self._taken[self._serial] = slot
        return self._serial

    def give_back(self, serial: int, now: float, /) -> None:
        """Put the slot back, for the next or for others."""
        slot = self._taken.pop(serial, None)
        if slot is not None and slot.epoch == self._epoch:
            self._slots.put_back(slot, now)

    def need(self, waiting: int, now: float) -> None:
        """Ask for slots, if there are not enough; once none are wanted, say so when those that are held have passed."""
        self._waiting = waiting
        if waiting:
            if self._is_short() and "ask" not in self._tasks:
                self._tasks.start("ask", self._ask())
        elif self._is_wanting and self._timer is None and not self._closing.is_set():
            self._timer = self._loop.call_at(max(now, self._slots.last_at), self._stop_wanting)

    def connecting(self, serial: int, _now: float, /) -> None:
        """Record that an attempt has to connect: its slot may pass meanwhile."""
        self._connecting.add(serial)

    def departure_wait(self, serial: int, now: float, /) -> float:
        """Return 0 while the attempt's slot is good, else the seconds until the next one."""
        if serial not in self._connecting:
            return 0.0
        slot = self._taken.get(serial)
        if slot is not None:
            if not slot.is_late(now) and slot.epoch == self._epoch and not self._pauses.left(now):
                return 0.0
            self._taken[serial] = None
            if slot.epoch == self._epoch:
                self._slots.put_back(slot, now)
        return self.wait(now)

    def wake_to_depart(self, serial: int, now: float, /) -> None:
        """Take the slot that it leaves with."""
        self._freshen(serial, now)

    def depart(self, serial: int, now: float, /, *, is_kept: bool) -> None:  # noqa: ARG002
        """Record that it leaves."""
        self._freshen(serial, now)

    def ended(self, serial: int, _now: float, /, *, is_admitted: bool) -> None:
        """Record that an attempt has ended."""
        self._taken.pop(serial, None)
        self._connecting.discard(serial)
        if is_admitted:
            self._pauses.admitted()

    def throttled(self, serial: int, now: float, /, *, seconds: float, is_named: bool) -> float:
        """Pause the whole fleet, and void its slots."""
        slot = self._taken.get(serial)
        is_known = slot is not None and slot.epoch < self._epoch
        if not is_named:
            since = now - slot.at if slot is not None else 0.0
            seconds = 0.0 if is_known else self._pauses.unnamed(seconds, since=since)
        if not is_known:
            self._pauses.refused(now)
        self._pauses.extend(seconds, now)
        if slot is None:
            self._tell(Refusals(pause=seconds))
        else:
            self._tell(Refusals(pause=seconds, epoch=slot.epoch, number=slot.number, moment=slot.moment))
            self._begin_epoch(slot.epoch + 1)
        return self.paused_for(now)

    def paused_for(self, now: float) -> float:
        """Return the seconds that are left of a pause."""
        return self._pauses.left(now)

    def tokens(self, now: float) -> float:
        """Return how many attempts could start at once, as far as this process knows of the fleet."""
        if self._pauses.left(now) or self._outage.is_on:
            return 0.0
        refill = self._rate * max(0.0, now - self._heard_at) if self._heard_at > -math.inf else 0.0
        return max(0.0, min(float(self._limit.burst), self._tokens + refill))

    def rate(self, now: float) -> float:
        """Return the attempts per second that are allowed to the whole fleet; in an outage, to this process."""
        return self._outage.rate(now, self._rate)

    def queue_wait(self, ahead: int, now: float) -> float:
        """Return what the slots that are held say, and beyond them this member's part of the rate."""
        wait = self.paused_for(now)
        if ahead < self._slots.left:
            return max(wait, self._slots.nth_at(ahead) - now)
        beyond = ahead + 1 - self._slots.left
        if self._outage.is_on:
            return max(wait, self._outage.queue_wait(beyond, now))
        missing = max(0.0, beyond - self.tokens(now))
        return max(wait, self._held_for(now) + missing / self._share(now))

    def reach(self, wait: float, now: float) -> int:
        """Return how many can have their slots within so many seconds."""
        if self.paused_for(now) > wait:
            return 0
        beyond = max(0.0, wait - self._held_for(now)) * self._share(now)
        return math.floor(self._slots.left + self.tokens(now) + beyond)

    def moved(self, loop: asyncio.AbstractEventLoop) -> "SharedBucket":
        """Return the same member for another loop, to which a client of Redis does not move.

        By another name it would be one more, and what this one wanted would be kept back.
        """
        self.abandon()
        return SharedBucket(self._limit, loop, witness=self._witness)

    async def aclose(self) -> None:
        """Give back what is held, say goodbye, and close the connections."""
        self._closing.set()
        self._waiting = 0
        self._cancel_timer()
        await self._tasks.aclose(finish=REQUESTS, patience=self._member.patience)
        unused = self._slots.release()
        if self._heard_at > -math.inf and not self._outage.is_on:
            try:
                await self._member.leave(unused)
            except (UnreachableError, RefusedError) as error:
                log.info("the shared rate limit %r: this process could not say goodbye: %s", self._limit.name, error)
        await self._link.aclose()

    def abandon(self) -> None:
        """Drop tasks and connections; in a forked process nothing, since they are the other's."""
        if self._pid != os.getpid():
            return
        self._closing.set()
        self._cancel_timer()
        if not self._loop.is_closed():
            self._tasks.abandon()
        self._link.abandon()

    def _take_slot(self, now: float) -> Slot | None:
        if self._slots.wait(now) <= 0:
            return self._slots.take()
        self._outage.take(now)
        return None

    def _freshen(self, serial: int, now: float) -> None:
        """Give an attempt that has connected the next slot, where its own has passed."""
        if serial in self._connecting:
            if self._taken.get(serial) is None and self.wait(now) <= 0:
                self._taken[serial] = self._take_slot(now)
            self._connecting.discard(serial)

    def _is_short(self) -> bool:
        left = self._slots.left
        return not self._closing.is_set() and self._waiting > left and left <= REFILL_AT * self._slots.last_count

    def _share(self, now: float) -> float:
        """Return this member's part of the rate, as known now."""
        return self._rate / (self._active if now - self._heard_at <= ACTIVE_FOR else 1)

    def _held_for(self, now: float) -> float:
        """Return the seconds until the last slot that is held."""
        return max(0.0, self._slots.last_at - now) if self._slots.left else 0.0

    def _begin_epoch(self, epoch: int) -> None:
        """Void what is held from before."""
        if epoch > self._epoch:
            self._epoch = epoch
            self._slots.void()
            self._tokens, self._heard_at = 0.0, max(self._heard_at, self._loop.time())

    # What follows runs in tasks of the bucket's own.

    def _finished(self, name: str, error: BaseException | None) -> None:
        if error is not None:
            log.error("the shared rate limit %r has failed", self._limit.name, exc_info=error)
        elif name == "ask" and self._is_short():
            # Some came back to the line between the task's last look and this.
            self._tasks.start("ask", self._ask())

    async def _sleep(self, seconds: float) -> None:
        """Wait, but not for longer than until the bucket is closed."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    async def _ask(self) -> None:
        while self._is_short():
            answer = await self._lease(self._waiting - self._slots.left)
            if self._closing.is_set():
                return
            self.on_more()
            if answer is None:
                await self._sleep(RETRY_EVERY)
            elif answer.kind == "hold":
                await self._sleep(min(answer.seconds, RETRY_EVERY))
            elif answer.kind == "pause":
                await self._sleep(answer.seconds)

    async def _lease(self, wanted: int) -> LeaseAnswer | None:
        """Ask once, and keep what is answered; None where nothing is."""
        begun = self._loop.time()
        granted_ago = min(NEVER_GRANTED, begun - self._slots.last_at)
        try:
            answer = await self._member.ask(
                wanted,
                granted_ago=granted_ago,
                was_cut_off=self._outage.is_cut_off,
                own=self._outage.spent,
                unused=self._slots.take_unused(),
            )
        except (UnreachableError, RefusedError) as error:
            self._outage.cut_off(
                self._loop.time(), error, last_slot=max(self._slots.last_at, self._heard_at), rate=self._rate
            )
            return None
        self._heed(answer, wanted)
        return answer

    def _heed(self, answer: LeaseAnswer, wanted: int) -> None:
        now = self._loop.time()
        if self._outage.reached(answer, now, last_slot=max(self._slots.last_at, self._heard_at), rate=answer.rate):
            self._listen_anew()
        if answer.epoch != self._epoch:
            self._epoch = answer.epoch
            self._slots.void()
        self._rate, self._active, self._heard_at, self._tokens = answer.rate, answer.active, now, answer.tokens
        self._is_wanting = answer.kind == "hold"
        if answer.kind == "pause":
            self._pauses.extend(answer.seconds, now)
        if answer.lease is not None:
            lease = answer.lease
            self._tokens = answer.tokens - lease.count
            difference = self._member.clock.local(0.0)
            self._slots.add(lease, difference=difference)
            self._is_wanting = wanted > lease.count or lease.moment(lease.count - 1) > answer.shown
        if "listen" not in self._tasks and not self._closing.is_set():
            self._tasks.start("listen", self._listen())
            if "prepare" not in self._tasks:
                self._tasks.start("prepare", self._prepare())
        if answer.silent and "witness" not in self._tasks and not self._closing.is_set():
            self._tasks.start("witness", self._member.leave_for_dead(answer.silent))

    def _stop_wanting(self) -> None:
        """Say that nothing is wanted any more: else a part would be kept back, as for one that is cut off."""
        self._timer = None
        if not self._waiting and self._is_wanting and "ask" not in self._tasks and not self._closing.is_set():
            self._tasks.start("ask", self._want_nothing())

    async def _want_nothing(self) -> None:
        self._slots.wait(self._loop.time())
        await self._lease(0)
        await self._ask()

    def _tell(self, report: Refusals) -> None:
        if self._outage.is_cut_off or self._closing.is_set():
            return
        if self._reports and self._reports[-1].epoch == report.epoch:
            self._reports[-1] = self._reports[-1].merged(report)
        else:
            self._reports.append(report)
        if "tell" not in self._tasks:
            self._tasks.start("tell", self._tell_all())

    async def _tell_all(self) -> None:
        while self._reports:
            try:
                is_first, epoch, pause = await self._member.report(self._reports.pop(0))
            except (UnreachableError, RefusedError) as error:
                log.debug("the shared rate limit %r could not tell of a 429: %s", self._limit.name, error)
                continue
            self._pauses.extend(pause, self._loop.time())
            self._begin_epoch(epoch)
            if is_first and self._limit.adaptive:
                self._tasks.start(f"learn {epoch}", self._learn(epoch, pause * LEARNED_AT))

    async def _learn(self, epoch: int, delay: float) -> None:
        await self._sleep(delay)
        try:
            await self._member.learn(epoch)
        except (UnreachableError, RefusedError) as error:
            log.debug("the shared rate limit %r could not learn from a 429: %s", self._limit.name, error)

    def _listen_anew(self) -> None:
        """Drop a subscription that may have died in an outage without a sign."""
        self._tasks.stop("listen")

    async def _prepare(self) -> None:
        try:
            await self._member.prepare()
        except (UnreachableError, RefusedError) as error:
            log.debug("the shared rate limit %r could not prepare for 429s: %s", self._limit.name, error)

    async def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                await self._link.listen(self._member.channel, self._hear)
            except (UnreachableError, RefusedError) as error:
                log.debug("the shared rate limit %r hears of no pauses: %s", self._limit.name, error)
            await self._sleep(LISTEN_EVERY)

    def _hear(self, message: str) -> None:
        """Pause with the others: one of them was answered with a 429."""
        epoch, pause = message.split()
        self._begin_epoch(int(float(epoch)))
        self._pauses.extend(float(pause), self._loop.time())
        self.on_more()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
