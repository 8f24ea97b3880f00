"""Values that calls give and take: outcomes, pages, progress, answers, counters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import attrs

from tavus_async._records.json import load
from tavus_async.errors import TavusError

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Outcome(Generic[T]):
    """One item of a bulk call: its value, or the error that it ended with."""

    key: Any
    """What was given: the id, or the draft, or whatever the call was made of."""
    value: T | None = None
    error: TavusError | None = None
    attempts: int = 0
    """How often the server was asked; 0 for an item that was never sent."""
    elapsed: float = 0.0
    """Seconds from the item's start to its end, waiting included."""

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.error is None

    def unwrap(self) -> T:
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # a value is there where no error is


class Headers(Mapping[str, str]):
    """The headers of an answer, whose names are the same in any case; of one that came twice, both values."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        values: dict[str, tuple[str, str]] = {}
        for name, value in pairs:
            known = values.get(name.lower())
            values[name.lower()] = (known[0], f"{known[1]}, {value}") if known else (name, value)
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)


@attrs.frozen(kw_only=True)
class Response:
    """An answer, read to its end, as `AsyncSession.send_raw()` returns it."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    """By name, in any case."""
    body: bytes = attrs.field(repr=False)
    """Decompressed."""

    def json(self) -> Any:
        """Return the body's JSON value; DecodeError where it is none."""
        return load(self.body)


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list, in the server's order."""

    items: tuple[T, ...]
    total_count: int | None = None
    """How many items all pages hold together, if the server said so."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@attrs.frozen(kw_only=True)
class Progress:
    """A moment of a bulk call, for a progress bar."""

    done: int
    """Items with an outcome, failed or not."""
    failed: int
    """How many of them failed."""
    total: int | None
    """How many items there are, where that is known before the end."""
    rate: float
    """Items per second, over the last few seconds."""
    waiting: bool
    """Whether it is the rate limit, or a pause after a 429, that holds the items back now."""


@attrs.frozen(kw_only=True)
class Stats:
    """A session's counters since it was made, and its state at this moment."""

    calls: int
    """Calls begun."""
    requests: int
    """Attempts sent: at least one a call."""
    retries: int
    """Attempts that repeated an earlier one."""
    rate_limited: int
    """Answers with status 429."""
    tokens: float
    """Attempts that could start at once; 0 while a 429 pauses the session."""
    rate: float
    """Attempts per second that the limiter allows now; below the configured rate after a 429."""
    waiting: int
    """Attempts in the queue for a connection or a token."""
    in_flight: int
    """Attempts that are at the server now."""
    open_connections: int
    """Connections in the pool, idle ones too."""
    retry_budget: float
    """Retries that may still be made before calls have to earn new ones."""
