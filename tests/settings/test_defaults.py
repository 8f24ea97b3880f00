"""What the documents say of settings that nobody has given."""

import inspect

from tavus_async import AsyncSession, Pool, RateLimit, RetryPolicy, Stats, Timeouts


def test_the_defaults_are_those_of_the_documents() -> None:
    assert RetryPolicy() == RetryPolicy(
        attempts=5,
        base_delay=0.5,
        max_delay=20,
        max_retry_after=60,
        budget=100,
        budget_per_call=0.1,
        budget_per_success=0.5,
    )
    assert Timeouts() == Timeouts(connect=5, read=30, attempt=30, total=None)
    assert Pool() == Pool(
        connections=100,
        keepalive=15,
        dns_ttl=60,
        proxy=None,
        proxy_from_env=True,
        ssl=None,
        max_body=16 * 1024 * 1024,
        insecure_hosts=frozenset(),
    )
    assert RateLimit(10) == RateLimit(10, burst=10, adaptive=True, max_wait=None)


def test_a_session_is_polite_and_keeps_nothing_unless_told_otherwise() -> None:
    given = {
        name: each.default
        for name, each in inspect.signature(AsyncSession).parameters.items()
        if each.kind is not each.VAR_KEYWORD
    }

    assert given == {
        "api_key": None,
        "base_url": None,
        "rate_limit": RateLimit(per_second=10, burst=10),
        "retry": RetryPolicy(),
        "timeouts": Timeouts(),
        "pool": Pool(),
        "vocabulary": "persona",
        "headers": None,
        "user_agent": None,
        "http": None,
        "cache_ttl": None,
        "cache_size": 1_000,
    }


def test_before_its_first_call_a_session_has_done_nothing_and_may_do_all() -> None:
    session = AsyncSession("key", rate_limit=RateLimit(3, burst=7), retry=RetryPolicy(budget=11))

    assert session.stats() == Stats(
        calls=0,
        requests=0,
        retries=0,
        rate_limited=0,
        tokens=7,
        rate=3,
        waiting=0,
        in_flight=0,
        open_connections=0,
        retry_budget=11,
    )
