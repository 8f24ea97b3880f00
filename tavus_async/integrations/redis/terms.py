"""The settings of a shared limit, as they have been checked."""

from typing import Literal

import attrs
from redis.asyncio import Redis

from tavus_async._records.secrets import Secret


@attrs.frozen(kw_only=True)
class Terms:
    """What `SharedRateLimit` tells its buckets; its docstrings say what the fields mean."""

    source: "Secret | Redis" = attrs.field(repr=False)
    name: str
    per_second: float
    burst: int
    adaptive: bool
    max_wait: float | None
    horizon: float
    alone: float | None
    on_outage: Literal["share", "wait", "fail"]
