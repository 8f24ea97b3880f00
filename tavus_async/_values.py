"""What a session returns beside records: outcomes, pages, progress, responses, counters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import attrs

from tavus_async._records.immutable import is_mapping, is_sequence
from tavus_async._records.json import load
from tavus_async.errors import TavusError

T = TypeVar("T")


def show_key(key: object) -> str:
    """Show what was given for an item of a bulk call; of an object or a list, which may hold secrets, its size."""
    if is_mapping(key):
        return f"<{len(key)} keys>"
    return f"<{len(key)} items>" if is_sequence(key) else repr(key)


@attrs.frozen(kw_only=True)
class Outcome(Generic[T]):
    """One item of a bulk call: its value, or the error that it ended with."""

    key: Any = attrs.field(hash=False, repr=show_key)  # which may be a dict, as may be the value
    """What was given for it: the id, the draft, or whatever the call was made of."""
    value: T | None = attrs.field(default=None, hash=False)
    """What the call returned; None where it failed."""
    error: TavusError | None = None
    """What the call raised; None where it succeeded."""
    attempts: int = 0
    """Attempts that were sent for it; 0 for an item that was never sent."""
    elapsed: float = 0.0
    """Seconds from the item's begin to its end, queueing and backoff included."""

    @property
    def ok(self) -> bool:
        """Whether the item succeeded."""
        return self.error is None

    def unwrap(self) -> T:
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # a value is there where no error is


def by_lower_name(headers: Mapping[Any, Any]) -> dict[str, Any]:
    """Return headers with their names in lower case."""
    return {str(name).lower(): value for name, value in headers.items()}


class Headers(Mapping[str, str]):
    """Headers of a response, found by name in any case; one that came twice has both values, joined by a comma."""

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

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self)}>"  # a value may be a secret

    def __eq__(self, other: object) -> bool:
        if not is_mapping(other):
            return NotImplemented
        return by_lower_name(self) == by_lower_name(other)

    def __hash__(self) -> int:
        return hash(frozenset(by_lower_name(self).items()))


@attrs.frozen(kw_only=True)
class Response:
    """A response, read to its end, as `AsyncSession.send_raw()` returns it. Its repr shows the status alone."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str] = attrs.field(repr=False, hash=False)
    """The headers by name, in any case."""
    body: bytes = attrs.field(repr=False)
    """The body, decompressed."""

    def json(self) -> Any:
        """Return the body as JSON values; DecodeError for what is no JSON."""
        return load(self.body)


# Without slots, so that web frameworks can write it: they ask for a dict or `vars`.
@attrs.frozen(kw_only=True, slots=False)
class Page(Generic[T]):
    """One page of a list, in the server's order."""

    items: tuple[T, ...]
    """The records on it; `len(page)` and `for item in page` use them."""
    total_count: int | None = None
    """The number of items on all pages together; None where the server does not say."""

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@attrs.frozen(kw_only=True)
class Progress:
    """The state of a bulk call at one moment, for a progress bar."""

    done: int
    """Items with an outcome, failed or not."""
    failed: int
    """Items with an error."""
    total: int | None
    """Items in all; None for an iterator, whose end is not known."""
    rate: float
    """Items per second over the last five seconds; in the first second, how many there were."""
    waiting: bool
    """Whether items are held back now by the rate limit, or by a pause after a 429."""
    paused: float = 0.0
    """Seconds that are left of a pause that the server asked for with a 429; 0 where there is none."""
    outage: float = 0.0
    """Seconds since which the server cannot be reached, while the run waits for it; 0 while it can."""


@attrs.frozen(kw_only=True)
class RenderProgress:
    """The state of a bulk call that creates things and waits for them, at one moment."""

    total: int | None
    """Drafts in all; None for an iterator, whose end is not known."""
    created: int
    """Drafts of which something has been created, by this run or by an earlier one with the same journal."""
    waiting: int
    """Of those, what is still being made."""
    ready: int
    """Outcomes without an error."""
    failed: int
    """Outcomes with an error, whether nothing was created or it could not be made."""
    rate: float
    """Outcomes per second over the last five seconds."""
    paused: float = 0.0
    """Seconds that are left of a pause that the server asked for with a 429; 0 where there is none."""
    outage: float = 0.0
    """Seconds since which the server cannot be reached, while the run waits for it; 0 while it can."""


@attrs.frozen(kw_only=True)
class DownloadProgress:
    """How much of a file has been downloaded, in bytes."""

    done: int
    """Bytes that are there; it falls back to 0 where the download has to begin anew."""
    total: int | None
    """Bytes of the whole file; None where the server does not say."""


@attrs.frozen(kw_only=True)
class Stats:
    """A session's counters since its construction, and its state at this moment."""

    calls: int
    """Calls begun."""
    requests: int
    """Attempts sent: one for a call, and one for each retry; none for a call that was shared or cached."""
    retries: int
    """Attempts that repeated an earlier one."""
    rate_limited: int
    """Answers with status 429."""
    tokens: float
    """Attempts that could start now; 0 during a pause. Of a limiter of your own what it tells, else 0 or infinite."""
    rate: float
    """Attempts per second that are allowed now, to all who share the limit; below the configured rate after 429s."""
    waiting: int
    """Attempts that wait for a slot of the pool or for a token."""
    in_flight: int
    """Attempts that have a slot of the pool: at the server, or about to be."""
    open_connections: int
    """Connections of the pool, idle ones too."""
    retry_budget: float
    """Retries that are left in the retry budget (`RetryPolicy.budget`)."""
