"""`docs/fleet.md` says what `benchmarks/fleet.json` holds, in so many words, and its programs run."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from benchmarks.fleet import document
from tavus_async.sandbox import Sandbox
from tests.support.documents import as_program, python_in
from tests.support.redis_server import run_redis_server

TEXT = document.PAGE.read_text(encoding="utf-8")
LOCAL = "redis://127.0.0.1/0"


def test_the_tables_are_those_of_the_last_run() -> None:
    assert "<!-- bench: goals -->" in TEXT
    assert document.write(TEXT, document.load()) == TEXT, "write them anew: python -m benchmarks.fleet.document"


def test_every_part_that_is_measured_has_its_tables() -> None:
    named = set(re.findall(r"<!-- bench: ([\w ]+) -->", TEXT))

    assert named == dict(document.blocks(document.load())).keys()


def test_every_plot_is_shown_and_those_that_are_shown_are_there() -> None:
    shown = re.findall(r"""(?:src|srcset)="plots/fleet/([\w-]+\.svg)\"""", TEXT)

    assert sorted(shown) == sorted(path.name for path in document.PLOTS.glob("*.svg"))


@pytest.mark.parametrize("path", sorted(document.PLOTS.glob("*.svg")), ids=lambda path: path.stem)
def test_every_plot_tells_what_is_drawn_and_has_the_ground_of_its_page(path: Path) -> None:
    svg = path.read_text(encoding="utf-8")
    ground = re.search(r'id="patch_1">\s*<path d="[^"]*"\s*(?:style="([^"]*)")?', svg)

    assert "Arrivals at the server a second, a colour for each process" in svg
    assert ground is None or "fill: none" in (ground[1] or "") or "opacity: 0" in (ground[1] or "")
    assert path.with_stem(f"{path.stem.removesuffix('-dark')}-dark").is_file()


def test_a_goal_that_was_missed_is_named_above_all_else() -> None:
    line = {"figure": "used", "against": "", "unit": "", "median": 0.5, "low": 0.5, "high": 0.5, "better": "higher"}
    parts = {"calm": {"lines": [{**line, "goal": 0.9}, {**line, "goal": 0.4}]}}
    text = document.summary(parts)

    assert text.startswith("Goals met: 1 of 2.\n")
    assert "| used | 0.50 | ≥ 0.90 | no |" in text
    assert "≥ 0.40" not in text


@pytest.mark.parametrize("block", python_in(document.PAGE), ids=["without Redis", "with Redis"])
async def test_the_programs_run_as_they_stand(block: str) -> None:
    with run_redis_server() as redis:
        async with Sandbox() as sandbox:
            program = as_program(block).replace(LOCAL, redis.url).replace("p5317866", sandbox.persona_ids[0])
            environment = {**os.environ, "TAVUS_API_KEY": sandbox.api_key, "TAVUS_BASE_URL": sandbox.url}
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-W", "error", "-c", program),
                env=environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            output, errors = await process.communicate()

    assert (process.returncode, errors.decode()) == (0, "")
    assert sandbox.persona_ids[0] in output.decode()
