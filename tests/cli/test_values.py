"""Kinds of option values."""

from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from tavus_async.cli import values


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.positive, "0.5", 0.5),
        (values.not_negative, "0", 0.0),
        (values.probability, "1", 1.0),
        (values.count, "1", 1),
        (values.count_or_zero, "0", 0),
        (values.port, "65535", 65535),
        (values.duration, "90", 90.0),
        (values.duration, "1.5h", 5400.0),
        (values.duration, "1d2h3m4s", 93784.0),
        (values.duration, "1m30", 90.0),
        (values.whole_duration, "0.5", 1),
    ],
)
def test_a_good_value_is_read(read: Callable[[str], float], text: str, value: float) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "texts"),
    [
        (values.positive, ["0", "-1", "nan", "inf", "x", ""]),
        (values.not_negative, ["-0.1", "nan", "1e999", "x"]),
        (values.probability, ["1.1", "-0.1", "nan"]),
        (values.count, ["0", "1.0", "-1", "x", "", "\uff19", "1" * 5000]),
        (values.count_or_zero, ["-1", "x"]),
        (values.port, ["65536", "-1", "http"]),
        (values.duration, ["", "m", "-1", "1 m", "10min", "1e3", "nan", "1m1x", "\u0661", "9" * 5000]),
    ],
)
def test_a_bad_value_is_refused(read: Callable[[str], float], texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(ArgumentTypeError, match="must be a"):
            read(text)


def test_a_text_is_utf_8_whatever_the_locale_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert values.text("Zoë 森") == "Zoë 森"
    # What Python makes of UTF-8 where the locale is ASCII's.
    assert values.text("Zo\udcc3\udcab") == "Zoë"
    for wrong in ("a\udcff", "a\ud800"):
        with pytest.raises(ArgumentTypeError, match="must be text in UTF-8"):
            values.text(wrong)
