"""The file that personas are fetched into."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.export.jsonl import PersonasFile

LINES = [json.dumps({"persona_id": f"p{number}", "persona_name": "Zoë"}, ensure_ascii=False) for number in range(3)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "personas.jsonl"


def opened(path: Path, *, resume: bool = False, overwrite: bool = False) -> PersonasFile:
    return PersonasFile(path, resume=resume, overwrite=overwrite)


def filled(path: Path, lines: list[str] = LINES) -> bytes:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path.read_bytes()


def test_lines_are_there_as_soon_as_they_are_written(path: Path) -> None:
    file = opened(path)
    for number, line in enumerate(LINES, 1):
        file.write(line)
        assert path.read_text(encoding="utf-8").splitlines() == LINES[:number]
    file.close()

    assert (file.found, file.written) == (0, 3)


def test_a_file_that_holds_something_is_refused(path: Path) -> None:
    before = filled(path)

    with pytest.raises(UsageError, match="is not empty: --resume continues it, --overwrite begins anew"):
        opened(path)
    assert path.read_bytes() == before


def test_a_file_to_be_overwritten_stays_until_there_is_something_else(path: Path) -> None:
    before = filled(path)

    opened(path, overwrite=True).close()
    assert path.read_bytes() == before

    file = opened(path, overwrite=True)
    file.write(LINES[0])
    file.write(LINES[1])
    file.close()
    assert path.read_text(encoding="utf-8").splitlines() == LINES[:2]


def test_a_resumed_file_knows_its_ids_and_goes_on(path: Path) -> None:
    filled(path, [*LINES[:2], "", '{"pal_id": "p8", "persona_id": "p9"}'])

    file = opened(path, resume=True)
    assert file.found == 3
    assert all(key in file.ids for key in ("p0", "p1", "p8", "p9"))
    assert "p2" not in file.ids
    file.write(LINES[2])
    file.close()

    assert path.read_text(encoding="utf-8").splitlines()[-1] == LINES[2]


def test_a_torn_last_line_is_cut_off_wherever_it_was_torn(path: Path) -> None:
    whole = filled(path)
    begin = len(filled(path, LINES[:2]))
    for end in range(begin, len(whole) - 1):
        path.write_bytes(whole[:end])
        file = opened(path, resume=True)
        found = file.found
        if "p2" not in file.ids:
            file.write(LINES[2])
        file.close()

        assert path.read_bytes() == whole
        assert found == 2


@pytest.mark.parametrize("tail", [b"\0\0\0", b""])
def test_what_a_crash_leaves_behind_is_cut_off(path: Path, tail: bytes) -> None:
    whole = filled(path)
    path.write_bytes(whole + tail)
    opened(path, resume=True).close()

    assert path.read_bytes() == whole


def test_a_whole_line_without_its_end_is_kept(path: Path) -> None:
    whole = filled(path)
    path.write_bytes(whole[:-1])

    file = opened(path, resume=True)
    file.close()

    assert file.found == 3
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"p1\np2\n", 1),
        (b"some note", 1),
        (b'{"persona_id": "p1"}\n{"persona_\n{"persona_id": "p2"}\n', 2),
        (b'{"persona_id": "p1"}\n{"persona_name": "Ann"}\n', 2),
        (b'[{"persona_id": "p1"}]\n', 1),
        (b'{"persona_id": "p1"}\n\0\0\n{"persona_', 2),
    ],
)
def test_a_file_of_something_else_is_not_resumed_and_not_touched(path: Path, content: bytes, number: int) -> None:
    path.write_bytes(content)

    with pytest.raises(UsageError, match=f"line {number} of .* is not a persona"):
        opened(path, resume=True)
    assert path.read_bytes() == content


def test_two_runs_do_not_write_one_file(path: Path) -> None:
    pytest.importorskip("fcntl")
    first = opened(path)

    with pytest.raises(UsageError, match="another run is writing"):
        opened(path, resume=True)

    first.close()
    opened(path).close()


@pytest.mark.parametrize("name", ["no/such/folder/x", "."])
def test_what_cannot_be_written_is_a_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(FailedError, match=r"cannot write .*: (No such file|Is a directory|Permission denied)"):
        opened(tmp_path / name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_what_is_no_regular_file_is_refused() -> None:
    with pytest.raises(UsageError, match="is not a regular file; -o - writes to stdout"):
        opened(Path("/dev/full"))


def test_a_line_that_does_not_fit_leaves_nothing_behind(path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = opened(path)
    file.write(LINES[0])
    whole = path.read_bytes()
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 5, before[1]))
    try:
        with pytest.raises(FailedError, match=r"cannot write .*: File too large"):
            file.write(LINES[1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    file.close()

    assert path.read_bytes() == whole
    assert file.written == 1


def test_the_file_reaches_the_disk_when_it_is_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    file = opened(path)
    file.write(LINES[0])
    assert synced == []

    file.close()
    assert len(synced) == 1


@pytest.mark.skipif(os.name != "posix", reason="no such removal")
def test_a_file_that_was_removed_meanwhile_is_told(path: Path) -> None:
    file = opened(path)
    file.write(LINES[0])
    path.unlink()
    with pytest.raises(FailedError, match="was removed or replaced meanwhile"):
        file.close()

    file = opened(path)
    file.write(LINES[0])
    path.rename(path.with_name("moved"))
    filled(path)
    with pytest.raises(FailedError, match="was removed or replaced meanwhile"):
        file.close()


def no_locks(*_args: object) -> None:
    raise OSError("not here")


@pytest.mark.parametrize("module", [None, SimpleNamespace(flock=no_locks, LOCK_EX=2, LOCK_NB=4)])
def test_where_the_system_has_no_locks_it_is_written_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch, module: object
) -> None:
    monkeypatch.setattr("tavus_async.cli.export.jsonl.fcntl", module)
    file = opened(path)
    file.write(LINES[0])
    file.close()

    assert path.read_text(encoding="utf-8") == f"{LINES[0]}\n"
