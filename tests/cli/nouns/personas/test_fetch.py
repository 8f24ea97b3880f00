"""`tavus-async personas fetch`: the whole program, killed, interrupted and resumed."""

import asyncio
import itertools
import json
import os
import random
import shlex
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.cli import main
from tavus_async.cli.screen import output
from tavus_async.sandbox import Faults, Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when

Run = Callable[..., Awaitable[Any]]
FAST = ("--rate", "2000", "--burst", "200")


def ids(path: Path, name: str = "persona_id") -> list[str]:
    return [json.loads(line)[name] for line in path.read_text(encoding="utf-8").splitlines()]


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


async def start(*args: str | Path, stdin: int | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "always", "-m", "tavus_async", "personas", "fetch", *args),
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def end(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    out, err = await asyncio.wait_for(process.communicate(), 20)
    assert out == b""
    return process.returncode, err.decode()


async def test_every_persona_becomes_a_line(call: Run, sandbox: Sandbox, path: Path) -> None:
    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, *FAST)

    assert done == (0, "", "")
    assert sorted(ids(path)) == sorted(sandbox.persona_ids)
    assert path.read_bytes().endswith(b"}\n")


async def test_the_lines_are_what_get_prints(call: Run, sandbox: Sandbox, path: Path) -> None:
    persona_id = sandbox.add({"persona_name": "Zoë \u2028 森", "layers": {"llm": {"headers": {"X": "secret"}}}})
    await call("personas", "fetch", "-o", str(path), persona_id)
    got = await call("personas", "get", persona_id)

    assert json.loads(path.read_bytes()) == json.loads(got.out)
    assert "森" in path.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="signals")
async def test_killed_at_random_moments_and_resumed_it_ends_with_every_id_once(
    tmp_path: Path, path: Path, errors: Path, eventually: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Sandbox(personas=200, faults=Faults(latency=0.01, jitter=0.05)) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        source = tmp_path / "ids.txt"
        source.write_text("\n".join([*sandbox.persona_ids, "p-none", *sandbox.persona_ids]), encoding="utf-8")
        dice, kills = random.Random(), 0
        while True:
            process = await start("-o", path, "--from", source, "--resume", "--rate", "400", "--burst", "10")
            goal = lines(path) + dice.randrange(40, 95)
            await eventually(lambda goal=goal, process=process: process.returncode is not None or lines(path) >= goal)
            if process.returncode is not None:
                break
            await asyncio.sleep(dice.random() * 0.02)
            process.kill()
            await process.wait()
            kills += 1
        code, err = await end(process)

        assert code == 3, err
        assert kills >= 2
        assert sorted(ids(path)) == sorted(sandbox.persona_ids)
        assert ids(errors, "id") == ["p-none"]


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_it_with_a_file_that_can_be_resumed(
    number: signal.Signals,
    code: int,
    word: str,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with sandbox_elsewhere(personas=100, faults=Faults(latency=0.02)) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        args = ["personas", "fetch", "-o", str(path), *sandbox.persona_ids]
        with signal_when(number, lambda: lines(path) >= 5):
            assert main([*args, "--concurrency", "2"]) == code

        there = len(ids(path))
        assert capsys.readouterr() == ("", f"tavus-async: {word}: {there} personas in {path}\n")
        assert 5 <= there < 100

        assert main([*args, "--resume", *FAST]) == 0
        assert capsys.readouterr() == ("", "")
        assert sorted(ids(path)) == sorted(sandbox.persona_ids)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_what_pages_hold_is_written_while_others_are_read_and_stays_when_a_signal_comes(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sandbox_elsewhere(personas=1_500) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        (tmp_path / "ids").write_text("\n".join(sandbox.persona_ids), encoding="utf-8")
        args = ["personas", "fetch", "-o", str(path), "--from", str(tmp_path / "ids"), "--prefer", "list"]
        with signal_when(signal.SIGINT, lambda: lines(path) >= 100):
            assert main([*args, "--rate", "20"]) == 130

        there = len(ids(path))
        assert 100 <= there < 1_500
        assert len(set(ids(path))) == there
        assert sandbox.stats().requests["list_personas"] < 16
        assert sandbox.stats().total < there / 2


@pytest.mark.skipif(os.name != "posix", reason="signals")
async def test_ids_are_fetched_as_they_come_and_a_stdin_that_never_ends_can_be_interrupted(
    sandbox: Sandbox, path: Path, eventually: Run
) -> None:
    process = await start("-o", path, "-", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(f"# ids\n{sandbox.persona_ids[3]}\n\n".encode())
    await eventually(lambda: lines(path) == 1)
    process.stdin.write(f"{sandbox.persona_ids[5]}\n".encode())
    await eventually(lambda: lines(path) == 2)
    process.send_signal(signal.SIGINT)
    await asyncio.wait_for(process.wait(), 20)
    process.stdin.close()
    code, err = await end(process)

    assert (code, err) == (130, f"tavus-async: interrupted: 2 personas in {path}\n")


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("signals", [*itertools.product([signal.SIGINT, signal.SIGTERM], repeat=2)])
async def test_two_signals_at_once_end_it_with_a_file_that_can_be_resumed(
    signals: tuple[signal.Signals, signal.Signals], sandbox: Sandbox, path: Path, eventually: Run, call: Run
) -> None:
    sandbox.script(["ok" for _ in range(5)])
    sandbox.script(["stall" for _ in range(5)])
    process = await start("-o", path, *sandbox.persona_ids, "--rate", "0.1")
    await eventually(lambda: lines(path) == 5 and sandbox.stats().in_flight == 5)
    for number in signals:
        process.send_signal(number)
    code, err = await end(process)

    # Two that are alike may come as one, and of two that are not the system chooses which comes first.
    assert code in {128 + number for number in signals}
    assert err in {"", *(f"tavus-async: {word}: 5 personas in {path}\n" for word in ("interrupted", "terminated"))}
    assert len(ids(path)) == 5
    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, "--resume", *FAST)
    assert (done.code, sorted(ids(path))) == (0, sorted(sandbox.persona_ids))


async def test_failures_stand_beside_it_and_leave_when_they_are_fetched(
    call: Run, sandbox: Sandbox, path: Path, errors: Path
) -> None:
    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids[:2], "p-new", "..")

    assert done.code == 3
    assert done.err == f"tavus-async: 2 personas in {path}, 2 failed, see {errors}\n"
    failures = {failure["id"]: failure for failure in map(json.loads, errors.read_text(encoding="utf-8").splitlines())}
    assert failures["p-new"] == {
        "id": "p-new",
        "error": "NotFoundError",
        "message": failures["p-new"]["message"],
        "attempts": 1,
    }
    assert "Invalid persona_id" in failures["p-new"]["message"]
    assert failures[".."]["attempts"] == 0

    sandbox.add({"persona_id": "p-new"})
    done = await call("personas", "fetch", "-o", str(path), "p-new", "--resume")

    assert (done.code, done.err) == (0, "")
    assert ids(errors, "id") == [".."]
    assert sorted(ids(path)) == sorted([*sandbox.persona_ids[:2], "p-new"])


async def test_a_file_that_holds_something_is_not_lost(call: Run, sandbox: Sandbox, path: Path) -> None:
    path.write_bytes(b'{"persona_id": "precious"}\n')
    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids)

    assert done.code == 2
    assert "--resume" in done.err
    assert "--overwrite" in done.err
    assert ids(path) == ["precious"]

    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, *FAST, "--overwrite")
    assert done.code == 0
    assert sorted(ids(path)) == sorted(sandbox.persona_ids)


