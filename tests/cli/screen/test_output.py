"""What reaches stdout and stderr."""

import io
import json
import os
import sys
from pathlib import Path

import pytest

from tavus_async.cli.exits import FailedError
from tavus_async.cli.screen import output


def test_a_complaint_names_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    output.complain("no\nluck")

    assert capsys.readouterr() == ("", "tavus-async: no luck\n")


def test_without_stderr_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)

    output.complain("no luck")
    output.flush()
    output.drop(sys.stdout)

    assert (sys.stdout, sys.stderr) == (None, None)


def test_without_stdout_no_data_is_lost_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(OSError, match="cannot write to stdout: it is closed"):
        output.put("data")
    with pytest.raises(OSError, match="cannot write to stdout: it is closed"):
        output.put_json({"name": "Zoë"})


def test_somebody_is_told_also_where_stdout_has_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(OSError, match="cannot write to stdout: No space left on device"):
        output.complain("no luck")

    assert capsys.readouterr().err == "tavus-async: no luck\n"


@pytest.mark.parametrize(
    ("is_displayed", "expected"), [(True, "a [2J b"), (False, "a\x1b[2J\u202e b")], ids=["terminal", "pipe"]
)
def test_a_line_is_harmless_on_a_terminal_and_left_alone_elsewhere(
    is_displayed: bool,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(output, "is_displayed", lambda: is_displayed)
    output.put("a\x1b[2J\u202e\nb")

    assert capsys.readouterr().out == f"{expected}\n"


def test_a_line_has_what_the_encoding_lacks_as_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    output.put("p-森\ud800")
    output.flush()

    assert raw.getvalue() == b"p-\\u68ee\\ud800\n"


def test_a_stderr_that_cannot_be_written_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Broken())

    output.complain("no luck")

    assert "no luck" in "".join(tried)


def test_a_file_is_told_from_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with (tmp_path / "x").open("w", encoding="utf-8") as file, open(writing, "w", encoding="utf-8") as pipe:  # noqa: PTH123
        seen = []
        for stream in (file, pipe, io.StringIO(), None):
            monkeypatch.setattr(sys, "stdout", stream)
            seen.append(output.is_saved())
    os.close(reading)

    assert seen == [True, False, False, False]


@pytest.mark.parametrize(("encoding", "expected"), [("utf-8", '{"a": "ë森"}'), ("latin-1", '{"a": "\\u00eb\\u68ee"}')])
def test_json_is_the_same_in_every_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str, expected: str) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    output.put_json({"a": "ë森"})
    output.flush()

    assert raw.getvalue().decode(encoding) == f"{expected}\n"


def test_json_can_be_indented(capsys: pytest.CaptureFixture[str]) -> None:
    output.put_json({"a": 1}, indent=2)

    assert capsys.readouterr().out == '{\n  "a": 1\n}\n'


def test_what_json_cannot_hold_is_a_clear_error() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]

    for value in (float("inf"), nested):
        with pytest.raises(FailedError, match="cannot be written as JSON"):
            output.put_json({"a": value})


def test_json_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"a": [1, 2.5, None, True, "x\n\u2028🚀"]}
    output.put_json(value)

    assert json.loads(capsys.readouterr().out) == value


def test_a_terminal_is_watched(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert (output.is_watched(), output.is_displayed()) == (False, False)

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert (output.is_watched(), output.is_displayed()) == (True, False)

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", None)
    assert (output.is_watched(), output.is_displayed()) == (False, True)
