"""What became of one item of a bulk call."""

from typing import Generic, TypeVar

import attrs

from tavus_async.errors import TavusError

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Outcome(Generic[T]):
    """One item of a bulk call: its value, or the error that it ended with."""

    key: str
    """The id that was asked for."""
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