async def test_a_refused_key_is_said_once_and_the_file_stays(
    call: Run, sandbox: Sandbox, path: Path, errors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong-key")
    path.write_bytes(b'{"persona_id": "precious"}\n')
    for option in ("--overwrite", "--resume"):
        done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, option)

        assert (done.code, done.out) == (1, "")
        assert done.err.count("\n") == 1
        assert "401" in done.err
        assert "wrong-key" not in done.err
        assert ids(path) == ["precious"]
        assert not errors.exists()


async def test_an_account_without_credits_ends_it_with_what_is_there(call: Run, sandbox: Sandbox, path: Path) -> None:
    sandbox.script(["ok", "ok", "ok", 402])
    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, "--concurrency", "1")

    assert done.code == 1
    assert done.err.count("\n") == 1
    assert f"(3 personas in {path})" in done.err

    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, "--resume", *FAST)
    assert done.code == 0
    assert len(set(ids(path))) == len(ids(path)) == 20


@pytest.mark.skipif(os.name != "posix", reason="limits of a shell")
async def test_a_disk_that_is_full_is_one_line_and_loses_nothing(call: Run, sandbox: Sandbox, path: Path) -> None:
    words = [sys.executable, "-m", "tavus_async", "personas", "fetch", "-o", str(path), *sandbox.persona_ids, *FAST]
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f"ulimit -f 8; exec {shlex.join(words)}"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    code, err = await end(process)

    there = len(ids(path))
    assert (code, err) == (1, f"tavus-async: cannot write {path}: File too large ({there} personas in {path})\n")

    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, *FAST, "--resume")
    assert done == (0, "", "")
    assert sorted(ids(path)) == sorted(sandbox.persona_ids)


