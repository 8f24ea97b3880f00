"""What a session has done and is doing."""

import attrs


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
