"""What the web apps have in common: what visitors are told when a call to Tavus has failed, and what they may read."""

from typing import Any

import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    ConcurrencyLimitError,
    DeadlineExceededError,
    InvalidRequestError,
    NotFoundError,
    PaymentRequiredError,
    QueueTimeoutError,
    RateLimitedError,
    TavusError,
    webhooks,
)
from tests.examples import programs

example = programs.load("examples.visits", needs="nothing")
PROMPT = {"role": "system", "content": "You are Ada, and our prices are secret."}
GREETING = {"role": "assistant", "content": "Good morning."}


def failure(kind: type[TavusError]) -> TavusError:
    """An error of this class, whatever it is made of."""
    return kind.__new__(kind)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (NotFoundError, 404),
        (InvalidRequestError, 404),
        (PaymentRequiredError, 402),
        (ConcurrencyLimitError, 503),
        (RateLimitedError, 503),
        (QueueTimeoutError, 503),
        (DeadlineExceededError, 504),
        (AmbiguousOutcomeError, 502),
    ],
)
def test_each_failure_has_a_status_and_a_sentence(kind: type[TavusError], status: int) -> None:
    answered, text = example.http_answer(failure(kind))

    assert answered == status
    assert text.endswith(".")


def test_only_who_may_come_again_soon_is_told_when() -> None:
    assert example.http_headers(503) == {"Retry-After": "30"}
    assert example.http_headers(502) == {}


def test_a_transcript_is_shown_without_its_prompts() -> None:
    body: dict[str, Any] = {
        "event_type": "application.transcription_ready",
        "conversation_id": "c1",
        "properties": {"transcript": [PROMPT, GREETING]},
    }
    step = example.step_of(webhooks.TranscriptionReady.from_dict(body))

    assert step == {"step": "transcript", "turns": [{"role": "assistant", "text": "Good morning."}]}


def test_what_visitors_have_no_use_for_is_no_step() -> None:
    assert example.step_of(webhooks.UnknownEvent.from_dict({"event_type": "system.tomorrow"})) is None


def test_without_a_secret_each_start_makes_one_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_PERSONA_ID", "p1")
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    first, second = (example.Settings.from_environment().draft() for _ in range(2))

    assert first.callback_url != second.callback_url
    assert first.callback_url.startswith("http://127.0.0.1:8000/webhooks/tavus?token=")
    assert first.callback_url not in repr(first)
