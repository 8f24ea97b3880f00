"""What Tavus tells, as short lines."""

import json
from typing import Any

import pytest

from tavus_async.cli.characters import harmless
from tavus_async.cli.screen.events import line, moment, summary
from tavus_async.webhooks import parse


def event(body: dict[str, Any]) -> Any:
    return parse(json.dumps(body))


def test_a_line_is_when_where_and_what() -> None:
    body = {
        "event_type": "application.transcription_ready",
        "conversation_id": "c1",
        "timestamp": "2026-01-02T03:04:05.6Z",
        "properties": {"replica_id": "r1", "transcript": [{"role": "user", "content": "Hi"}]},
    }

    assert line(event(body)) == "03:04:05  c1  application.transcription_ready  replica_id r1, transcript (1)"


def test_what_it_does_not_tell_is_left_out() -> None:
    assert line(event({"event_type": "system.shutdown"})) == "system.shutdown"
    assert moment(event({"event_type": "system.shutdown"})) == ""


def test_what_has_no_type_is_called_by_its_class() -> None:
    body = {"video_id": "v1", "status": "ready", "hosted_url": "https://x.example/v1"}

    assert summary(event(body)).startswith("VideoStatusChanged  ")
    assert "status ready" in summary(event(body))


@pytest.mark.parametrize("properties", [{"api_key": "hush"}, {"headers": {"X": "hush"}}, {"meeting_token": "hush"}])
def test_secrets_are_stars(properties: dict[str, Any]) -> None:
    assert summary(event({"event_type": "x.y", "properties": properties})) == f"x.y  {next(iter(properties))} ***"


def test_long_tellings_are_cut_and_steer_nothing() -> None:
    text = summary(event({"event_type": "x\x1b[2J", "properties": {"a\n": "word " * 1000}}))

    assert len(text) < 300
    assert harmless(text).isprintable()
    assert len(text.splitlines()) == 1
