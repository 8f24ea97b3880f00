import pytest

from tavus_async import ConfigurationError, RateLimit, RateLimiter


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


@pytest.mark.parametrize(("burst", "parts", "each"), [(20, 8, 2), (20, 1, 20), (20, 20, 1), (3, 8, 1)])
def test_a_limit_is_divided_evenly_and_keeps_what_else_it_says(burst: int, parts: int, each: int) -> None:
    part = RateLimit(100, burst=burst, adaptive=False, max_wait=5).share(parts)

    assert part == RateLimit(100 / parts, burst=each, adaptive=False, max_wait=5)
    assert part.burst * parts <= max(burst, parts)


@pytest.mark.parametrize("parts", [0, -1, 2.0, True, "8", None, 10**400])
def test_a_limit_has_no_other_parts_than_whole_ones(parts: object) -> None:
    with pytest.raises(ConfigurationError):
        RateLimit(100.5).share(parts)  # type: ignore[arg-type]
