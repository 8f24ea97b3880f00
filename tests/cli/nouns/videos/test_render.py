"""`tavus-async videos render`, against a sandbox that is quick."""

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async import AsyncSession, PermissionDeniedError
from tavus_async._bulk import polling
from tavus_async.cli import main
from tavus_async.cli.export.videos import Folder, stem_of
from tavus_async.cli.screen import texts
from tavus_async.models import Video, VideoDraft
from tavus_async.resources.videos import orphans
from tavus_async.sandbox import Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when
from tests.support.streams import run_on, stdout_without_reader

Run = Callable[..., Awaitable[Any]]
FAST = ("--rate", "1000", "--burst", "1000")
REPLICA = "r4067604db72"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(polling, "POLL_DELAY", 0.02)
    monkeypatch.setattr(polling, "LONGEST_POLL_DELAY", 0.1)
    monkeypatch.setattr(orphans, "SETTLING", 0.1)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """One in which an hour takes less than two seconds."""
    async with Sandbox(personas=1, speed=2_000) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        yield sandbox


def write(*drafts: dict[str, Any]) -> None:
    """Write the file of drafts."""
    lines = [json.dumps({"replica_id": REPLICA, "script": "Hi", **draft}) for draft in drafts]
    Path("drafts.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def files() -> list[str]:
    return sorted(path.name for path in Path("out").iterdir() if path.suffix != ".jsonl")


def failures() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path("out/errors.jsonl").read_text(encoding="utf-8").splitlines()]


async def test_each_draft_becomes_a_file_of_its_name(call: Run, sandbox: Sandbox) -> None:
    write({"video_name": "Ann & Bob"}, {"video_name": "clip-2"})
    done = await call("videos", "render", "drafts.jsonl", "-o", "out/", *FAST)

    assert (done.code, done.err) == (0, "")
    assert files() == ["Ann & Bob.mp4", "clip-2.mp4"]
    assert sorted(done.out.splitlines()) == ["out/Ann & Bob.mp4", "out/clip-2.mp4"]
    assert all(Path(line).stat().st_size > 1_000 for line in done.out.splitlines())
    assert len(sandbox.ids("videos")) == 2


async def test_one_without_a_name_or_with_anothers_is_named_by_its_id(call: Run, sandbox: Sandbox) -> None:
    write({}, {"video_name": "a"}, {"video_name": "A"}, {"video_name": "a/b"}, {"video_name": ".."})
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)
    ids = sandbox.ids("videos")

    assert done.code == 0
    assert "a_b.mp4" in files()
    assert len(files()) == 5
    assert {name.removesuffix(".mp4").removeprefix("a-").removeprefix("A-") for name in files()} - {"a_b"} < set(ids)


async def test_what_fails_is_said_and_written_down_and_the_rest_goes_on(call: Run, sandbox: Sandbox) -> None:
    write({"video_name": "good"}, {"video_name": "bad", "script": "error: The script is empty."})
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)

    assert (done.code, done.out, files()) == (3, "out/good.mp4\n", ["good.mp4"])
    first, last = done.err.splitlines()
    assert first.startswith("tavus-async: draft 2: ")
    assert "The script is empty." in first
    assert last == "tavus-async: 1 video in out, 1 failed, see out/errors.jsonl"
    (failure,) = failures()
    assert (failure["line"], failure["video_name"], failure["error"]) == (2, "bad", "ProcessingFailedError")
    assert failure["video_id"] in sandbox.ids("videos")


async def test_where_all_fail_the_exit_code_says_so(call: Run, sandbox: Sandbox) -> None:
    write({"script": "error: No voice."})
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)

    assert (done.code, done.out) == (1, "")
    assert "No voice." in failures()[0]["message"]


async def test_a_run_that_is_resumed_creates_and_downloads_what_is_missing(call: Run, sandbox: Sandbox) -> None:
    write({"video_name": "one"}, {"video_name": "two"})
    await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)
    Path("out/two.mp4").unlink()
    before = Path("out/one.mp4").stat().st_mtime_ns
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", "--resume", *FAST)

    assert (done.code, sorted(done.out.splitlines())) == (0, ["out/one.mp4", "out/two.mp4"])
    assert files() == ["one.mp4", "two.mp4"]
    assert Path("out/one.mp4").stat().st_mtime_ns == before
    assert len(sandbox.ids("videos")) == 2


async def test_without_resume_a_folder_with_something_in_it_is_refused(call: Run, sandbox: Sandbox) -> None:
    write({})
    Path("out").mkdir()
    Path("out/mine.txt").write_text("mine", encoding="utf-8")
    done = await call("videos", "render", "drafts.jsonl", "-o", "out")

    assert (done.code, done.out) == (2, "")
    assert done.err == "tavus-async: out is not empty: --resume continues its run, -o names another folder\n"
    assert sandbox.stats().total == 0


async def test_other_drafts_than_those_of_the_run_are_refused(call: Run, sandbox: Sandbox) -> None:
    write({"video_name": "one"})
    await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)
    write({"video_name": "another"})
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", "--resume", *FAST)

    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "is of other drafts" in done.err
    assert len(sandbox.ids("videos")) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "drafts.jsonl has no drafts"),
        ("\n[]", "drafts.jsonl has no drafts"),
        ("{}", "number 1 of drafts.jsonl: a video needs a replica_id"),
        ('{"replica_id": "r1", "script": "x"}\n{oops', "line 2 of drafts.jsonl: column 2: "),
        ('{"replica_id": "r1", "script": "x"}\n{"replica_id": "r1"}\n', "line 2 of drafts.jsonl: a video needs"),
        ('{"replica_id": 5, "script": "x"}', "replica_id"),
        ('[{"replica_id": "r1", "script": "x"}, 5]', "number 2 of drafts.jsonl is not a JSON object"),
        ("5", "line 1 of drafts.jsonl: it is not a JSON object"),
    ],
)
async def test_all_drafts_are_checked_before_the_first_is_sent(
    text: str, reason: str, call: Run, sandbox: Sandbox
) -> None:
    Path("drafts.jsonl").write_text(text, encoding="utf-8")
    done = await call("videos", "render", "drafts.jsonl", "-o", "out")

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert reason in done.err
    assert sandbox.stats().total == 0
    assert not Path("out").exists()


