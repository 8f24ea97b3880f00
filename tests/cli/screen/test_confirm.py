"""Asking somebody before anything is lost."""

import io
import sys
from argparse import Namespace

import pytest

from tavus_async.cli.exits import UsageError
from tavus_async.cli.screen import confirm, output


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("y\n", "y"), ("YES\n", "y"), (" y \n", "y"), ("n\n", "n"), ("\n", "n"), ("", "n"), ("x\n", "n")],
)
def test_only_a_yes_is_a_yes(
    typed: str, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))

    assert confirm.ask("Go on,\nreally?") == answer
    assert capsys.readouterr() == ("", "Go on, really? [y/N] ")


@pytest.mark.parametrize(("typed", "answer"), [("", "y"), ("n\n", "n"), ("e\n", "e"), ("edit\n", "e"), ("q\n", "y")])
def test_the_capital_answer_stands_for_what_is_none(
    typed: str, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))

    assert confirm.ask("Well?", ("Y", "n", "edit")) == answer
    assert capsys.readouterr().err == "Well? [Y/n/edit] "


def test_ctrl_c_ends_the_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Interrupted(io.StringIO):
        def readline(self, *_args: object) -> str:  # type: ignore[override]
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())

    with pytest.raises(KeyboardInterrupt):
        confirm.ask("Well?")
    assert capsys.readouterr().err.endswith("\n")


@pytest.mark.parametrize(("stdin", "stderr"), [(True, True), (True, False), (False, True)])
def test_where_nobody_is_there_a_yes_must_be_given(stdin: bool, stderr: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = io.StringIO()
    monkeypatch.setattr(typed, "isatty", lambda: stdin)
    monkeypatch.setattr(sys, "stdin", typed)
    monkeypatch.setattr(output, "is_watched", lambda: stderr)

    confirm.need_somebody(Namespace(yes=True))
    if stdin and stderr:
        confirm.need_somebody(Namespace(yes=False))
        return
    with pytest.raises(UsageError, match="--yes goes ahead"):
        confirm.need_somebody(Namespace(yes=False))


def test_an_answer_that_is_no_text_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\n"), encoding="utf-8"))

    assert confirm.ask("Delete?") == "n"


def test_a_question_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    class Terminal(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    assert confirm.ask("Well?") == "y"
    assert list(filter(None, written)) == ["Well? [y/N] "]
