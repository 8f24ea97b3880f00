"""Timestamps in the spellings that the API uses."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NewType

# Some bodies name no zone. UTC is meant; the name remembers that it was not said.
ASSUMED_UTC = timezone(timedelta(0), "UTC, assumed")

_RFC_1123 = re.compile(
    r"[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) ([1-9]\d{3}) (\d\d:\d\d:\d\d) (?:GMT|UTC|(?!-0000)([+-]\d\d)(\d\d))",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS: Mapping[str, str] = MappingProxyType({name: f"{at:02}" for at, name in enumerate(_MONTHS, start=1)})
USUAL = 27
"""Characters of a timestamp in the usual form, as in 2026-03-02T09:15:41.120934Z."""
# Checked before it is parsed: the standard library's parser also takes much that is no timestamp.
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII)


class EpochTimestamp(datetime):
    """An instant that came as a number, of seconds since 1970 began, and is given back as that very number."""

    seconds: float | None = None
    """The number; None in what was computed of such an instant."""

    @classmethod
    def of(cls, seconds: float) -> "EpochTimestamp":
        """Return the instant of a number; ValueError where no calendar has one."""
        try:
            made = cls.fromtimestamp(seconds, UTC)
        except (OverflowError, OSError):
            raise ValueError("no timestamp") from None
        made.seconds = seconds
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        return super().__reduce_ex__(protocol) if self.seconds is None else (EpochTimestamp.of, (self.seconds,))


if TYPE_CHECKING:
    Instant = datetime
else:
    Instant = NewType("Instant", datetime)
    """The type of a field whose timestamps come as texts or as numbers of seconds since 1970."""


def parse_timestamp(text: str) -> datetime:
    """Read an ISO 8601 timestamp (with or without zone) or an RFC 1123 one; ValueError for any other."""
    if text[:1].isdecimal() and _ISO.fullmatch(text):
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=ASSUMED_UTC) if moment.tzinfo is None else moment
    found = _RFC_1123.fullmatch(text)
    if found is None or found[2] not in _MONTH_NUMBERS:
        raise ValueError("no timestamp")
    day, month, year, time, hours, minutes = found.groups()
    zone = f"{hours}:{minutes}" if hours else "Z"
    return datetime.fromisoformat(f"{year}-{_MONTH_NUMBERS[month]}-{day:0>2}T{time}{zone}")


def timestamp_of(moment: datetime) -> str | float:
    """Return a timestamp as a body has it: as the number that it came as, or as a text."""
    seconds = moment.seconds if isinstance(moment, EpochTimestamp) else None
    return format_timestamp(moment) if seconds is None else seconds


def format_timestamp(moment: datetime) -> str:
    """Spell a timestamp as ISO 8601: `Z` for UTC, no zone where none was given."""
    if moment.tzinfo is None or moment.tzname() == ASSUMED_UTC.tzname(None):
        return moment.replace(tzinfo=None).isoformat()
    text = moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if moment.utcoffset() == UTC.utcoffset(None) else text
