"""What 429s mean: that the server's limit is reached, or nothing. Pure: it has no clock of its own.

A server whose token bucket is empty refuses most of what comes next, too. So a 429 is judged by its neighbours: the
attempts that were sent after it, and how those ended.

*Exhausted.* Of the next few, CERTAIN are refused, and two thirds of all. A server that refuses one in a hundred by
chance does that to three in a row once in a million calls.

*Stray.* Most of the next NEIGHBOURS are admitted. Such a 429 costs its own call a retry, and nobody else anything.

*A trial.* Between them is what a bucket that is slightly too small looks like, and so does chance that refuses many:
their share is the same. They differ in what becomes of it at a lower rate (`pace.py`), which is tried for so many
attempts that EXPECTED_REFUSALS of them would be refused. If less than LEFT of the share is left, it is a limit.

*Several sessions at one limit* are refused the same share p each. One that sends the part a of all, and 2 · p less of
that in its trial, leaves about p · (1 - 2 · a) of the share: less than LEFT if a is more than 0.3. So the larger ones
find a limit, and keep to what they were admitted; the smallest finds chance, and goes on growing.

What was found to be chance is expected from then on. It halves in 2 · HALVES_IN seconds at first, since others who
share a limit look like chance while they change their rates, and each time that it is found again it lasts twice as
long, up to a minute: nothing lasts. And no sooner than it halves is a small share tried again.
"""

import enum
import math
from collections import deque

import attrs

# So many attempts after a refused one are waited for before it is called stray.
NEIGHBOURS = 8
CERTAIN = 3
NEARLY_ALL = 0.9
MOSTLY_REFUSED = 0.65
# Attempts of which the share of refused ones is counted: the latest ones for a trial at once, more for a small share.
LATEST = 40
MOST_COUNTED = 200
SHARE_OF_LATEST = 0.2
SHARE_OF_ALL = 0.07
# A larger share is no chance.
LARGEST_CHANCE = 0.35
# Seconds in which what is expected halves: at first, and after it was found again and again.
HALVES_IN = 1.5
LONGEST_HALVES_IN = 60.0
# How much of the share must be left at the lower rate, to be chance. It is measured with an error of a third or so.
LEFT = 0.4
# Attempts by which a trial is decided: so many that eight of them are expected to be refused.
EXPECTED_REFUSALS = 8
FEWEST = 16
# The most seconds between two trials, for a small share.
BETWEEN_TRIALS = 5.0


class Meaning(enum.Enum):
    """What is to be done about 429s."""

    EXHAUSTED = enum.auto()
    """The server's bucket is empty."""
    TRIAL = enum.auto()
    """The rate is to be lowered for a moment."""
    CHANCE = enum.auto()
    """At the lower rate as many were refused: the rate before may come back."""
    LIMIT = enum.auto()
    """At the lower rate fewer were refused: it is the rate."""


