"""A file that takes its name once it is whole, or leaves nothing."""

import threading
from io import FileIO
from pathlib import Path

import pytest

from tavus_async._bulk import part_file
from tavus_async._bulk.part_file import open_part


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4"


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_it_has_its_name_only_once_it_is_whole(path: Path) -> None:
    file = open_part(path, overwrite=False)
    file.write(b"half ")
    assert names(path.parent) == ["video.mp4.part"]

    file.write(b"whole")
    file.finish()

    assert names(path.parent) == ["video.mp4"]
    assert path.read_bytes() == b"half whole"
    assert file.size == 10


def test_what_is_discarded_leaves_nothing(path: Path) -> None:
    file = open_part(path, overwrite=False)
    file.write(b"half")

    file.discard()
    file.discard()

    assert names(path.parent) == []


def test_what_is_finished_is_not_discarded(path: Path) -> None:
    file = open_part(path, overwrite=False)
    file.write(b"whole")
    file.finish()

    file.discard()
    file.finish()

    assert path.read_bytes() == b"whole"


def test_it_can_begin_anew(path: Path) -> None:
    file = open_part(path, overwrite=False)
    file.write(b"something long")
    file.total, file.validator = 99, '"e"'

    file.restart()
    file.write(b"short")
    file.finish()

    assert path.read_bytes() == b"short"
    assert file.total is None
    assert file.validator is None


def test_what_a_killed_process_left_is_written_over(path: Path) -> None:
    path.with_name("video.mp4.part").write_bytes(b"left behind, and long")

    file = open_part(path, overwrite=False)
    file.write(b"new")
    file.finish()

    assert path.read_bytes() == b"new"


def test_a_file_that_is_there_is_kept(path: Path) -> None:
    path.write_bytes(b"old")

    with pytest.raises(FileExistsError, match="overwrite=True"):
        open_part(path, overwrite=False)

    assert names(path.parent) == ["video.mp4"]


def test_a_file_that_is_there_by_now_is_kept(path: Path) -> None:
    file = open_part(path, overwrite=False)
    path.write_bytes(b"another's")

    with pytest.raises(FileExistsError):
        file.finish()
    file.discard()

    assert path.read_bytes() == b"another's"
    assert names(path.parent) == ["video.mp4"]


def test_a_file_that_is_there_is_replaced_at_the_end_where_it_may_be(path: Path) -> None:
    path.write_bytes(b"old")
    file = open_part(path, overwrite=True)
    file.write(b"new")
    assert path.read_bytes() == b"old"

    file.finish()

    assert path.read_bytes() == b"new"


def test_a_folder_is_no_file(path: Path) -> None:
    path.mkdir()

    with pytest.raises(IsADirectoryError):
        open_part(path, overwrite=True)

    assert names(path.parent) == ["video.mp4"]


def test_two_do_not_write_one_file(path: Path) -> None:
    file = open_part(path, overwrite=False)

    with pytest.raises(BlockingIOError, match="somebody else is writing it"):
        open_part(path, overwrite=False)
    file.write(b"whole")
    file.finish()

    assert path.read_bytes() == b"whole"


def test_who_gets_the_lock_of_a_file_that_has_just_taken_its_name_leaves_that_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_part(path, overwrite=True)
    first.write(b"whole")
    take = part_file.refuse_locked
    ends = iter([first.finish])

    def take_late(file: FileIO, part: Path) -> None:
        for end in ends:
            end()  # between the opening of the second and its lock
        take(file, part)

    monkeypatch.setattr(part_file, "refuse_locked", take_late)
    second = open_part(path, overwrite=True)
    assert path.read_bytes() == b"whole"
    second.discard()

    assert names(path.parent) == ["video.mp4"]


def test_a_thread_that_writes_late_writes_nothing(path: Path) -> None:
    file = open_part(path, overwrite=False)
    file.discard()

    writer = threading.Thread(target=file.write, args=(b"late",))
    writer.start()
    writer.join()

    assert file.size == 0
    assert names(path.parent) == []
