"""What lives in an open session beside its calls, and has something to finish before the session closes."""

from abc import ABC, abstractmethod
from typing import Any, Protocol, TypeVar

from tavus_async._wire.call import Call


class Send(Protocol):
    """Sends a call with a session's own options, also while the session closes."""

    async def __call__(self, call: Call[Any], *, timeout: float | None = None) -> Any:
        """Send a call and return its result."""
        ...


class SessionPart(ABC):
    """One object of its class for an open session, made on the first use in the session's event loop.

    Sessions that `with_options` makes of one another share it, so it sends with the options of whoever asks it to.
    """

    @abstractmethod
    async def aclose(self) -> None:
        """Finish what must not be left undone, while calls can still be sent; it raises no TavusError."""

    def abandon(self) -> None:  # noqa: B027 (most parts have nothing to tell)
        """Tell what was left undone, because the event loop has been closed or is another process's."""


PartT = TypeVar("PartT", bound=SessionPart)
