"""How long the server asks to wait: Retry-After, or its words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_WAIT = re.compile(r"wait (\d{1,6}) (minute|second|hour)", re.IGNORECASE)
_SECONDS_IN = {"second": 1.0, "minute": 60.0, "hour": 3600.0}


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the headers ask to wait; None where they say nothing that can be read.

    Three spellings: `retry-after-ms`, `retry-after` in seconds, `retry-after` as an HTTP date (RFC 9110, 10.2.3).
    A past date is 0.
    """
    milliseconds = _read_number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _read_number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())


def promised_wait(message: str) -> float | None:
    """Return the seconds in words such as "please wait 45 minutes"; None where there are no such words."""
    found = _WAIT.search(message)
    return float(found[1]) * _SECONDS_IN[found[2].lower()] if found else None


def _read_number(text: str | None) -> float | None:
    # Stricter than float(): neither a sign, nor "nan", nor digits without end.
    if text is None or not re.fullmatch(r"\s*\d{1,12}(\.\d{0,12})?\s*", text, re.ASCII):
        return None
    return float(text)
