"""A progress bar for people."""

import sys

import pytest

from tavus_async.cli.screen import output
from tavus_async.cli.screen.bar import Bar


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(output, "is_watched", lambda: True)


def test_it_is_silent_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("fetching", total=2) as bar:
        bar.move(1, "half way", "half")

    assert capsys.readouterr() == ("", "")


def test_it_counts_on_a_terminal_and_leaves_the_time_behind(terminal: None, capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("fetching", total=2) as bar:
        bar.move(1, "half way", "half")
        bar.move(2, "half way", "half")

    out, err = capsys.readouterr()
    assert out == ""
    assert "fetching" in err
    assert "2/2" in err
    assert "in 0:0" in err


def test_what_it_does_not_count_to_it_counts_all_the_same(terminal: None, capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("fetching", total=None) as bar:
        bar.move(7, "", "")

    assert "7/?" in capsys.readouterr().err


@pytest.mark.parametrize(("width", "shown"), [("100", "half way"), ("60", "brief")])
def test_a_narrow_terminal_is_told_in_brief(
    width: str, shown: str, terminal: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    with Bar("fetching", total=2) as bar:
        bar.move(1, "half way", "brief")
        bar._progress.refresh()

    assert shown in capsys.readouterr().err


def test_stdout_stays_what_it_is(terminal: None, capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("fetching", total=1):
        output.put("data")

    assert capsys.readouterr().out == "data\n"


def test_a_closed_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with Bar("fetching", total=1) as bar:
        bar.move(1, "", "")

        assert sys.stderr is None
