"""Records as short texts for people."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tavus_async import LlmLayer, Progress, Secret, TtsLayer, VoiceSettings
from tavus_async.cli.exits import NotJsonError
from tavus_async.cli.screen import texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ((), ""),
        ({}, ""),
        (False, "no"),
        (0, "0"),
        (0.5, "0.5"),
        ("a\n b", "a b"),
        (("a", "b"), "a; b"),
        ({"type": "function", "function": {"name": "get_time", "description": "x"}}, "get_time"),
        ({"name": "get_time", "parameters": {}}, "get_time"),
        ({"token": "hush", "mode": "x"}, "token, mode"),
        (VoiceSettings(speed=0.5, emotion=("joy",)), "speed 0.5, emotion joy"),
        (datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC), "2026-01-02 03:04:05 UTC"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2026-01-02 03:04:05 +0200"),
    ],
)
def test_a_value_is_one_short_line(value: Any, text: str) -> None:
    assert texts.brief(value) == text


def test_a_long_text_is_cut_after_a_word_and_its_length_is_said() -> None:
    text = texts.brief("word " * 1000)

    assert text.endswith("word ... (4,999 characters)")
    assert len(text) < 300


def test_a_long_word_is_cut_anywhere() -> None:
    assert texts.cut("x" * 1000) == "x" * 240 + " ..."


def test_secrets_are_stars() -> None:
    llm = LlmLayer(model="m", api_key=Secret("hush"), headers={"X": Secret("hush")})

    assert dict(texts.fields(llm)) == {"model": "m", "api_key": "***", "headers": "***"}


def test_an_empty_secret_is_none() -> None:
    assert dict(texts.fields(TtsLayer(tts_engine="cartesia", api_key=Secret("")))) == {"tts_engine": "cartesia"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://llm.example.com/v1", "https://llm.example.com/v1"),
        ("https://me:hush@llm.example.com/v1", "https://***@llm.example.com/v1"),
        ("https://llm.example.com/v1?key=hush", "https://llm.example.com/v1?***"),
        ("llm.example.com?key=hush", "llm.example.com?***"),
    ],
)
def test_what_can_be_secret_in_a_url_is_hidden(url: str, shown: str) -> None:
    assert dict(texts.fields(LlmLayer(base_url=url))) == {"base_url": shown}


def test_of_unknown_fields_the_names_are_told() -> None:
    llm = LlmLayer(model="m", extra={"secret_sauce": "hush", "x\n": 1})

    assert dict(texts.fields(llm)) == {"model": "m", "other fields": "secret_sauce, x"}


def test_some_fields_come_first_and_others_not_at_all() -> None:
    tts = TtsLayer(tts_engine="cartesia", voice_id="v1", tts_model_name="m")

    assert list(texts.fields(tts, first=("voice_id",), without=("tts_model_name",))) == [
        ("voice_id", "v1"),
        ("tts_engine", "cartesia"),
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0s"), (0.4, "0s"), (59, "59s"), (120, "2m"), (3_661, "1h 1m"), (7_205, "2h"), (360_000, "4d 4h")],
)
def test_an_age_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert texts.age(seconds) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 voices"), (1, "1 voice"), (1200, "1,200 voices")])
def test_things_are_counted_in_words(number: int, text: str) -> None:
    assert texts.count(number, "voice", "voices") == text


@pytest.mark.parametrize("waiting", [False, True])
@pytest.mark.parametrize(
    ("failed", "rate", "left", "expected"),
    [
        (0, 9.96, 600, "10.0/s, 1:01 left"),
        (3, 123.4, 123, "3 failed, 123/s, 0:01 left"),
        (1200, 0.0, 10, "1,200 failed, 0.0/s"),
        (0, 50.0, None, "50/s"),
    ],
)
def test_the_pace_of_a_bulk_call(failed: int, rate: float, waiting: bool, left: int | None, expected: str) -> None:
    progress = Progress(done=5, failed=failed, total=None, rate=rate, waiting=waiting, paused=0.4)

    assert texts.pace(progress, left) == (expected, expected)


@pytest.mark.parametrize(
    ("paused", "outage", "expected"),
    [
        (150, 0, ("3 failed, the server asks to wait 2m 30s", "3 failed, to wait 2m 30s")),
        (57.2, 0, ("3 failed, the server asks to wait 58 s", "3 failed, to wait 58 s")),
        (
            57.2,
            11.4,
            ("3 failed, the server cannot be reached for 12 s, trying again", "3 failed, no server for 12 s"),
        ),
    ],
)
def test_what_holds_a_bulk_call_up(paused: float, outage: float, expected: tuple[str, str]) -> None:
    progress = Progress(done=5, failed=3, total=9, rate=2, waiting=True, paused=paused, outage=outage)

    assert texts.pace(progress, 4) == expected


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (0.2, "0:01"), (61, "1:01"), (36_000, "10:00:00")])
def test_a_duration_is_read_like_a_clock(seconds: float, text: str) -> None:
    assert texts.duration(seconds) == text


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value, "x"]
    return value


def test_of_lists_in_lists_only_the_number_is_shown() -> None:
    assert texts.brief([["a", "b"], "c", []]) == "(2); c; (0)"
    assert texts.brief(nested(100_000)) == "(2); x"


def test_of_what_is_nested_too_deeply_the_secrets_cannot_be_hidden() -> None:
    with pytest.raises(NotJsonError, match="nested too deeply to be shown"):
        texts.hidden(nested(100_000))
