"""What a running sandbox shows of itself to those who look from outside, such as its pages."""

from typing import Protocol

__all__ = ["Contents"]


class Contents(Protocol):
    """The part of `Sandbox` that its pages read."""

    @property
    def url(self) -> str:
        """The base URL, without `/v2` and without a slash at its end."""
        ...
