"""The bucket of the package that is found first, asked in the same way whichever of its two protocols it speaks."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any, Protocol

import tavus_async
from tavus_async import RateLimit


class Driver(Protocol):
    """What the simulated session needs of a bucket; times are seconds of its clock."""

    def wait(self, now: float, /) -> float:
        """Return the seconds until there may be a token; 0 when there is one."""

    def take(self, now: float, /) -> int:
        """Take a token, and return the attempt's serial number."""

    def admitted(self, serial: int, now: float, /) -> None:
        """Record that an attempt was answered with anything but a 429."""

    def refused(self, serial: int, now: float, seconds: float, /, *, is_named: bool) -> None:
        """Record that an attempt was answered with a 429; the retry policy makes so many seconds of pause of it."""

    def rate(self, now: float, /) -> float:
        """Return the attempts per second that are allowed now."""


class Outcomes:
    """Of a bucket that is told of every attempt's outcome."""

    def __init__(self, bucket: Any) -> None:
        self._bucket = bucket
        self.wait, self.take, self.rate = bucket.wait, bucket.take, bucket.rate

    def admitted(self, serial: int, now: float) -> None:
        """Tell of an admission."""
        self._bucket.ended(serial, now, is_admitted=True)

    def refused(self, serial: int, now: float, seconds: float, *, is_named: bool) -> None:
        """Tell of a 429, in the order in which a session does."""
        self._bucket.throttled(serial, now, seconds=seconds, is_named=is_named)
        self._bucket.ended(serial, now, is_admitted=False)


class Refusals:
    """Of a bucket that is told of the 429s alone, and paused after each."""

    def __init__(self, bucket: Any) -> None:
        self._bucket = bucket
        self.wait, self.take, self.rate = bucket.wait, bucket.take, bucket.rate

    def admitted(self, serial: int, now: float) -> None:  # noqa: ARG002
        """Tell that one has ended."""
        self._bucket.answered(now)

    def refused(self, serial: int, now: float, seconds: float, *, is_named: bool) -> None:  # noqa: ARG002
        """Tell of a 429, in the order in which a session does."""
        self._bucket.throttled(serial, now)
        self._bucket.pause(seconds, now)
        self._bucket.answered(now)


def make_bucket(rate: float, burst: int, chance: Callable[[], float]) -> Driver:
    """Make the bucket of a session at the moment 0; what it leaves to chance, *chance* decides."""
    limit = RateLimit(rate, burst=burst)
    if find_spec("tavus_async._engine.token_bucket"):
        make = import_module("tavus_async._engine.token_bucket").TokenBucket
        leaves_to_chance = "chance" in signature(make).parameters
        bucket = make(limit, now=0.0, chance=chance) if leaves_to_chance else make(limit, now=0.0)
    else:
        bucket = import_module("tavus_async._engine.bucket").Bucket(limit, now=0.0)
    return Outcomes(bucket) if hasattr(bucket, "ended") else Refusals(bucket)


def place() -> str:
    """Return where the package was found."""
    return str(tavus_async.__file__)
