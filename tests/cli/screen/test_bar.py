"""A progress bar for people."""

import io
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tavus_async.cli.screen import bar as module, output
from tavus_async.cli.screen.bar import ERASE, HIDE_CURSOR, NO_WRAP, SHOW_CURSOR, WRAP, Bar
from tests.support.streams import Reader


class Terminal(io.StringIO):
    """A terminal whose window somebody pulls at."""

    columns = 100

    def __init__(self) -> None:
        super().__init__()
        self.news = threading.Condition()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self.news:
            self.news.notify_all()
            return super().write(text)

    def await_text(self, is_there: Callable[[str], bool]) -> str:
        """Wait until this is so of all that was written."""
        with self.news:
            assert self.news.wait_for(lambda: is_there(self.getvalue()), 10), self.getvalue()
            return self.getvalue()

    def await_drawings(self, number: int) -> None:
        """Wait until so many bars were drawn."""
        self.await_text(lambda _: len(self.drawings()) >= number)

    def drawings(self) -> list[str]:
        """Each bar that was drawn, without its colours."""
        drawn = re.findall(re.escape(ERASE + NO_WRAP) + "(.*?)" + re.escape(WRAP + "\r"), self.getvalue())
        return [re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip() for text in drawn]


def attach(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Makes stderr a terminal; in the test itself, for pytest makes it its own between a fixture and that."""
    terminal = Terminal()
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(module, "REDRAW_EVERY", 0.001)
    monkeypatch.setattr(module, "width_of", lambda stream: stream.columns)
    return terminal


def test_it_is_silent_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("fetching", total=2) as bar:
        bar.move(1, "half way", "half")

    assert capsys.readouterr() == ("", "")


def test_it_counts_on_a_terminal_and_leaves_the_time_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = attach(monkeypatch)
    with Bar("fetching", total=2) as bar:
        bar.move(1, "half way", "half")
        terminal.await_text(lambda text: "half way" in text)
        bar.move(2, "half way", "half")

    assert terminal.drawings()[0] == f"fetching {'━' * 24} 0/2"
    assert f"fetching {'━' * 24} 1/2 half way" in terminal.drawings()
    assert re.search(r" 2/2 .*in 0:0\d.*\n\x1b\[\?25h$", terminal.getvalue())
    assert terminal.getvalue().startswith(HIDE_CURSOR)


def test_one_that_is_passing_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = attach(monkeypatch)
    with Bar("reading", total=None, is_passing=True) as bar:
        bar.move(7, "", "")
        terminal.await_text(lambda text: "7/?" in text)

    assert terminal.getvalue().endswith(ERASE + SHOW_CURSOR)
    assert "\n" not in terminal.getvalue()


def test_it_follows_the_width_of_the_terminal_and_never_fills_the_last_column(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = attach(monkeypatch)
    with Bar("fetching", total=2) as bar:
        bar.move(1, "at great length, and then some more of it", "brief")
        terminal.await_text(lambda text: "length" in text)
        for columns, shown in ((99, "length"), (79, "brief"), (20, "br"), (5, "━━━…"), (1, "…"), (0, "…")):
            before = len(terminal.drawings())
            terminal.columns = columns
            terminal.await_drawings(before + 1)
            assert shown in terminal.drawings()[-1]
            assert len(terminal.drawings()[-1]) <= max(1, columns - 1)

    # The cursor goes back to where it began, and what is below it is erased before it is drawn anew.
    erased, *rest = terminal.getvalue().removeprefix(HIDE_CURSOR).split(ERASE)[:-1]
    assert erased == ""
    assert all(text.endswith("\r") for text in rest)


def test_messages_stand_above_it_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = attach(monkeypatch)
    with Bar("fetching", total=2):
        output.complain("p1 failed")
        for part in ("a line", " in two parts", "\nno end"):
            sys.stderr.write(part)
        written = terminal.getvalue()
        drawn = len(terminal.drawings())
        terminal.await_drawings(drawn + 1)

    assert f"{ERASE}tavus-async: p1 failed\n" in written
    assert f"{ERASE}a line in two parts\n" in written
    assert f"{ERASE}no end\n" in terminal.getvalue()
    assert sys.stderr is terminal


def test_a_terminal_that_has_gone_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = attach(monkeypatch)
    with Bar("fetching", total=2) as bar:
        terminal.close()
        bar.move(1, "", "")

    assert sys.stderr is terminal


@pytest.mark.parametrize("colour", ["NO_COLOR", None])
def test_without_colours_what_is_done_is_told_from_what_is_not(
    colour: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = attach(monkeypatch)
    if colour:
        monkeypatch.setenv("NO_COLOR", "1")
    with Bar("fetching", total=2) as bar:
        bar.move(1, "", "")
        terminal.await_text(lambda text: "1/2" in text)

    assert ("━" * 12 + " " * 13 in terminal.drawings()[-1]) == bool(colour)


def test_a_dumb_terminal_gets_its_end_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = attach(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.delenv("FORCE_COLOR")
    for is_passing in (False, True):
        with Bar("fetching", total=2, is_passing=is_passing) as bar:
            bar.move(1, "half way", "half")

    assert re.fullmatch(r"fetching ━{12} {13}1/2 in 0:0\d\n", terminal.getvalue())


def test_stdout_stays_what_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    attach(monkeypatch)
    with Bar("fetching", total=1):
        output.put("data")

    assert capsys.readouterr().out == "data\n"


def test_a_closed_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with Bar("fetching", total=1) as bar:
        bar.move(1, "", "")

        assert sys.stderr is None


def test_a_note_that_does_not_fit_is_told_in_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = attach(monkeypatch)
    terminal.columns = 80
    with Bar("fetching", total=3_000) as bar:
        bar.move(88, "the server cannot be reached for 3 s, trying again", "no server for 3 s")
        terminal.await_text(lambda text: "no server for 3 s" in text)

    assert not any("…" in drawing for drawing in terminal.drawings())


STOPPED = """
import os, signal
from tavus_async.cli.screen.bar import Bar
with Bar("fetching", total=3) as bar:
    bar.move(1, "", "")
    os.kill(os.getpid(), signal.SIGTSTP)
assert signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL
"""


def go_on_when_stopped(process: subprocess.Popen[bytes]) -> int:
    """Waits for a process, and lets it go on each time that it has stopped."""
    while True:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode
        process.send_signal(signal.SIGCONT)


@pytest.mark.skipif(os.name != "posix", reason="job control")
def test_whoever_stops_it_gets_the_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    reader = Reader("terminal")
    process = subprocess.Popen([sys.executable, "-c", STOPPED], stderr=reader.writing)
    code = go_on_when_stopped(process)
    os.close(reader.writing)

    hidden, shown = (re.escape(each) for each in (HIDE_CURSOR, ERASE + SHOW_CURSOR))
    assert code == 0
    assert re.fullmatch(f"{hidden}.*{shown}.*1/3.*in 0:.*", reader.text(), re.DOTALL)
