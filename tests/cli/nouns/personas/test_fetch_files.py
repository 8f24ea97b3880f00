"""What `tavus-async personas fetch` writes to, what it refuses to write to, and who can read it."""

import asyncio
import os
import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]


def linked(path: Path, tmp_path: Path) -> Path:
    """Another name of a file."""
    os.link(path, tmp_path / "linked")
    return tmp_path / "linked"


def symlinked(path: Path, tmp_path: Path) -> Path:
    (tmp_path / "symlinked").symlink_to(path.name)
    return tmp_path / "symlinked"


def spelled_otherwise(path: Path, tmp_path: Path) -> Path:
    return tmp_path / ".." / tmp_path.name / path.name


@pytest.fixture
def precious(tmp_path: Path, sandbox: Sandbox) -> Path:
    """A file with an id, which might as well be a key."""
    path = tmp_path / "precious"
    path.write_text(f"{sandbox.persona_ids[0]}\n", encoding="utf-8")
    return path


@pytest.mark.skipif(os.name != "posix", reason="names of files")
@pytest.mark.parametrize("other_name", [linked, symlinked, spelled_otherwise])
@pytest.mark.parametrize("option", ["--from", "--api-key-file"])
async def test_a_file_that_serves_for_something_else_is_not_written_to_by_whatever_name(
    option: str, other_name: Callable[[Path, Path], Path], call: Run, sandbox: Sandbox, tmp_path: Path, precious: Path
) -> None:
    before = precious.read_bytes()
    other = other_name(precious, tmp_path)
    for more in ([], ["--overwrite"], ["--resume"]):
        words = ["-o", str(other), option, str(precious), *(["p1"] if option == "--api-key-file" else []), *more]
        done = await call("personas", "fetch", *words)

        holds = "holds the ids" if option == "--from" else "holds the API key"
        reason = f"tavus-async: {other} {holds}: choose another file for the personas\n"
        assert (done.code, done.err) == (2, reason)
        assert precious.read_bytes() == before
    assert sandbox.stats().total == 0


@pytest.mark.skipif(os.name != "posix", reason="names of files")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("-o {other} - < {precious}", "{other} holds the ids"),
        ("-o {other} --from /dev/stdin < {precious}", "{other} holds the ids"),
        ("-o - --from {precious} >> {other}", "the file that stdout goes to holds the ids"),
        ("-o - - < {precious} 1<> {other}", "the file that stdout goes to holds the ids"),
        ("-o {folder}/p --from {precious}", "{folder}/p.errors holds the ids"),
        ("-o {folder}/new p1 > {folder}/new", "{folder}/new is where stdout goes"),
    ],
)
async def test_nor_are_the_files_of_a_shell(
    words: str, reason: str, sandbox: Sandbox, tmp_path: Path, precious: Path
) -> None:
    before = precious.read_bytes()
    os.link(precious, tmp_path / "p.errors")
    names = {"other": linked(precious, tmp_path), "precious": precious, "folder": tmp_path}
    script = f"{shlex.quote(sys.executable)} -m tavus_async personas fetch --overwrite {words.format(**names)}"
    process = await asyncio.create_subprocess_shell(script, stderr=asyncio.subprocess.PIPE)
    _, err = await asyncio.wait_for(process.communicate(), 20)

    told = f"tavus-async: {reason.format(**names)}: choose another file for the personas\n"
    assert (process.returncode, err.decode()) == (2, told)
    assert precious.read_bytes() == before
    assert sandbox.stats().total == 0


@pytest.mark.parametrize("option", [None, "--resume", "--overwrite"])
async def test_what_stands_where_failures_go_and_is_something_else_is_not_lost(
    option: str | None, call: Run, sandbox: Sandbox, path: Path, errors: Path
) -> None:
    errors.write_bytes(b"a list of my own\n")
    done = await call("personas", "fetch", "-o", str(path), "p-none", *([option] if option else []))

    assert (done.code, done.err.count("\n")) == (2, 1)
    assert str(errors) in done.err
    assert errors.read_bytes() == b"a list of my own\n"
    assert not path.exists()
    assert sandbox.stats().total == 0


@pytest.mark.skipif(os.name != "posix", reason="permissions")
@pytest.mark.parametrize(("before", "after"), [(None, 0o600), (0o644, 0o600), (0o400, 0o400), (0o640, 0o600)])
async def test_nobody_else_can_read_what_it_writes(
    before: int | None, after: int, call: Run, sandbox: Sandbox, path: Path, errors: Path
) -> None:
    failure = '{"id": "p-other", "error": "ServerError"}\n{"id": "p-none", "error": "ServerError"}\n'
    for each, content in ((path, ""), (errors, failure)) if before is not None else ():
        each.write_text(content, encoding="utf-8")
        each.chmod(before or 0)
    mask = os.umask(0)
    try:
        done = await call("personas", "fetch", "-o", str(path), sandbox.persona_ids[0], "p-none", "--resume")
    finally:
        os.umask(mask)

    if before == 0o400 and os.geteuid():
        # Who is not root may not write such a file.
        assert (done.code, done.err) == (1, f"tavus-async: cannot write {path}: Permission denied\n")
        after = before
    else:
        assert done.code == 3
    assert [each.stat().st_mode & 0o777 for each in (path, errors)] == [after, after]
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name, errors.name]


async def test_a_file_that_is_refused_keeps_its_permissions(call: Run, sandbox: Sandbox, path: Path) -> None:
    path.write_text("my notes\n", encoding="utf-8")
    path.chmod(0o644)
    for option in ([], ["--resume"]):
        assert (await call("personas", "fetch", "-o", str(path), "p1", *option)).code == 2
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.name != "posix", reason="links")
@pytest.mark.parametrize("option", [None, "--resume", "--overwrite"])
async def test_where_failures_go_no_link_is_followed(
    option: str | None, call: Run, sandbox: Sandbox, path: Path, errors: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    for target in (victim, tmp_path / "missing"):
        errors.unlink(missing_ok=True)
        errors.symlink_to(target)
        done = await call("personas", "fetch", "-o", str(path), "p-none", *([option] if option else []))
        assert (done.code, done.err) == (2, f"tavus-async: {errors} is not a regular file\n")
    assert victim.read_bytes() == b""
    assert errors.is_symlink()
