"""Transcripts, recordings and what was seen."""

import random

import pytest

from tavus_async.sandbox.dialogue import SpokenLine
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.resources.conversations.transcripts import analysis, recording, transcript, written

LINE = SpokenLine(
    role="user", content="Hi.", timestamp=1_786_505_577.9, seconds_from_start=8.7, duration=0.6, inference_id="i1"
)


def test_times_are_written_as_texts_in_some_calls_and_as_numbers_in_others() -> None:
    dice = random.Random(0)
    times = {type(transcribed(dice)["timestamp"]) for _ in range(20)}

    assert times == {str, float}


def transcribed(dice: random.Random) -> JsonObject:
    _, turn = transcript([LINE], "Be brief.", dice)
    assert isinstance(turn, dict)
    return turn


def test_times_as_texts_are_those_as_numbers() -> None:
    assert written(1_786_505_577.9) == "2026-08-12T03:32:57.900000Z"


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ({}, ("s3", "recordings", "s3://recordings/")),
        ({"recording_s3_bucket_name": "old"}, ("s3", "old", "s3://old/")),
        ({"recording_storage": {"provider": "s3", "bucket_name": "new"}}, ("s3", "new", "s3://new/")),
        ({"recording_storage": {"provider": "gcs", "bucket_name": "g"}}, ("gcs", "g", "gs://g/")),
        ({"recording_storage": {"provider": "azure_blob", "container": "box"}}, ("azure_blob", "box", "azure://box/")),
    ],
)
def test_a_recording_lies_where_it_was_to(properties: JsonObject, place: tuple[str, str, str]) -> None:
    found = recording(properties, "c1", at=1_000.5, seconds=306.2)

    assert (found["storage_provider"], found["bucket_name"]) == place[:2]
    assert str(found["storage_uri"]) == f"{place[2]}tavus/c1/1000500"
    assert (found["s3_key"], found["duration"]) == ("tavus/c1/1000500", 306)


def test_what_was_seen_is_told_in_markdown() -> None:
    assert "last 21 seconds" in analysis([LINE], 20.9)
    assert "**1** times" in analysis([LINE], 20.9)
