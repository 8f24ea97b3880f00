"""The program that renders what a file says: killed again and again, it creates each video once."""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from tavus_async import RateLimit
from tavus_async.models import RenderProgress, VideoDraft
from tavus_async.sandbox import Faults, Sandbox
from tests.examples import programs
from tests.examples.programs import environment
from tests.soak.render import problems
from tests.support.documents import ROOT
from tests.support.quick import until

example = programs.load("examples.render_videos", needs="nothing")

# The program, with less patience than it has among people.
HURRIED = """
import asyncio, sys
from tavus_async._bulk import polling
from tavus_async.resources.videos import orphans
polling.POLL_DELAY, polling.LONGEST_POLL_DELAY = 0.05, 0.2
orphans.SETTLING, orphans.FIRST_GAP = 0.3, 0.05
from examples import render_videos
sys.exit(asyncio.run(render_videos.main()))
"""
FAULTS = Faults(error=0.04, reset=0.04, truncate=0.04, garble=0.02, cut=0.2, error_statuses=(500, 503))
VIDEOS, KILLS = 60, 2


async def run(sandbox: Sandbox, *arguments: str | Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HURRIED, *map(str, arguments)),
        env=environment(sandbox, PYTHONPATH=str(ROOT)),
        stderr=asyncio.subprocess.PIPE,
    )


async def test_each_video_is_created_once_though_the_program_is_killed(tmp_path: Path) -> None:
    dice = random.Random(15)
    scripts = [f"Hello number {number}." for number in range(VIDEOS)]
    names = ("", "Twin", "For {}")
    rows = [
        {"replica_id": "r1", "script": script, "video_name": names[number % 3].format(number)}
        for number, script in enumerate(scripts)
    ]
    drafts, folder = tmp_path / "drafts.jsonl", tmp_path / "videos"
    drafts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    settings: dict[str, Any] = {"rate_limit": RateLimit(150, burst=20), "retry_after": 0.1, "faults": FAULTS}
    async with Sandbox(personas=1, speed=200, **settings) as sandbox:
        for kill in range(1, KILLS + 1):
            process = await run(sandbox, drafts, "-o", folder, "--rate", "200")
            killed_at = VIDEOS * kill / (KILLS + 1) - dice.randrange(5)
            await until(lambda: len(sandbox.ids("videos")) >= killed_at)  # noqa: B023 (it is waited for here)
            process.kill()
            await process.communicate()
        process = await run(sandbox, drafts, "-o", folder, "--rate", "200")
        _, told = await process.communicate()

        assert process.returncode == 0, told.decode()
        assert problems(sandbox, scripts, folder) == []


async def test_what_fails_is_told_with_its_row(tmp_path: Path) -> None:
    drafts = tmp_path / "drafts.csv"
    drafts.write_text("replica_id,script,fast\nr1,Hello.,true\nr1,error: No light.,\n,Nobody.,\n", encoding="utf-8")
    async with Sandbox(personas=1, speed=2_000) as sandbox:
        process = await run(sandbox, drafts, "-o", tmp_path)
        _, told = await process.communicate()

    assert process.returncode == 1
    assert [line.partition(":")[0] for line in told.decode().splitlines()[-2:]] == ["00003", "00002"]
    assert (tmp_path / "00001.mp4").read_bytes()[4:8] == b"ftyp"


def test_a_csv_says_what_a_jsonl_does(tmp_path: Path) -> None:
    table, lines = tmp_path / "drafts.csv", tmp_path / "drafts.jsonl"
    table.write_text('replica_id,script,video_name,fast\nr1,"Hello, you.",,false\n', encoding="utf-8")
    lines.write_text('{"replica_id": "r1", "script": "Hello, you.", "fast": false}\n', encoding="utf-8")

    assert [*example.read_drafts(table)] == [*example.read_drafts(lines)]
    assert [*example.read_drafts(table)] == [VideoDraft(replica_id="r1", script="Hello, you.", fast=False)]


def test_the_progress_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    example.report(RenderProgress(total=9, created=5, waiting=2, ready=2, failed=1, rate=1.0))

    assert capsys.readouterr().err == "\r5 created, 2 in the making, 2 ready, 1 failed of 9"
