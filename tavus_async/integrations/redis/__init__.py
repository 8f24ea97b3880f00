"""A rate limit that many processes share through Redis, and a store of handled webhooks: the extra `redis`."""

try:
    import redis.asyncio as _redis
except ImportError as _error:
    raise ImportError(
        "tavus_async.integrations.redis needs the package redis: pip install 'tavus-async[redis]'", name="redis"
    ) from _error

from tavus_async._engine import repeat as _repeat
from tavus_async.integrations.redis.seen import RedisSeen
from tavus_async.integrations.redis.settings import SharedRateLimit

# The first 429 of a fleet waits for nothing that could be loaded before.
_repeat.load()

del _redis, _repeat

__all__ = ["RedisSeen", "SharedRateLimit"]
