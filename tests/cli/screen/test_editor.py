"""A text that somebody edits."""

import os
import shlex
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.screen.editor import edit, text_file


@pytest.fixture
def editing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets an editor that runs this Python code, in which *file* is the file."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def make(code: str) -> None:
        words = [sys.executable, "-c", f"import os, pathlib, sys; file = pathlib.Path(sys.argv[1]); {code}"]
        monkeypatch.setenv("VISUAL", shlex.join(words))

    return make


def left(tmp_path: Path) -> list[Path]:
    return list(tmp_path.rglob("*"))


def test_the_editor_gets_the_text_and_its_text_comes_back(editing: Callable[[str], None], tmp_path: Path) -> None:
    editing("file.write_text(file.read_text() + file.name)")

    with text_file("p/1", "Hi ") as path:
        assert edit(path) == "Hi p_1.json"
        assert edit(path) == "Hi p_1.jsonp_1.json"
    assert left(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_nobody_else_can_read_it_and_nothing_stays(editing: Callable[[str], None], tmp_path: Path) -> None:
    editing("file.with_suffix('.swp').write_text('a copy')")

    with text_file("p1", "secret") as path:
        edit(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert left(tmp_path) == []


@pytest.mark.parametrize("error", [FailedError, KeyboardInterrupt, SystemExit])
def test_after_an_error_what_was_typed_is_kept(
    error: type[BaseException], editing: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    editing("file.write_text('typed')")

    paths: list[Path] = []

    def go_wrong() -> None:
        with text_file("p1", "Hi") as path:
            paths.append(path)
            edit(path)
            raise error

    with pytest.raises(error):
        go_wrong()
    path = paths[0]
    assert path.read_text(encoding="utf-8") == "typed"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert capsys.readouterr().err == f"your text is kept in {path}\n"


def test_after_an_error_what_nobody_has_changed_goes(tmp_path: Path, editing: Callable[[str], None]) -> None:
    with pytest.raises(FailedError), text_file("p1", "Hi"):
        raise FailedError

    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("sys.exit(3)", "ended with exit code 3"),
        ("file.unlink()", "No such file"),
        ("file.write_bytes(b'\\xff')", "it is not text in UTF-8"),
    ],
)
def test_an_editor_that_fails_is_an_error(code: str, reason: str, editing: Callable[[str], None]) -> None:
    editing(code)

    with pytest.raises(FailedError, match=reason), text_file("p1", "Hi") as path:
        edit(path)


@pytest.mark.parametrize(
    ("command", "reason"),
    [("no-such-editor --wait", "cannot run the editor no-such-editor: No such file"), ("'", "is not a command")],
)
def test_an_editor_that_is_none_is_wrong_usage(command: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", command)

    with pytest.raises(UsageError, match=reason), text_file("p1", "Hi") as path:
        edit(path)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_in_the_editor_is_the_editors_business(editing: Callable[[str], None]) -> None:
    before = signal.getsignal(signal.SIGINT)
    editing(
        "import signal; assert signal.getsignal(2) is signal.default_int_handler; "
        "os.kill(os.getppid(), 2); file.write_text('went on')"
    )

    with text_file("p1", "Hi") as path:
        assert edit(path) == "went on"
    assert signal.getsignal(signal.SIGINT) is before
