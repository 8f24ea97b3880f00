"""What a member does while it cannot reach Redis, or Redis holds everyone after an outage that all have met.

Nothing goes until all slots that the member was given have passed, and OWN_AFTER horizons more: by then Redis keeps its
share back from the others. Then it goes on with that share: the rate divided by the most members that were seen. One
that has never reached Redis knows of no share, and waits.
"""

import logging
import math
import random

from tavus_async.errors import ConfigurationError, QueueTimeoutError, TavusError
from tavus_async.integrations.redis.link import RefusedError
from tavus_async.integrations.redis.own_share import Fleet, OwnShare
from tavus_async.integrations.redis.scripts import LeaseAnswer
from tavus_async.integrations.redis.terms import Terms

log = logging.getLogger("tavus_async")

OWN_AFTER = 1.5
# Seconds for which all calls are refused after Redis has refused, or cannot be reached: then it is asked again.
REFUSED_FOR = 1.0


class RedisOutage:
    """Whether a member is cut off, and what it may send meanwhile."""

    def __init__(self, limit: Terms) -> None:
        self._limit = limit
        self._own, self._fleet = OwnShare(), Fleet()
        self._random = random.Random()  # noqa: S311 (it spreads, it hides nothing)
        self._refusal: TavusError | None = None
        self._refused_until = -math.inf
        self.is_cut_off = False
        """Whether Redis did not answer last time."""

    @property
    def is_on(self) -> bool:
        """Whether no slots come: the member is cut off, or held."""
        return self.is_cut_off or self._own.is_on

    @property
    def spent(self) -> int:
        """How many have gone on the own share."""
        return self._own.spent

    def wait(self, now: float) -> float:
        """Return the seconds until one may go on the own share, or is refused; infinity where neither comes."""
        if self._refusal is not None and now < self._refused_until:
            return 0.0
        return self._own.wait(now)

    def take(self, now: float) -> None:
        """Let one go on the own share, or raise what refuses it."""
        if self._refusal is not None and now < self._refused_until:
            raise self._refusal
        self._own.take(now)

    def rate(self, now: float, fleet: float) -> float:
        """Return the attempts per second that are allowed: those of the *fleet*, unless this is on its own."""
        if self._own.is_on:
            return self._own.rate
        return 0.0 if self.is_cut_off and self._refused_until <= now else fleet

    def queue_wait(self, beyond: int, now: float) -> float:
        """Return the seconds until so many have gone, as far as is known."""
        return self._own.wait(now) + (beyond - 1) / self._own.rate if self._own.is_on else 0.0

    def cut_off(self, now: float, error: Exception, *, last_slot: float, rate: float) -> None:
        """Record that Redis did not answer, or refused."""
        limit = self._limit
        if not self.is_cut_off:
            self.is_cut_off = True
            log.warning("the shared rate limit %r has no Redis, and %s: %s", limit.name, self._plan(), error)
        has_share = limit.on_outage == "share" and (limit.alone is not None or self._fleet.most > 0)
        if isinstance(error, RefusedError) and not has_share:
            self._refuse(ConfigurationError(f"the Redis of the shared rate limit {limit.name!r} refuses: {error}"), now)
        elif limit.on_outage == "fail":
            text = f"the Redis of the shared rate limit {limit.name!r} cannot be reached: {error}"
            self._refuse(QueueTimeoutError(text, wait=math.inf), now)
        elif has_share:
            self._go_alone(max(now if last_slot == -math.inf else last_slot, last_slot), rate)

    def reached(self, answer: LeaseAnswer, now: float, *, last_slot: float, rate: float) -> bool:
        """Record an answer; return whether it ends an outage."""
        was_cut_off, self.is_cut_off = self.is_cut_off, False
        self._refusal = None
        if answer.kind == "hold":
            if last_slot > -math.inf and self._fleet.most > 0 and self._limit.on_outage == "share":
                self._go_alone(last_slot, rate)
        else:
            self._own.end()
            self._fleet.hear(answer.members, now)
        if was_cut_off:
            log.warning("the shared rate limit %r has its Redis again", self._limit.name)
        return was_cut_off

    def _plan(self) -> str:
        match self._limit.on_outage:
            case "wait":
                return "lets all calls wait"
            case "fail":
                return "lets all calls fail"
            case _ if self._limit.alone is not None:
                return f"goes on with {self._limit.alone:g}/s"
            case _ if self._fleet.most:
                return f"goes on with one of {self._fleet.most} parts"
            case _:
                return "lets all calls wait, since it does not know how many share it"

    def _refuse(self, error: TavusError, now: float) -> None:
        self._refusal, self._refused_until = error, now + REFUSED_FOR

    def _go_alone(self, last_slot: float, rate: float) -> None:
        if self._own.is_on:
            return
        share = self._limit.alone if self._limit.alone is not None else rate / self._fleet.most
        self._own.begin(last_slot + OWN_AFTER * self._limit.horizon, rate=float(share), phase=self._random.random())
