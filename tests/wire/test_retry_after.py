import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, strategies as st

from tavus_async._wire.retry_after import promised_wait, retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 3 "}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "1."}, 1.0),
        ({"retry-after": "999999999999"}, 999_999_999_999.0),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90.0),
        ({"retry-after": format_datetime(NOW - timedelta(days=90), usegmt=True)}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 13:00:30 +0100"}, 30.0),
        ({"retry-after": "Sunday, 22-Nov-26 12:00:30 GMT"}, 30.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250.5", "retry-after": "7"}, 0.2505),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "+1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "1,5"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "9" * 5_000}, None),
        ({"retry-after": "Sun, 22 Nov 99999999999999999999 12:00:30 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 +99999999999999999999"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 99:00:30 GMT"}, None),
    ],
)
def test_a_retry_after_is_read_in_every_spelling(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.text() | st.from_regex(r"\A[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ ([A-Z]{3}|[+-]\d+)\Z"))
def test_any_retry_after_is_some_seconds_or_none(text: str) -> None:
    seconds = retry_after({"retry-after": text, "retry-after-ms": text}, NOW)

    assert seconds is None or 0 <= seconds < math.inf


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("please wait 45 minutes before", 2700.0),
        ("Wait 1 second", 1.0),
        ("Please Wait 2 HOURS", 7200.0),
        ("wait a minute", None),
        ("wait 1234567 minutes", None),
        ("", None),
    ],
)
def test_a_wait_may_be_promised_in_words(words: str, seconds: float | None) -> None:
    assert promised_wait(words) == seconds
