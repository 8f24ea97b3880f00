from typing import Any

import pytest
from hypothesis import given, strategies as st

from tavus_async import (
    AmbiguousOutcomeError,
    ApiError,
    AttemptTimeoutError,
    AuthenticationError,
    BadRequestError,
    ConcurrencyLimitError,
    ConfigurationError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    QueueTimeoutError,
    QuotaExceededError,
    RateLimitedError,
    ResponseTooLargeError,
    RetryPolicy,
    ServerError,
    SessionClosedError,
    TavusError,
    UnprocessableError,
)

POLICY = RetryPolicy(base_delay=1.0, max_delay=20.0, max_retry_after=60.0)
LOST = ConnectionLostError("lost")


def refusal(status: int, retry_after: float | None = None, *, refused: bool = False) -> ApiError:
    kind = RateLimitedError if status == 429 else ServerError if status >= 500 else ApiError
    return kind("no", status=status, retry_after=retry_after, refused=refused)


ALWAYS, ONCE_MORE_IF_HARMLESS, NEVER = (True, True), (True, False), (False, False)
DECISIONS: list[tuple[TavusError, tuple[bool, bool]]] = [
    (ConnectError("no connection"), ALWAYS),
    (refusal(429), ALWAYS),
    (refusal(429, 0.0), ALWAYS),
    (refusal(429, 1e9), ALWAYS),
    (refusal(503, 5.0, refused=True), ALWAYS),
    (refusal(503, 0.0, refused=True), ALWAYS),
    (refusal(503, 5.0), ONCE_MORE_IF_HARMLESS),
    (refusal(503), ONCE_MORE_IF_HARMLESS),
    (refusal(500), ONCE_MORE_IF_HARMLESS),
    (refusal(500, 5.0), ONCE_MORE_IF_HARMLESS),
    (refusal(502), ONCE_MORE_IF_HARMLESS),
    (refusal(504), ONCE_MORE_IF_HARMLESS),
    (refusal(599), ONCE_MORE_IF_HARMLESS),
    (refusal(408), ONCE_MORE_IF_HARMLESS),
    (refusal(425), ONCE_MORE_IF_HARMLESS),
    (LOST, ONCE_MORE_IF_HARMLESS),
    (AttemptTimeoutError("late"), ONCE_MORE_IF_HARMLESS),
    (refusal(501), NEVER),
    (refusal(505), NEVER),
    (refusal(508), NEVER),
    (refusal(302), NEVER),
    (refusal(418), NEVER),
    (ResponseTooLargeError("too large"), NEVER),
    (BadRequestError("no", status=400), NEVER),
    (AuthenticationError("no", status=401), NEVER),
    (PaymentRequiredError("no", status=402), NEVER),
    (PermissionDeniedError("no", status=403), NEVER),
    (NotFoundError("no", status=404), NEVER),
    (NotFoundError("Invalid persona_id", status=400), NEVER),
    (ConflictError("no", status=409), NEVER),
    (UnprocessableError("no", status=422), NEVER),
    (QuotaExceededError("limit reached", status=429, retry_after=1.0), NEVER),
    (ConcurrencyLimitError("no", status=400), NEVER),
    (DecodeError(path="$", expected="JSON", got="text"), NEVER),
    (QueueTimeoutError("too long", wait=5.0), NEVER),
    (DeadlineExceededError("late"), NEVER),
    (AmbiguousOutcomeError("lost", method="POST", path="/"), NEVER),
    (InvalidRequestError("no"), NEVER),
    (ConfigurationError("no"), NEVER),
    (SessionClosedError("closed"), NEVER),
    (TavusError("something"), NEVER),
]


@pytest.mark.parametrize(("error", "allowed"), DECISIONS, ids=lambda value: repr(value)[:60])
def test_what_may_be_repeated(error: TavusError, allowed: tuple[bool, bool]) -> None:
    assert (POLICY.allows(error, repeatable=True), POLICY.allows(error, repeatable=False)) == allowed


@pytest.mark.parametrize(("attempt", "longest"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 20), (100, 20), (10**6, 20)])
def test_the_wait_is_drawn_evenly_up_to_a_limit_that_doubles(attempt: int, longest: float) -> None:
    waits = [POLICY.delay(LOST, attempt, jitter=share) for share in (0.0, 0.25, 0.5, 1.0)]

    assert waits == [0, longest / 4, longest / 2, longest]


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(1, 10**9), st.floats(0, 1))
def test_no_wait_is_negative_or_longer_than_allowed(base: float, most: float, attempt: int, share: float) -> None:
    policy = RetryPolicy(base_delay=base, max_delay=most)

    assert 0 <= policy.delay(LOST, attempt, jitter=share) <= most
    assert 0 <= policy.pause(RateLimitedError("no", status=429), attempt) <= most


