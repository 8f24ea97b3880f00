import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, strategies as st

from tavus_async._records.timestamp import _ISO, EpochTimestamp, format_timestamp, parse_timestamp, timestamp_of

NOON = datetime(2026, 5, 15, 12, 0, 0, tzinfo=UTC)
ZONES = st.builds(
    lambda sign, minutes: timezone(timedelta(minutes=sign * minutes)), st.sampled_from([1, -1]), st.integers(0, 1439)
)


@pytest.mark.parametrize(
    ("text", "moment", "spelled"),
    [
        ("2026-05-15T12:00:00Z", NOON, "2026-05-15T12:00:00Z"),
        ("2026-05-15T12:00:00+00:00", NOON, "2026-05-15T12:00:00Z"),
        ("2026-05-15T14:00:00+02:00", NOON, "2026-05-15T14:00:00+02:00"),
        ("2026-05-15T12:00:00", NOON, "2026-05-15T12:00:00"),
        ("2026-05-15 12:00:00", NOON, "2026-05-15T12:00:00"),
        ("2026-05-15T12:00:00.000000", NOON, "2026-05-15T12:00:00"),
        ("2026-05-15T12:00:00.5Z", NOON.replace(microsecond=500_000), "2026-05-15T12:00:00.500000Z"),
        ("2026-05-15 12:00:00.824457", NOON.replace(microsecond=824_457), "2026-05-15T12:00:00.824457"),
        ("Fri, 15 May 2026 12:00:00 GMT", NOON, "2026-05-15T12:00:00Z"),
        ("Fri, 15 May 2026 08:00:00 -0400", NOON, "2026-05-15T08:00:00-04:00"),
    ],
)
def test_every_spelling_is_read_as_its_instant(text: str, moment: datetime, spelled: str) -> None:
    found = parse_timestamp(text)

    assert found == moment
    assert found.tzinfo is not None
    assert format_timestamp(found) == spelled
    assert parse_timestamp(spelled) == moment


@given(st.dictionaries(st.integers(0, 26), st.sampled_from("0159W-:.TZ+ ٣,") | st.characters(), min_size=1, max_size=4))
@example({5: "W", 7: "1", 8: "-"})  # a day of a week
@example({16: "Z", 17: "\0"})
def test_the_usual_spelling_is_taken_as_strictly_as_any_other(changes: dict[int, str]) -> None:
    usual = "2026-03-02T09:15:41.120934Z"
    text = "".join(changes.get(place, character) for place, character in enumerate(usual))
    try:
        parse_timestamp(text)
    except ValueError:
        return
    assert _ISO.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<string>",
        "yesterday",
        "2026-05-15",
        "2026-05-15T12:00",
        "20260515T120000Z",
        "2026-05-15T12:00:00.1234567Z",
        "2026-05-15T12:00:00 Z",
        "2026-05-15T12:00:00Z\n",
        "2026-13-15T12:00:00Z",
        "2026-05-15T25:00:00Z",
        "2026-05-15T12:00:60Z",
        "2026-05-15T12:00:00+99:00",
        "0000-01-01T00:00:00Z",
        "٢٠٢٦-05-15T12:00:00Z",
        "Fri, 15 Foo 2026 12:00:00 GMT",
        "Fri, 35 May 2026 12:00:00 GMT",
        "Fri, 15 May 0026 12:00:00 GMT",
        "Fri, 15 May 26 12:00:00 GMT",
        "Fri, 15 May 2026 12:00:00",
        "Fri, 15 May 2026 12:00:00 -0000",
        "Fri, 15 May 2026 12:00:00 GMT and more",
        "Fri, 15 May 2026 12:00:00 +9999",
        "Fri, 15 May 2026 12:00:00 +99999999999999999999",
        "Fri, 15 May 99999999999999999999 12:00:00 GMT",
    ],
)
def test_what_is_no_timestamp_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is not the point
        parse_timestamp(text)


@given(st.text() | st.from_regex(r"\A[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ ([A-Z]{3}|[+-]\d+)\Z"))
def test_any_text_is_a_timestamp_or_a_value_error(text: str) -> None:
    try:
        found = parse_timestamp(text)
    except ValueError:
        return

    assert parse_timestamp(format_timestamp(found)) == found


@given(st.datetimes(timezones=st.just(UTC) | ZONES))
def test_what_was_formatted_is_the_same_moment(moment: datetime) -> None:
    again = parse_timestamp(format_timestamp(moment))

    assert again == moment
    assert again.utcoffset() == moment.utcoffset()


def test_a_moment_without_a_zone_is_spelled_without_one_even_after_a_pickle() -> None:
    moment = parse_timestamp("2026-05-15T12:00:00")
    twins = [pickle.loads(pickle.dumps(moment)), copy.deepcopy(moment)]  # noqa: S301

    assert [format_timestamp(twin) for twin in twins] == ["2026-05-15T12:00:00"] * 2
    assert format_timestamp(moment.replace(tzinfo=None)) == "2026-05-15T12:00:00"


@pytest.mark.parametrize("seconds", [1786505572.3161497, 1, 0.0, -3.5])
def test_a_number_of_seconds_is_an_instant_and_is_given_back_as_it_came(seconds: float) -> None:
    moment = EpochTimestamp.of(seconds)
    twins = [copy.copy(moment), copy.deepcopy(moment), pickle.loads(pickle.dumps(moment))]  # noqa: S301

    assert moment == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert [(timestamp_of(each), type(timestamp_of(each))) for each in [moment, *twins]] == [
        (seconds, type(seconds))
    ] * 4


def test_what_is_computed_of_such_an_instant_is_spelled_as_any_other() -> None:
    later = EpochTimestamp.of(1786505572.5) + timedelta(seconds=1)

    assert timestamp_of(later) == "2026-08-12T03:32:53.500000Z"
    assert pickle.loads(pickle.dumps(later)) == later  # noqa: S301


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e300, 10**30, 10**400])
def test_a_number_of_which_no_calendar_knows_is_no_instant(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"timestamp|convert|NaN|year|range"):
        EpochTimestamp.of(seconds)
