"""A transcript as lines."""

from typing import Any

import pytest

from tavus_async.cli.screen import output
from tavus_async.cli.screen.dialogue import lines
from tavus_async.models import Transcript

TURNS: list[dict[str, Any]] = [
    {"role": "system", "content": "Be\nkind.", "seconds_from_start": 0},
    {"role": "assistant", "content": "Hello\x1b[2J there.", "seconds_from_start": 1.2},
    {"role": "assistant", "content": "", "tool_calls": [{"id": "t1", "name": "look", "arguments": '{"at": 1}'}]},
    {"role": "tool", "content": "seen", "tool_call_id": "t1"},
    {"role": "user", "content": "word " * 30, "seconds_from_start": 4_000},
]


def shown(*, is_whole: bool = False) -> list[str]:
    return list(lines(Transcript.from_list(TURNS), is_whole=is_whole))


def test_elsewhere_than_on_a_terminal_a_turn_is_a_line() -> None:
    assert shown() == ["   0:02  assistant  Hello\x1b[2J there.", f"1:06:40  user       {'word ' * 29}word"]


def test_prompts_and_tools_are_shown_if_asked_for() -> None:
    assert shown(is_whole=True)[:4] == [
        "   0:00  system     Be kind.",
        "   0:02  assistant  Hello\x1b[2J there.",
        '         assistant  calls look: {"at": 1}',
        "         tool       seen",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_gets_them_folded_below_each_other(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    first, second, *more = shown()

    assert first == "   0:02  assistant  Hello\x1b[2J there."
    assert all(line.startswith(" " * 20 + "word") for line in more)
    assert max(map(len, (second, *more))) <= min(width, 100)
    assert sum(line.count("word") for line in (second, *more)) == 30


def test_a_very_narrow_terminal_folds_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")

    assert len(shown()) == 2


def test_without_times_there_is_no_room_for_them() -> None:
    transcript = Transcript.from_list([{"role": "user", "content": "Hi"}, {"content": "Ho"}])

    assert list(lines(transcript, is_whole=False)) == ["user  Hi", "?     Ho"]
