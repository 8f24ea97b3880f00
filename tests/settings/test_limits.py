from tavus_async import RateLimit, RateLimiter


def test_a_custom_limiter_is_anything_with_two_methods() -> None:
    class Shared:
        async def acquire(self) -> None: ...

        def throttled(self, retry_after: float | None) -> None: ...

    class Half:
        async def acquire(self) -> None: ...

    assert isinstance(Shared(), RateLimiter)
    assert not isinstance(Half(), RateLimiter)
    assert not isinstance(RateLimit(1), RateLimiter)


def test_a_rate_limit_is_a_plain_value() -> None:
    assert RateLimit(10) == RateLimit(per_second=10, burst=10, adaptive=True, max_wait=None)
    assert hash(RateLimit(10)) == hash(RateLimit(10))
