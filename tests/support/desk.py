"""A bulk call without a server: what fetches, in as many seconds as a test likes, and what it is given to fetch."""

import asyncio
from collections.abc import Callable
from typing import Any

import attrs

from tavus_async import AuthenticationError, Outcome, TavusError
from tavus_async._bulk.run import Job, Outcomes, Run


@attrs.define
class Desk:
    """Fetches keys: each takes *seconds* of it, and those in *errors* fail."""

    seconds: Callable[[str], float] = lambda key: 1.0
    errors: dict[str, TavusError] = attrs.field(factory=dict)
    fetched: list[str] = attrs.field(factory=list)
    busy: int = 0
    most_busy: int = 0

    async def fetch(self, key: str) -> Outcome[str]:
        self.fetched.append(key)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await asyncio.sleep(self.seconds(key))
        finally:
            self.busy -= 1
        error = self.errors.get(key)
        return Outcome(key=key, value=None if error else key.upper(), error=error, attempts=1)

    def start(self, keys: Any, *, concurrency: int = 3, **settings: Any) -> Outcomes[str]:
        return Outcomes(Run(Job(fetch=self.fetch, keys=keys, concurrency=concurrency, **settings)))


async def take_all(outcomes: Outcomes[str], keys: list[str]) -> None:
    """Takes every outcome, and notes its key."""
    async for outcome in outcomes:
        keys.append(outcome.key)  # noqa: PERF401 - those before an error are wanted too


def ids(number: int) -> list[str]:
    return [f"p{index}" for index in range(number)]


def unauthorized() -> TavusError:
    return AuthenticationError("Invalid access token", status=401)


def lasts(**seconds: float) -> Callable[[str], float]:
    """How long each key takes, 1 second where nothing else is said."""
    return lambda key: seconds.get(key, 1.0)
