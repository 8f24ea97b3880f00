"""Files that may hold secrets."""

import os
from pathlib import Path

import pytest

from tavus_async.cli.exits import FailedError, UsageError
from tavus_async.cli.export.files import append, is_same, open_to_append, open_to_read, replaced

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and links")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@posix
def test_a_new_file_is_private_from_its_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def open_file(path: Path, flags: int, permissions: int) -> int:
        asked.append(permissions)
        return real(path, flags, permissions)

    real = os.open
    monkeypatch.setattr(os, "open", open_file)
    mask = os.umask(0)
    try:
        open_to_append(tmp_path / "x").close()
    finally:
        os.umask(mask)

    assert asked == [0o600]
    assert mode(tmp_path / "x") == 0o600


@posix
@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o600, 0o600), (0o400, 0o400)])
def test_what_takes_the_place_of_a_file_is_private_and_as_tight_as_that_was(
    before: int, after: int, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(before)
    with replaced(path) as file:
        [temporary] = set(tmp_path.iterdir()) - {path}
        assert mode(temporary) == 0o600
        append(file, b"new")
        assert path.read_bytes() == b"old"

    assert path.read_bytes() == b"new"
    assert mode(path) == after
    assert list(tmp_path.iterdir()) == [path]


def test_a_replacement_that_fails_leaves_the_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), replaced(path):
        raise KeyboardInterrupt

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_link_is_followed_only_where_the_user_has_named_it(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)

    with pytest.raises(FailedError, match=r"cannot write .*link: Too many levels of symbolic links"):
        open_to_append(link, is_followed=False)
    assert not target.exists()
    open_to_append(link).close()
    assert target.exists()
    with pytest.raises(UsageError, match="link is not a regular file"):
        open_to_read(link)


@posix
def test_a_pipe_is_refused_without_waiting_for_its_other_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(UsageError, match="is not a regular file; -o - writes to stdout"):
        open_to_append(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is not a regular file"):
        open_to_read(tmp_path / "pipe")


def test_what_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    assert open_to_read(tmp_path / "none") is None
    with pytest.raises(UsageError, match="is not a regular file"):
        open_to_read(tmp_path)


@posix
def test_one_file_is_known_by_all_its_names(tmp_path: Path) -> None:
    path, other = tmp_path / "x", tmp_path / "y"
    path.write_bytes(b"")
    other.write_bytes(b"")
    os.link(path, tmp_path / "hard")
    (tmp_path / "soft").symlink_to(path)

    with path.open("rb") as file:
        for name in ("x", "hard", "soft", "../" + tmp_path.name + "/x"):
            assert is_same(file.fileno(), tmp_path / name)
        assert not is_same(file.fileno(), other)
        assert not is_same(file.fileno(), tmp_path / "none")
    assert not is_same(Path(os.devnull), Path(os.devnull))
