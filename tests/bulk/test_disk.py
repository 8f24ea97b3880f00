"""Locks of files, and names that reach the disk, on systems of all kinds."""

import os
import sys
from io import FileIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tavus_async._bulk import disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"")
    return path


def test_a_file_is_locked_once(path: Path) -> None:
    with FileIO(path, "r+") as first, FileIO(path, "r+") as second:
        assert disk.lock(first)
        assert not disk.lock(second)


def test_a_lock_ends_with_its_file(path: Path) -> None:
    with FileIO(path, "r+") as first:
        disk.lock(first)

    with FileIO(path, "r+") as second:
        assert disk.lock(second)


class Windows(ModuleType):
    """The module by which Windows locks parts of files, as far as it is used."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.locked: list[tuple[int, int, int]] = []

    def locking(self, number: int, mode: int, size: int) -> None:
        if self.locked:
            raise PermissionError
        self.locked.append((os.lseek(number, 0, os.SEEK_CUR), mode, size))


def test_windows_locks_a_byte_that_nobody_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows: Any = Windows()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", windows)

    with FileIO(path, "r+") as first, FileIO(path, "r+") as second:
        assert disk.lock(first)
        assert not disk.lock(second)
        assert (first.tell(), second.tell()) == (0, 0)
    assert windows.locked == [(disk.LOCKED_BYTE, Windows.LK_NBLCK, 1)]


def test_where_folders_cannot_be_synced_they_are_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    disk.sync_folder(path.parent)
    monkeypatch.delattr(os, "O_DIRECTORY")
    disk.sync_folder(path.parent)

    assert len(synced) == 1


def test_what_is_appended_is_written_to_its_last_byte(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(FileIO):
        def write(self, data: Any, /) -> int:
            return super().write(bytes(data)[:3])

    with Slow(path, "r+") as file:
        disk.append(file, b"something long")

    assert path.read_bytes() == b"something long"
