"""The file of what could not be fetched."""

import json
from pathlib import Path

import pytest

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.export.failures import FailuresFile
from tavus_async.cli.export.ids import IdSet


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "personas.jsonl.errors"


def failure(key: str, message: str = "no") -> dict[str, object]:
    return {"id": key, "error": "NotFoundError", "message": message, "attempts": 1}


def put(path: Path, *keys: str, tail: str = "") -> None:
    path.write_text("".join(f"{json.dumps(failure(key))}\n" for key in keys) + tail, encoding="utf-8")


def ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]


def fetched(*keys: str) -> IdSet:
    found = IdSet()
    for key in keys:
        found.add(key)
    return found


def test_there_is_no_file_while_nothing_fails(path: Path) -> None:
    file = FailuresFile(path)
    file.resume(fetched())
    file.clear()
    file.close()

    assert not path.exists()


def test_a_failure_is_there_at_once(path: Path) -> None:
    file = FailuresFile(path)
    file.add(failure("p1", "zwei\nZeilen"))

    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"id": "p1", "error": "NotFoundError", "message": "zwei\nZeilen", "attempts": 1}
    ]
    file.close()


def test_a_new_run_forgets_the_failures_of_the_last(path: Path) -> None:
    put(path, "p1")
    file = FailuresFile(path)
    file.clear()
    file.add(failure("p2"))
    file.close()

    assert ids(path) == ["p2"]


def test_a_resumed_run_keeps_what_was_not_tried_again(path: Path) -> None:
    put(path, "p1", "p2", "p3", "p4")
    file = FailuresFile(path)
    file.resume(fetched("p4"))
    assert ids(path) == ["p1", "p2", "p3"]

    file.settle("p1")
    file.settle("p2")
    file.add(failure("p2", "again"))
    file.settle("p9")
    file.add(failure("p9"))
    file.close()

    assert ids(path) == ["p3", "p2", "p9"]
    assert not list(path.parent.glob("*.part"))


def test_what_kills_left_behind_is_cleared_up(path: Path) -> None:
    put(path, "p1", "p2", "p1", tail='no JSON\n[1]\n{"id": "p3", "err')
    file = FailuresFile(path)
    file.resume(fetched())
    file.add(failure("p4"))
    file.close()

    assert ids(path) == ["p1", "p2", "p4"]


def test_when_the_last_failure_has_gone_the_file_goes(path: Path) -> None:
    put(path, "p1")
    file = FailuresFile(path)
    file.resume(fetched())
    file.settle("p1")
    file.close()

    assert not path.exists()


def test_a_disk_that_fails_is_a_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    with pytest.raises(FailedError, match=r"cannot write .*folder: "):
        FailuresFile(folder).add(failure("p1"))


def test_a_failure_that_does_not_fit_leaves_no_half_line(path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = FailuresFile(path)
    file.add(failure("p1"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, before[1]))
    try:
        with pytest.raises(FailedError, match=r"cannot write .*: File too large"):
            file.add(failure("p2"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    file.close()

    assert ids(path) == ["p1"]


@pytest.mark.parametrize("content", ["my notes\n", '{"id": "p1"}\n', "[]\n", '{"error": "x"}\n', "half a line"])
def test_a_file_of_something_else_is_neither_continued_nor_removed(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    for resume, overwrite in ((True, False), (False, True)):
        with pytest.raises(UsageError, match=r"line 1 of .* is not a failure of a fetch: choose another FILE"):
            FailuresFile(path).check(resume=resume, overwrite=overwrite)
    with pytest.raises(UsageError, match="is not empty"):
        FailuresFile(path).check(resume=False, overwrite=False)

    assert path.read_text(encoding="utf-8") == content


def test_what_a_kill_has_left_is_a_file_of_failures(path: Path) -> None:
    put(path, "p1", tail='{"id": "p3", "err')

    before = path.read_bytes()
    FailuresFile(path).check(resume=True, overwrite=False)
    FailuresFile(path).check(resume=False, overwrite=True)

    assert path.read_bytes() == before
