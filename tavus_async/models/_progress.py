"""How far a bulk call has come."""

import attrs


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
