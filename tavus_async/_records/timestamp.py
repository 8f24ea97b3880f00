"""Timestamps in the spellings that the API uses."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

# Some bodies name no zone. UTC is meant; the name remembers that it was not said.
ASSUMED_UTC = timezone(timedelta(0), "UTC, assumed")

# Checked before it is parsed: the standard library's parser also takes much that is no timestamp.
_RFC_1123 = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} [1-9]\d{3} \d\d:\d\d:\d\d (GMT|UTC|[+-]\d{4})", re.ASCII)
_USUAL = 27
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def parse_timestamp(text: str) -> datetime:
    """Read an ISO 8601 timestamp (with or without zone) or an RFC 1123 one; ValueError for any other."""
    # As in 2026-03-02T09:15:41.120934Z: of this form the standard library takes nothing else, but what follows a null.
    if (
        len(text) == _USUAL
        and text[26] == "Z"
        and text[19] == "."
        and text[10] == "T"
        and text[7] == "-"
        and "\0" not in text
    ):
        return datetime.fromisoformat(text)
    if _ISO.fullmatch(text):
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=ASSUMED_UTC) if moment.tzinfo is None else moment
    if _RFC_1123.fullmatch(text):
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is not None:
            return moment
    message = "no timestamp"
    raise ValueError(message)


def format_timestamp(moment: datetime) -> str:
    """Spell a timestamp as ISO 8601: `Z` for UTC, no zone where none was given."""
    if moment.tzinfo is None or moment.tzname() == ASSUMED_UTC.tzname(None):
        return moment.replace(tzinfo=None).isoformat()
    text = moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if moment.utcoffset() == UTC.utcoffset(None) else text