@attrs.define
class RefusalHistory:
    """How attempts ended, in the order in which their answers came, and what follows from that."""

    share: float = 0.0
    """Of a trial: the share that was refused before it."""
    share_left: float = 0.0
    """The share that was refused in it."""
    _ended: deque[tuple[int, bool]] = attrs.field(init=False, factory=lambda: deque(maxlen=MOST_COUNTED))
    """Of each attempt its serial number, and whether it was admitted."""
    _suspect: int | None = attrs.field(init=False, default=None)
    """The first refused attempt of which it is not known what it means."""
    _counted_from: int = attrs.field(init=False, default=0)
    """Shares are counted from the attempt after this one on."""
    _trial_from: int | None = attrs.field(init=False, default=None)
    """The last attempt before the trial that is under way."""
    _trial_ended_at: float = attrs.field(init=False, default=-math.inf)
    _confirmed: int = attrs.field(init=False, default=0)
    """How often in a row a trial has found chance."""
    _chance: float = attrs.field(init=False, default=0.0)
    _chance_at: float = attrs.field(init=False, default=0.0)

    @property
    def suspect(self) -> int | None:
        """The first refused attempt of which it is not known yet what it means."""
        return self._suspect

    def chance(self, now: float) -> float:
        """Return the share that the server is known to refuse by chance."""
        return self._chance * 0.5 ** ((now - self._chance_at) / self._halves_in()) if self._chance else 0.0

    def _halves_in(self) -> float:
        """Return in how many seconds what is expected halves."""
        return min(LONGEST_HALVES_IN, HALVES_IN * 2.0**self._confirmed)

    def admitted_after(self, serial: int) -> float | None:
        """Return which share of the attempts after this one was admitted; None where they are too few to tell."""
        after = [was_admitted for number, was_admitted in self._ended if number > serial]
        return sum(after) / len(after) if len(after) > CERTAIN else None

    def is_stray(self, serial: int) -> bool:
        """Return whether nearly all that followed an attempt were admitted, and they are enough to tell."""
        share = self.admitted_after(serial)
        after = sum(number > serial for number, _ in self._ended)
        return share is not None and after >= NEIGHBOURS and share >= NEARLY_ALL

    def refused_from(self, serial: int) -> list[int]:
        """Return the attempts from this one on that were refused, in order."""
        return sorted(number for number, was_admitted in self._ended if number >= serial and not was_admitted)

    def admitted(self, serial: int, now: float) -> Meaning | None:
        """Record that an attempt was admitted."""
        self._ended.append((serial, True))
        if self._suspect is None and self._trial_from is None:
            return None
        return self._judge(now)

    def refused(self, serial: int, now: float) -> Meaning | None:
        """Record that an attempt was refused."""
        self._ended.append((serial, False))
        self._suspect = serial if self._suspect is None else min(serial, self._suspect)
        return self._judge(now)

    def accounted_for(self, serial: int) -> None:
        """Record that an attempt was refused, of which it is known what it means."""
        self._ended.append((serial, False))

    def is_unexpected(self, share: float, serial: int, now: float) -> bool:
        """Return whether a trial is to tell why this share of what followed an attempt was refused, or itself."""
        if self._trial_from is not None:
            return False
        after = sum(number > serial for number, _ in self._ended)
        refused = round(share * after) + 1
        counted = [was_admitted for number, was_admitted in self._ended if number > self._counted_from]
        chance = self.chance(now)
        if chance and counted.count(False) <= chance * len(counted) + 3 * math.sqrt(chance * len(counted)):
            return False
        self.share = max(refused / (after + 1), counted.count(False) / max(1, len(counted)))
        return True

    def exhausted(self, newest: int) -> None:
        """Begin anew after an exhaustion, or a trial: what was sent until then does not count any more."""
        self._suspect = self._trial_from = None
        self._counted_from = newest

    def begin_trial(self, newest: int) -> None:
        """Record that what is sent after the attempt *newest* is sent at a lower rate."""
        self._trial_from = newest

    def _judge(self, now: float) -> Meaning | None:
        if self._suspect is not None:
            after = [was_admitted for number, was_admitted in self._ended if number > self._suspect]
            refused = after.count(False)
            if refused >= MOSTLY_REFUSED * len(after) and refused >= self._certain(len(after), now):
                return Meaning.EXHAUSTED
            if len(after) >= NEIGHBOURS:
                self._suspect = None
                if self._is_worth_a_trial(now):
                    return Meaning.TRIAL
        return self._conclude(now) if self._trial_from is not None else None

    def _certain(self, number: int, now: float) -> float:
        """Return how many of so many must be refused to be no chance: three deviations more than are expected."""
        expected = self.chance(now) * number
        return max(CERTAIN, expected + 3 * math.sqrt(expected) + 1)

    def _is_worth_a_trial(self, now: float) -> bool:
        if self._trial_from is not None:
            return False
        counted = [was_admitted for number, was_admitted in self._ended if number > self._counted_from]
        latest, chance = counted[-LATEST:], self.chance(now)
        share = latest.count(False) / LATEST
        if len(latest) == LATEST and share >= SHARE_OF_LATEST + 1.5 * chance:
            # What grows is taken to be as large as it has become.
            share = max(share, latest[-FEWEST:].count(False) / FEWEST)
        else:
            share = counted.count(False) / max(1, len(counted))
            is_large = len(counted) >= MOST_COUNTED // 2 and share > max(SHARE_OF_ALL, 2 * chance)
            if not is_large or now - self._trial_ended_at < min(BETWEEN_TRIALS, self._halves_in()):
                return False
        self.share = share
        return True

    def _conclude(self, now: float) -> Meaning | None:
        """Decide a trial, as soon as enough of it has ended."""
        ended = [was_admitted for number, was_admitted in self._ended if number > (self._trial_from or 0)]
        if len(ended) < max(FEWEST, min(MOST_COUNTED, EXPECTED_REFUSALS / self.share)):
            return None
        self.share_left = ended.count(False) / len(ended)
        self._trial_from, self._trial_ended_at = None, now
        is_more = self.share_left > 1.5 * self.share + SHARE_OF_ALL
        if is_more or self.share > LARGEST_CHANCE or self.share_left < LEFT * self.share:
            self._confirmed = 0
            return Meaning.LIMIT
        self._confirmed += 1
        self._chance, self._chance_at = (self.share + self.share_left) / 2, now
        return Meaning.CHANCE
