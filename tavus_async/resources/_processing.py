"""What Tavus makes takes minutes or hours: which states are final, and which of them mean failure."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import attrs

from tavus_async._records.record import Record
from tavus_async.errors import ProcessingFailedError

RecordT = TypeVar("RecordT", bound=Record)

LONGEST_REASON: Final = 500
"""Characters of what Tavus says of a failure that a message repeats."""


@attrs.frozen(kw_only=True)
class Processing(Generic[RecordT]):
    """How the objects of one resource come to be ready."""

    noun: str
    """What messages call one of them."""
    id_of: Callable[[RecordT], str]
    ready: frozenset[str]
    """The states in which one can be used."""
    failed: frozenset[str]
    """The states in which one never can."""
    reasons: tuple[str, ...] = ("error_message",)
    """The fields that say why one has failed; the first that says anything counts."""

    def look(self, record: RecordT) -> RecordT | None:
        """Return a record that is ready, and None for one that is not yet.

        Raises ProcessingFailedError for one that never will be.
        """
        status = getattr(record, "status", None)
        if status in self.ready:
            return record
        if status in self.failed:
            raise self.failure(record)
        return None

    def failure(self, record: RecordT) -> ProcessingFailedError:
        """Return the error for a record that has failed, with Tavus' words."""
        told = (attrgetter(name)(record) for name in self.reasons)
        reason = next((each for each in told if isinstance(each, str) and each.strip()), "")
        status: Any = getattr(record, "status", None)
        words = reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…"
        message = f"the {self.noun} {self.id_of(record)} is {status!r}: {words or 'no reason told'}"
        return ProcessingFailedError(message, value=record, reason=reason)
