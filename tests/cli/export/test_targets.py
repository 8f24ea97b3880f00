"""Where fetched personas go."""

import json
from pathlib import Path

import pytest

from tavus_async import NotFoundError
from tavus_async.cli.exits import NotJsonError
from tavus_async.cli.export.targets import Files, Stdout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "p.jsonl"


def ids(path: Path, name: str = "id") -> list[str]:
    return [json.loads(line)[name] for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_file_gets_the_personas_and_another_the_failures(path: Path) -> None:
    files = Files(path, resume=False, overwrite=False)
    files.write("p1", {"persona_id": "p1"})
    files.fail("p2", NotFoundError("gone", status=404), attempts=2)
    files.finish()
    files.close()

    errors = path.with_name("p.jsonl.errors")
    assert ids(path, "persona_id") == ["p1"]
    failure = json.loads(errors.read_text(encoding="utf-8"))
    assert (failure["id"], failure["error"], failure["attempts"]) == ("p2", "NotFoundError", 2)
    assert "gone" in failure["message"]
    assert files.summary() == f"1 persona in {path}, 1 failed, see {errors}"


def test_nothing_is_overwritten_by_a_run_that_got_nowhere(path: Path) -> None:
    path.write_text('{"persona_id": "p1"}\n', encoding="utf-8")
    errors = path.with_name("p.jsonl.errors")
    errors.write_text('{"id": "p2", "error": "ServerError"}\n', encoding="utf-8")

    files = Files(path, resume=False, overwrite=True)
    files.close()
    assert (ids(path, "persona_id"), ids(errors)) == (["p1"], ["p2"])
    assert files.summary() == ""

    files = Files(path, resume=False, overwrite=True)
    files.finish()
    files.close()
    assert path.read_bytes() == b""
    assert not errors.exists()


def test_a_failure_alone_overwrites_too(path: Path) -> None:
    path.write_text('{"persona_id": "p1"}\n', encoding="utf-8")

    files = Files(path, resume=False, overwrite=True)
    files.fail("p1", NotFoundError("gone", status=404), attempts=1)
    files.close()

    assert path.read_bytes() == b""


def test_a_resumed_run_lets_go_of_failures_that_are_none_any_more(path: Path) -> None:
    errors = path.with_name("p.jsonl.errors")
    path.write_text('{"persona_id": "p1"}\n', encoding="utf-8")
    errors.write_text('{"id": "p2", "error": "ServerError"}\n{"id": "p3", "error": "ServerError"}\n', encoding="utf-8")

    files = Files(path, resume=True, overwrite=False)
    files.write("p2", {"persona_id": "p2"})
    files.finish()
    files.close()

    assert ids(errors) == ["p3"]
    assert files.summary() == f"2 personas in {path}, 1 of them from before"


def test_what_json_cannot_hold_leaves_the_file_alone(path: Path) -> None:
    path.write_text('{"persona_id": "p1"}\n', encoding="utf-8")
    files = Files(path, resume=False, overwrite=True)
    with pytest.raises(NotJsonError):
        files.write("p1", {"persona_id": "p1", "x": float("inf")})
    files.close()

    assert ids(path, "persona_id") == ["p1"]


def test_stdout_gets_the_personas_and_stderr_the_failures(capsys: pytest.CaptureFixture[str]) -> None:
    target = Stdout()
    assert target.summary() == ""
    target.write("p1", {"persona_id": "p1"})
    target.fail("p2", NotFoundError("gone", status=404), attempts=1)
    target.finish()
    target.close()

    out, err = capsys.readouterr()
    assert out == '{"persona_id": "p1"}\n'
    assert err.startswith("tavus-async: p2: ")
    assert target.summary() == "1 persona written, 1 failed"