async def test_a_path_that_cannot_be_written_is_one_line(call: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    done = await call("personas", "fetch", "-o", str(tmp_path / "none" / "x"), *sandbox.persona_ids)

    assert done.code == 1
    assert done.err == f"tavus-async: cannot write {tmp_path}/none/x: No such file or directory\n"
    assert sandbox.stats().total == 0


async def test_two_runs_do_not_write_one_file(
    call: Run, path: Path, eventually: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    async with Sandbox(personas=5, faults=Faults(stall=1)) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        process = await start("-o", path, *sandbox.persona_ids)
        await eventually(lambda: sandbox.stats().in_flight > 0)
        done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, "--resume")
        process.kill()
        await end(process)

    assert (done.code, done.err) == (2, f"tavus-async: another run is writing {path}\n")


async def test_stdout_is_a_target_like_any_other(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "fetch", "-o", "-", *sandbox.persona_ids, "p-none", *FAST)

    assert done.code == 3
    assert sorted(json.loads(line)["persona_id"] for line in done.out.splitlines()) == sorted(sandbox.persona_ids)
    first, last = done.err.splitlines()
    assert first.startswith("tavus-async: p-none: GET ")
    assert last == "tavus-async: 20 personas written, 1 failed"


@pytest.mark.parametrize("content", [b"\xff\n", b'{"persona_id": "p1"}\n', b"p1,Ann\n", b"Be brief.\n"])
@pytest.mark.parametrize("is_piped", [False, True])
async def test_what_are_no_ids_is_refused_before_anything_is_sent(
    content: bytes, is_piped: bool, call: Run, sandbox: Sandbox, tmp_path: Path, path: Path
) -> None:
    source = tmp_path / "ids.txt"
    source.write_bytes(b"" if is_piped else f"{sandbox.persona_ids[0]}\n\n".encode())
    with source.open("ab") as file:
        file.write(content)
    if is_piped:
        process = await start("-o", path, "-", stdin=asyncio.subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(content)
        code, err = await end(process)
        name = "line 1 of stdin"
    else:
        code, _, err = await call("personas", "fetch", "-o", str(path), "--from", str(source))
        name = f"line 3 of {source}"

    assert code == (1 if is_piped else 2)
    assert err.startswith(f"tavus-async: {name} is not ")
    assert err.count("\n") == 1
    assert path.exists() == is_piped
    assert sandbox.stats().total == 0


@pytest.mark.parametrize(
    ("words", "code"), [("nobody nobody", 1), ("nobody p5317866 nobody", 3), ("p5317866 p5317866", 0)]
)
async def test_an_id_that_occurs_again_is_no_other_that_is_done(
    words: str, code: int, call: Run, sandbox: Sandbox, path: Path
) -> None:
    done = await call("personas", "fetch", "-o", str(path), *words.split())

    assert done.code == code


async def test_what_was_there_before_is_done(call: Run, sandbox: Sandbox, path: Path) -> None:
    await call("personas", "fetch", "-o", str(path), "p5317866")
    done = await call("personas", "fetch", "-o", str(path), "p5317866", "nobody", "--resume")

    assert done.code == 3


async def test_the_pages_of_the_list_are_used_if_told_so(call: Run, path: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    async with Sandbox(personas=250) as sandbox:
        key.write_text(sandbox.api_key, encoding="utf-8")
        connection = ("--base-url", sandbox.url, "--api-key-file", str(key), *FAST)
        done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, "--prefer", "list", *connection)

        assert (done.code, done.err) == (0, "")
        assert sorted(ids(path)) == sorted(sandbox.persona_ids)
        assert sandbox.stats().requests["list_personas"] > 1
        assert sandbox.stats().total < 125


async def test_a_terminal_sees_a_bar_and_a_summary(
    call: Run, sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "is_watched", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, *sandbox.persona_ids, *FAST)

    assert (done.code, done.out) == (0, "")
    assert "40/40" in done.err
    assert done.err.endswith(f"20 personas in {path}\n")


async def test_without_rich_a_terminal_sees_no_bar(
    call: Run, sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "is_watched", lambda: True)
    monkeypatch.setitem(sys.modules, "tavus_async.cli.screen.bar", None)
    done = await call("personas", "fetch", "-o", str(path), *sandbox.persona_ids, *FAST)

    assert done == (0, "", f"20 personas in {path}\n")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["p1"], "-o/--output"),
        (["-o", "x"], "no ids"),
        (["-o", "x", "p1", "--from", "y"], "not from both"),
        (["-o", "x", "p1", "--resume", "--overwrite"], "not allowed with"),
        (["-o", "-", "p1", "--resume"], "--resume needs a file"),
        (["-o", "x", "-", "--api-key-file", "-"], "both the API key and the ids"),
        (["-o", "x", "p1", "--prefer", "luck"], "must be get or list, not 'luck'"),
        (["-o", "x", "p1", "--concurrency", "0"], "from 1 up"),
    ],
)
async def test_wrong_usage_is_one_line(call: Run, sandbox: Sandbox, args: list[str], reason: str) -> None:
    done = await call("personas", "fetch", *args)

    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert reason in done.err
    assert not Path("x").exists()
