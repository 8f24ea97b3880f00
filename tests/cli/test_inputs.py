"""Texts that the user gives."""

import io
import sys
from pathlib import Path

import pytest

from tavus_async.cli import inputs
from tavus_async.cli.exits import UsageError
from tavus_async.cli.inputs import read_text


def test_a_text_comes_from_a_file_or_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(b"\xef\xbb\xbf{}")
    assert read_text(str(file)) == "{}"

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("森".encode()), encoding="ascii"))
    assert read_text("-") == "森"

    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="cannot read stdin: it is closed"):
        read_text("-")


@pytest.mark.parametrize("name", ["none", ".", "nul\0byte", "binary"])
def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path, name: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    with pytest.raises(UsageError, match="cannot read "):
        read_text(str(tmp_path / name))


def test_an_endless_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(inputs, "MOST", 10)
    (tmp_path / "long").write_text("x" * 11, encoding="utf-8")
    (tmp_path / "short").write_text("x" * 10, encoding="utf-8")

    assert read_text(str(tmp_path / "short")) == "x" * 10
    with pytest.raises(UsageError, match="it is larger than 0 MB"):
        read_text(str(tmp_path / "long"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 11)))
    with pytest.raises(UsageError, match="cannot read stdin: it is larger than 0 MB"):
        read_text("-")
