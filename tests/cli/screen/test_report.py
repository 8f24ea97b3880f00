"""What a command has changed."""

import io
import os
import sys

import pytest

from tavus_async.cli.screen.report import Report
from tests.support.streams import stdout_without_reader


class Full(io.StringIO):
    """A stream on a disk that is full once it has three characters."""

    def write(self, text: str) -> int:
        if self.tell() >= 3:
            raise OSError(28, os.strerror(28))
        return super().write(text)


def delete(*items: str) -> None:
    with Report() as report:
        for item in items:
            report.put(item, otherwise=f"deleted {item}")
        report.put_json({"a": 1}, otherwise=lambda: "done")


def test_it_is_told_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    delete("p1")

    assert capsys.readouterr() == ('p1\n{"a": 1}\n', "")


def test_it_is_told_on_stderr_once_stdout_has_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = Full()
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(OSError, match="cannot write to stdout: No space left on device"):
        delete("p1", "p2", "p3")

    assert full.getvalue() == "p1\n"
    assert capsys.readouterr().err == "deleted p2\ndeleted p3\ndone\n"


def test_it_is_told_on_stderr_where_stdout_was_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OSError, match="cannot write to stdout: it is closed"), Report() as report:
        report.put("p1", otherwise="deleted p1")

    assert capsys.readouterr().err == "deleted p1\n"


@pytest.mark.skipif(os.name != "posix", reason="a pipe's end")
def test_it_is_told_on_stderr_where_the_reader_has_gone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with stdout_without_reader(monkeypatch), pytest.raises(BrokenPipeError), Report() as report:
        report.put("p1", otherwise="deleted p1")

    assert capsys.readouterr().err == "deleted p1\n"


def test_another_failure_is_not_hidden(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    report = Report()
    report.put("p1", otherwise="deleted p1")

    report.__exit__(ValueError, ValueError("worse"), None)

    assert capsys.readouterr().err == "deleted p1\n"
