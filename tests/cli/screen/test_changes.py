"""A patch as lines for people."""

from typing import Any

import pytest

from tavus_async import patch
from tavus_async.cli.screen.changes import lines


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")


def shown(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return list(lines(patch.diff(before, after), before))


def test_what_goes_stands_above_what_comes() -> None:
    before = {"a": "Hi", "b": [1], "c": {"d": True, "e": 1, "f": 2}}
    after = {"a": "Hello", "c": {"d": False, "e": 1, "f": 2}, "g/h": None}

    assert shown(before, after) == [
        "  remove /b",
        "    - [1]",
        "  replace /a",
        '    - "Hi"',
        '    + "Hello"',
        "  replace /c/d",
        "    - true",
        "    + false",
        "  add /g~1h",
        "    + null",
    ]


def test_long_texts_are_cut_around_their_difference() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve "
    rows = shown({"a": words * 20}, {"a": words * 10 + "THIRTEEN " + words * 10})

    assert max(map(len, rows)) == 60
    assert rows[2].startswith("    + ...")
    assert "twelve THIRTEEN one" in rows[2]
    assert "THIRTEEN" not in rows[1]


def test_a_text_that_is_only_new_is_shown_from_its_begin() -> None:
    assert shown({}, {"a": "x" * 100})[1] == '    + "' + "x" * 50 + "..."


def test_secrets_are_stars_wherever_they_stand() -> None:
    before = {
        "layers": {
            "llm": {"api_key": "old-secret", "headers": {"X": "old-secret"}},
            "tts": {"auth_token": "old-secret"},
        }
    }
    after = {
        "layers": {"llm": {"api_key": "new-secret", "headers": {"X": "new-secret"}}, "stt": {"api_key": "new-secret"}}
    }

    text = "\n".join(shown(before, after))
    assert "secret" not in text
    assert "+ ***" in text


def test_of_what_stands_in_a_list_only_the_new_is_shown() -> None:
    items = ["a text that is long enough", "another one that is long enough", "a third"]
    rows = shown({"a": items}, {"a": [items[1], "new", items[2]]})

    assert [row for row in rows if row.startswith("    ")] == ['    + "new"']


def test_nothing_steers_the_terminal() -> None:
    assert shown({}, {"a": "b\x1b[2J\n\x9b\u202e"}) == ["  add /a", r'    + "b\u001b[2J\n\u009b\u202e"']