@pytest.mark.parametrize(
    ("error", "share", "delay"),
    [
        (refusal(429, 7.0), 1.0, 7.0),
        (refusal(429, 0.001), 1.0, 0.001),
        (refusal(429, 0.0), 0.5, 1.0),
        (refusal(429), 0.5, 1.0),
        (refusal(503, 7.0), 1.0, 7.0),
        (refusal(503, 0.25), 1.0, 1.0),
        (refusal(500, 7.0), 0.0, 7.0),
    ],
)
def test_a_retry_after_is_waited_for_in_full(error: ApiError, share: float, delay: float) -> None:
    assert POLICY.delay(error, 1, jitter=share) == delay


def find_bound(error: TavusError, delay: float, **situation: Any) -> str:
    """What forbids another attempt after the first, which took a second."""
    return POLICY.find_bound(error, delay, **{"attempts": 1, "elapsed": 1.0, **situation})


@pytest.mark.parametrize(
    ("error", "delay", "remaining"),
    [
        (LOST, 59.0, None),
        (LOST, 59.0, 60.0),
        (refusal(429, 59.0), 59.0, None),
        (refusal(429, 3_600.0), 3_600.0, 4_000.0),
        (refusal(503, 3_600.0), 3_600.0, 4_000.0),
        (refusal(429, 5.0), 5.0, 5.1),
    ],
)
def test_a_wait_that_fits_is_forbidden_by_nothing(error: TavusError, delay: float, remaining: float | None) -> None:
    assert find_bound(error, delay, remaining=remaining) == ""


@pytest.mark.parametrize(
    ("error", "delay", "remaining", "words"),
    [
        (refusal(429, 60.1), 60.1, None, "asks to wait 60.1 s, longer than RetryPolicy.max_retry_after (60 s)"),
        (refusal(503, 3_600.0), 3_600.0, None, "asks to wait 3600 s, longer than RetryPolicy.max_retry_after (60 s)"),
        (refusal(429, 5.0), 5.0, 5.0, "would come in 5.0 s, and the call's time ends in 5.0 s"),
        (LOST, 0.5, 0.4, "the call's time ends in 0.4 s"),
        (LOST, 0.0, 0.0, "the call's time ends in 0.0 s"),
        (LOST, 0.5, -1.0, "the call's time ends in -1.0 s"),
        (LOST, 59.1, None, "RetryPolicy.max_elapsed (60 s)"),
        (LOST, 59.1, 1_000.0, "RetryPolicy.max_elapsed (60 s)"),
        (refusal(429, 59.1), 59.1, None, "RetryPolicy.max_elapsed (60 s)"),
    ],
)
def test_what_forbids_a_wait_is_named(error: TavusError, delay: float, remaining: float | None, words: str) -> None:
    assert words in find_bound(error, delay, remaining=remaining)


def test_a_call_is_sent_no_more_often_than_the_policy_allows() -> None:
    assert find_bound(LOST, 0.0, attempts=4) == ""
    assert find_bound(LOST, 0.0, attempts=5) == "RetryPolicy.attempts allows 5"


def test_a_bulk_run_waits_as_long_as_it_would_for_an_outage() -> None:
    assert find_bound(refusal(429, 61.0), 61.0, patience=300.0) == ""
    assert find_bound(refusal(503, 61.0), 61.0, patience=300.0) == ""
    assert "longer than max_outage (300 s)" in find_bound(refusal(429, 301.0), 301.0, patience=300.0)
    assert "RetryPolicy.max_elapsed" in find_bound(LOST, 61.0, patience=300.0)


def test_without_a_bound_a_call_goes_on_for_as_long_as_its_attempts_last() -> None:
    assert RetryPolicy(max_elapsed=None).find_bound(LOST, 1e6, attempts=1, elapsed=1e6) == ""


@pytest.mark.parametrize(
    ("retry_after", "attempt", "pause"),
    [
        (7.0, 1, 7.0),
        (7.0, 5, 7.0),
        (250.0, 1, 250.0),
        (86_400.0, 1, 300.0),
        (None, 1, 1.0),
        (None, 3, 4.0),
        (0.0, 2, 2.0),
    ],
)
def test_a_429_pauses_the_session_for_its_retry_after_or_a_guess(
    retry_after: float | None, attempt: int, pause: float
) -> None:
    assert POLICY.pause(RateLimitedError("no", status=429, retry_after=retry_after), attempt) == pause


def test_a_long_retry_after_may_be_granted() -> None:
    error = RateLimitedError("no", status=429, retry_after=3_600.0)

    assert RetryPolicy(max_retry_after=7_200).pause(error, 1) == 3_600