async def test_drafts_come_as_a_list_and_from_stdin_too(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "list.json"
    file.write_text(json.dumps([{"replica_id": REPLICA, "script": "x", "video_name": "l", "new": 1}], indent=2))
    with file.open(encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        done = await call("videos", "render", "-", "-o", "out", *FAST)

    assert (done.code, done.out) == (0, "out/l.mp4\n")
    assert done.err == "sent, though it is unknown: new\n"


async def test_a_wrong_key_ends_it_in_one_line(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "another-key-0123")
    write(*[{} for _ in range(20)])
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "(0 videos in out, 20 left; --resume goes on)" in done.err


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
async def test_a_terminal_sees_both_stages_and_no_paths(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"video_name": "one"}, {"video_name": "two"})
    done = await run_on("terminal", "videos", "render", "drafts.jsonl", "-o", "out", *FAST, monkeypatch=monkeypatch)

    assert (done.code, done.out) == (0, "")
    assert "2/2" in done.err
    assert "2 created" in done.err
    assert done.err.splitlines()[-1].endswith("2 videos in out")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_after_ctrl_c_the_rest_is_rendered_by_a_second_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(*[{"video_name": f"clip {number}"} for number in range(12)])
    words = ["videos", "render", "drafts.jsonl", "-o", "out", *FAST]
    with sandbox_elsewhere(personas=1, speed=800) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        with signal_when(signal.SIGINT, lambda: len(sandbox.ids("videos")) >= 5):
            assert main(words) == 130
        assert capsys.readouterr().err.startswith("tavus-async: interrupted: 0 videos in out, 12 left; --resume")

        assert main([*words, "--resume"]) == 0
        assert len(sandbox.ids("videos")) == 12
    assert len(files()) == 12


async def test_a_disk_that_cannot_be_written_ends_it(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({})
    Path("out").write_text("a file", encoding="utf-8")
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)

    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "cannot write out: " in done.err


@pytest.mark.skipif(os.name != "posix", reason="a pipe's end")
async def test_a_reader_that_has_gone_stops_nothing(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"video_name": "one"}, {"video_name": "two"})
    with stdout_without_reader(monkeypatch):
        done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)

    assert (done.code, sorted(done.err.splitlines())) == (141, ["there is out/one.mp4", "there is out/two.mp4"])
    assert files() == ["one.mp4", "two.mp4"]


async def test_a_file_that_cannot_be_had_fails_alone(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = AsyncSession.download_video

    async def refuse(session: AsyncSession, video: Video, path: Path) -> Path:
        if video.video_name == "bad":
            raise PermissionDeniedError(status=403, message="expired", method="GET", path="/file")
        return await download(session, video, path)

    monkeypatch.setattr(AsyncSession, "download_video", refuse)
    write({"video_name": "bad"}, {"video_name": "good"})
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)

    assert (done.code, done.out, files()) == (3, "out/good.mp4\n", ["good.mp4"])
    assert [(each["line"], each["error"], bool(each["video_id"])) for each in failures()] == [
        (1, "PermissionDeniedError", True)
    ]
    monkeypatch.setattr(AsyncSession, "download_video", download)
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", "--resume", *FAST)

    assert (done.code, files(), Path("out/errors.jsonl").exists()) == (0, ["bad.mp4", "good.mp4"], False)


async def test_a_full_disk_ends_it_and_it_can_be_resumed(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "out/one.mp4.part")

    monkeypatch.setattr(AsyncSession, "download_video", fail)
    write({"video_name": "one"})
    done = await call("videos", "render", "drafts.jsonl", "-o", "out", *FAST)

    told = "cannot write out/one.mp4.part: No space left on device (0 videos in out, 1 left; --resume goes on)"
    assert (done.code, done.err) == (1, f"tavus-async: {told}\n")


def test_what_holds_a_run_up_is_said() -> None:
    assert texts.holdup(2, outage=3.0, paused=0) == (
        "2 failed, the server cannot be reached for 3 s, trying again",
        "2 failed, no server for 3 s",
    )
    assert texts.holdup(0, outage=0, paused=7) == ("the server asks to wait 7 s", "to wait 7 s")


def test_the_suffix_is_that_of_the_file_if_it_is_one_of_a_video(tmp_path: Path) -> None:
    folder, draft = Folder(tmp_path), VideoDraft(video_name="a")
    links = ["https://x.example/v.webm?token=1.mp4", "https://x.example/v.exe", None]

    found = [folder.file_of(draft, Video(video_id="v1", download_url=link)).name for link in links]
    assert found == ["a.webm", "a.mp4", "a.mp4"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [("Clip 1", "Clip 1"), ("../../etc", "etc"), ("a\0b\n", "a_b"), ("...", ""), (None, ""), ("é" * 200, "é" * 60)],
)
def test_a_name_becomes_one_that_a_file_can_have(name: str | None, stem: str) -> None:
    assert stem_of(name) == stem
